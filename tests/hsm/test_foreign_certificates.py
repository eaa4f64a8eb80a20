"""Certificates this program's library cannot read, on a token or in a file: passed over or told, never the end."""

from pathlib import Path

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import Attribute, ObjectClass

from agent.seats import find_seats
from hsm import KeyUri, PinValue, TokenUnsuitable, certificates, from_pem, is_authority, open_key, signing_key
from hsm.ceremony.session import ceremony_session
from hsm.foreign_certificates import from_der
from tests.tokens.fixtures import TokenFarm

_P256, _SM2 = bytes.fromhex("2A8648CE3D030107"), bytes.fromhex("2A811CCF5501822D")
_V3, _V10 = bytes.fromhex("A003020102"), bytes.fromhex("A003020109")
_CONSTRAINTS, _USAGE = bytes.fromhex("0603551D13"), bytes.fromhex("0603551D0F")


def _made(farm: TokenFarm, old: bytes, new: bytes) -> bytes:
    """A certificate of the farm's authority with one thing in it replaced; nobody asks for its signature."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "KHÁC")])
    der = farm.issuer.build(name, ec.generate_private_key(ec.SECP256R1()).public_key()).public_bytes(Encoding.DER)
    assert old in der
    return der.replace(old, new)


def _foreign(farm: TokenFarm) -> list[bytes]:
    """An unknown curve, an unknown version, an extension of another kind, no certificate."""
    return [
        _made(farm, _P256, _SM2),
        _made(farm, _V3, _V10),
        _made(farm, _CONSTRAINTS, _USAGE),
        b"\x30\x03\x02\x01\x00",
    ]


@pytest.mark.parametrize("algorithm", ["p-256", "rsa-2048"])
def test_they_may_lie_beside_ours(farm: TokenFarm, algorithm: str) -> None:
    """The key is found and signs; the officer's list shows what can be used."""
    seat = farm.make(algorithm)  # type: ignore[arg-type]
    with ceremony_session(seat.uri, PinValue(seat.pin), seat.state) as session:
        for number, der in enumerate(_foreign(farm)):
            session.handle.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.PRIVATE: False,
                    Attribute.LABEL: f"khác {number}",
                    Attribute.SUBJECT: seat.certificate.subject.public_bytes(),
                    Attribute.VALUE: der,
                }
            )
    with seat.open() as key:
        assert key.sign(bytes(32))
    module = str(seat.uri.module_path)
    assert seat.certificate in [one.certificate for one in certificates(module, seat.token)]
    assert [one.certificate for one in find_seats(Path(module), KeyUri(token=seat.token.label))] == [seat.certificate]


def test_a_certificate_of_a_strange_key_is_refused_by_name(farm: TokenFarm) -> None:
    seat = farm.seat("p-256")
    strange = from_der(_made(farm, _P256, _SM2))
    with pytest.raises(TokenUnsuitable, match="cannot be used"):
        signing_key(strange)
    with pytest.raises(TokenUnsuitable):
        open_key(seat.uri, PinValue(seat.pin), certificate=strange, state=seat.state)


def test_what_cannot_be_read_is_one_kind_of_error(farm: TokenFarm) -> None:
    with pytest.raises(ValueError, match="version"):
        from_der(_made(farm, _V3, _V10))
    with pytest.raises(ValueError, match="PEM"):
        from_pem(b"not one")
    with pytest.raises(ValueError, match="error parsing"):
        is_authority(from_der(_made(farm, _CONSTRAINTS, _USAGE)))
