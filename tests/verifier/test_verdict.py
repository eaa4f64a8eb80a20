"""The verdict as others read it: its JSON, the register's part, roles, sentences and tones."""

import string
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, get_args

import pytest

from tests.verifier.desk import OFFICE, Desk
from verifier import OFFICER_FIELD, SEAL_FIELD, RegisterKnowledge, from_json, situation, to_json, tone, words
from verifier.facts import DocumentFacts
from verifier.facts_json import FactsInvalid
from verifier.findings import FINDINGS
from verifier.gather import gather
from verifier.sentences import WORDS, Situation
from verifier.wording import _TONES

KNOWN = RegisterKnowledge(
    known=True,
    revision="sealed",
    status="in_force",
    number="01/GCN-UBND",
    issued_on=date(2026, 11, 22),
    organisation=OFFICE,
    roles=MappingProxyType({OFFICER_FIELD: "officer", SEAL_FIELD: "agency"}),
)
_LATER: dict[str, Any] = {"changed_by": "02/QĐ-UBND", "changed_on": date(2026, 12, 1)}


def test_json_of_a_genuine_paper(desk: Desk) -> None:
    """AC-71: the seven items of TT 15/2025 article 6, and every key other programs rely on, with its type."""
    at = datetime(2026, 11, 30, 2, 15, 30, tzinfo=UTC)
    found = desk.judge(desk.sealed, at=at, register=KNOWN).as_json()
    officer, seal = found["signatures"]
    for signature in (officer, seal):
        signed_at = signature.pop("signed_at")
        assert signed_at.endswith("+07:00")
        assert len(signature.pop("certificate_sha256")) == 64
        assert all(moment.endswith("+07:00") for moment in signature.pop("certificate_valid"))
    common = {
        "issuer": "CA thử nghiệm phục vụ các cơ quan Nhà nước G2",
        "organisation": OFFICE,
        "certificate_manager": OFFICE,
        "time_source": "timestamp",
        "level": "B-LT",
        "indication": "TOTAL_PASSED",
        "sub_indication": None,
        "findings": [],
        "verdict": "genuine",
        "intact": True,
        "trusted": True,
        "valid_at_signing": True,
        "revoked_at": None,
    }
    assert officer == {
        **common,
        "field": OFFICER_FIELD,
        "role": "officer",
        "signer": "Nguyễn Văn Ổn",
        "certificate_kind": "person",
    }
    assert seal == {
        **common,
        "field": SEAL_FIELD,
        "role": "agency",
        "signer": OFFICE,
        "certificate_kind": "organisation",
    }
    assert len(found.pop("sha256")) == 64
    assert found == {
        "verdict": "genuine",
        "indication": "TOTAL_PASSED",
        "sub_indication": None,
        "facts": {
            "intact": True,
            "cryptographically_valid": True,
            "trusted": True,
            "covers_whole_document": True,
            "known_to_register": True,
        },
        "legal": {"officer_signed": True, "agency_sealed": True, "equals_paper_original": True},
        "status": "in_force",
        "policy": {"name": "second-seal-tt15", "version": "1"},
        "checked_at": "2026-11-30T09:15:30+07:00",
        "signatures": [officer, seal],
        "findings": [],
        "situation": "genuine",
        "tone": "good",
        "conclusion": {"vi": "HỢP LỆ", "en": "VALID"},
        "words": found["words"],
        "document_timestamps": [],
    }
    assert found["words"]["vi"]["headline"] == "Văn bản này là thật và đang có hiệu lực"
    assert OFFICE in found["words"]["vi"]["sentence"]


def test_unsigned_and_unreadable_have_no_indication(desk: Desk) -> None:
    for pdf, word in ((desk.paper, "unsigned"), (b"%PDF-1.7 nonsense", "unreadable")):
        found = desk.judge(pdf).as_json()
        assert (found["verdict"], found["indication"], found["sub_indication"]) == (word, None, None)
        assert found["signatures"] == []
        assert set(found["facts"].values()) == {None}


def test_the_registers_earlier_revision_is_superseded(desk: Desk) -> None:
    approved = replace(KNOWN, revision="approved", newest_sha256="ab" * 32)
    verdict = desk.judge(desk.approved, register=approved)
    assert verdict.word == "warning"
    assert {"superseded_revision", "not_sealed"} <= {finding.code for finding in verdict.findings}
    assert situation(verdict) == "superseded"


def test_the_registers_organisation_counts(desk: Desk) -> None:
    """A seal of another office than the register names, though the attached data agree with the seal."""
    verdict = desk.judge(desk.sealed, register=replace(KNOWN, organisation="UBND xã Khác"))
    assert verdict.word == "warning"
    assert [finding.code for finding in verdict.findings] == ["wrong_organisation"]
    assert "UBND xã Khác" in verdict.findings[0].message


def test_short_forms_of_the_same_office_are_the_same(desk: Desk) -> None:
    verdict = desk.judge(desk.sealed, register=replace(KNOWN, organisation="ỦY BAN NHÂN DÂN TỈNH THỬ NGHIỆM"))
    assert verdict.word == "genuine"


def test_the_registers_role_comes_first(desk: Desk) -> None:
    roles = MappingProxyType({OFFICER_FIELD: "other"})
    verdict = desk.judge(desk.sealed, register=replace(KNOWN, roles=roles))
    assert [signature.role for signature in verdict.signatures] == ["other", "agency"]
    assert verdict.legal.officer_signed is False


def test_one_persons_two_signatures_are_no_seal(desk: Desk) -> None:
    """AC-2: two valid signatures are not enough; one must be the agency's."""
    second = desk.key("person", name="Trần Thị Bưởi", organisation=OFFICE)
    verdict = desk.judge(desk.sign_lt(desk.approved, second, SEAL_FIELD))
    assert verdict.word == "genuine"
    assert verdict.legal.equals_paper_original is False
    assert (situation(verdict), tone(verdict).tone, tone(verdict).ticks) == ("agency_missing", "care", False)
    assert verdict.as_json()["conclusion"]["vi"] == "CHƯA ĐỦ: thiếu chữ ký số của cơ quan"


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        (KNOWN, ("genuine", "good", True)),
        (None, ("register_not_asked", "info", False)),
        (RegisterKnowledge(known=False), ("not_in_register", "info", False)),
        (
            replace(KNOWN, status="recalled", changed_by="02/QĐ-UBND", changed_on=date(2026, 12, 1)),
            ("recalled", "care", False),
        ),
        (
            replace(KNOWN, status="replaced", changed_by="02/GCN-UBND", changed_on=date(2026, 12, 1)),
            ("replaced", "care", False),
        ),
    ],
    ids=["in force", "not asked", "unknown", "recalled", "replaced"],
)
def test_situations_and_tones(desk: Desk, register: RegisterKnowledge | None, expected: tuple[Any, ...]) -> None:
    """Look 4: a tick only where everything asked was proven."""
    verdict = desk.judge(desk.sealed, register=register)
    chosen = tone(verdict)
    assert (situation(verdict), chosen.tone, chosen.ticks) == expected
    assert verdict.status == (register.status if register and register.known else None)
    said = words(verdict, "vi")
    if register and register.changed_by:
        assert register.changed_by in said.sentence
        assert "01/12/2026" in said.sentence


def test_the_catalogue_is_whole() -> None:
    """Every situation has both languages and a tone; both halves of a finding use the same values."""
    assert set(WORDS) == set(_TONES) == set(get_args(Situation))
    for vietnamese, english in WORDS.values():
        assert all(vietnamese)
        assert all(english)
    for code, row in FINDINGS.items():
        named = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (row.vi, row.en)]
        assert named[0] == named[1], code


def test_facts_survive_json(desk: Desk) -> None:
    """House habit 3: facts are stored and judged again; nothing is lost on the way."""
    for pdf in (desk.paper, desk.archived, b"nothing"):
        facts = gather(pdf)
        assert from_json(DocumentFacts, to_json(facts)) == facts
    with pytest.raises(FactsInvalid):
        from_json(DocumentFacts, '{"size": "1"}')
    with pytest.raises(FactsInvalid):
        from_json(DocumentFacts, to_json(gather(b"x")).replace('"size":1', '"size":true'))
