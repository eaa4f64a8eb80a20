"""The loopback PKI's memory: one folder, readable by the process that issues and the one that answers.

`pki.json` is replaced atomically, so an answering process sees a revocation with the next question. Private keys of the
authorities lie in `keys/` with mode 0600: they protect nothing but a demonstration.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, cast

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from secondseal.demo.pki_shapes import PrivateKey, Shape

ServiceName = Literal["ocsp", "crl", "tsa"]


@dataclass(frozen=True, kw_only=True)
class Issued:
    """One certificate: who signed it (`root` or `subca`), and, if revoked, when (UTC) and why (RFC 5280 reason)."""

    label: str
    issuer: str
    serial: int
    revoked_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class PkiState:
    """Everything that may change while the PKI runs, and the port that is written into its certificates."""

    port: int
    shape: Shape
    clock_shift_s: float = 0.0
    ocsp_life_s: float = 600.0
    down: tuple[ServiceName, ...] = ()
    issued: tuple[Issued, ...] = field(default=())

    def find(self, label: str) -> Issued | None:
        """The certificate issued under this label, if any."""
        return next((entry for entry in self.issued if entry.label == label), None)

    def by_serial(self, issuer: str, serial: int) -> Issued | None:
        """The certificate this authority issued under this serial number, if any."""
        return next((entry for entry in self.issued if entry.issuer == issuer and entry.serial == serial), None)


class PkiFolder:
    """Keys, certificates and state on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._state_path = folder / "pki.json"
        self._seen: tuple[int, int] | None = None
        self._state: PkiState | None = None

    @property
    def exists(self) -> bool:
        """Whether a PKI was created here."""
        return self._state_path.exists()

    def state(self) -> PkiState:
        """The newest state; re-read only when the file was replaced."""
        stat = self._state_path.stat()
        seen = (stat.st_ino, stat.st_mtime_ns)
        if self._state is None or seen != self._seen:
            raw = json.loads(self._state_path.read_text("utf-8"))
            issued = tuple(_issued(entry) for entry in raw.pop("issued"))
            down = tuple(raw.pop("down"))
            self._state = PkiState(**raw, down=down, issued=issued)
            self._seen = seen
        return self._state

    def write(self, state: PkiState) -> None:
        """Replace the state."""
        raw = asdict(state)
        for entry in raw["issued"]:
            entry["revoked_at"] = entry["revoked_at"].isoformat() if entry["revoked_at"] else None
        self._put(self._state_path, json.dumps(raw, ensure_ascii=False, indent=1).encode())

    @contextmanager
    def changing(self) -> Iterator[PkiState]:
        """Hold the folder's lock while a change is worked out from the newest state."""
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.state()

    def record(self, state: PkiState, entry: Issued) -> None:
        """Write `entry` in place of the one with its label, or add it."""
        rest = tuple(other for other in state.issued if other.label != entry.label)
        self.write(replace(state, issued=(*rest, entry)))

    def certificate(self, label: str) -> x509.Certificate:
        """A certificate by its label."""
        return x509.load_pem_x509_certificate((self.folder / "certs" / f"{label}.pem").read_bytes())

    def keep_certificate(self, label: str, certificate: x509.Certificate) -> None:
        """Store a certificate under its label."""
        self._put(self.folder / "certs" / f"{label}.pem", certificate.public_bytes(serialization.Encoding.PEM))

    def key(self, label: str) -> PrivateKey:
        """The private key of an authority or service."""
        data = (self.folder / "keys" / f"{label}.pem").read_bytes()
        # Our own file: checking an RSA key's primes again would cost 50 to 150 ms each time.
        loaded = serialization.load_pem_private_key(data, password=None, unsafe_skip_rsa_key_validation=True)
        return cast("PrivateKey", loaded)

    def keep_key(self, label: str, key: PrivateKey) -> None:
        """Store a private key under its label, for the owner only."""
        data = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._put(self.folder / "keys" / f"{label}.pem", data)

    def keep_bundle(self, name: str, certificates: tuple[x509.Certificate, ...]) -> Path:
        """Store several certificates in one PEM file."""
        path = self.folder / name
        self._put(path, b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates))
        return path

    def _put(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)


def _issued(raw: dict[str, object]) -> Issued:
    revoked = raw.pop("revoked_at")
    return Issued(**raw, revoked_at=datetime.fromisoformat(str(revoked)) if revoked else None)  # type: ignore[arg-type]
