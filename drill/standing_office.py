"""A demo office without its service: each act on it in a process of its own, as the web and the seal worker do it.

The parent process plays the people. It never loads a PKCS#11 module and holds no connection while it forks: the
officer's token is in the hands of a process of its own, as the agent is, and outlives every end of the service.
"""

import array
import os
import secrets
import shutil
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Engine

from drill.forked import Say, forked
from drill.outcome import DrillFailed
from hsm import KeyUri, PinFile, from_pem, open_key
from secondseal.demo.office import OFFICER, ORGANISATION, PROCEDURE, SEAL, DemoOffice
from secondseal.institution import make_ready
from secondseal.keys import SealKeys
from secondseal.office_key import highest_version, office_key
from secondseal.settings import Settings, load_settings
from secondseal.wiring import build_desk, now, sources
from stamping import Applicant, Desk, NewDocument, NewDossier, OfficeInForce, once_of, receiving
from stamping.marks import seal_mark_for
from store import open_database
from templates import sample_data
from tests.pki.quick_authority import process as quick_authority
from verifier import Sandbox

_PROGRAM: Final = "một cửa"
_TOKEN: Final = "pho-chu-tich"
_AT_ONCE: Final = 2
"""Processes that take papers in side by side."""


class LentSandbox(Sandbox):
    """The parent's running sandbox, asked from a forked process over the socket it inherited: starting one takes longer
    than a paper, and it is no part of what is ended here."""

    def __init__(self, lender: Sandbox) -> None:
        super().__init__(lender.limits)
        self.isolation = lender.isolation
        self._lender = lender

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        """It is the parent's."""

    def _send(self, memory: int, sending: int, manner: bytes) -> "subprocess.Popen[bytes]":
        lender = self._lender
        if lender._control is None or lender._process is None:
            raise DrillFailed("the sandbox is gone")
        lender._control.sendmsg([manner], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [memory, sending]))])
        return lender._process


class OfficersComputer:
    """The officer's token in a process of its own: digests in, signatures out. `signed` remembers each, as the agent
    does, so that a signature whose answer was lost is sent again and not made again."""

    def __init__(self, office: DemoOffice) -> None:
        self._asks, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.certificate = from_pem((office.home / "officer.pem").read_bytes())
        self.signed: dict[str, bytes] = {}
        self._process = os.fork()
        if self._process == 0:
            self._asks.close()
            _sign_for(office, self.certificate, theirs)
        theirs.close()

    def sign(self, digest: str, scheme: str) -> bytes:
        """The token's signature over this digest (hexadecimal)."""
        if digest not in self.signed:
            self._asks.sendall(f"{scheme} {digest}".encode())
            value = self._asks.recv(1 << 16)
            if not value:
                raise DrillFailed("the officer's token does not answer")
            self.signed[digest] = value
        return self.signed[digest]

    def close(self) -> None:
        """Log out and end."""
        self._asks.close()
        os.waitpid(self._process, 0)


def _sign_for(office: DemoOffice, certificate: x509.Certificate, asked: socket.socket) -> None:
    """In the officer's process; never returns."""
    try:
        os.environ["SOFTHSM2_CONF"] = str(office.officer_conf)
        uri = KeyUri.parse(f"pkcs11:token={_TOKEN}?module-path={office.module}")
        state = office.home / "agent" / "logins"
        with open_key(uri, PinFile(office.officer_pin), certificate=certificate, state=state) as key:
            while words := asked.recv(4096):
                scheme, digest = words.decode().split()
                asked.sendall(key.sign(bytes.fromhex(digest), scheme))  # type: ignore[arg-type]
    except BaseException:  # noqa: BLE001  said, and the parent finds nobody there
        traceback.print_exc()
    os._exit(0)


@dataclass(kw_only=True)
class StandingOffice:
    """The office on one database. `lent`: a desk with the office read,
    the seal's mark drawn and no connection open, which forked processes begin with."""

    office: DemoOffice
    folder: Path
    variables: Mapping[str, str]
    settings: Settings
    sandbox: Sandbox
    officer: OfficersComputer
    lent: Desk
    handed_in: int = field(default=0)

    def desk(self) -> Desk:
        """A desk of this process's own: no connection and no answer of the authorities is a parent's."""
        return replace(self.lent, sources=sources(self.settings, self.lent.store))

    def seal_keys(self, desk: Desk) -> SealKeys:
        """The seals' keys, as the worker opens them."""
        return SealKeys(self.settings, desk)

    @contextmanager
    def looking(self) -> Iterator[Engine]:
        """The database, for a look of the parent's: nothing of it is open afterwards."""
        engine = open_database(self.settings.database)
        try:
            yield engine
        finally:
            engine.dispose()

    def papers(self, count: int) -> list[str]:
        """Fresh papers that wait for the officer, taken in by several processes at once."""
        first, self.handed_in = self.handed_in + 1, self.handed_in + count
        made: list[str] = []
        ordinals = list(range(first, first + count))

        def parts(say: Say) -> None:
            # this process hands out the parts and gathers them: the others run side by side beneath it
            children = []
            for part in range(_AT_ONCE):
                ours, theirs = os.pipe()
                pid = os.fork()
                if pid == 0:
                    os.close(ours)
                    os._exit(_taken_in(self.desk(), ordinals[part::_AT_ONCE], theirs))
                os.close(theirs)
                children.append((pid, ours))
            for pid, ours in children:
                with os.fdopen(ours) as heard:
                    say(heard.read().split())
                if os.waitpid(pid, 0)[1]:
                    raise DrillFailed("a paper could not be taken in")

        ended = forked(parts)
        if ended.fault:
            raise DrillFailed(ended.fault)
        for part in ended.said:
            made += part
        if len(made) != count:
            raise DrillFailed(f"{len(made)} of {count} papers taken in")
        return made

    def audit(self) -> list[str]:
        """What `secondseal register audit` finds."""
        done = subprocess.run(
            [sys.executable, "-m", "secondseal.command", "register", "audit"],
            env={**os.environ, "SECONDSEAL_HOME": str(self.office.home), **self.variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return [] if done.returncode == 0 else [f"the register's audit: {done.stdout}{done.stderr}"]


def certificate_der(officer: OfficersComputer) -> bytes:
    """As the agent sends it."""
    return officer.certificate.public_bytes(Encoding.DER)


def _taken_in(desk: Desk, ordinals: Sequence[int], pipe: int) -> int:
    for ordinal in ordinals:
        os.write(pipe, f"{hand_in(desk, ordinal, now())}\n".encode())
    return 0


def hand_in(desk: Desk, ordinal: int, moment: datetime) -> str:
    """The workflow system's order for the paper of this number; gives the paper's id. The same two again are the same
    order."""
    sample = sample_data("dang-ky-ho-kinh-doanh")
    applicant = Applicant(**sample.pop("applicant"))
    dossier = NewDossier(
        code=f"000.00.16.H05-{moment:%y%m%d}-{ordinal:04d}",
        procedure=PROCEDURE,
        applicant=applicant,
        received_at=moment - timedelta(hours=3),
        received_by="Phạm Văn Mẫu",
        due_at=None,
        appraised_at=moment - timedelta(hours=1),
        appraised_by="Đỗ Thị Mẫu",
    )
    paper = NewDocument(dossier=dossier, organisation=ORGANISATION, data=sample, officer_id=OFFICER)
    once = once_of(_PROGRAM, f"drill-{ordinal}", receiving.asked(paper))
    return receiving.create(desk, paper, _PROGRAM, once).id


def _found(lent: Desk, settings: Settings) -> None:
    make_ready(lent, settings)
    lent.office()  # pictures and certificates of an object store are near by now: the parent asks it nothing


@contextmanager
def standing(
    office: DemoOffice, folder: Path, database: str, options: Mapping[str, str] | None = None
) -> Iterator[StandingOffice]:
    """The office with an empty register in `database`, its files and state in `folder`; founded. `options`: its files
    are in that object store instead, in a bucket of their own."""
    folder.mkdir(parents=True)
    variables = {
        "SECONDSEAL_DATABASE_URL": database,
        "SECONDSEAL_FILES": str(folder / "files"),
        "SECONDSEAL_STATE": str(folder / "state"),
        "SECONDSEAL_CHECKPOINT_KEY": str(folder / "checkpoint.key"),
    }
    if options is not None:
        kept = folder / "files.toml"
        kept.touch(mode=0o600)
        kept.write_text("".join(f'{name} = "{value}"\n' for name, value in options.items()))
        bucket = f"s3://office-{secrets.token_hex(4)}"
        variables |= {"SECONDSEAL_FILES_STORE": bucket, "SECONDSEAL_FILES_OPTIONS": str(kept)}
    settings = load_settings(variables, home=office.home)
    with ExitStack() as open_until_the_end:
        officer = open_until_the_end.enter_context(closing(OfficersComputer(office)))
        open_until_the_end.enter_context(quick_authority(office.pki_folder))
        sandbox = open_until_the_end.enter_context(Sandbox())
        pool = open_database(settings.database)  # as `build_desk` has it, but in reach
        lent = build_desk(settings, LentSandbox(sandbox))
        in_force = OfficeInForce(pool, lent.files, office_key(settings), highest_version(settings))
        lent = replace(lent, office=in_force)
        founded = forked(lambda _say: _found(lent, settings))
        if founded.fault:
            raise DrillFailed(founded.fault)
        mark = lent.office().seal(SEAL)
        if mark is not None:
            seal_mark_for(lent, mark)
        pool.dispose()
        if len(list(Path("/proc/self/task").iterdir())) > 1:
            raise DrillFailed("a thread runs in the process that forks")
        standing_here = StandingOffice(
            office=office,
            folder=folder,
            variables=variables,
            settings=settings,
            sandbox=sandbox,
            officer=officer,
            lent=lent,
        )
        yield standing_here
    shutil.rmtree(folder)
