"""Dossiers as things of their own: received, appraised, supplemented, refused, withdrawn; then their papers carry them.

Every act is one transaction: the state it leaves is a condition of the UPDATE, its line in the history and the answer
kept under its Idempotency-Key (`once`) belong to it. Each gives the dossier as it stands. Done now, not earlier under
the same key, it is refused as changed-since where the dossier is no longer as `seen`.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, select

from office import due_after_wait, due_at
from register import new_code
from stamping.desk import BookDesk
from stamping.dossier import Applicant, check_code
from stamping.dossier_history import record as _record
from stamping.dossier_states import DOSSIER_MOVES, DossierState, ReturnWay, Standing
from stamping.dossier_tables import dossiers
from stamping.dossier_views import (
    Course,
    DossierEvent,
    DossierView,
    PaperView,
    Supplement,
    applicant_of,
    by_receipt,
    find_row,
    list_dossiers,
    view,
    view_of,
)
from stamping.dossier_words import check_lengths, check_public, said
from stamping.intake import acting, procedure_of
from stamping.once import Once
from stamping.refusal import Refusal
from stamping.states import STOPPED
from stamping.tables import documents
from stamping.versions import Seen
from stamping.wording import check_words
from store import read, vietnam_date, write

__all__ = [
    "Course",
    "DossierEvent",
    "DossierView",
    "NewReception",
    "PaperView",
    "Supplement",
    "acts_open",
    "appraise",
    "by_receipt",
    "choose_return",
    "list_dossiers",
    "receive",
    "refuse",
    "request_supplement",
    "supplement_received",
    "view",
    "withdraw",
]

_NOT_HANDED_OVER: Final[frozenset[Standing]] = frozenset({"under_way", "supplement_requested", "ready"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReception:
    """What is handed in at the counter or by the workflow system."""

    code: str
    procedure: str
    organisation: str
    applicant: Applicant
    return_way: ReturnWay = "counter"


def receive(desk: BookDesk, new: NewReception, actor: str, once: Once | None = None) -> DossierView:
    """Take a dossier in, now. Raises `Refusal` dossier-invalid, forbidden, wrong-state where the code is taken."""
    with read(desk.engine) as connection:
        if once and once.done(connection):
            return view_of(connection, find_row(connection, new.code), desk.clock())
    office, now = desk.office(), desk.clock()
    check_code(new.code, office.patterns)
    who = {f"applicant_{name}": value for name, value in asdict(new.applicant).items()}
    check_words("dossier-invalid", **asdict(new.applicant))
    if not new.applicant.name.strip():
        raise Refusal("dossier-invalid", "Hãy ghi tên người nộp.", "Give the applicant's name.", where="applicant.name")
    check_lengths(dossiers, code=new.code, **who)
    _check_return(new.return_way, new.applicant)
    known = procedure_of(desk, new.procedure)
    acting(office, new.organisation, now)
    with write(desk.engine) as connection:
        if once and once.done(connection):
            return view_of(connection, find_row(connection, new.code), now)
        _check_new(connection, new.code)
        connection.execute(
            dossiers.insert().values(
                code=new.code,
                receipt_code=new_code(),
                procedure=known.code,
                organisation=new.organisation,
                **who,
                state="received",
                received_at=now,
                received_by=actor[:200],
                due_at=due_at(office, known, now),
                return_way=new.return_way,
            )
        )
        _record(connection, new.code, "received", now, actor, "")
        _record(connection, new.code, "return_chosen", now, actor, new.return_way)
        if once:
            once.keep(connection, now)
        return view_of(connection, find_row(connection, new.code), now)


def acts_open(view: DossierView) -> frozenset[DossierState | Literal["return_chosen"]]:
    """What may be done with a dossier as it stands; the acts themselves ask again."""
    going = any(paper.state not in STOPPED for paper in view.papers)
    moves: frozenset[DossierState] = frozenset() if going else DOSSIER_MOVES[view.state]
    return moves | {"return_chosen"} if view.standing in _NOT_HANDED_OVER else moves


def appraise(
    desk: BookDesk, code: str, actor: str, once: Once | None = None, *, seen: Seen | None = None
) -> DossierView:
    """The content was examined and found in order. Raises `Refusal` not-found, wrong-state."""
    return _act(desk, code, "appraised", actor, "", once, seen)


def request_supplement(
    desk: BookDesk,
    code: str,
    owed: str,
    actor: str,
    once: Once | None = None,
    *,
    until: date | None = None,
    seen: Seen | None = None,
) -> DossierView:
    """Ask the applicant for what is `owed`, if possible by a day; the clock stops until it comes.

    The citizen's page shows these words. Raises `Refusal` dossier-invalid for words that name a person, for a day gone
    by.
    """
    return _act(desk, code, "supplement_requested", actor, said(owed), once, seen, until=until)


def supplement_received(
    desk: BookDesk, code: str, actor: str, once: Once | None = None, *, seen: Seen | None = None
) -> DossierView:
    """What was owed has come: the deadline moves by the working days it was waited for, and the dossier is appraised
    anew."""
    return _act(desk, code, "received", actor, "", once, seen)


def refuse(
    desk: BookDesk, code: str, reason: str, actor: str, once: Once | None = None, *, seen: Seen | None = None
) -> DossierView:
    """Từ chối, with the reason."""
    return _act(desk, code, "refused", actor, said(reason), once, seen)


def withdraw(
    desk: BookDesk, code: str, reason: str, actor: str, once: Once | None = None, *, seen: Seen | None = None
) -> DossierView:
    """The applicant takes the dossier back."""
    return _act(desk, code, "withdrawn", actor, said(reason), once, seen)


def choose_return(
    desk: BookDesk, code: str, way: ReturnWay, actor: str, once: Once | None = None, *, seen: Seen | None = None
) -> DossierView:
    """The applicant wants the result another way. Raises `Refusal` wrong-state once it was handed over or stopped."""
    now = desk.clock()
    with write(desk.engine) as connection:
        if once and once.done(connection):
            return view_of(connection, find_row(connection, code), now)
        row = find_row(connection, code)
        before = view_of(connection, row, now)
        if seen:
            seen.require(before)
        if before.standing not in _NOT_HANDED_OVER:
            raise _wrong(row["code"], before.standing, "return_chosen")
        _check_return(way, applicant_of(row))
        connection.execute(dossiers.update().where(dossiers.c.code == row["code"]).values(return_way=way))
        _record(connection, row["code"], "return_chosen", now, actor, way)
        if once:
            once.keep(connection, now)
        return view_of(connection, find_row(connection, row["code"]), now)


def _act(
    desk: BookDesk,
    code: str,
    to: DossierState,
    actor: str,
    reason: str,
    once: Once | None,
    seen: Seen | None,
    *,
    until: date | None = None,
) -> DossierView:
    office, now = desk.office(), desk.clock()
    with write(desk.engine) as connection:
        if once and once.done(connection):
            return view_of(connection, find_row(connection, code), now)
        row = find_row(connection, code)
        if seen:
            seen.require(view_of(connection, row, now))
        code, state = row["code"], row["state"]
        columns: dict[str, Any] = {"state": to}
        if to == "appraised":
            columns |= {"appraised_at": now, "appraised_by": actor[:200]}
        elif to == "supplement_requested":
            check_public(reason, applicant_of(row))
            _check_until(until, now)
            columns |= {"waiting_since": now, "supplement_until": until, "appraised_at": None, "appraised_by": None}
        elif to == "received" and row["waiting_since"] is not None:
            moved = due_after_wait(office, row["due_at"], row["waiting_since"], now)
            columns |= {"due_at": moved, "waiting_since": None, "supplement_until": None}
        changed = (
            to in DOSSIER_MOVES[state]
            and connection.execute(
                dossiers.update().where(dossiers.c.code == code, dossiers.c.state == state).values(**columns)
            ).rowcount
        )
        if not changed:
            raise _wrong(code, state, to)
        _check_no_paper(connection, code)
        _record(connection, code, to, now, actor, reason)
        if once:
            once.keep(connection, now)
        return view_of(connection, find_row(connection, code), now)


def _check_new(connection: Connection, code: str) -> None:
    """One dossier a code: neither received here before nor known from a paper made without being received here."""
    received = connection.execute(select(dossiers.c.code).where(dossiers.c.code == code)).first()
    paper = connection.execute(select(documents.c.id).where(documents.c.dossier == code)).first()
    if received is not None or paper is not None:
        raise Refusal(
            "wrong-state",
            f"Hồ sơ {code} đã được tiếp nhận.",
            f"Dossier {code} has already been received.",
            dossier=code,
        )


def _check_no_paper(connection: Connection, code: str) -> None:
    """While a paper is on its way or issued, the dossier goes where the paper goes."""
    paper = connection.execute(
        select(documents.c.number, documents.c.state).where(
            documents.c.dossier == code, documents.c.state.not_in(STOPPED)
        )
    ).first()
    if paper is not None:
        raise Refusal(
            "wrong-state",
            f"Hồ sơ {code} đã có văn bản {paper.number}. Hãy rút hoặc trả lại văn bản trước.",
            f"Dossier {code} has the paper {paper.number}. Withdraw the paper or send it back first.",
            dossier=code,
            paper=paper.number,
            state=paper.state,
        )


def _check_until(until: date | None, now: datetime) -> None:
    if until is not None and until < vietnam_date(now):
        raise Refusal(
            "dossier-invalid",
            f"Ngày bổ sung {until:%d/%m/%Y} đã qua.",
            f"The day for the supplement, {until:%d/%m/%Y}, has passed.",
            until=until.isoformat(),
        )


def _check_return(way: ReturnWay, applicant: Applicant) -> None:
    if way == "post" and not applicant.address.strip():
        raise Refusal(
            "dossier-invalid",
            "Muốn nhận kết quả qua bưu chính thì hồ sơ phải có địa chỉ.",
            "A result sent by post needs the applicant's address.",
            where="applicant.address",
        )


def _wrong(code: str, state: str, to: str) -> Refusal:
    return Refusal(
        "wrong-state",
        f"Hồ sơ đang ở trạng thái “{state}” nên không chuyển sang “{to}” được.",
        f"The dossier is in state {state!r} and cannot become {to!r}.",
        dossier=code,
        state=state,
        to=to,
    )
