"""Dossiers as things of their own, before their paper exists: received, appraised, supplemented, refused, withdrawn.

Every act is one transaction: the state it leaves is a condition of the UPDATE, its line in the history and the answer
kept under its Idempotency-Key belong to it.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from office import due_at
from register import new_code
from stamping.desk import BookDesk
from stamping.dossier import Applicant, check_code
from stamping.dossier_states import DOSSIER_MOVES, DossierState
from stamping.dossier_tables import dossier_events, dossiers
from stamping.refusal import Refusal, not_found
from stamping.requests import answer_before, fingerprint_of, remember_answer
from stamping.wording import check_words
from store import write


def receive(
    desk: BookDesk,
    code: str,
    procedure: str,
    organisation: str,
    applicant: Applicant,
    actor: str,
    key: str | None = None,
) -> RowMapping:
    """Take a dossier in, now. Raises `Refusal` dossier-invalid, not-found, wrong-state where the code is taken."""
    office, now = desk.office(), desk.clock()
    check_code(code, office.patterns)
    check_words("dossier-invalid", **asdict(applicant))
    known = office.procedure(procedure)
    if known is None:
        raise not_found("thủ tục", "procedure", procedure)
    if office.organisation(organisation) is None:
        raise not_found("cơ quan", "organisation", organisation)
    asked = fingerprint_of(
        {
            "act": "receive",
            "code": code,
            "procedure": procedure,
            "organisation": organisation,
            "applicant": asdict(applicant),
        }
    )
    with write(desk.engine) as connection:
        if answer_before(connection, actor, key, asked) is not None:
            return dossier_row(connection, code)
        if connection.execute(select(dossiers.c.code).where(dossiers.c.code == code)).first() is not None:
            raise Refusal(
                "wrong-state",
                f"Hồ sơ {code} đã được tiếp nhận.",
                f"Dossier {code} has already been received.",
                dossier=code,
            )
        connection.execute(
            dossiers.insert().values(
                code=code,
                receipt_code=new_code(),
                procedure=procedure,
                organisation=organisation,
                **{f"applicant_{name}": value for name, value in asdict(applicant).items()},
                state="received",
                received_at=now,
                received_by=actor,
                due_at=due_at(office, known, now),
            )
        )
        _record(connection, code, "received", now, actor, "")
        remember_answer(connection, actor, key, asked, {"dossier": code}, now)
        return dossier_row(connection, code)


def appraise(desk: BookDesk, code: str, actor: str, key: str | None = None) -> RowMapping:
    """The content was examined and found in order. Raises `Refusal` not-found, wrong-state."""
    return _act(desk, code, "appraised", actor, "", key)


def request_supplement(desk: BookDesk, code: str, owed: str, actor: str, key: str | None = None) -> RowMapping:
    """Ask the applicant for what is `owed`; the clock stops until it comes."""
    return _act(desk, code, "supplement_requested", actor, _said(owed), key)


def supplement_received(desk: BookDesk, code: str, actor: str, key: str | None = None) -> RowMapping:
    """What was owed has come: the deadline moves by the time it was waited for, and the dossier is appraised anew."""
    return _act(desk, code, "received", actor, "", key)


def refuse(desk: BookDesk, code: str, reason: str, actor: str, key: str | None = None) -> RowMapping:
    """Từ chối, with the reason."""
    return _act(desk, code, "refused", actor, _said(reason), key)


def withdraw(desk: BookDesk, code: str, reason: str, actor: str, key: str | None = None) -> RowMapping:
    """The applicant takes the dossier back."""
    return _act(desk, code, "withdrawn", actor, _said(reason), key)


def dossier_row(connection: Connection, code: str) -> RowMapping:
    """A dossier's row. Raises `Refusal` not-found."""
    row = connection.execute(select(dossiers).where(dossiers.c.code == code)).mappings().first()
    if row is None:
        raise not_found("hồ sơ", "dossier", code)
    return row


def _act(desk: BookDesk, code: str, to: DossierState, actor: str, reason: str, key: str | None) -> RowMapping:
    now = desk.clock()
    asked = fingerprint_of({"act": to, "code": code, "reason": reason})
    with write(desk.engine) as connection:
        if answer_before(connection, actor, key, asked) is not None:
            return dossier_row(connection, code)
        row = dossier_row(connection, code)
        state: DossierState = row["state"]
        columns: dict[str, Any] = {"state": to}
        if to == "appraised":
            columns |= {"appraised_at": now, "appraised_by": actor}
        elif to == "supplement_requested":
            columns |= {"waiting_since": now, "appraised_at": None, "appraised_by": None}
        elif to == "received" and row["waiting_since"] is not None:
            columns |= {"due_at": row["due_at"] + (now - row["waiting_since"]), "waiting_since": None}
        changed = (
            to in DOSSIER_MOVES[state]
            and connection.execute(
                dossiers.update().where(dossiers.c.code == code, dossiers.c.state == state).values(**columns)
            ).rowcount
        )
        if not changed:
            raise Refusal(
                "wrong-state",
                f"Hồ sơ đang ở trạng thái “{state}” nên không chuyển sang “{to}” được.",
                f"The dossier is in state {state!r} and cannot become {to!r}.",
                dossier=code,
                state=state,
                to=to,
            )
        _record(connection, code, to, now, actor, reason)
        remember_answer(connection, actor, key, asked, {"dossier": code}, now)
        return dossier_row(connection, code)


def _said(reason: str) -> str:
    if not reason.strip():
        raise Refusal("dossier-invalid", "Hãy ghi lý do.", "Give the reason.")
    check_words("dossier-invalid", lines=True, reason=reason)
    return reason.strip()


def _record(connection: Connection, code: str, event: DossierState, at: datetime, actor: str, reason: str) -> None:
    connection.execute(
        dossier_events.insert().values(dossier=code, event=f"dossier.{event}", at=at, actor=actor, reason=reason)
    )
