"""What the office says about a new document: which organisation, procedure, officer, seal and number series."""

from dataclasses import dataclass
from datetime import datetime

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
from stamping.desk import Desk
from stamping.dossier import NewDossier, check_dossier
from stamping.refusal import Refusal, ruled
from store import VIETNAM, vietnam_date, write


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the office says about a new document. `delegation`: the paper its officer signs by, None for in their own
    right. `seal` None: its procedure has no stamping stage (4 tại chỗ)."""

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
    check_dossier(dossier, now)
    office = desk.office()
    procedure = _procedure(desk, dossier.procedure)
    named = _acting(office, organisation, now)
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
        series=_series(desk, organisation, procedure, now),
        at=now,
    )


def reserve_number(desk: Desk, organisation: str, procedure: str) -> tuple[int, str]:
    """Reserve a number for a paper that another program will print: the number, and how it is printed (Đ.15.3).

    Raises `Refusal` dossier-invalid, forbidden.
    """
    intake_procedure = _procedure(desk, procedure)
    now = desk.clock()
    _acting(desk.office(), organisation, now)
    with write(desk.engine) as connection:
        value = numbers.reserve(
            connection,
            organisation=organisation,
            kind=_series(desk, organisation, intake_procedure, now),
            year=now.astimezone(VIETNAM).year,
            at=now,
        )
    return value, numbers.notation(value, intake_procedure.symbol)


def _acting(office: Office, organisation: str, at: datetime) -> Organisation:
    """The organisation, if it exists at this moment: a predecessor's numbers end with it (AC-123)."""
    named = office.organisation(organisation)
    if named is None or not named.active(at):
        raise Refusal(
            "forbidden",
            f"Cơ quan {organisation} không có, hoặc không hoạt động ngày {vietnam_date(at):%d/%m/%Y}.",
            f"There is no organisation {organisation!r}, or it does not act on {vietnam_date(at)}.",
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
