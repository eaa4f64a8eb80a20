"""What the technical page says of a path agrees with the finding that decided."""

from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from api.technical_view import TechnicalTeller
from api.verdict_facts import Fact
from tests.verifier.cases import CASES
from tests.verifier.desk import Desk
from tests.verifier.papers import sign
from verifier import OFFICER_FIELD
from web import LANGUAGES, Language, catalogue

MADE = {chosen.name: chosen for chosen in CASES}


def path_of(desk: Desk, pdf: bytes, language: Language, *, online: bool = False, at: datetime | None = None) -> Fact:
    """The last check of the first signature: its path's."""
    found, _ = desk.report(pdf, online=online, at=at)
    return TechnicalTeller(language).signatures(found)[0].checks[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_revocation_that_came_later_is_no_good_path(desk: Desk, language: Language) -> None:
    """Good at the time the file claims, revoked now, and nothing proves the time (AC-72)."""
    pdf = MADE["revoked, nothing proves the time"].make(desk)
    found, verdict = desk.report(pdf, online=True)
    assert verdict.word == "invalid"
    assert found.signatures[0].path is not None
    assert found.signatures[0].path.status != "revoked"
    told = path_of(desk, pdf, language, online=True)
    assert told == Fact(state="no", text=catalogue().say(language, "technical.path_revoked_no_proof"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_authority_that_ended_is_said_to_have(desk: Desk, language: Language) -> None:
    """Not that it was never configured here."""
    now = datetime.now(UTC)
    earlier, later = copy(desk), copy(desk)
    earlier.store = replace(desk.store, ended={desk.pki.subca: now - timedelta(days=3)})
    later.store = replace(desk.store, ended={desk.pki.subca: now + timedelta(minutes=1)})
    unproven = sign(desk.paper, desk.officer, OFFICER_FIELD)
    told = {
        "authority_ended": path_of(earlier, desk.sealed, language),
        "authority_ended_no_proof": path_of(later, unproven, language, at=now + timedelta(days=300)),
    }
    for code, fact in told.items():
        assert fact == Fact(state="no", text=catalogue().say(language, f"technical.path_{code}"))
    assert path_of(later, desk.sealed, language).text == catalogue().say(language, "technical.path_trusted")
