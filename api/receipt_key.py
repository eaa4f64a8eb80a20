"""The key that receipts of verifications are signed with: a file of the web process, and no seal (decision 0039).

One private key (P-256) and its self-made certificate, PEM, mode 0600, made with the first receipt. It reaches no
anchor, so whatever it signs is judged `untrusted`, by this service too.
"""

import hashlib
import os
import stat
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID, ObjectIdentifier

from api.key_files import make_once
from signer import Scheme

NAME: Final = "Second Seal verification receipts"
_LIFE: Final = timedelta(days=3650)
_DOCUMENT_SIGNING: Final = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_LONGEST: Final = 64  # X.520's bound for a name


class ReceiptKeyUnfit(Exception):
    """No key can be made or read, others can read it, or it is none. The text is for the operator's log."""


@dataclass(frozen=True, slots=True)
class ReceiptKey:
    """A `signer.SigningKey` in software."""

    certificate: x509.Certificate
    _private: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> "ReceiptKey | None":
        """None where there is no file yet. Raises `ReceiptKeyUnfit`."""
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise ReceiptKeyUnfit(f"others can read {path}; it must have mode 0600")
            text = path.read_bytes()
            private = load_pem_private_key(text, password=None)
            certificate = x509.load_pem_x509_certificate(text[text.index(b"-----BEGIN CERTIFICATE") :])
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ReceiptKeyUnfit(f"{path} cannot be read ({error.strerror})") from error
        except (ValueError, TypeError):
            # not chained: the library's words may repeat what it was given
            raise ReceiptKeyUnfit(f"{path} does not hold a key and its certificate") from None
        if not isinstance(private, ec.EllipticCurvePrivateKey) or certificate.public_key() != private.public_key():
            raise ReceiptKeyUnfit(f"{path}: the certificate is not this key's")
        return cls(certificate, private)

    @classmethod
    def create(cls, path: Path, office: str, now: datetime) -> "ReceiptKey":
        """The key, made where there is none; `office` names in its certificate who runs the service. Raises
        `ReceiptKeyUnfit`."""
        known = cls.load(path)
        if known is not None:
            return known
        private = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(private, office, now)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            make_once(path, pem + certificate.public_bytes(Encoding.PEM))
        except OSError as error:
            raise ReceiptKeyUnfit(f"{path} cannot be made ({error.strerror})") from error
        made = cls.load(path)  # perhaps another thread's
        if made is None:
            raise ReceiptKeyUnfit(f"{path} was taken away")
        return made

    @classmethod
    def is_to_be_had(cls, path: Path) -> bool:
        """Whether there is a key, or one could be made: under the units' settings most places are read-only."""
        try:
            if cls.load(path) is not None:
                return True
        except ReceiptKeyUnfit:
            return False
        folder = next((one for one in path.absolute().parents if one.exists()), None)
        return folder is not None and folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Nobody issued it."""
        return ()

    @property
    def scheme(self) -> Scheme:
        """ECDSA on P-256."""
        return "ecdsa-sha256"

    @property
    def sha256(self) -> str:
        """The certificate's, in hex: what /about shows."""
        return hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).hexdigest()

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def sign(self, digest: bytes, scheme: Scheme) -> bytes:
        """A DER Ecdsa-Sig-Value over a SHA-256 digest."""
        if scheme != self.scheme:
            raise ValueError(f"a receipt key does not sign {scheme}")
        return self._private.sign(digest, ec.ECDSA(Prehashed(SHA256())))


def _certificate(private: ec.EllipticCurvePrivateKey, office: str, now: datetime) -> x509.Certificate:
    """Self-made; for signing documents alone, and no authority's."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, NAME),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, office[:_LONGEST]),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, SHA256())
    )
