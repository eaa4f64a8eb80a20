"""An overdue dossier raises the letter of apology: each missed deadline is noticed once, and answered by one letter.

The letter appoints another day (hẹn lại), which a person chooses with a reason. Noticing, letter and new deadline are
one transaction: the primary keys of both tables are the dossier and the deadline, so no crash and no second caller
makes two of one. A letter is no document: it takes no number of the outgoing register and is no stage of the dossier.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, and_, exists, func, select, true

from office import (
    Office,
    Officer,
    Procedure,
    authority_lines,
    is_working_day,
    issuing_body,
    officer_may_approve,
    which_officer,
    which_seal,
)
from register import numbers
from stamping.desk import BookDesk, Desk
from stamping.dossier_history import record
from stamping.dossier_reach import result_of
from stamping.dossier_tables import apologies, dossiers, missed_deadlines
from stamping.dossier_views import ApologyView, DossierView, applicant_of, find_row, past_due, view_of
from stamping.dossier_words import said
from stamping.history import record_of_dossier
from stamping.intake import acting, procedure_of
from stamping.once import Once
from stamping.refusal import Refusal, not_found, ruled
from stamping.versions import Seen
from store import VIETNAM, read, vietnam_date, write
from templates import GlyphMissing, Issue, PaperDataInvalid, RenderedPaper, render_apology

_SERVICE: Final = "Second Seal"
AT_ONCE: Final = 200
"""Deadlines noted in one transaction."""
_FARTHEST: Final = timedelta(days=366)
_LARGEST_SEAL_MM: Final = 42.0
"""Room for whatever seal is put on it by hand, where the organisation has none here."""
_ORGANISATION: Final = re.compile(r"\d{10}(-?\d{3})?")
_PERSON: Final = re.compile(r"\d{9}(\d{3})?")
"""Tax codes of organisations; identity numbers of people, old and new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApology:
    """The day appointed anew and why. `officer_id` None: the first officer who may sign results of the procedure."""

    appointed_on: date
    reason: str
    officer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    """What the office says about a letter: for whom it speaks, who signs, when the result is appointed."""

    procedure: Procedure
    officer_id: str
    officer_name: str
    appointed_at: datetime
    issue: dict[str, Any]


def notice(desk: BookDesk, *, since: datetime | None = None, limit: int = AT_ONCE) -> int:
    """Note each deadline that has passed without a result and was not noted yet, at most `limit` of them; gives how
    many. Of several who do it at once, one notes each. `since`: looks at deadlines from then on alone, which costs
    what has passed since and not what there is."""
    now = desk.clock()
    unnoticed = and_(
        past_due(now),
        dossiers.c.due_at >= since if since is not None else true(),
        ~exists().where(missed_deadlines.c.dossier == dossiers.c.code, missed_deadlines.c.due_at == dossiers.c.due_at),
    )
    query = select(dossiers).where(unnoticed).order_by(dossiers.c.due_at, dossiers.c.code).limit(limit)
    with read(desk.engine) as connection:
        if connection.execute(query.limit(1)).first() is None:
            return 0
    with write(desk.engine) as connection:
        found = connection.execute(query).mappings().all()
        for row in found:
            _note(connection, desk, row, now)
        return len(found)


def overdue(connection: Connection, now: datetime) -> tuple[int, int]:
    """How many dossiers are overdue of those that were noticed: without a letter, and past the day a letter appointed,
    too."""
    first = dossiers.c.first_due_at.is_(None)
    noticed = and_(missed_deadlines.c.dossier == dossiers.c.code, missed_deadlines.c.due_at == dossiers.c.due_at)
    query = select(first, func.count()).join(missed_deadlines, noticed).where(past_due(now)).group_by(first)
    counted = {bool(row[0]): int(row[1]) for row in connection.execute(query)}
    return counted.get(True, 0), counted.get(False, 0)


def apologise(
    desk: Desk, code: str, new: NewApology, actor: str, once: Once | None = None, *, seen: Seen | None = None
) -> DossierView:
    """Write the letter for an overdue dossier and move its deadline to the day appointed, now.

    Raises `Refusal` not-found; wrong-state where it is not overdue, or was appointed anew as often as the office
    allows; dossier-invalid for a day gone by, not worked or too far, or no reason; officer-not-authorised;
    paper-data-invalid, glyph-missing where the letter cannot be drawn.
    """
    reason, office, now = said(new.reason), desk.office(), desk.clock()
    with write(desk.engine) as connection:
        row = find_row(connection, code)
        code = row["code"]
        if once is not None and once.done(connection):
            return view_of(connection, row, now)
        before = view_of(connection, row, now)
        if seen:
            seen.require(before)
        _check_overdue(before)
        _check_again(before, office)
        letter = _letter(desk, office, row, new, now)
        if row["due_at"] not in _noticed(connection, code):
            _note(connection, desk, row, now)
        year = now.astimezone(VIETNAM).year
        number = _next_number(connection, row["organisation"], year)
        notation = numbers.notation(number, _symbol(letter.procedure))
        drawn = _drawn(row, before, letter, notation, reason)
        connection.execute(
            apologies.insert().values(
                dossier=code,
                due_at=row["due_at"],
                organisation=row["organisation"],
                year=year,
                number=number,
                notation=notation,
                form=drawn.version,
                officer_id=letter.officer_id,
                officer_name=letter.officer_name,
                reason=reason,
                appointed_at=letter.appointed_at,
                written_at=now,
                written_by=actor[:200],
                sha256=hashlib.sha256(drawn.pdf).hexdigest(),
                pdf=drawn.pdf,
            )
        )
        first = row["first_due_at"] or row["due_at"]
        connection.execute(
            dossiers.update().where(dossiers.c.code == code).values(due_at=letter.appointed_at, first_due_at=first)
        )
        record(connection, code, "apologised", now, actor, reason)
        told = {"due_at": row["due_at"].isoformat(), "appointed_at": letter.appointed_at.isoformat()}
        record_of_dossier(connection, code, "dossier.apologised", at=now, actor=actor, detail=told)
        if once is not None:
            once.keep(connection, now)
        return view_of(connection, find_row(connection, code), now)


def may_appoint_again(office: Office, dossier: DossierView) -> bool:
    """Whether the office allows this dossier another letter, once it is overdue."""
    return len(dossier.apologies) < office.most_reappointments


def signers(office: Office, dossier: DossierView, now: datetime) -> tuple[Officer, ...]:
    """The officers who may sign a letter for it now, in the order of the office's file."""
    return tuple(
        one
        for one in office.officers
        if officer_may_approve(
            office, one, organisation=dossier.organisation, procedure=dossier.procedure, on=now
        ).allowed
    )


def letter_of(desk: BookDesk, code: str, n: int | None = None) -> tuple[bytes, ApologyView]:
    """The PDF of a dossier's `n`-th letter, the newest if none is named. Raises `Refusal` not-found."""
    with read(desk.engine) as connection:
        view = view_of(connection, find_row(connection, code), desk.clock())
        wanted = [letter for letter in view.apologies if n is None or letter.n == n]
        if not wanted:
            raise not_found("thư xin lỗi của hồ sơ", "letter of apology of dossier", view.code)
        mine = apologies.c.dossier == view.code, apologies.c.due_at == wanted[-1].due_at
        pdf: bytes = connection.execute(select(apologies.c.pdf).where(*mine)).scalar_one()
    return pdf, wanted[-1]


def _note(connection: Connection, desk: BookDesk, row: RowMapping, now: datetime) -> None:
    code, due_at = row["code"], row["due_at"]
    paper, seal = result_of(desk, desk.office(), row["organisation"], row["procedure"])
    connection.execute(
        missed_deadlines.insert().values(dossier=code, due_at=due_at, noticed_at=now, paper=paper, seal_id=seal)
    )
    record(connection, code, "overdue", now, _SERVICE, "")
    told = {"due_at": due_at.isoformat()}
    record_of_dossier(connection, code, "dossier.overdue", at=now, actor=_SERVICE, detail=told)


def _noticed(connection: Connection, code: str) -> set[datetime]:
    query = select(missed_deadlines.c.due_at).where(missed_deadlines.c.dossier == code)
    return set(connection.execute(query).scalars())


def _next_number(connection: Connection, organisation: str, year: int) -> int:
    """Writers wait for each other, and a letter that fails takes no number: the series has no gap."""
    mine = apologies.c.organisation == organisation, apologies.c.year == year
    last: int | None = connection.execute(select(func.max(apologies.c.number)).where(*mine)).scalar()
    return (last or 0) + 1


def _symbol(procedure: Procedure) -> str:
    """PXL and the body the results of the procedure are signed for: of "GCN-UBND", "PXL-UBND"."""
    return f"PXL-{procedure.symbol.partition('-')[2] or procedure.symbol}"


def _check_overdue(dossier: DossierView) -> None:
    if not dossier.overdue:
        raise Refusal(
            "wrong-state",
            f"Hồ sơ {dossier.code} không quá hạn nên không có thư xin lỗi.",
            f"Dossier {dossier.code} is not overdue, so there is nothing to apologise for.",
            dossier=dossier.code,
            due_at=dossier.due_at.astimezone(VIETNAM).isoformat(),
            standing=dossier.standing,
        )


def _check_again(dossier: DossierView, office: Office) -> None:
    if not may_appoint_again(office, dossier):
        raise Refusal(
            "wrong-state",
            f"Hồ sơ {dossier.code} đã được hẹn lại {len(dossier.apologies)} lần, là mức tối đa của cơ quan. "
            "Không hẹn lại nữa; hãy giải quyết ngay hồ sơ.",
            f"Dossier {dossier.code} was appointed anew {len(dossier.apologies)} times, the most this office allows. "
            "No other day can be given; settle the dossier.",
            dossier=dossier.code,
            most=office.most_reappointments,
        )


def _letter(desk: Desk, office: Office, row: RowMapping, new: NewApology, now: datetime) -> _Letter:
    procedure = procedure_of(desk, row["procedure"])
    named = acting(office, row["organisation"], now)
    signing = which_officer(
        office, organisation=named.code, procedure=procedure.code, on=now, officer_id=new.officer_id
    )
    if signing.officer is None or not signing.allowed:
        raise ruled(signing, officer=new.officer_id)
    seal = which_seal(office, organisation=named.code, procedure=procedure.code, on=now).seal
    body = issuing_body(office, named.code, now)
    return _Letter(
        procedure=procedure,
        officer_id=signing.officer.id,
        officer_name=signing.officer.name,
        appointed_at=_appointed(office, new.appointed_on, now),
        issue={
            "organisation": named.name,
            "parent": body.parent if body else None,
            "place": named.place,
            "issued_on": vietnam_date(now),
            "authority_lines": authority_lines(office, signing.officer, signing.delegation),
            "signer_name": signing.officer.name,
            "verify_url": f"{desk.public_url}/t/{row['receipt_code']}",
            "system": desk.system,
            "exported_at": now,
            "seal_diameter_mm": seal.diameter_mm if seal else _LARGEST_SEAL_MM,
            "sample": office.test_office,
        },
    )


def _appointed(office: Office, day: date, now: datetime) -> datetime:
    """The end of that day. Raises `Refusal` dossier-invalid."""
    at = datetime.combine(day, office.day_ends, VIETNAM)
    vi, en = "", ""
    if at <= now:
        vi, en = "đã qua", "has passed"
    elif not is_working_day(office, day):
        vi, en = "không phải ngày làm việc", "is no working day"
    elif at > now + _FARTHEST:
        vi, en = "xa hơn một năm", "is more than a year away"
    if vi:
        raise Refusal(
            "dossier-invalid",
            f"Ngày hẹn lại {day:%d/%m/%Y} {vi}.",
            f"The day appointed, {day:%d/%m/%Y}, {en}.",
            where="appointed_on",
            appointed_on=day.isoformat(),
        )
    return at


def person_of(number: str) -> bool | None:
    """Whether an applicant's number is a person's or an organisation's; None where it tells neither."""
    if _PERSON.fullmatch(number.strip()):
        return True
    return False if _ORGANISATION.fullmatch(number.strip()) else None


def _drawn(row: RowMapping, dossier: DossierView, letter: _Letter, notation: str, reason: str) -> RenderedPaper:
    applicant = applicant_of(row)
    data = {
        "holder": applicant.name,
        "person": person_of(applicant.id_number),
        "address": applicant.address.strip() or None,
        "procedure_name": letter.procedure.name,
        "received_at": row["received_at"],
        "missed_at": row["due_at"],
        "again": bool(dossier.apologies),
        "reason": reason,
        "appointed_at": letter.appointed_at,
        "return_way": row["return_way"],
    }
    try:
        issue = Issue(
            **letter.issue,
            number=notation,
            code=row["receipt_code"],
            dossier=row["code"],
            procedure=letter.procedure.code,
            holder_id=applicant.id_number,
            validity="Đến ngày hẹn trả kết quả",
            page="t",
            appointed_at=letter.appointed_at,
        )
        return render_apology(data, issue)
    except PaperDataInvalid as error:
        problems = [{"path": path, "vi": vi, "en": en} for path, vi, en in error.problems]
        raise Refusal("paper-data-invalid", error.text_vi, error.text_en, problems=problems) from error
    except GlyphMissing as error:
        raise Refusal(
            "glyph-missing", error.text_vi, error.text_en, character=error.character, where=error.where
        ) from error
