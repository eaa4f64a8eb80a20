"""A real PKI on loopback: root, subordinate authority, OCSP, CRL and time stamps, with its memory in one folder.

`make demo`, `make serve` and the tests use it. Certificates are issued for public keys, so keys may live on tokens.
A PKI opened again has the same certificates, serials, keys and port: papers sealed yesterday stay verifiable.
"""

import argparse
import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from cryptography import x509

from secondseal.demo import pki_shapes as shapes
from secondseal.demo.pki_folder import Issued, PkiFolder, ServiceName
from secondseal.demo.pki_foundation import addresses_of, found, free_port
from secondseal.demo.pki_server import Answering
from secondseal.demo.pki_services import PkiServices
from secondseal.demo.pki_shapes import Issuer, PublicKey, Shape, Terms


class PkiError(Exception):
    """The loopback PKI cannot do what was asked."""


class Pki:
    """The PKI of one folder. Issuing needs no running service; `with pki:` answers from a thread of this process."""

    def __init__(self, folder: PkiFolder) -> None:
        self._folder = folder
        self._server: Answering | None = None

    @classmethod
    def create(cls, folder: Path, *, shape: Shape = "g2", name: str = "thử nghiệm", port: int = 0) -> "Pki":
        """Make a new PKI in `folder` (which must hold none). `port` 0 takes a free one and remembers it.

        `name` goes into the authorities' common names, so that two PKIs can be told apart.
        """
        store = PkiFolder(folder)
        if store.exists:
            raise PkiError(f"{folder} already holds a PKI")
        folder.mkdir(parents=True, exist_ok=True)
        found(store, shape=shape, name=name, port=port or free_port())
        return cls(store)

    @classmethod
    def open(cls, folder: Path) -> "Pki":
        """The PKI that was created in `folder`."""
        store = PkiFolder(folder)
        if not store.exists:
            raise PkiError(f"{folder} holds no PKI")
        return cls(store)

    @classmethod
    def open_or_create(cls, folder: Path, *, name: str = "thử nghiệm", port: int = 0) -> "Pki":
        """`open` where there is one, else `create`."""
        return cls.open(folder) if PkiFolder(folder).exists else cls.create(folder, name=name, port=port)

    # What it is

    @property
    def folder(self) -> Path:
        """Where it keeps everything."""
        return self._folder.folder

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, as written into its certificates."""
        return f"http://127.0.0.1:{self._folder.state().port}"

    @property
    def tsa_url(self) -> str:
        """Where time stamps are asked for (RFC 3161 over HTTP POST)."""
        return f"{self.url}/tsa"

    @property
    def anchors_pem(self) -> Path:
        """A PEM file with the root; in the `g1` shape with the pinned subordinate authority."""
        return self.folder / "anchors.pem"

    @property
    def intermediates_pem(self) -> Path:
        """A PEM file with the subordinate authority."""
        return self.folder / "intermediates.pem"

    @property
    def root(self) -> x509.Certificate:
        """The root's certificate."""
        return self._folder.certificate("root")

    @property
    def subca(self) -> x509.Certificate:
        """The subordinate authority's certificate: it issues persons and organisations."""
        return self._folder.certificate("subca")

    @property
    def tsa(self) -> x509.Certificate:
        """The time-stamping certificate (issued by the root)."""
        return self._folder.certificate("tsa")

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """What goes with a leaf: the subordinate authority, then the root."""
        return (self.subca, self.root)

    def certificate(self, label: str) -> x509.Certificate:
        """A certificate issued before, by its label. Raises PkiError if there is none."""
        if self._folder.state().find(label) is None:
            raise PkiError(f"no certificate was issued as {label!r}")
        return self._folder.certificate(label)

    def authority(self, label: str) -> Issuer:
        """An authority or helper (`root`, `subca`, `ocsp-root`, `ocsp-subca`, `tsa`) with its key, to make by hand
        what no honest service would answer."""
        return Issuer(certificate=self._folder.certificate(label), key=self._folder.key(label))

    def answer(self, path: str, body: bytes = b"") -> bytes:
        """What the running services would answer, without HTTP. Raises ServiceDown."""
        return PkiServices(self._folder).answer(path, body).body

    def label_of(self, certificate: x509.Certificate) -> str:
        """Under which label a certificate was issued. Raises PkiError if it is none of ours."""
        for entry in self._folder.state().issued:
            if entry.serial == certificate.serial_number:
                return entry.label
        raise PkiError("this certificate was not issued here")

    def now(self) -> datetime:
        """What time the PKI's clock shows (UTC)."""
        return datetime.now(UTC) + timedelta(seconds=self._folder.state().clock_shift_s)

    # Issuing

    def issue_person(
        self,
        label: str,
        common_name: str,
        public_key: PublicKey,
        *,
        organisation: str,
        unit: str | None = None,
        title: str | None = None,
        identity: str | None = None,
        **terms: Unpack[Terms],
    ) -> x509.Certificate:
        """Issue a person's certificate: CN the name, O the agency, UID `CCCD:` and a number nobody holds.

        The same label and key give the same certificate again; another key under a used label raises PkiError.
        """
        name = shapes.person_name(
            common_name,
            organisation=organisation,
            unit=unit,
            title=title,
            identity=identity or f"CCCD:{shapes.fictional_number(label, 12)}",
        )
        return self._issue(label, name, public_key, terms)

    def issue_organisation(
        self,
        label: str,
        name: str,
        public_key: PublicKey,
        *,
        parent: str | None = None,
        identifier: str | None = None,
        **terms: Unpack[Terms],
    ) -> x509.Certificate:
        """Issue an organisation's certificate (a seal): CN and O its name, 2.5.4.97 an identifier, nobody's data.

        Labels behave as for persons.
        """
        subject = shapes.organisation_name(
            name, parent=parent, identifier=identifier or f"TAXVN-{shapes.fictional_number(label, 10)}"
        )
        return self._issue(label, subject, public_key, terms)

    def _issue(self, label: str, name: x509.Name, public_key: PublicKey, terms: Terms) -> x509.Certificate:
        with self._folder.changing() as state:
            if state.find(label) is not None:
                kept = self._folder.certificate(label)
                if kept.public_key() != public_key:
                    raise PkiError(f"{label!r} was issued for another key")
                return kept
            certificate = shapes.leaf_certificate(
                name,
                public_key,
                issuer=Issuer(certificate=self.subca, key=self._folder.key("subca")),
                now=self.now(),
                addresses=addresses_of(state.port, "subca"),
                **terms,
            )
            self._folder.keep_certificate(label, certificate)
            self._folder.record(state, Issued(label=label, issuer="subca", serial=certificate.serial_number))
            return certificate

    def revoke(self, label: str, *, at: datetime | None = None, reason: str = "key_compromise") -> None:
        """Revoke from `at` (default: now) on; running services answer so from the next question.

        `label` may be `subca`, `tsa`, `ocsp-subca`... too; `reason` as in `x509.ReasonFlags`.
        """
        with self._folder.changing() as state:
            entry = state.find(label)
            if entry is None:
                raise PkiError(f"no certificate was issued as {label!r}")
            moment = (at or self.now()).astimezone(UTC).replace(microsecond=0)
            self._folder.record(state, replace(entry, revoked_at=moment, reason=reason))

    def restore(self, label: str) -> None:
        """Take a revocation back (for tests)."""
        with self._folder.changing() as state:
            entry = state.find(label)
            if entry is not None:
                self._folder.record(state, replace(entry, revoked_at=None, reason=None))

    # Misfortune

    @contextmanager
    def down(self, *services: ServiceName) -> Iterator[None]:
        """Within the block these services close the connection without answering."""
        before = self._folder.state().down
        self.set_down(*before, *services)
        try:
            yield
        finally:
            self.set_down(*before)

    def set_down(self, *services: ServiceName) -> None:
        """From now on exactly these services do not answer; none given: all answer."""
        with self._folder.changing() as state:
            self._folder.write(replace(state, down=tuple(dict.fromkeys(services))))

    def set_clock(self, moment: datetime | None) -> None:
        """Let the PKI believe it is `moment` now (its clock goes on from there); None: the computer's time again."""
        shift = 0.0 if moment is None else (moment - datetime.now(UTC)).total_seconds()
        with self._folder.changing() as state:
            self._folder.write(replace(state, clock_shift_s=shift))

    def set_ocsp_life(self, seconds: float) -> None:
        """How long an OCSP answer lives (nextUpdate - thisUpdate)."""
        with self._folder.changing() as state:
            self._folder.write(replace(state, ocsp_life_s=seconds))

    # Answering

    def start(self) -> None:
        """Answer from a thread of this process until `stop`. Raises PkiError if the port is taken."""
        if self._server is None:
            try:
                self._server = Answering(self._folder)
            except OSError as error:
                raise PkiError(f"port {self._folder.state().port} on 127.0.0.1: {error.strerror}") from error

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @contextmanager
    def process(self, *, timeout_s: float = 20.0) -> Iterator[subprocess.Popen[bytes]]:
        """Within the block a separate process answers; SIGTERM ends it. Raises PkiError if it does not come up."""
        command = [sys.executable, "-m", "secondseal.demo.pki", str(self.folder), "--with-parent"]
        with (self.folder / "pki.log").open("ab") as log:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        try:
            self._await_first_line(child, timeout_s)
            yield child
        finally:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _await_first_line(self, child: subprocess.Popen[bytes], timeout_s: float) -> None:
        # The child itself must say that it answers: another process may be holding the port.
        with child.stdout or contextlib.nullcontext() as said:
            if said is None or not select.select([said], [], [], timeout_s)[0]:
                raise PkiError(f"the PKI process did not answer within {timeout_s:g} s")
            if not said.readline():
                raise PkiError(f"the PKI process ended with {child.wait()}; see {self.folder / 'pki.log'}")


def main(arguments: list[str] | None = None) -> int:
    """`python -m secondseal.demo.pki FOLDER`: answer until SIGTERM or SIGINT. Creates the PKI if there is none."""
    parser = argparse.ArgumentParser(prog="python -m secondseal.demo.pki", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0, help="port for a new PKI (default: a free one, remembered)")
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one is gone")
    chosen = parser.parse_args(arguments)
    # Blocked before any thread starts and taken one by one: a handler could interrupt its own lock.
    ending = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    parent = os.getppid()
    try:
        with Pki.open_or_create(chosen.folder, port=chosen.port) as pki:
            print(f"{pki.url} answers OCSP, CRL and time stamps", flush=True)
            while signal.sigtimedwait(ending, 1.0) is None:
                if chosen.with_parent and os.getppid() != parent:
                    break
    except PkiError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
