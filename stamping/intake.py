"""What the office says about a new document: which organisation, procedure, officer, seal and number series."""

from dataclasses import dataclass
from datetime import datetime

from office import (
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
from stamping.desk import BookDesk, Desk
from stamping.dossier import NewDossier, check_dossier
from stamping.refusal import Refusal
from store import VIETNAM


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the office says about a new document. `series` is what its file configures."""

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
    office, today = desk.office(), now.astimezone(VIETNAM).date()
    check_dossier(dossier, office.patterns, now)
    procedure = procedure_of(desk, dossier.procedure)
    named = office.organisation(organisation)
    if named is None or not named.active(today):
        raise Refusal(
            "forbidden",
            f"Cơ quan {organisation} không có, hoặc không còn hoạt động.",
            f"There is no organisation {organisation!r}, or it no longer acts.",
            organisation=organisation,
        )
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
        series=configured_series(desk, organisation, procedure.symbol, now),
        at=now,
    )


def configured_series(desk: BookDesk, organisation: str, symbol: str, at: datetime) -> str:
    """The series the office's file names for papers of this symbol; else the one of all the organisation's papers."""
    found = number_series(desk.office(), organisation=organisation, symbol=symbol, on=at)
    return found.kind if found else numbers.SHARED


def procedure_of(desk: BookDesk, code: str) -> Procedure:
    """A procedure of the office's file. Raises `Refusal` dossier-invalid."""
    for procedure in desk.office().procedures:
        if procedure.code == code:
            return procedure
    raise Refusal(
        "dossier-invalid",
        f"Cơ quan không giải quyết thủ tục {code}.",
        f"The office does not handle procedure {code}.",
        procedure=code,
    )
