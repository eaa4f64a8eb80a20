"""The card stack: pcscd with vpcd as its only reader, cards to plug in, OpenSC's module configured for them.

To be used inside the namespace (`tests.cards.namespace`), by the one process under test:

    with Stack(folder) as stack:
        card = stack.card(AUTHENTICATION)
        card.insert()
        with card.open() as key:
            key.sign(...)
        assert card.counts().verify == 1
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hsm import HsmKey, KeyUri, PinSource, PinValue, list_tokens, open_key, subject_name
from tests.cards.piv import AUTHENTICATION, PIN, PrivateKey, PublicKey
from tests.cards.reader import SLOTS
from tests.tokens.fixtures import Issuer

Issue = Callable[[PublicKey], x509.Certificate]
PORT = 0x8C7B
PCSCD = Path("/usr/sbin/pcscd")
VPCD = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
OPENSC = Path("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so")
_SOCKET = Path("/run/pcscd/pcscd.comm")
# vpcd listens on every interface; there is loopback alone where it runs (docs/decisions/0025-card-stack.md).
_READER = f'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x{PORT:X}\nLIBPATH {VPCD}\nCHANNELID 0x{PORT:X}\n'
OPENSC_CONF = Path(__file__).parents[2] / "deploy" / "opensc.conf"
"""What the seal's worker runs with: OpenSC keeps no PIN."""


def missing() -> str:
    """What is not installed, as a reason to skip; empty where all is there."""
    absent = [str(path) for path in (PCSCD, VPCD, OPENSC) if not path.exists()]
    return f"not installed: {', '.join(absent)} (deploy/packages-test.txt)" if absent else ""


@cache
def _without_polkit() -> tuple[str, ...]:
    """Newer ones ask the computer's polkit who may use a card; there is none in the namespace."""
    said = subprocess.run([PCSCD, "--help"], capture_output=True, text=True, check=False)
    return ("--disable-polkit",) if "--disable-polkit" in said.stdout + said.stderr else ()


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a card counted: PINs sent to it, those it refused, unblockings, signatures begun; tries left."""

    verify: int
    refused: int
    unblock: int
    sign: int
    left: int


@dataclass(kw_only=True)
class Card:
    """A card of the stack, its certificates, and where logins to it are remembered."""

    name: str
    guid: str
    stack: "Stack" = field(repr=False)
    certificates: Mapping[int, x509.Certificate]
    state: Path
    slot: int = 0

    def insert(self, slot: int | None = None) -> None:
        """Plug in; returns at once, before anybody has looked. The slot is the scene's, where none is given."""
        self.slot = slot = self.stack.slot if slot is None else slot
        self.stack.order("insert", card=self.name, slot=slot)

    def remove(self) -> None:
        """Pull out."""
        self.stack.order("remove", slot=self.slot)

    def seen(self) -> bool:
        """Whether the driver sees it now."""
        return self.serial in {token.serial for token in list_tokens(OPENSC)}

    @property
    def serial(self) -> str:
        """What OpenSC calls its serial number: the end of the GUID, as much as PKCS#11 has room for."""
        return self.guid[-16:]

    def wait(self, *, seen: bool = True, wait_s: float = 10.0) -> None:
        """Until the driver sees it, or no longer."""
        until = time.monotonic() + wait_s
        while self.seen() is not seen:
            assert time.monotonic() < until, f"not {seen=} after {wait_s} s; there: {list_tokens(OPENSC)}"
            time.sleep(0.02)

    def hold(self) -> None:
        """The next signature does not end before the card is pulled out or `let_go`."""
        self.stack.order("hold", card=self.name)

    def let_go(self) -> None:
        """Let the held signature end."""
        self.stack.order("let_go", card=self.name)

    def wait_signing(self, wait_s: float = 10.0) -> None:
        """Until the held signature has begun."""
        assert self.stack.order("signing", card=self.name, wait_s=wait_s), f"no signature within {wait_s} s"

    def counts(self) -> Counts:
        """Now."""
        return Counts(**self.stack.order("counts", card=self.name))

    @property
    def reader(self) -> str:
        """The reader it is in, as other programs name it."""
        return f"Virtual PCD 00 {self.slot:02d}"

    @property
    def uri(self) -> KeyUri:
        """Names the card by its label alone, as an office writes it: the common name of its first certificate."""
        certificate = next(iter(self.certificates.values()))
        names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return KeyUri(module_path=str(OPENSC), token=str(names[0].value))

    def open(self, *, slot: int = AUTHENTICATION, pin: PinSource | None = None, **options: Any) -> HsmKey:
        """`open_key` with this card's address and certificate."""
        given = {"uri": self.uri, "pin": pin or PinValue(PIN), **options}
        return open_key(certificate=self.certificates[slot], state=self.state, **given)


class Stack(AbstractContextManager["Stack"]):
    """pcscd and the cards, from `with` to its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.slot = 0
        self._issuer = Issuer()
        self._numbers = count(1)
        self._daemon: subprocess.Popen[bytes] | None = None
        self._holder: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        configuration = self.folder / "reader.conf.d"
        configuration.mkdir()
        (configuration / "vpcd").write_text(_READER)
        os.environ["OPENSC_CONF"] = str(OPENSC_CONF)
        self._holder = subprocess.Popen(
            [sys.executable, "-m", "tests.cards.reader", str(PORT)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.start_pcscd()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._daemon is not None:
            self.end_pcscd()
        if self._holder is not None and self._holder.stdin is not None:
            self._holder.stdin.close()
            self._holder.wait(10)

    def start_pcscd(self) -> None:
        """Returns when it answers."""
        command = [str(PCSCD), "--foreground", "--info", "--config", str(self.folder / "reader.conf.d")]
        with (self.folder / "pcscd.log").open("ab") as log:
            self._daemon = subprocess.Popen([*command, *_without_polkit()], stdout=log, stderr=log)
        until = time.monotonic() + 10
        while not _SOCKET.exists():
            assert self._daemon.poll() is None, (self.folder / "pcscd.log").read_text()
            assert time.monotonic() < until, "pcscd does not start"
            time.sleep(0.01)

    def end_pcscd(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Ends the one this stack started, and waits for its end."""
        assert self._daemon is not None
        self._daemon.send_signal(how)
        self._daemon.wait(10)
        self._daemon = None
        # One that was killed leaves its socket and its pid behind.
        for left in _SOCKET.parent.iterdir():
            left.unlink()

    def logged(self) -> int:
        """How much pcscd has written to its log."""
        return len((self.folder / "pcscd.log").read_text())

    def wait_logged(self, words: str, since: int, wait_s: float = 10.0) -> int:
        """Until pcscd says so, after what it had said by `since`. Returns where in its log."""
        until = time.monotonic() + wait_s
        while (at := (self.folder / "pcscd.log").read_text().find(words, since)) < 0:
            assert time.monotonic() < until, f"pcscd did not say {words!r} within {wait_s} s"
            time.sleep(0.02)
        return at

    def order(self, do: str, **arguments: Any) -> Any:
        """Ask the process that holds the cards."""
        assert self._holder is not None
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._holder.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._holder.stdin.flush()
        line = self._holder.stdout.readline()
        assert line, "the process that holds the cards ended"
        return json.loads(line)["done"]

    def card(
        self,
        *slots: int,
        common_name: str = "",
        issue: Issue | None = None,
        make: Callable[[], PrivateKey] | None = None,
    ) -> Card:
        """A fresh card with a key and its certificate in each of `slots`. It is not plugged in.

        `issue` makes the certificates; else they say `common_name` and come from an authority of the stack's own.
        `make` makes the keys; else they are RSA-2048.
        """
        number = next(self._numbers)
        common_name = common_name or f"Nguyễn Văn Mẫu {number}"
        certificates, keys = {}, {}
        for slot in slots:
            key = make() if make else rsa.generate_private_key(65537, 2048)
            public_key = key.public_key()
            certificates[slot] = issue(public_key) if issue else self.issue(common_name, public_key)
            keys[f"{slot:02x}"] = [
                key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
                certificates[slot].public_bytes(Encoding.DER).hex(),
            ]
        name = f"card-{number}"
        guid = self.order("new", card=name, keys=keys)
        state = self.folder / f"logins-{number}"
        return Card(name=name, guid=guid, stack=self, certificates=certificates, state=state)

    def issue(self, common_name: str, public_key: PublicKey) -> x509.Certificate:
        """A certificate by the stack's own authority."""
        return self._issuer.build(subject_name({"common_name": common_name, "country": "VN"}), public_key)

    def empty(self) -> None:
        """Pull out whatever is plugged in: the next scene begins with empty slots, and with the other one."""
        self.slot = (self.slot + 1) % SLOTS
        for slot in range(SLOTS):
            self.order("remove", slot=slot)
