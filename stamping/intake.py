"""What the office says about a new document: which organisation, procedure, officer, seal and number series."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from office import (
    Delegation,
    Office,
    Officer,
    Organisation,
    Procedure,
    Seal,
    issuing_body,
    number_series,
    which_officer,
    which_seal,
)
from register import numbers
from stamping.desk import BookDesk, Desk
from stamping.dossier import NewDossier, check_dossier
from stamping.refusal import Refusal, ruled
from store import VIETNAM, vietnam_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the office says about a new document. `delegation`: the paper its officer signs by, None for in their own
    right. `seal` None: its procedure has no stamping stage (4 tại chỗ). `series` is what its file configures."""

    organisation: Organisation
    parent: str | None
    procedure: Procedure
    officer: Officer
    delegation: Delegation | None
    seal: Seal | None
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
    office = desk.office()
    check_dossier(dossier, office.patterns, now)
    procedure = procedure_of(desk, dossier.procedure)
    named = acting(office, organisation, now)
    signing = which_officer(office, organisation=organisation, procedure=procedure.code, on=now, officer_id=officer_id)
    if signing.officer is None or not signing.allowed:
        raise ruled(signing, officer=officer_id)
    sealing = which_seal(office, organisation=organisation, procedure=procedure.code, on=now)
    if procedure.stamped and not sealing.allowed:
        raise ruled(sealing, organisation=organisation)
    body = issuing_body(office, organisation, now)
    return Intake(
        organisation=named,
        parent=body.parent if body else None,
        procedure=procedure,
        officer=signing.officer,
        delegation=signing.delegation,
        seal=sealing.seal if procedure.stamped else None,
        series=configured_series(desk, organisation, procedure.symbol, now),
        at=now,
    )


def acting(office: Office, organisation: str, at: datetime) -> Organisation:
    """The organisation, if it exists at this moment: a predecessor's numbers end with it (AC-123). Raises `Refusal`
    forbidden."""
    named = office.organisation(organisation)
    if named is None or not named.active(at):
        raise Refusal(
            "forbidden",
            f"Cơ quan {organisation} không có, hoặc không hoạt động ngày {vietnam_date(at):%d/%m/%Y}.",
            f"There is no organisation {organisation!r}, or it does not act on {vietnam_date(at)}.",
            organisation=organisation,
        )
    return named


def configured_series(desk: BookDesk, organisation: str, symbol: str, at: datetime) -> str:
    """The series the office's file names for papers of this symbol; else the one of all the organisation's papers."""
    found = number_series(desk.office(), organisation=organisation, symbol=symbol, on=at)
    return found.kind if found else numbers.SHARED


def take_number(
    connection: Connection,
    *,
    organisation: str,
    year: int,
    symbol: str,
    configured: str,
    given: int | None = None,
    by: str,
    purpose: str | None = None,
    at: datetime,
) -> tuple[str, int]:
    """The series in which a symbol counts this year, and the number: the one `given` before, else the series' next."""
    kind = numbers.series_of(connection, organisation=organisation, year=year, symbol=symbol, configured=configured)
    if given is None:
        given = numbers.reserve(
            connection,
            organisation=organisation,
            kind=kind,
            year=year,
            symbol=symbol,
            reserved_by=by[:200],
            purpose=purpose,
            at=at,
        )
    return kind, given


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
