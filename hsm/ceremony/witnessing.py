"""A witness signs the record of a ceremony with a token of their own."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from ..errors import KeyMissing, TokenAmbiguous, TokenUnsuitable, UriInvalid
from ..foreign_certificates import is_authority, names, signing_key
from ..key import open_key
from ..module import Module
from ..objects import same_key
from ..pin import PinSource
from ..tokens import TokenCertificate, certificates, find
from . import jws
from .jws import JwsSignature
from .plan import Witness
from .record import stamped


def sign_as_witness(payload: bytes, witness: Witness, pin: PinSource, *, state: Path) -> JwsSignature:
    """A witness's signature of a record's payload, under their certificate and what of its chain their token holds.

    Raises `TokenMissing` where their token is not plugged in, `KeyMissing` where it holds no certificate to sign with,
    `TokenAmbiguous` where it holds several and the witness's URI names none, `PinError`s, `DeviceFault`.
    """
    if witness.uri.module_path is None:
        raise UriInvalid(f"the URI of witness {witness.name} names no module-path")
    _, token = find(Module.load(witness.uri.module_path), witness.uri)
    held = certificates(witness.uri.module_path, token)
    own = _own(held, witness)
    with open_key(witness.uri, pin, certificate=own, state=state, sessions=1, require_non_extractable=False) as key:
        return jws.sign(
            payload,
            stamped(datetime.now(UTC)) | {"sub": witness.name, "x5c": jws.x5c(_chain(own, held))},
            signing_key(own),
            key.scheme,
            lambda digest: key.sign(digest, key.scheme),
        )


def _own(held: tuple[TokenCertificate, ...], witness: Witness) -> x509.Certificate:
    """The certificate to sign under: of several for one key the one that lasts longest; of several keys none."""
    now = datetime.now(UTC)
    fitting = [
        one.certificate
        for one in held
        if _signs(one.certificate)
        and one.certificate.not_valid_before_utc <= now <= one.certificate.not_valid_after_utc
        and witness.uri.id in {None, one.id}
        and witness.uri.object in {None, one.label}
    ]
    if not fitting:
        raise KeyMissing(f"the token of witness {witness.name} holds no certificate to sign with today")
    best = max(fitting, key=lambda one: one.not_valid_after_utc)
    others = sum(not same_key(signing_key(one), signing_key(best)) for one in fitting)
    if others:
        raise TokenAmbiguous(others + 1)
    if not names(best, witness.name):
        raise KeyMissing(f"the certificate on the token of witness {witness.name} is another's: {best.subject}")
    return best


def _signs(certificate: x509.Certificate) -> bool:
    """Not an authority's, and with a key this program signs with."""
    try:
        signing_key(certificate)
        return not is_authority(certificate)
    except (TokenUnsuitable, ValueError):
        return False


def _chain(own: x509.Certificate, held: tuple[TokenCertificate, ...]) -> tuple[x509.Certificate, ...]:
    """The certificate and its issuers as far as the token holds them, nearest first."""
    chain = [own]
    while True:
        issuer = next((one.certificate for one in held if _issued(chain[-1], one.certificate)), None)
        if issuer is None or issuer in chain:
            return tuple(chain)
        chain.append(issuer)


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # noqa: BLE001  cryptography raises whatever its backend met; the answer is no
        return False
    return True
