"""PAdES levels through the whole stage, and the other database."""

import pytest
from sqlalchemy import Engine

from register import audit
from secondseal.demo.pki import Pki
from signer import Level
from stamping import documents, lookups
from store import read
from tests.stamping.office_desk import PlaceMaker


@pytest.mark.parametrize(
    ("level", "word", "labels"),
    [
        (Level.B_B, "warning", {"B-B"}),
        (Level.B_T, "genuine", {"B-T"}),
        (Level.B_LT, "genuine", {"B-LT"}),
        (Level.B_LTA, "genuine", {"B-LTA"}),
    ],
    ids=lambda value: value.label if isinstance(value, Level) else None,
)
def test_each_level(desk_with: PlaceMaker, level: Level, word: str, labels: set[str]) -> None:
    """AC-73, AC-74: the level asked for is the level found; without a proven time nothing is called genuine."""
    place = desk_with(level=level)
    document = place.sealed()
    pdf, _, _ = documents.file(place.desk, document.id)
    verdict = lookups.verify(place.desk, pdf)
    assert verdict.word == word, verdict.as_json()
    assert {signature.level for signature in verdict.signatures} == labels


def test_a_long_term_paper_needs_no_service(desk_with: PlaceMaker, pki: Pki) -> None:
    """AC-122: judged from its own evidence while every authority is away."""
    place = desk_with(level=Level.B_LTA)
    document = place.sealed()
    pdf, _, _ = documents.file(place.desk, document.id)
    place.restart_worker()
    with pki.down("ocsp", "crl", "tsa"):
        assert lookups.verify(place.worker, pdf).word == "genuine"


def test_the_main_job_on_both_databases(desk_with: PlaceMaker, both: Engine) -> None:
    """SQLite and PostgreSQL: numbers, history, seal log, the public record, and a register that audits intact."""
    place = desk_with(engine=both)
    papers = [place.paper(), place.paper()]
    assert [paper.number for paper in papers] == ["01/GCN-UBND", "02/GCN-UBND"]
    ids = [paper.id for paper in papers]
    place.approve(*ids)
    place.confirm(*ids)
    place.stamp(turns=2)
    assert [documents.view(place.desk, one).state for one in ids] == ["sealed", "sealed"]
    pdf, _, _ = documents.file(place.desk, ids[1])
    verdict = lookups.verify(place.desk, pdf)
    assert (verdict.word, verdict.status) == ("genuine", "in_force")
    assert lookups.by_code(place.desk, papers[0].code).number == "01/GCN-UBND"
    with read(both) as connection:
        assert audit(connection, place.desk.files, None).intact
