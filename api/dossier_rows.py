"""Dossiers as a desk's pages show them: what a row says, how a dossier stands in words, what was done with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final
from urllib.parse import quote

from api import formats
from api.document_rows import Due, Happening, actor_text, due
from api.pages_track import passed_of
from api.service import Service
from register import grouped
from stamping import Applicant, DossierView, StageView, Standing, dossiers
from web import Language, catalogue

_MARKS: Final[dict[Standing, tuple[str, str]]] = {
    "under_way": ("now", "clock"),
    "supplement_requested": ("soon", "wait"),
    "ready": ("sealed", "seal"),
    "completed": ("", "held"),
    "refused": ("bad", "no"),
    "withdrawn": ("", "back"),
    "replaced": ("", "back"),
    "recalled": ("bad", "no"),
}
"""Standing -> (class of the word, icon)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """A letter of apology: the end of the day it appoints, who is to sign it, and where its PDF is."""

    number: str
    url: str
    until: str
    signer: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierRow:
    """A dossier on a desk; `runs`: its clock does; `at`: of what happened last; `first_due`: empty unless another day
    was appointed."""

    code: str
    url: str
    receipt: str
    receipt_plain: str
    applicant: Applicant
    procedure: str
    organisation: str
    return_way: str
    stages: tuple[StageView, ...]
    stage_number: int
    stage_name: str
    due: Due
    due_at: datetime | None
    due_text: str
    first_due: str
    letters: tuple[LetterRow, ...]
    runs: bool
    mark: str
    shape: str
    word: str
    at: str
    owed: tuple[str, ...]
    owed_since: datetime | None
    clock_stands: bool
    owed_until: date | None
    history: tuple[Happening, ...]


def dossier_rows(service: Service, views: Iterable[DossierView], language: Language) -> tuple[DossierRow, ...]:
    """Rows in the order given."""
    return tuple(dossier_row(service, view, language) for view in views)


def dossier_row(service: Service, view: DossierView, language: Language) -> DossierRow:
    """One dossier as a row."""
    t, office = partial(catalogue().say, language), service.desk.office()
    procedure, organisation = office.procedure(view.procedure), office.organisation(view.organisation)
    passed = passed_of(service, view)
    who = {"received": view.received_by, "appraised": view.appraised_by}
    stages = tuple(
        StageView(
            name=stage.name,
            state=stage.state,
            at=stage.at,
            who=actor_text(who.get(stage.name) or "", language) if stage.state == "done" else None,
        )
        for stage in passed.stages
    )
    mark, shape = _MARKS[view.standing]
    owed, letters = view.supplement, view.apologies
    return DossierRow(
        code=view.code,
        url=address_of(view.code),
        receipt=grouped(view.receipt_code),
        receipt_plain=view.receipt_code,
        applicant=view.applicant,
        procedure=procedure.name if procedure else view.procedure,
        organisation=organisation.name if organisation else view.organisation,
        return_way=t(f"track.way_{view.return_way}"),
        stages=stages,
        stage_number=[stage.name for stage in stages].index(passed.now) + 1,
        stage_name=passed.now,
        due=due(view.due_at, language, service.now()),
        due_at=passed.due_at,
        due_text=_moment(view.due_at, language),
        first_due=_moment(letters[0].due_at, language) if letters else "",
        letters=tuple(
            LetterRow(
                number=letter.number,
                url=f"{address_of(view.code)}/apology?n={letter.n}",
                until=_moment(letter.appointed_at, language),
                signer=letter.officer_name,
                at=_moment(letter.written_at, language),
            )
            for letter in letters
        ),
        runs=view.standing == "under_way",
        mark=mark,
        shape=shape,
        word=t(f"standing.{view.standing}"),
        at=_moment(view.history[-1].at, language),
        owed=tuple(line for line in owed.owed.splitlines() if line.strip()) if owed else (),
        owed_since=owed.asked_at if owed else None,
        clock_stands=owed is not None and owed.asked_at <= view.due_at,
        owed_until=owed.until if owed else None,
        history=_history(view.history, language),
    )


def address_of(code: str) -> str:
    """Where a dossier's page is."""
    return f"/desk/dossiers/{quote(code, safe='')}"


def _history(lines: Iterable[dossiers.DossierEvent], language: Language) -> tuple[Happening, ...]:
    """What was done, the newest last; received a second time means that what was owed has come."""
    words, told = catalogue(), list[Happening]()
    for line in lines:
        name = line.event.removeprefix("dossier.")
        key = "dossiers.event_come" if name == "received" and told else f"dossiers.event_{name}"
        way = f"track.way_{line.reason}" if name == "return_chosen" else ""
        told.append(
            Happening(
                word=words.say(language, key) if key in words.texts else line.event,
                who=actor_text(line.actor, language),
                at=_moment(line.at, language),
                why=words.say(language, way) if way in words.texts else "; ".join(line.reason.splitlines()),
            )
        )
    return tuple(told)


def _moment(at: datetime, language: Language) -> str:
    return f"{formats.clock(at)}, {formats.full_date(at, language)}"
