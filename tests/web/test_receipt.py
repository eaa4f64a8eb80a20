"""The signed receipt: the page's words on one sheet, by a key that is no seal, and judged so by ourselves."""

import io
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pypdfium2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from api.receipt_key import ReceiptKey, ReceiptKeyUnfit
from api.receipts import FIELD, Receipts
from signer import Sources
from templates import receipt_pdf
from tests.api.serving import Running
from tests.templates.test_receipt import SAID
from tests.verifier.desk import as_asn1
from tests.web.test_public_pages import checked, painted_over
from trust import NetworkPolicy, TimestampClient
from verifier.gather import gather

NOW = datetime.now(UTC)


def receipt_of(client: httpx.Client, pdf: bytes, name: str = "tệp.pdf") -> bytes:
    page = checked(client, pdf, name)
    address = re.search(r'href="(/verify/results/[\w-]+/receipt\.pdf)"', page.text)
    assert address
    answer = client.get(address.group(1))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    return answer.content


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return " ".join(document[0].get_textpage().get_text_bounded().split())


@pytest.fixture(scope="module")
def kept(service: Running, sealed_file: Path) -> bytes:
    """The receipt of a genuine paper."""
    return receipt_of(service.client(), sealed_file.read_bytes(), "giấy chứng nhận 😀.pdf")


def test_it_says_what_the_page_said(kept: bytes, sealed_file: Path) -> None:
    """Headline, every fact with its word, both signatures, the file's hash, when and by which rules; what it is not."""
    text = text_of(kept)
    said = (
        "Văn bản này là thật và đang có hiệu lực",
        "This document is genuine and in force",
        "HỢP LỆ",
        "Trần Thị Mẫu",
    )
    for part in (*said, "giấy chứng nhận ?.pdf", "second-seal-tt15 1", "không phải bản sao", "not a copy of it"):
        assert part in text
    digest = gather(sealed_file.read_bytes()).sha256
    assert " ".join(digest[at : at + 8] for at in range(0, 64, 8)) in text
    assert text.count("Đạt. ") == 9
    assert "Không đạt." not in text


def test_its_signature_holds_with_the_certificate_at_about(service: Running, kept: bytes) -> None:
    """pyHanko judges it; the page shows the same certificate's hash and gives it out."""
    client = service.client()
    certificate = x509.load_pem_x509_certificate(client.get("/about/receipts.pem").content)
    shown = client.get("/about").text.replace(" ", "")
    assert certificate.fingerprint(SHA256()).hex() in shown
    assert certificate.fingerprint(SHA256()).hex() in text_of(kept).replace(" ", "")
    (signature,) = PdfFileReader(io.BytesIO(kept)).embedded_signatures
    assert signature.field_name == FIELD
    context = ValidationContext(trust_roots=[as_asn1(certificate)], allow_fetching=False)
    with ThreadPoolExecutor(1) as apart:  # pyHanko wants an event loop of its own; a browser's may run in this thread
        status = apart.submit(validate_pdf_signature, signature, context).result()
    assert (status.valid, status.intact, status.bottom_line) == (True, True, True)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_we_never_call_it_an_offices_paper(service: Running, kept: bytes) -> None:
    """Uploaded again: nobody we recognise signed it, and the register does not know it (AC-72: no tick)."""
    page = checked(service.client(language="en"), kept)
    assert 'class="verdict" data-tone="stop"' in page.text
    assert "We cannot confirm who signed this document" in page.text
    assert 'data-fact="yes"' not in page.text
    assert 'data-tone="good"' not in page.text
    altered = kept.replace(b"/Type/Sig", b"/Type/Sog", 1)
    assert 'data-fact="yes"' not in checked(service.client(), altered).text


@pytest.mark.parametrize("make", [painted_over, lambda _: b"%PDF-1.7 broken"])
def test_a_bad_file_has_a_receipt_that_says_so(service: Running, sealed_file: Path, make: object) -> None:
    text = text_of(receipt_of(service.client(), make(sealed_file.read_bytes())))  # type: ignore[operator]
    assert "là thật" not in text
    assert "is genuine" not in text
    assert "KHÔNG HỢP LỆ" in text or "Không có kết luận" in text


@pytest.mark.usefixtures("kept")
def test_the_key_is_a_file_of_its_own(service: Running) -> None:
    """0600, no seal's key, and the one of the first receipt stays."""
    file = service.place.desk.home / "receipt.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    key = ReceiptKey.load(file)
    assert key is not None
    assert "PRIVATE" not in repr(key)
    assert ReceiptKey.create(file, "another office", NOW).sha256 == key.sha256
    seals = {path.read_bytes() for path in service.place.desk.home.rglob("*.pem")}
    assert key.pem not in seals


def test_a_key_that_others_can_read_signs_nothing(service: Running, kept: bytes, sealed_file: Path) -> None:
    """Results stay as they are; only receipts wait for the operator."""
    assert kept
    file = service.place.desk.home / "receipt.key"
    client = service.client()
    page = checked(client, sealed_file.read_bytes())
    address = re.search(r'href="([^"]*receipt\.pdf)"', page.text)
    assert address
    file.chmod(0o644)
    try:
        answer = client.get(address.group(1))
        assert answer.status_code == 503
        assert str(file) not in answer.text
        assert client.get("/about").status_code == 200
        assert client.get("/about/receipts.pem").status_code == 404
    finally:
        file.chmod(0o600)
    assert client.get(address.group(1)).status_code == 200


def set_to(service: Running, monkeypatch: pytest.MonkeyPatch, **settings: object) -> None:
    """The same service with other settings."""
    own = service.app.state.service
    changed = replace(own, settings=replace(own.settings, **settings))
    monkeypatch.setitem(service.app.state._state, "service", changed)


def assert_not_now(service: Running, pdf: bytes) -> None:
    client = service.client(language="en")
    answer = client.get(f"{checked(client, pdf).url}/receipt.pdf")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "The result itself is not affected" in answer.text


@pytest.mark.parametrize("aside", [timedelta(days=-1), timedelta(days=4000)], ids=["clock set back", "ten years on"])
def test_out_of_its_certificates_time_the_key_signs_nothing(
    service: Running, sealed_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aside: timedelta
) -> None:
    """The page that says later, not an error."""
    ReceiptKey.create(tmp_path / "receipt.key", "UBND xã Mẫu", NOW - aside)
    set_to(service, monkeypatch, receipt_key=tmp_path / "receipt.key")
    assert_not_now(service, sealed_file.read_bytes())


def test_what_does_not_fit_one_sheet_has_no_receipt(
    service: Running, sealed_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(service, monkeypatch, public_url=f"https://mau.example/{'a/' * 4000}")
    assert_not_now(service, sealed_file.read_bytes())


def test_a_receipt_is_offered_where_it_can_be_had(
    service: Running, sealed_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/proc stands for the units' read-only folders: nobody makes a file there, root neither."""
    unfit, client = tmp_path / "unfit.key", service.client()
    unfit.write_bytes(b"no key")
    unfit.chmod(0o600)
    places = {
        Path("/proc/sys/receipt.key"): False,
        unfit: False,
        unfit / "below": False,
        tmp_path / "a" / "b.key": True,
    }
    for place, offered in places.items():
        set_to(service, monkeypatch, receipt_key=place)
        assert ("/receipt.pdf" in checked(client, sealed_file.read_bytes()).text) == offered, place
    assert not (tmp_path / "a").exists()


def test_two_that_make_the_key_at_once_have_one(tmp_path: Path) -> None:
    file = tmp_path / "new" / "receipt.key"
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(lambda _: ReceiptKey.create(file, "Ủy ban nhân dân " * 9, NOW).sha256, range(4)))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_that_holds_no_key_is_said_so(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "receipt.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ReceiptKeyUnfit, match="does not hold"):
        ReceiptKey.load(file)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> ReceiptKey:
    return ReceiptKey.create(tmp_path_factory.mktemp("key") / "receipt.key", "UBND xã Mẫu", NOW)


def test_an_authority_that_answers_stamps_it(service: Running, key: ReceiptKey) -> None:
    signed = Receipts(sources=service.place.fresh_sources()).signed(receipt_pdf(SAID), key, datetime.now(UTC))
    (signature,) = gather(signed).signatures
    assert signature.mechanism.timestamp_matches
    assert signature.mechanism.timestamp_problem is None


def test_without_an_answer_it_is_signed_all_the_same(service: Running, key: ReceiptKey) -> None:
    """An authority that is gone is asked once in five minutes."""
    store = service.place.desk.store
    policy = NetworkPolicy(allowed_hosts=("127.0.0.1",), allow_loopback=True, allowed_ports=(9,), total_timeout_s=1)
    gone = TimestampClient(("http://127.0.0.1:9/tsa",), store, policy, rounds=1)
    receipts, now = Receipts(sources=Sources(time=gone, store=store)), datetime.now(UTC)
    for _ in range(2):
        (signature,) = gather(receipts.signed(receipt_pdf(SAID), key, now)).signatures
        assert (signature.mechanism.value_verifies, signature.mechanism.timestamp) == (True, None)
    assert receipts._resting_until is not None
