"""/api/v1/dossiers/{code}/apology: written, fetched, listed; wrong input told in both languages."""

import base64
import hashlib
from collections.abc import Iterator

import httpx
import pytest

from stamping import apologies
from tests.api.serving import Running, serving
from tests.api.test_dossiers import received
from tests.stamping.office_desk import OFFICER, OFFICER_NAME, PlaceMaker
from tests.stamping.test_apologies import overdue, soon

PROBLEM = "urn:secondseal:problem:"


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office of its own: its list of the overdue is this module's."""
    with serving(desk_with()) as running:
        yield running


@pytest.fixture(scope="module")
def program(office: Running) -> httpx.Client:
    """A workflow system."""
    return office.program("documents:read", "documents:write")


def test_a_letter_is_written_and_fetched(office: Running, program: httpx.Client) -> None:
    """The list proposes it, the act writes it, a person fetches the PDF; then the list proposes it no more."""
    code = overdue(office.place)
    proposals = {"overdue": "true", "apologised": "false"}
    assert [one["code"] for one in program.get("/api/v1/dossiers", params=proposals).json()["dossiers"]] == [code]
    here, day = f"/api/v1/dossiers/{code}/apology", soon(office.place).isoformat()
    assert program.get(here).json()["type"] == f"{PROBLEM}not-found"
    answer = program.post(here, json={"appointed_on": day, "reason": "Sự cố đường truyền", "officer_id": OFFICER})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (answer.headers["location"], told["due_at"], told["overdue"]) == (here, f"{day}T17:00:00+07:00", False)
    (letter,) = told["apologies"]
    assert (letter["signer"], letter["appointed_at"], letter["written_by"]) == (
        OFFICER_NAME,
        told["due_at"],
        "client:một cửa điện tử",
    )
    fetched = office.signed_in("clerk").get(letter["links"]["file"])
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/pdf")
    assert fetched.content.startswith(b"%PDF-1.7")
    digest = base64.b64encode(hashlib.sha256(fetched.content).digest()).decode()
    assert fetched.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert program.get("/api/v1/dossiers", params=proposals).json()["dossiers"] == []
    told = program.get("/api/v1/events", params={"type": ["dossier.overdue", "dossier.apologised"]}).json()["events"]
    assert [one["data"]["appointed_at"] for one in told] == [None, letter["appointed_at"]]
    assert told[0]["data"]["due_at"] == letter["missed_at"]
    assert program.get(here, params={"n": 2}).status_code == 404


def test_the_operator_sees_how_many_are_overdue(office: Running, program: httpx.Client) -> None:
    """Of those that were noticed; one with a letter and a day to come is not overdue."""
    apologies.notice(office.place.desk)
    before = measured(office)
    here = f"/api/v1/dossiers/{overdue(office.place)}/apology"
    apologies.notice(office.place.desk)
    assert measured(office) == before + 1
    day = soon(office.place).isoformat()
    assert program.post(here, json={"appointed_on": day, "reason": "Sự cố"}).status_code == 201
    assert measured(office) == before


def measured(office: Running) -> int:
    """Overdue dossiers without a letter, as /metrics has it; none is past a day appointed anew."""
    lines = office.client().get("/metrics").text.splitlines()
    assert 'secondseal_dossiers_overdue{apologised="yes"} 0' in lines
    name = 'secondseal_dossiers_overdue{apologised="no"} '
    return next(int(line.removeprefix(name)) for line in lines if line.startswith(name))


@pytest.mark.parametrize(
    ("sent", "status", "problem"),
    [
        ({"reason": "x"}, 422, "request-invalid"),
        ({"appointed_on": "ngày mai", "reason": "x"}, 422, "request-invalid"),
        ({"appointed_on": "2026-11-01", "reason": "x"}, 422, "dossier-invalid"),
        ({"appointed_on": "9999-12-31", "reason": "x"}, 422, "dossier-invalid"),
        ({"appointed_on": "", "reason": "中"}, 422, "glyph-missing"),
        ({"appointed_on": "", "reason": "x", "officer_id": "khong-co"}, 403, "officer-not-authorised"),
        ({"appointed_on": "", "reason": "x", "due_at": "2026-12-01"}, 422, "request-invalid"),
    ],
)
def test_what_is_not_right_is_a_problem(
    office: Running, program: httpx.Client, sent: dict[str, str], status: int, problem: str
) -> None:
    """`appointed_on` empty stands for a good day."""
    here = f"/api/v1/dossiers/{overdue(office.place)}/apology"
    day = sent.get("appointed_on")
    body = sent | ({"appointed_on": soon(office.place).isoformat()} if day == "" else {})
    told = [program.post(here, json=body, headers={"accept-language": language}) for language in ("vi", "en")]
    assert {(one.status_code, one.json()["type"]) for one in told} == {(status, f"{PROBLEM}{problem}")}
    assert told[0].json()["detail"] != told[1].json()["detail"]


def test_one_that_is_not_overdue(office: Running, program: httpx.Client) -> None:
    body = {"appointed_on": soon(office.place).isoformat(), "reason": "x"}
    answer = program.post(f"/api/v1/dossiers/{received(program)}/apology", json=body)
    assert (answer.status_code, answer.json()["type"]) == (409, f"{PROBLEM}wrong-state")
    assert answer.json()["standing"] == "under_way"
