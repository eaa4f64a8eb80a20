"""Reading who a certificate speaks of (AC-2: one person's signature and one agency's)."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tests.pki.fixtures import ORGANISATION, PERSON, MakeKey
from trust import common_name, issuer_name, organisation_name, subject_kind
from trust.subject import ORGANISATION_IDENTIFIER, QC_STATEMENTS, USER_ID

KEY = ec.generate_private_key(ec.SECP256R1())
CN, ORG, UNIT = NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME


def certificate(*pairs: tuple[ObjectIdentifier, str], qc: bytes | None = None) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    builder = builder.serial_number(7).not_valid_before(datetime(2024, 1, 1, tzinfo=UTC))
    builder = builder.not_valid_after(datetime(2030, 1, 1, tzinfo=UTC))
    if qc is not None:
        builder = builder.add_extension(x509.UnrecognizedExtension(QC_STATEMENTS, qc), critical=False)
    return builder.sign(KEY, hashes.SHA256())


@pytest.mark.parametrize(
    ("pairs", "kind"),
    [
        (((ORG, "Bộ Công Thương"), (CN, "Nguyễn Văn A"), (USER_ID, "CCCD:000123456789")), "person"),
        (
            ((ORG, "Công ty X"), (CN, "Trần B"), (NameOID.SERIAL_NUMBER, "CMND 012345678"), (USER_ID, "MST:01")),
            "person",
        ),
        (((ORG, "X"), (CN, "A B"), (NameOID.SURNAME, "A")), "person"),
        (((ORG, "UBND tỉnh Y"), (CN, "H' Mai Niê"), (NameOID.GIVEN_NAME, "Mai")), "person"),
        (((ORG, "Sở Tư pháp"), (CN, "Lê Thị Hồng Gấm")), "person"),
        (((CN, "UBND xã Z"), (ORGANISATION_IDENTIFIER, "TAXVN-0001")), "organisation"),
        (((CN, "Cty"), (USER_ID, "MST:0001234567")), "organisation"),
        (((ORG, "Văn phòng Chính phủ"), (CN, "Cổng Thông tin điện tử Chính phủ")), "organisation"),
        (((ORG, "Tên Lạ"), (CN, "Tên Lạ")), "organisation"),
        (((ORG, "UBND tỉnh Bắc Ninh"), (CN, "Trung tâm Phục vụ hành chính công")), "organisation"),
        (((ORG, "Acme"), (CN, "signing server 7")), "unknown"),
        (((ORG, "Acme"), (CN, "John Smith")), "unknown"),
        (((ORG, "Acme"),), "unknown"),
    ],
)
def test_the_kind_is_read_in_the_order_of_evidence(pairs: tuple[tuple[ObjectIdentifier, str], ...], kind: str) -> None:
    """AC-2; what cannot be told is `unknown` and counts as neither."""
    assert subject_kind(certificate(*pairs)) == kind


def test_the_qualified_type_wins_over_the_name() -> None:
    """ETSI EN 319 412-5: esign is a person, eseal an organisation; both together say nothing."""
    esign, eseal = bytes.fromhex("060704008e46010601"), bytes.fromhex("060704008e46010602")
    assert subject_kind(certificate((CN, "Nguyễn Văn A"), qc=b"0\x0b" + eseal)) == "organisation"
    assert subject_kind(certificate((CN, "UBND xã"), qc=b"0\x0b" + esign)) == "person"
    assert subject_kind(certificate((CN, "UBND xã"), qc=b"0\x16" + esign + eseal)) == "organisation"


def test_names_are_nfc_and_never_missing() -> None:
    """A decomposed name is shown composed; without a common name the whole subject stands in."""
    assert common_name(certificate((CN, "Nguye\u0302\u0303n A"))) == "Nguyễn A"
    assert common_name(certificate((ORG, "Acme"))) == "O=Acme"
    assert organisation_name(certificate((CN, "Nguyễn A"), (UNIT, "Phòng X"))) == "Phòng X"
    assert organisation_name(certificate((CN, "Nguyễn A"))) is None


def test_the_demo_certificates_read_as_they_are_meant(software_key: MakeKey) -> None:
    """AC-2, AC-71: signer, managing organisation and issuing authority of our own certificates."""
    person, seal = software_key().certificate, software_key("organisation").certificate
    assert (subject_kind(person), common_name(person), organisation_name(person)) == ("person", PERSON, ORGANISATION)
    assert (subject_kind(seal), common_name(seal), organisation_name(seal)) == (
        "organisation",
        ORGANISATION,
        ORGANISATION,
    )
    assert issuer_name(person).startswith("CA thử nghiệm")
