"""Dossiers as others see them: one, by its code or its receipt code, and lists by deadline."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, or_, select

from register import CodeInvalid, normalise
from stamping.desk import BookDesk
from stamping.dossier import Applicant
from stamping.dossier_states import PENDING, STAMPED, DossierState, ReturnWay, Standing, where
from stamping.dossier_tables import apologies, dossier_events, dossiers
from stamping.handing_over import HandOver, hand_over_of
from stamping.refusal import not_found
from stamping.states import STOPPED, Stage, State
from stamping.tables import documents, events
from store import read

Course = Literal["under_way", "supplement_requested", "ready", "ended"]
"""Which way of standing: each of these names, and every other as `ended`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierEvent:
    """One line of a dossier's history."""

    at: datetime
    event: str
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """What the applicant owes: in words that hold nothing personal, asked when, waited for until when (None: not
    said)."""

    owed: str
    asked_at: datetime
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApologyView:
    """A letter of apology: the deadline it is for, the day it appoints, why, and who signs it. `n` counts a dossier's
    letters from 1, `sha256` (hex) is of the PDF."""

    n: int
    number: str
    due_at: datetime
    appointed_at: datetime
    reason: str
    officer_name: str
    written_at: datetime
    written_by: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """A paper of a dossier; `handed`: how it left, once it was returned."""

    id: str
    code: str
    number: str
    title: str
    state: State
    created_at: datetime
    approved_at: datetime | None
    sealed_at: datetime | None
    returned_at: datetime | None
    handed: HandOver | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierView:
    """A dossier: what was done with it (`state`), and where its papers have brought it (`stage`, `standing`).

    `due_at` is the deadline in force, the day appointed by the newest of its `apologies` where there is one.
    """

    code: str
    receipt_code: str
    procedure: str
    organisation: str
    applicant: Applicant
    state: DossierState
    stage: Stage
    standing: Standing
    received_at: datetime
    received_by: str
    appraised_at: datetime | None
    appraised_by: str | None
    due_at: datetime
    overdue: bool
    supplement: Supplement | None
    return_way: ReturnWay
    papers: tuple[PaperView, ...]
    history: tuple[DossierEvent, ...]
    apologies: tuple[ApologyView, ...]


def view(desk: BookDesk, code: str) -> DossierView:
    """One dossier, by its code or its receipt code. Raises `Refusal` not-found."""
    with read(desk.engine) as connection:
        return view_of(connection, find_row(connection, code), desk.clock())


def by_receipt(desk: BookDesk, code: str) -> DossierView:
    """As `view`, by the receipt code alone: a dossier's own code can be counted through.

    Raises `register.CodeInvalid` for what is no code, `Refusal` not-found for one that was never given.
    """
    with read(desk.engine) as connection:
        row = _by_receipt(connection, normalise(code))
        if row is None:
            raise not_found("hồ sơ", "dossier", code)
        return view_of(connection, row, desk.clock())


def find_row(connection: Connection, code: str) -> RowMapping:
    """A dossier's row, by either code. Raises `Refusal` not-found."""
    row = row_or_none(connection, code)
    if row is None:
        with suppress(CodeInvalid):
            row = _by_receipt(connection, normalise(code))
    if row is None:
        raise not_found("hồ sơ", "dossier", code)
    return row


def row_or_none(connection: Connection, code: str) -> RowMapping | None:
    """The row of the dossier with this very code."""
    return connection.execute(select(dossiers).where(dossiers.c.code == code)).mappings().first()


def _by_receipt(connection: Connection, receipt: str) -> RowMapping | None:
    return connection.execute(select(dossiers).where(dossiers.c.receipt_code == receipt)).mappings().first()


def list_dossiers(
    desk: BookDesk,
    *,
    overdue: bool | None = None,
    state: DossierState | None = None,
    course: Course | None = None,
    organisation: str | None = None,
    apologised: bool | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    within: ColumnElement[bool] | None = None,
) -> tuple[DossierView, ...]:
    """Dossiers by deadline and code, at most `limit`, behind the deadline and code `after`; `apologised`: for which a
    letter of apology was written, or none; `within`: a further condition on their rows. Those that are asked for as
    `ended` come the other way round, the latest deadline first."""
    now, query = desk.clock(), select(dossiers)
    if overdue is not None:
        query = query.where(past_due(now) if overdue else ~past_due(now))
    if state is not None:
        query = query.where(dossiers.c.state == state)
    if course is not None:
        query = query.where(_courses()[course])
    if organisation is not None:
        query = query.where(dossiers.c.organisation == organisation)
    if apologised is not None:
        written = exists().where(apologies.c.dossier == dossiers.c.code)
        query = query.where(written if apologised else ~written)
    if within is not None:
        query = query.where(within)
    if after is not None:
        due, code = after
        late = dossiers.c.due_at < due if course == "ended" else dossiers.c.due_at > due
        next_one = dossiers.c.code < code if course == "ended" else dossiers.c.code > code
        query = query.where(or_(late, and_(dossiers.c.due_at == due, next_one)))
    order = (dossiers.c.due_at, dossiers.c.code)
    query = query.order_by(*(one.desc() for one in order) if course == "ended" else order).limit(limit)
    with read(desk.engine) as connection:
        return views_of(connection, connection.execute(query).mappings().all(), now)


def view_of(connection: Connection, row: RowMapping, now: datetime) -> DossierView:
    """One dossier, in the caller's transaction."""
    return views_of(connection, [row], now)[0]


def views_of(connection: Connection, rows: Sequence[RowMapping], now: datetime) -> tuple[DossierView, ...]:
    """Rows of `stamping_dossiers` with their papers, histories and letters: four questions for all of them."""
    codes = [row["code"] for row in rows]
    papers: dict[str, list[PaperView]] = {code: [] for code in codes}
    histories: dict[str, list[DossierEvent]] = {code: [] for code in codes}
    handed: dict[str, HandOver] = {}
    returns = (
        select(events.c.document_id, events.c.detail)
        .join(documents, documents.c.id == events.c.document_id)
        .where(documents.c.dossier.in_(codes), events.c.event == "document.returned")
    )
    for document_id, detail in connection.execute(returns):
        handed[document_id] = hand_over_of(json.loads(detail))
    found = select(documents).where(documents.c.dossier.in_(codes)).order_by(documents.c.created_at, documents.c.id)
    for one in connection.execute(found).mappings():
        papers[one["dossier"]].append(_paper(one, handed.get(one["id"])))
    told = select(dossier_events).where(dossier_events.c.dossier.in_(codes)).order_by(dossier_events.c.id)
    for line in connection.execute(told).mappings():
        histories[line["dossier"]].append(
            DossierEvent(at=line["at"], event=line["event"], actor=line["actor"], reason=line["reason"])
        )
    letters = _letters(connection, codes)
    return tuple(
        _view(row, tuple(papers[row["code"]]), tuple(histories[row["code"]]), tuple(letters[row["code"]]), now)
        for row in rows
    )


def applicant_of(row: RowMapping) -> Applicant:
    """Who asked, of a dossier's row."""
    return Applicant(
        name=row["applicant_name"],
        id_number=row["applicant_id_number"],
        phone=row["applicant_phone"],
        address=row["applicant_address"],
    )


def _view(
    row: RowMapping,
    papers: tuple[PaperView, ...],
    history: tuple[DossierEvent, ...],
    letters: tuple[ApologyView, ...],
    now: datetime,
) -> DossierView:
    seen = [(paper.state, paper.returned_at is not None) for paper in papers]
    stands = where(row["state"], row["appraised_at"] is not None, seen)
    return DossierView(
        code=row["code"],
        receipt_code=row["receipt_code"],
        procedure=row["procedure"],
        organisation=row["organisation"],
        applicant=applicant_of(row),
        state=row["state"],
        stage=stands.stage,
        standing=stands.standing,
        received_at=row["received_at"],
        received_by=row["received_by"],
        appraised_at=row["appraised_at"],
        appraised_by=row["appraised_by"],
        due_at=row["due_at"],
        overdue=stands.standing == "under_way" and row["due_at"] < now,
        supplement=_supplement(row, history),
        return_way=row["return_way"],
        papers=papers,
        history=history,
        apologies=letters,
    )


def _letters(connection: Connection, codes: Sequence[str]) -> dict[str, list[ApologyView]]:
    found: dict[str, list[ApologyView]] = {code: [] for code in codes}
    columns = [column for column in apologies.c if column.name != "pdf"]
    query = select(*columns).where(apologies.c.dossier.in_(codes)).order_by(apologies.c.due_at)
    for row in connection.execute(query).mappings():
        mine = found[row["dossier"]]
        mine.append(
            ApologyView(
                n=len(mine) + 1,
                number=row["notation"],
                due_at=row["due_at"],
                appointed_at=row["appointed_at"],
                reason=row["reason"],
                officer_name=row["officer_name"],
                written_at=row["written_at"],
                written_by=row["written_by"],
                sha256=row["sha256"],
            )
        )
    return found


def _supplement(row: RowMapping, history: tuple[DossierEvent, ...]) -> Supplement | None:
    if row["state"] != "supplement_requested":
        return None
    asked = next(line for line in reversed(history) if line.event == "dossier.supplement_requested")
    return Supplement(owed=asked.reason, asked_at=asked.at, until=row["supplement_until"])


def _paper(row: RowMapping, handed: HandOver | None) -> PaperView:
    return PaperView(
        id=row["id"],
        code=row["code"],
        number=row["number"],
        title=row["title"],
        state=row["state"],
        created_at=row["created_at"],
        approved_at=row["approved_at"],
        sealed_at=row["sealed_at"],
        returned_at=row["returned_at"],
        handed=handed,
    )


def past_due(now: datetime) -> ColumnElement[bool]:
    """As `DossierView.overdue`, for the database: past its deadline, under way."""
    return and_(dossiers.c.due_at < now, _courses()["under_way"])


def _courses() -> dict[Course, ColumnElement[bool]]:
    """As `DossierView.standing`, for the database. Under way: nothing issued that still counts, and not refused."""
    paper, later = documents.alias(), documents.alias()
    mine = paper.c.dossier == dossiers.c.code
    pending = exists().where(mine, paper.c.state.in_(PENDING))
    issued = exists().where(mine, paper.c.state.not_in(PENDING | STOPPED))
    stamped = exists().where(mine, paper.c.state.in_(STAMPED))
    newer = exists().where(
        later.c.dossier == paper.c.dossier,
        or_(
            later.c.created_at > paper.c.created_at,
            and_(later.c.created_at == paper.c.created_at, later.c.id > paper.c.id),
        ),
    )
    refused = exists().where(mine, paper.c.state == "refused", ~newer)
    going = dossiers.c.state.in_(("received", "appraised"))
    owed = dossiers.c.state == "supplement_requested"
    under_way = and_(going, or_(pending, and_(~issued, ~refused)))
    ready = and_(going, ~pending, stamped)
    return {
        "under_way": under_way,
        "supplement_requested": owed,
        "ready": ready,
        "ended": ~or_(under_way, owed, ready),
    }
