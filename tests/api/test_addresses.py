"""Addresses that are printed, or linked from what is printed: they lead where they led, for every code ever issued.

Codes that tests issue are looked at as they are issued (`tests.issued_codes`, for every test); here is what an address
makes of them, and of a sample that is kept.
"""

from typing import Final

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match

from api.app import _ROUTERS
from register import CodeInvalid, codes, grouped, new_code, normalise
from stamping import dossiers, first_revision, on_paper
from tests import issued_codes

FROZEN: Final = {
    "GET /verify",
    "POST /verify",
    "GET /verify/code",
    "GET /verify/policies/{name}/{version}",
    "GET /verify/results/{result_id}",
    "GET /verify/results/{result_id}/verdict.json",
    "GET /verify/results/{result_id}/technical",
    "GET /verify/results/{result_id}/report.xml",
    "GET /verify/results/{result_id}/receipt.pdf",
    "GET /verify/results/{pictures_id}/{side}.png",
    "GET /verify/results/{pictures_id}/whole/{index}.png",
    "GET /v/{code}",
    "POST /v/{code}/compare",
    "GET /v/{code}/results/{result_id}",
    "GET /v/{code}/proof",
    "GET /t",
    "GET /t/{code}",
}
"""May get longer; a line that is here stays as long as there are printed papers."""

ISSUED: Final = (
    "21TTWHT5TEEGZRDFSFQF9PZ01E7", "4CWTAK29GG93AAKGX8Y2N8Z9354", "6TD3JVTAK2H6NWJNNJPA6672P85",
    "9EFTJH9CGS721BQRN242SQ4Y7V8", "DJ8A3KW3VM714ESQXYAH4N967P2", "FD3BK6X75HPCB6S2K76C7GD1MDW",
    "GCNHYQ6M89QMV5XWX7BSZCJ65YP", "MJBX6TAPDSVMX12V0Y78YTTW5VN", "QSTYHCNS9T3G9P5WPT4K481GHJA",
    "RWGREKNMJ6PD8AJN30MF8CPKGXS", "T1AY5SH285TCMQ705TFFFRREK9Q", "W98FGJP6A2G89GGMJD85N9T578Y",
)  # fmt: skip
"""Codes that tests of 2026-11-29 issued, for papers and for dossiers. May get longer."""

_ROUTES: Final = [route for router in _ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def led_to(path: str, method: str = "GET") -> list[str]:
    """The addresses, as the table spells them, that answer a path."""
    scope = {"type": "http", "method": method, "path": path, "headers": []}
    return [f"{method} {route.path}" for route in _ROUTES if route.matches(scope)[0] is Match.FULL]


def test_the_table_is_what_is_served() -> None:
    """Both ways: nothing that was printed is gone, and nothing new is served under these before it stands here."""
    served = {f"{method} {route.path}" for route in _ROUTES for method in route.methods}
    public = {line for line in served if line.split(" /")[1].split("/")[0] in ("v", "t", "verify")}
    assert public == FROZEN


@pytest.mark.parametrize("code", ISSUED)
def test_a_code_that_was_issued_leads_to_its_page(code: str) -> None:
    """In every spelling that people type or print, and to nothing else."""
    assert normalise(code) == code
    assert issued_codes.GRAMMAR.fullmatch(code)
    for spelling in (code, code.lower(), grouped(code)):
        assert normalise(spelling) == code
        assert led_to(f"/v/{spelling}") == ["GET /v/{code}"]
        assert led_to(f"/v/{spelling}/compare", "POST") == ["POST /v/{code}/compare"]
        assert led_to(f"/v/{spelling}/proof") == ["GET /v/{code}/proof"]
        assert led_to(f"/t/{spelling}") == ["GET /t/{code}"]


def test_no_code_is_a_word_of_an_address() -> None:
    """A code could not be taken for another part of an address, nor another part for a code."""
    words = {part for line in FROZEN for part in line.split("/")[1:] if "{" not in part}
    for word in words:
        with pytest.raises(CodeInvalid):
            normalise(word)


def test_every_code_is_looked_at_as_it_is_issued() -> None:
    """Whoever issues codes takes the function that is watched; one that does not fit would fail the test it is in."""
    takers = (first_revision, on_paper, dossiers)
    assert all(vars(room)["new_code"] is codes.new_code for room in takers)
    code = new_code()
    assert code in issued_codes.issued
    assert not issued_codes.misfits


@pytest.mark.parametrize(
    "made", ["0" * 26 + "1", "0" * 26, "0" * 28, "o" * 27, "0" * 26 + "U", "not a code", ISSUED[0]]
)
def test_one_that_does_not_fit_is_found(made: str) -> None:
    """Check letter, length, alphabet, small letters, and one that somebody has already."""
    issued_codes.issued.add(ISSUED[0])
    issued_codes.look_at(made)
    assert issued_codes.misfits == [made]
    issued_codes.misfits.clear()
