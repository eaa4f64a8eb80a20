"""Certificates as the operator compares them."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from trust import fingerprint
from verifier import in_zone


def certificate_lines(certificate: x509.Certificate) -> Iterator[str]:
    """Whose it is, who issued it, how long it is valid, its key, its fingerprint in groups of four."""
    begins, ends = (in_zone(moment) for moment in (certificate.not_valid_before_utc, certificate.not_valid_after_utc))
    yield f"chủ thể · subject      {certificate.subject.rfc4514_string()}"
    yield f"nơi cấp · issuer       {certificate.issuer.rfc4514_string()}"
    yield f"hiệu lực · valid       {begins:%Y-%m-%d} – {ends:%Y-%m-%d}"
    yield f"khóa · key             {key_of(certificate)}, {signed_with(certificate)}"
    yield f"SHA-256                {grouped(fingerprint(certificate))}"


def grouped(digits: str) -> str:
    """Hexadecimal digits in capitals, in groups of four: as two people read them to each other."""
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4)).upper()


def key_of(certificate: x509.Certificate) -> str:
    """Such as RSA-4096 or secp256r1."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size}"
    return key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__


def signed_with(certificate: x509.Certificate) -> str:
    """Such as SHA-256: the hash its issuer signed it with."""
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name.upper() if algorithm is not None else certificate.signature_algorithm_oid.dotted_string
