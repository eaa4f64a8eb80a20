"""Moments at the ends of the calendar, in files anyone may send: shown like any other, and never a failure of ours."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from api.receipt_key import ReceiptKey
from api.receipts import Receipts
from stamping import certificates
from store import vietnam_date
from templates import receipt_pdf
from tests.api.serving import Running
from tests.templates.test_receipt import SAID
from verifier import in_zone
from verifier.gather import gather
from web import LANGUAGES

NO_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def signed(until: datetime = datetime(2040, 1, 1, tzinfo=UTC)) -> bytes:
    """A sheet signed by somebody whose certificate is valid that long."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Nguyễn Không Hạn")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(5)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(until)
        .add_extension(x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True)
        .sign(private, SHA256())
    )
    return Receipts().signed(receipt_pdf(SAID), ReceiptKey(certificate, private), datetime.now(UTC))


def claiming(moment: str) -> bytes:
    """Its /M says something else; as long as it was, so that only the digest differs."""
    pdf = signed()
    found = re.search(rb"/M ?\((D:[^)]*)\)", pdf)
    assert found
    assert len(moment) <= len(found.group(1))
    return pdf.replace(found.group(1), moment.encode().ljust(len(found.group(1))))


def attributed(moment: str) -> bytes:
    """The signed attribute says something else."""

    pdf = signed()
    found = re.search(rb"/Contents\s*<([0-9a-f]{1000,})>", pdf)
    assert found
    room = len(found.group(1))
    info = cms.ContentInfo.load(bytes.fromhex(found.group(1).decode()), strict=False)
    signer = info["content"]["signer_infos"][0]
    time = cms.Time.load(b"\x18" + bytes([len(moment)]) + moment.encode())
    attribute = cms.CMSAttribute({"type": "signing_time", "values": [time]})
    kept = [one for one in signer["signed_attrs"] if one["type"].native != "signing_time"]
    signer["signed_attrs"] = cms.CMSAttributes([*kept, attribute])
    held = info.dump(force=True).hex().encode()
    assert len(held) <= room
    return pdf.replace(found.group(1), held.ljust(room, b"0"))


FILES = {
    "a certificate without end": lambda: signed(until=NO_END),
    "/M in the last second": lambda: claiming("D:99991231235959Z"),
    "/M in the first second": lambda: claiming("D:00010101000000+07'00'"),
    "signing-time in the last second": lambda: attributed("99991231235959Z"),
    "signing-time in the first second": lambda: attributed("00010101000000Z"),
    "signing-time in no year": lambda: attributed("00000101000000Z"),
    "signing-time without its zone": lambda: attributed("20261129100000Z").replace(
        b"20261129100000Z".hex().encode(), b"202611291000.50".hex().encode()
    ),
}


@pytest.mark.parametrize("made", FILES)
def test_every_page_shows_it(service: Running, made: str) -> None:
    """The result, everything that hangs on it, and the verdict for programs."""
    pdf, client = FILES[made](), service.client()
    (fact,) = gather(pdf).signatures
    if made.startswith("signing-time"):
        assert (fact.mechanism.signing_time == NO_END) == made.endswith("last second")
    elif made.startswith("/M"):
        assert fact.claimed_time is not None
        assert fact.claimed_time.year in (1, 9999)
    answer = client.post("/verify", files={"file": ("a.pdf", pdf, "application/pdf")})
    assert answer.status_code == 303, answer.text
    for language in LANGUAGES:
        reader = service.client(language=language)
        for page in ("", "/technical", "/report.xml", "/verdict.json", "/receipt.pdf"):
            assert reader.get(answer.headers["location"] + page).status_code == 200, (page, language)
    said = client.post("/api/v1/verifications", files={"file": ("a.pdf", pdf, "application/pdf")})
    assert said.status_code == 200
    assert said.json()["verdict"] != "genuine"
    if made == "a certificate without end":
        assert said.json()["signatures"][0]["certificate_valid"][1] == "9999-12-31T23:59:59+07:00"


def test_a_moment_off_the_calendar_is_its_nearest_end() -> None:
    west, east = timezone(-timedelta(hours=11)), timezone(timedelta(hours=14))
    assert in_zone(NO_END).isoformat(timespec="seconds") == "9999-12-31T23:59:59+07:00"
    assert in_zone(datetime(1, 1, 1, tzinfo=east), UTC) == datetime.min.replace(tzinfo=UTC)
    assert in_zone(NO_END.replace(tzinfo=west)).year == 9999
    assert vietnam_date(NO_END).isoformat() == "9999-12-31"
    assert certificates.day(NO_END) == "31/12/9999", "a refusal names the end of an officer's certificate"
    assert in_zone(datetime(2026, 11, 29, 20, tzinfo=UTC)).isoformat() == "2026-11-30T03:00:00+07:00"
