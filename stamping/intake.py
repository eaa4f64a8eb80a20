"""What the office says about a new document: which organisation, procedure, officer, seal and number series."""

from dataclasses import dataclass
from datetime import date, datetime

from office import (
    Office,
    Officer,
    Organisation,
    Procedure,
    Seal,
    issuing_body,
    number_series,
    officer_for,
    seal_for,
)
from register import numbers
from stamping.desk import Desk
from stamping.dossier import NewDossier, check_dossier
from stamping.refusal import Refusal
from store import VIETNAM, write


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the office says about a new document."""

    organisation: Organisation
    parent: str | None
    procedure: Procedure
    officer: Officer
    seal: Seal
    series: str
    at: datetime

    @property
    def year(self) -> int:
        """The year of the number series: the day's in Viet Nam."""
        return self.at.astimezone(VIETNAM).year


def take_in(desk: Desk, dossier: NewDossier, organisation: str, officer_id: str | None) -> Intake:
    """Look everything up, as of now.

    Raises `Refusal` dossier-invalid, forbidden, officer-not-authorised, seal-not-active.
    """
    now = desk.clock()
    check_dossier(dossier, now)
    office, today = desk.office(), now.astimezone(VIETNAM).date()
    procedure = _procedure(desk, dossier.procedure)
    named = _acting(office, organisation, today)
    officer = officer_for(office, organisation=organisation, procedure=procedure.code, on=today, officer_id=officer_id)
    if officer is None:
        raise Refusal(
            "officer-not-authorised",
            f"Không có người có thẩm quyền ký thủ tục {procedure.code} ngày hôm nay.",
            f"Nobody is authorised to sign procedure {procedure.code} today.",
            officer=officer_id,
        )
    seal = seal_for(office, organisation=organisation, on=today)
    if seal is None:
        raise Refusal(
            "seal-not-active",
            "Cơ quan không có con dấu đang hoạt động hôm nay.",
            "The organisation has no active seal today.",
            organisation=organisation,
        )
    body = issuing_body(office, organisation, today)
    return Intake(
        organisation=named,
        parent=body.parent if body else None,
        procedure=procedure,
        officer=officer,
        seal=seal,
        series=_series(desk, organisation, procedure, now),
        at=now,
    )


def reserve_number(desk: Desk, organisation: str, procedure: str) -> tuple[int, str]:
    """Reserve a number for a paper that another program will print: the number, and how it is printed (Đ.15.3).

    Raises `Refusal` dossier-invalid, forbidden.
    """
    intake_procedure = _procedure(desk, procedure)
    now = desk.clock()
    _acting(desk.office(), organisation, now.astimezone(VIETNAM).date())
    with write(desk.engine) as connection:
        value = numbers.reserve(
            connection,
            organisation=organisation,
            kind=_series(desk, organisation, intake_procedure, now),
            year=now.astimezone(VIETNAM).year,
            at=now,
        )
    return value, numbers.notation(value, intake_procedure.symbol)


def _acting(office: Office, organisation: str, day: date) -> Organisation:
    """The organisation, if it exists on this day: a predecessor's numbers end with it (AC-123)."""
    named = office.organisation(organisation)
    if named is None or not named.active(day):
        raise Refusal(
            "forbidden",
            f"Cơ quan {organisation} không có, hoặc không hoạt động ngày {day:%d/%m/%Y}.",
            f"There is no organisation {organisation!r}, or it does not act on {day}.",
            organisation=organisation,
        )
    return named


def _series(desk: Desk, organisation: str, procedure: Procedure, at: datetime) -> str:
    found = number_series(desk.office(), organisation=organisation, symbol=procedure.symbol, on=at)
    return found.kind if found else procedure.symbol


def _procedure(desk: Desk, code: str) -> Procedure:
    for procedure in desk.office().procedures:
        if procedure.code == code:
            return procedure
    raise Refusal(
        "dossier-invalid",
        f"Cơ quan không giải quyết thủ tục {code}.",
        f"The office does not handle procedure {code}.",
        procedure=code,
    )
