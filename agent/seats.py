"""Which certificates the officer can sign with: those on the tokens plugged in."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hsm import (
    KeyUri,
    TokenCertificate,
    TokenInfo,
    TokenUnsuitable,
    certificates,
    is_authority,
    list_tokens,
    signing_key,
)

from .page_messages import SeenCertificate
from .problems import BatchStopped, own_problem
from .words import Language


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A signing certificate and the token it lies on."""

    certificate: x509.Certificate
    token: TokenInfo
    key_id: bytes

    @property
    def der(self) -> bytes:
        """The certificate, DER."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def sha256(self) -> bytes:
        """Its hash, as the service knows it."""
        return hashlib.sha256(self.der).digest()

    @property
    def name(self) -> str:
        """The holder's name."""
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else self.certificate.subject.rfc4514_string()

    def seen(self) -> SeenCertificate:
        """For the page."""
        return SeenCertificate(
            sha256=self.sha256.hex(),
            subject=self.name,
            not_after=self.certificate.not_valid_after_utc,
            token=self.token.label,
        )


def find_seats(module: Path, token: KeyUri) -> tuple[Seat, ...]:
    """Certificates fit for signing on the module's tokens; `token` narrows by label or serial. Raises `TokenError`s.

    Fit: a key this program can use, valid now, not an authority's, its key usage allowing signatures. Whether the
    certificate is trusted and its holder competent is for the service to judge.
    """
    found = []
    for info in list_tokens(module):
        if (token.token is None or token.token == info.label) and (token.serial is None or token.serial == info.serial):
            found += [
                Seat(certificate=item.certificate, token=info, key_id=item.id)
                for item in certificates(module, info)
                if _fit(item)
            ]
    return tuple(found)


def choose(seats: Iterable[Seat], wanted: bytes | None, language: Language) -> Seat:
    """The seat with the wanted certificate hash, or the only one. Raises `BatchStopped`."""
    seats = tuple({seat.sha256: seat for seat in seats}.values())
    if not seats:
        raise BatchStopped(own_problem(language, "token-missing", "no-certificate"))
    names = ", ".join(f"{seat.name} ({seat.sha256.hex()[:16]})" for seat in seats)
    if wanted is not None:
        for seat in seats:
            if seat.sha256 == wanted:
                return seat
        short = wanted.hex()[:16]
        raise BatchStopped(own_problem(language, "token-missing", "wrong-certificate", seen=names, wanted=short))
    if len(seats) > 1:
        raise BatchStopped(own_problem(language, "token-missing", "several-certificates", seen=names))
    return seats[0]


def _fit(item: TokenCertificate) -> bool:
    certificate = item.certificate
    try:
        signing_key(certificate)
        if is_authority(certificate):
            return False
    except (TokenUnsuitable, ValueError):
        return False
    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment
