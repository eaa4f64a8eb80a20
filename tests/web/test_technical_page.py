"""The technical view: every fact for experts, without scripts, in both languages, and never more than was proven."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.api.serving import Running
from tests.verifier import hostile
from tests.web.test_public_pages import checked, nothing_inline, painted_over
from web import LANGUAGES


def address_of(page_text: str) -> str:
    """The link to the technical view on a result page."""
    found = re.search(r'href="(/verify/results/[\w-]+/technical)"', page_text)
    assert found
    return found.group(1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_of_a_sealed_paper(service: Running, sealed_file: Path, language: str) -> None:
    """AC-71: hashes, byte ranges, algorithms, both certificate paths to their anchor, whose word on revocation."""
    client = service.client(language=language)
    result = checked(client, sealed_file.read_bytes())
    page = client.get(address_of(result.text))
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    nothing_inline(page)
    verdict = client.get(re.search(r'href="([^"]*verdict\.json)"', page.text).group(1)).json()  # type: ignore[union-attr]
    shown = page.text.replace(" ", "")
    assert verdict["sha256"] in shown
    for signature in verdict["signatures"]:
        assert signature["certificate_sha256"] in shown
        assert signature["field"] in page.text
    assert page.text.count('class="chain"') == 5  # revisions, two signers, two time authorities
    anchors = "Điểm tin cậy" if language == "vi" else "Anchor: the path ends here"
    assert page.text.count(anchors) == 4
    assert "ecdsa-sha256" in page.text or "rsa-pkcs1v15-sha256" in page.text
    assert 'data-fact="yes"' not in page.text
    assert not re.findall(r'data-fact="(?:no|unknown)"', page.text)
    assert f'<html lang="{language}">' in page.text
    xml = client.get(re.search(r'href="([^"]*report\.xml)"', page.text).group(1))  # type: ignore[union-attr]
    assert xml.headers["content-type"] == "application/xml"
    assert xml.headers["cache-control"] == "no-store"
    assert xml.text.count("mainindication:total-passed") == 2
    assert f"{service.url}/verify/policies/second-seal-tt15/1" in xml.text


def test_a_changed_file_is_shown_page_beside_page(service: Running, sealed_file: Path) -> None:
    """The page as each of the two signatures signed it and as sent, whole; the revision that altered it is named."""
    client = service.client()
    page = client.get(address_of(checked(client, painted_over(sealed_file.read_bytes())).text))
    nothing_inline(page)
    assert "không được phép" in page.text
    pictures = [client.get(one) for one in re.findall(r'src="(/verify/results/[^"]*/whole/\d\.png)"', page.text)]
    assert len(pictures) == 3
    for one in pictures:
        assert 699 < Image.open(io.BytesIO(one.content)).width < 703
    assert {one.headers["cache-control"] for one in pictures} == {"no-store"}
    before, after = (Image.open(io.BytesIO(one.content)).convert("L").histogram()[0] for one in pictures[1:])
    assert after > before + 500, "the bar is black"
    assert client.get(re.sub(r"whole/\d", "whole/7", str(pictures[0].url))).status_code == 404


def test_any_file_has_its_view(service: Running, sealed_file: Path) -> None:
    """Damaged, unsigned and locked ones: a page, nothing green."""
    for pdf in (b"%PDF-1.7 broken", hostile.encrypted("secret"), *hostile.mutations(sealed_file.read_bytes(), 3)):
        client = service.client()
        page = client.get(address_of(checked(client, pdf).text))
        assert page.status_code == 200
        assert 'data-fact="yes"' not in page.text
        xml = client.get(str(page.url).replace("technical", "report.xml"))
        assert xml.status_code == (200 if "report.xml" in page.text else 404)
        assert "total-passed" not in xml.text


def test_a_result_that_is_gone_has_no_view(service: Running) -> None:
    assert service.client().get("/verify/results/AAAAAAAAAAAAAAAAAAAAAA/technical").status_code == 404
