"""Thay thế, đính chính, thu hồi: nothing is edited, events are added (AC-11)."""

from datetime import date

import pytest
from sqlalchemy import Engine

from register import Decision, DocumentUnknown, Status, StatusRefused, status
from store import write
from tests.register.papers import NOON, Paper, register_paper

DECISION = Decision(number="7/QĐ-MẪU", date=date(2026, 11, 22))
ACT = {"decision": DECISION, "reason": "Sai nội dung", "by": "van-thu", "at": NOON}


@pytest.fixture
def papers(database: Engine) -> tuple[str, str]:
    """Two registered papers, the first in force."""
    first, second = Paper(), Paper()
    with write(database) as connection:
        register_paper(connection, first)
        register_paper(connection, second)
        status.bring_into_force(connection, first.document_id, by="van-thu", at=NOON)
    return first.document_id, second.document_id


def test_a_replaced_document_names_its_replacement(database: Engine, papers: tuple[str, str]) -> None:
    """AC-11."""
    first, second = papers
    with write(database) as connection:
        status.replace(connection, first, replaced_by=second, **ACT)  # type: ignore[arg-type]
        assert status.status_of(connection, first) == Status(
            standing="replaced", since=NOON, replaced_by=second, decision=DECISION, reason="Sai nội dung"
        )


def test_a_recalled_document_is_frozen(database: Engine, papers: tuple[str, str]) -> None:
    """AC-11, PL VI: a recalled document takes no further event."""
    first, second = papers
    with write(database) as connection:
        status.recall(connection, first, **ACT)  # type: ignore[arg-type]
        assert status.status_of(connection, first).standing == "recalled"
        for act in (
            lambda: status.replace(connection, first, replaced_by=second, **ACT),  # type: ignore[arg-type]
            lambda: status.recall(connection, first, **ACT),  # type: ignore[arg-type]
            lambda: status.correct(connection, first, corrected_by=second, **ACT),  # type: ignore[arg-type]
            lambda: status.bring_into_force(connection, first, by="van-thu"),
        ):
            with pytest.raises(StatusRefused) as refused:
                act()
            assert "đã thu hồi" in refused.value.text_vi


def test_a_corrected_document_stays_in_force(database: Engine, papers: tuple[str, str]) -> None:
    """AC-11: công văn đính chính."""
    first, second = papers
    with write(database) as connection:
        status.correct(connection, first, corrected_by=second, **ACT)  # type: ignore[arg-type]
        standing = status.status_of(connection, first)
    assert (standing.standing, standing.corrections) == ("in_force", (second,))


def test_only_what_is_in_force_can_be_replaced_or_recalled(database: Engine, papers: tuple[str, str]) -> None:
    _, second = papers
    with write(database) as connection:
        assert status.status_of(connection, second) == Status(standing="not_issued")
        with pytest.raises(StatusRefused):
            status.recall(connection, second, **ACT)  # type: ignore[arg-type]


def test_replacements_are_registered_documents(database: Engine, papers: tuple[str, str]) -> None:
    first, _ = papers
    with write(database) as connection:
        with pytest.raises(DocumentUnknown):
            status.replace(connection, first, replaced_by="nothing", **ACT)  # type: ignore[arg-type]
        with pytest.raises(StatusRefused):
            status.replace(connection, first, replaced_by=first, **ACT)  # type: ignore[arg-type]
        with pytest.raises(DocumentUnknown):
            status.bring_into_force(connection, "nothing", by="van-thu")
