"""What citizens see: the verdict in plain words, the code's page with masked names, nothing more than was proven."""

import io
import re
from pathlib import Path

import httpx
import pytest
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from stamping import DocumentView, documents, endings
from tests.api.serving import NOBODYS_TLS, Running
from tests.verifier.attacks import appended, first_page, stream
from web import LANGUAGES

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TT15 = ("issuer", "signer", "manager", "time", "integrity", "validity_then", "validity")


def checked(client: httpx.Client, pdf: bytes, name: str = "tệp.pdf") -> httpx.Response:
    """The result page of a file."""
    answer = client.post("/verify", files={"file": (name, pdf, "application/pdf")})
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["location"])
    assert page.status_code == 200
    return page


def nothing_inline(page: httpx.Response) -> None:
    """No inline style, script or handler; no address off this host."""
    assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=|javascript:", page.text)
    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page.text) == []
    own = f"{page.url.scheme}://{page.url.host}:{page.url.port}"
    for address in re.findall(r'(?:src|href|action)="(https?://[^"]*)"', page.text):
        assert address.startswith(own)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sealed_paper_is_told_with_the_seven_items(service: Running, sealed_file: Path, language: str) -> None:
    """AC-71, AC-14: the conclusion and the seven items of TT 15/2025 for both signatures, in both languages."""
    page = checked(service.client(language=language), sealed_file.read_bytes())
    nothing_inline(page)
    assert 'data-tone="good"' in page.text
    assert page.text.count('data-fact="yes"') == 9
    assert not re.findall(r'data-fact="(?:no|unknown|held)"', page.text)
    for item in TT15:
        assert page.text.count(f'data-tt15="{item}"') == 2, item
    conclusion = re.search(r"<b data-conclusion>([^<]*)</b>", page.text)
    assert conclusion
    assert conclusion.group(1) == ("HỢP LỆ" if language == "vi" else "VALID")
    assert "Trần Thị Mẫu" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert f'<html lang="{language}">' in page.text


def test_green_and_ticks_only_where_everything_was_proven(service: Running, sealed_file: Path) -> None:
    """look 4: every other page has neither the good tone nor a single tick."""
    place, client = service.place, service.client()
    waiting = place.paper()
    place.approve(waiting.id)
    officer_only, _, _ = documents.file(place.desk, waiting.id)
    generated, _, _ = documents.file(place.desk, waiting.id, "generated")
    pdf = sealed_file.read_bytes()
    at = pdf.index(b"stream", len(pdf) // 3) + 40
    altered = pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]
    for file, tones in (
        (officer_only, {"care"}),
        (generated, {"none", "care"}),
        (altered, {"stop", "none"}),
        (pdf[:-600], {"stop", "none", "care"}),
        (b"%PDF-1.7 broken", {"none"}),
    ):
        page = checked(client, file)
        tone = re.search(r'class="verdict" data-tone="(\w+)"', page.text)
        assert tone
        assert tone.group(1) in tones
        assert 'data-fact="yes"' not in page.text
        assert 'data-tone="good"' not in page.text
        nothing_inline(page)


def painted_over(pdf: bytes) -> bytes:
    """The paper with a bar painted over it after it was sealed."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        old = page.raw_get("/Contents")
        drawn = page["/Contents"]
        parts = list(drawn) if isinstance(drawn, generic.ArrayObject) else [old]
        page[generic.NameObject("/Contents")] = generic.ArrayObject([*parts, stream(writer, b"q 300 500 80 14 re f Q")])
        writer.update_container(page)

    return appended(pdf, edit)


@pytest.mark.parametrize(
    ("language", "false_comfort"), [("vi", "vẫn khớp với chữ ký số"), ("en", "still matches the signature")]
)
def test_a_flipped_byte_is_not_said_to_match(
    service: Running, sealed_file: Path, language: str, false_comfort: str
) -> None:
    """The signed bytes themselves were altered: no sentence may say that anything still matches."""
    pdf = bytearray(sealed_file.read_bytes())
    pdf[3000] ^= 1
    page = checked(service.client(language=language), bytes(pdf))
    assert 'data-tone="stop"' in page.text
    assert false_comfort not in page.text
    assert 'data-fact="yes"' not in page.text


def test_a_changed_file_shows_where(service: Running, sealed_file: Path) -> None:
    """The first visible difference, as signed and as sent; the pictures are gone with the result."""
    client = service.client()
    page = checked(client, painted_over(sealed_file.read_bytes()))
    nothing_inline(page)
    assert 'class="verdict" data-tone="stop"' in page.text
    assert "Chỗ đã bị thay đổi" in page.text
    pictures = [client.get(address) for address in re.findall(r'src="(/verify/results/[^"]*)"', page.text)]
    assert len(pictures) == 2
    for picture in pictures:
        assert picture.headers["content-type"] == "image/png"
        assert picture.headers["cache-control"] == "no-store"
    signed, sent = (Image.open(io.BytesIO(picture.content)) for picture in pictures)
    assert signed.size == sent.size
    # a bar of 80 x 14 pt on a page drawn 1000 pixels wide, with room around it
    assert 480 < signed.width < 520
    assert 130 < signed.height < 160
    middle = (signed.width // 2, signed.height // 2)
    assert sent.getpixel(middle) == (0, 0, 0)
    assert signed.getpixel(middle) != (0, 0, 0)
    assert "Chỗ đã bị thay đổi" not in checked(client, sealed_file.read_bytes()).text
    assert client.get("/verify/results/AAAAAAAAAAAAAAAAAAAAAA/signed.png").status_code == 404


def test_a_recalled_paper_is_never_green(service: Running) -> None:
    """AC-11: genuine, and no longer in force: care on both pages, and the comparison is not green either."""
    place, client = service.place, service.client()
    document = place.sealed()
    pdf, _, sha256 = documents.file(place.desk, document.id)
    today = place.today()
    endings.recall(place.desk, document.id, "418/QĐ-UBND", today, "sai tên", "một cửa")
    page = checked(client, pdf)
    assert 'class="verdict" data-tone="care"' in page.text
    assert 'data-fact="yes"' not in page.text
    code = client.get(f"/v/{document.code}")
    assert 'class="verdict" data-tone="care"' in code.text
    assert "đã bị thu hồi" in code.text
    assert "418/QĐ-UBND" in code.text
    same = client.post(f"/v/{document.code}/compare", data={"sha256": sha256})
    assert 'data-tone="good"' not in client.get(same.headers["location"]).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_page_masks_who_holds_the_paper(service: Running, sealed: DocumentView, language: str) -> None:
    """AC-92: neither the full name nor a number of theirs; the page never claims the sheet in the hand is genuine."""
    page = service.client(language=language).get(f"/v/{sealed.code}")
    assert page.status_code == 200
    nothing_inline(page)
    assert 'class="verdict" data-tone="info"' in page.text
    assert sealed.number in page.text
    mark = {"vi": "Ký hiệu riêng trên con dấu", "en": "Distinguishing mark on the seal"}[language]
    assert re.search(rf">{mark}</label><span lang=\"vi\">2<", page.text), "AC-102"
    assert sealed.holder not in page.text
    assert re.search(r"\w\*+ \w\*+ Mẫu", page.text)
    for number in (sealed.holder_id, "0200000001", "0200000002", "000000000001", "000000000002"):
        assert number not in page.text
    assert 'data-fact="yes"' not in page.text


def test_a_code_is_read_as_people_type_it(service: Running, sealed: DocumentView) -> None:
    client, code = service.client(), sealed.code
    spaced = " ".join(code[start : start + 3] for start in range(0, 27, 3)).lower()
    for typed in (code, code.lower(), spaced, spaced.replace(" ", "-")):
        answer = client.get("/verify/code", params={"code": typed})
        assert answer.headers["location"] == f"/v/{code}", typed
        assert client.get(f"/v/{typed}").status_code == 200
    other = "0" if code[0] != "0" else "1"
    for wrong in (other + code[1:], code[:-1], "", "XXXX", "../../etc/passwd", "<script>"):
        page = client.get("/verify/code", params={"code": wrong})
        assert page.status_code == 404, wrong
        assert "Không tìm thấy mã này trong sổ" in page.text
        assert "<script>" not in page.text
    # well-formed, and never given out
    assert client.get("/v/00000000000000000000000000 0").status_code == 404


def test_a_paper_not_yet_issued_is_not_on_the_code_page(service: Running) -> None:
    assert service.client().get(f"/v/{service.place.paper().code}").status_code == 404


def test_comparing_by_file_and_by_hash_says_the_same(service: Running, sealed: DocumentView, sealed_file: Path) -> None:
    client, pdf = service.client(), sealed_file.read_bytes()
    address = f"/v/{sealed.code}/compare"
    for answer, same in (
        (client.post(address, data={"sha256": sealed.revisions["sealed"]}), True),
        (client.post(address, files={"file": ("a.pdf", pdf, "application/pdf")}), True),
        (client.post(address, files={"file": ("a.pdf", pdf + b" ", "application/pdf")}), False),
        (client.post(address, data={"sha256": "0" * 64}), False),
    ):
        page = client.get(answer.headers["location"])
        assert page.status_code == 200
        assert ("giống hệt" in page.text) is same
        assert ('data-tone="good"' in page.text) is same
    elsewhere = client.get(f"/v/{sealed.code}/results/{'x' * 22}")
    assert elsewhere.status_code == 404


def test_every_page_carries_the_headers(service: Running, sealed: DocumentView) -> None:
    client = service.client()
    for path in ("/verify", "/about", "/sign-in", f"/v/{sealed.code}", "/nothing", "/static/app.js", "/healthz"):
        answer = client.get(path)
        assert answer.headers["content-security-policy"] == CSP, path
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
    desk = service.signed_in("officer").get("/desk/inbox")
    port = service.settings.agent_port
    agent = CSP.replace("connect-src 'self'", f"connect-src 'self' http://127.0.0.1:{port} http://localhost:{port}")
    assert desk.headers["content-security-policy"] == agent
    assert "immutable" in client.get("/static/style.css").headers["cache-control"]


def test_language_follows_the_person(service: Running) -> None:
    def language(headers: dict[str, str], path: str = "/verify", cookie: str = "") -> str:
        cookies = {"lang": cookie} if cookie else None
        with httpx.Client(base_url=service.url, headers=headers, cookies=cookies, verify=NOBODYS_TLS) as client:
            return client.get(path).headers["content-language"]

    assert language({}) == "vi"
    assert language({"accept-language": "en-US,en;q=0.9"}) == "en"
    assert language({"accept-language": "en-US,en;q=0.9,vi;q=0.8"}) == "en"
    assert language({"accept-language": "fr"}) == "vi"
    assert language({"accept-language": "vi-VN,vi;q=0.9,en;q=0.8"}) == "vi"
    assert language({"accept-language": "en"}, "/verify?lang=vi") == "vi"
    assert language({}, cookie="en") == "en"
    with service.client() as client:
        client.get("/verify?lang=en")
        assert "Is this document genuine?" in client.get("/verify").text


def test_the_name_of_a_file_is_text(service: Running) -> None:
    name = "<img src=x onerror=alert(1)>\u202egnp.pdf"
    page = checked(service.client(), b"x", name)
    assert "<img" not in page.text
    assert "\u202e" not in page.text
    long = checked(service.client(), b"x", "a" * 400 + ".pdf")
    assert "a" * 200 not in long.text


def test_a_result_is_gone_after_its_time(service: Running) -> None:
    page = service.client().get("/verify/results/AAAAAAAAAAAAAAAAAAAAAA")
    assert page.status_code == 404
    assert "không còn nữa" in page.text
