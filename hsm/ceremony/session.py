"""A token's session for a ceremony: it may write, is logged in, and signs with a key just made or just found."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute

from ..errors import UriInvalid
from ..faults import named
from ..ledger import LoginLedger
from ..login import confirm_login, ensure_login
from ..mechanisms import PublicKey, Way, natural_scheme
from ..module import Module
from ..pin import PinSource
from ..tokens import TokenInfo, find, public_session, read
from ..uri import KeyUri

KEPT_IN: Final = {
    Attribute.TOKEN: True,
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.LOCAL: True,
    Attribute.ALWAYS_SENSITIVE: True,
    Attribute.NEVER_EXTRACTABLE: True,
}
"""What a private key must say of itself. The last two are the token's own word that it always was so."""


@dataclass(frozen=True, kw_only=True)
class CeremonySession:
    """`handle` is python-pkcs11's session; its login and its PIN are the ceremony's."""

    module: Module
    token: TokenInfo
    handle: Any
    pin: PinSource
    ledger: LoginLedger

    def sign(self, private: Any, public_key: PublicKey, data: bytes) -> bytes:
        """Sign bytes (not their hash) with the key's natural scheme; checked before it is returned."""
        scheme = natural_scheme(public_key)
        hashed = hashlib.sha384 if scheme == "ecdsa-sha384" else hashlib.sha256
        return self.sign_digest(private, public_key, hashed(data).digest())

    def sign_digest(self, private: Any, public_key: PublicKey, digest: bytes) -> bytes:
        """The same from a hash value; RSA as it is, ECDSA in DER."""
        way = Way(public_key, natural_scheme(public_key))
        data = way.data(digest)
        session, direct = int(self.handle.handle), self.module.direct
        direct.sign_init(session, way.mechanism.ckm, way.mechanism.parameter, int(private.handle))
        if read(private, Attribute.ALWAYS_AUTHENTICATE).get(Attribute.ALWAYS_AUTHENTICATE):
            confirm_login(self.module, self.token, session, self.pin, self.ledger)
        signature = way.shape(direct.sign(session, data))
        way.verify(signature, digest)
        return signature


@contextmanager
def ceremony_session(uri: KeyUri, pin: PinSource, state: Path) -> Iterator[CeremonySession]:
    """Open, log in, close. Raises `TokenError`s."""
    if uri.module_path is None:
        raise UriInvalid("the URI names no module-path")
    module = Module.load(uri.module_path)
    handle, token = find(module, uri)
    ledger = LoginLedger(state)
    with public_session(module, handle, write=True) as session:
        ensure_login(module, token, int(session.handle), pin, ledger)
        with named("the ceremony"):
            yield CeremonySession(module=module, token=token, handle=session, pin=pin, ledger=ledger)


def attributes_of(private: Any) -> dict[str, bool]:
    """What the key says of itself, by the attributes' names in small letters."""
    return {name.name.lower(): bool(value) for name, value in read(private, *KEPT_IN).items()}


def algorithm_of(public_key: PublicKey) -> str:
    """As plans and records name it."""
    size = public_key.key_size
    return f"rsa-{size}" if isinstance(public_key, rsa.RSAPublicKey) else f"p-{size}"


def public_key_pem(public_key: PublicKey) -> str:
    """SubjectPublicKeyInfo, PEM."""
    return public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def public_key_sha256(public_key: PublicKey) -> str:
    """SHA-256 of the SubjectPublicKeyInfo, hexadecimal."""
    return hashlib.sha256(public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
