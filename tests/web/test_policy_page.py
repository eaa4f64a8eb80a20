"""The policy's page: permanent, in both languages, linked from results."""

from pathlib import Path

import pytest

from tests.api.serving import Running
from tests.web.test_public_pages import checked, nothing_inline
from verifier import CURRENT
from verifier.findings import FINDINGS
from web import LANGUAGES

ADDRESS = f"/verify/policies/{CURRENT.name}/{CURRENT.version}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_every_rule(service: Running, language: str) -> None:
    page = service.client(language=language).get(ADDRESS)
    assert page.status_code == 200
    nothing_inline(page)
    assert f'<html lang="{language}">' in page.text
    for code in FINDINGS:
        assert f">{code}</th>" in page.text
    assert "rsa-pss" in page.text


def test_version_1_stays_where_it_is(service: Running) -> None:
    """Verdicts in people's hands name this address."""
    assert service.client().get("/verify/policies/second-seal-tt15/1").status_code == 200


@pytest.mark.parametrize("address", ["/verify/policies/second-seal-tt15/0", "/verify/policies/other/1"])
def test_an_unknown_one_is_not_found(service: Running, address: str) -> None:
    page = service.client().get(address)
    assert page.status_code == 404
    nothing_inline(page)


def test_results_link_to_it(service: Running, sealed_file: Path) -> None:
    assert f'href="{ADDRESS}"' in checked(service.client(), sealed_file.read_bytes()).text
