"""By what an officer signs: the post itself, or a written delegation, limited in time and content, which nobody who
signs by one can pass on (NĐ 30/2020 Đ.13, AC-5)."""

from typing import Final

from store import vietnam_date

from .institution import Office
from .organisation import Organisation
from .period import Moment
from .person import Delegation, Officer
from .ruling import Reason, Ruling, allowed, refused


def in_own_right(officer: Officer, body: Organisation, procedure: str) -> Ruling:
    """May they sign this organisation's papers of the procedure by their post alone?"""
    if officer.organisation != body.code:
        return _no(
            officer,
            "other-organisation",
            f"{officer.name} không ký văn bản của {body.name}.",
            f"{officer.name} does not sign papers of {body.code}.",
        )
    if not officer.signs_in_own_right:
        reason: Reason = "other-organisation" if officer.delegations else "delegation-missing"
        return _no(
            officer,
            reason,
            f"{officer.name} ký TUQ. mà không có văn bản uỷ quyền của {body.name}.",
            f"{officer.name} signs by authorisation (TUQ.) and has none of {body.code}.",
        )
    if not officer.charged_with(procedure):
        return _not_theirs(officer, procedure)
    return allowed(officer=officer)


def under_delegation(office: Office, officer: Officer, organisation: str, procedure: str, on: Moment) -> Ruling:
    """May they sign by one of the papers that let them sign for this organisation? The first that does is named;
    else the refusal is of the paper that comes nearest."""
    rulings = [
        _by_paper(office, officer, delegation, procedure, on) for delegation in officer.delegations_of(organisation)
    ]
    return next((ruling for ruling in rulings if ruling.allowed), min(rulings, key=lambda one: _FAR[one.reason]))


_FAR: Final[dict[Reason, int]] = {
    "allowed": 0,
    "delegation-passed-on": 1,
    "delegation-beyond-powers": 1,
    "procedure-not-theirs": 2,
    "delegation-outside-scope": 3,
    "delegation-outside-dates": 4,
}


def _by_paper(office: Office, officer: Officer, delegation: Delegation, procedure: str, on: Moment) -> Ruling:
    day, period = vietnam_date(on), delegation.period
    # 1 in force
    if not period.holds(on):
        return _no(
            officer,
            "delegation-outside-dates",
            f"Văn bản uỷ quyền {delegation.number} của {officer.name} không có hiệu lực ngày {day:%d/%m/%Y} "
            f"(từ {period.since:%d/%m/%Y} đến {period.until:%d/%m/%Y}).",
            f"Delegation {delegation.number} of {officer.name} is not in force on {day}.",
            delegation,
        )
    # 2 of this procedure
    if not delegation.covers(procedure, officer):
        if not delegation.procedures:
            return _not_theirs(officer, procedure)
        return _no(
            officer,
            "delegation-outside-scope",
            f"Văn bản uỷ quyền {delegation.number} của {officer.name} không gồm thủ tục {procedure}.",
            f"Delegation {delegation.number} of {officer.name} does not cover procedure {procedure}.",
            delegation,
        )
    # 3 of somebody who has it to give
    giver = office.officer(delegation.by) if delegation.by else None
    if giver is not None:
        return _given_by(giver, officer, delegation, procedure, on)
    return allowed(officer=officer, delegation=delegation)


def _given_by(giver: Officer, officer: Officer, delegation: Delegation, procedure: str, on: Moment) -> Ruling:
    """The delegation's giver signs such papers then in their own right: no depth of delegates can stand before it."""
    organisation = officer.delegated_by(delegation)
    if not giver.signs_in_own_right or giver.delegations_of(organisation):
        return _no(
            officer,
            "delegation-passed-on",
            f"{giver.name} ký theo uỷ quyền nên không được uỷ quyền lại cho {officer.name} "
            f"(văn bản {delegation.number}).",
            f"{giver.name} signs by delegation and cannot delegate to {officer.name} ({delegation.number}).",
            delegation,
        )
    own = giver.organisation == organisation and giver.charged_with(procedure) and giver.period.holds(on)
    if not own:
        return _no(
            officer,
            "delegation-beyond-powers",
            f"{giver.name} không có thẩm quyền với thủ tục {procedure} vào ngày này nên không uỷ quyền được "
            f"(văn bản {delegation.number}).",
            f"{giver.name} has no power over procedure {procedure} then to delegate ({delegation.number}).",
            delegation,
        )
    return allowed(officer=officer, delegation=delegation)


def _not_theirs(officer: Officer, procedure: str) -> Ruling:
    return _no(
        officer,
        "procedure-not-theirs",
        f"{officer.name} không được giao ký thủ tục {procedure}.",
        f"{officer.name} is not charged with procedure {procedure}.",
    )


def _no(officer: Officer, reason: Reason, text_vi: str, text_en: str, delegation: Delegation | None = None) -> Ruling:
    return refused("officer-not-authorised", reason, text_vi, text_en, officer=officer, delegation=delegation)
