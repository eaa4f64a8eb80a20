"""The register's own signing key (Ed25519), in a file of mode 0600 that the web process cannot read."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .note import NAME, NoteInvalid, read_verifier_key, sign_note, verifier_key


class CheckpointKeyUnsafe(Exception):
    """The key file cannot be trusted with its secret: readable by others, or not an Ed25519 key."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


@dataclass(frozen=True, kw_only=True)
class CheckpointKey:
    """The register's signing key and the name it signs under."""

    origin: str
    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def load_or_create(cls, path: Path, *, origin: str) -> "CheckpointKey":
        """Read the key, or make it once with mode 0600. `origin` names the log (no spaces, no plus sign).

        Raises CheckpointKeyUnsafe when others may read the file or it holds no Ed25519 key; never replaces a file.
        """
        if not NAME.fullmatch(origin):
            raise ValueError("an origin has 1 to 160 characters, no spaces, no plus sign")
        if not path.exists():
            _create(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise CheckpointKeyUnsafe(path, "others can read this key; its mode must be 0600")
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError) as error:
            raise CheckpointKeyUnsafe(path, "holds no readable private key") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise CheckpointKeyUnsafe(path, "holds a key that is not Ed25519")
        return cls(origin=origin, _private=private)

    @property
    def public_key(self) -> Ed25519PublicKey:
        """What others check the checkpoints with."""
        return self._private.public_key()

    @property
    def verifier(self) -> str:
        """The public key as note tools take it, to be kept where the database is not."""
        return verifier_key(self.origin, self.public_key)

    def sign(self, text: str) -> str:
        """The text as a signed note."""
        return sign_note(text, self.origin, self._private)


def load_public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a file: a verifier key, PEM, or the key file itself. Raises CheckpointKeyUnsafe;
    FileNotFoundError where no checkpoint was ever signed."""
    content = path.read_bytes()
    try:
        if b"PRIVATE KEY" in content:
            key: object = serialization.load_pem_private_key(content, password=None)
            key = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
        elif b"-----BEGIN" in content:
            key = serialization.load_pem_public_key(content)
        else:
            key = read_verifier_key(content.decode("utf-8"))[1]
    except (ValueError, TypeError, NoteInvalid) as error:
        raise CheckpointKeyUnsafe(path, "holds no readable key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise CheckpointKeyUnsafe(path, "holds a key that is not Ed25519")
    return key


def _create(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: never half a key, never over another's.
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return  # another process was first; its key is the key
    finally:
        aside.unlink()
