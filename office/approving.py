"""Who may approve which paper, and in what words they sign (NĐ 30/2020 Đ.13, AC-5, AC-6, AC-64)."""

from datetime import date, datetime

from store import vietnam_date

from .institution import Office
from .person import Officer
from .ruling import Ruling, allowed, refused


def may_approve(
    office: Office, *, certificate_sha256: str, organisation: str, procedure: str, on: date | datetime
) -> Ruling:
    """May the owner of this certificate approve a paper of this organisation and procedure on this day?"""
    fingerprint = certificate_sha256.replace(":", "").lower()
    officer = next((officer for officer in office.officers if fingerprint in officer.certificates), None)
    if officer is None:
        return refused(
            "officer-not-authorised",
            "certificate-unknown",
            "Chứng thư này không thuộc người có thẩm quyền nào của cơ quan.",
            "This certificate belongs to no officer of the office.",
        )
    return officer_may_approve(office, officer, organisation=organisation, procedure=procedure, on=on)


def officer_may_approve(
    office: Office, officer: Officer, *, organisation: str, procedure: str, on: date | datetime
) -> Ruling:
    """As `may_approve`, for an officer already known."""
    day = vietnam_date(on)
    # 1 the organisation exists on that day
    body = office.organisation(organisation)
    if body is None or not body.active(day):
        return refused(
            "officer-not-authorised",
            "organisation-inactive",
            f"Cơ quan {organisation} không hoạt động ngày {day:%d/%m/%Y}.",
            f"Organisation {organisation} does not act on {day}.",
            officer=officer,
        )
    # 2 the officer is in post and signs for this organisation, not for another
    if not officer.period.holds(day):
        return refused(
            "officer-not-authorised",
            "officer-not-in-post",
            f"{officer.name} không giữ chức vụ {officer.post} ngày {day:%d/%m/%Y}.",
            f"{officer.name} does not hold the post on {day}.",
            officer=officer,
        )
    if officer.issues_for != organisation:
        return refused(
            "officer-not-authorised",
            "other-organisation",
            f"{officer.name} không ký văn bản của {body.name}.",
            f"{officer.name} does not sign papers of {organisation}.",
            officer=officer,
        )
    return _inside_powers(officer, procedure, day)


def officer_for(
    office: Office, *, organisation: str, procedure: str, on: date | datetime, officer_id: str | None = None
) -> Officer | None:
    """The officer to whom such a paper goes: the one named, if allowed; else the first allowed in the file's order.

    Officers whom the procedure is named for come before those who may sign everything.
    """
    candidates = [
        officer
        for officer in office.officers
        if officer_id in (None, officer.id)
        and officer_may_approve(office, officer, organisation=organisation, procedure=procedure, on=on).allowed
    ]
    return min(candidates, key=lambda officer: procedure not in officer.procedures, default=None)


def authority_lines(office: Office, officer: Officer) -> tuple[str, ...]:
    """What stands above the signature (ô 7a): authority and post, e.g. ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"). One line for
    an officer who signs in their own post."""
    post = officer.post.upper()
    if officer.capacity is None:
        return (post,)
    if officer.capacity == "Q.":
        return (f"Q. {post}",)
    if officer.capacity == "TM.":
        body = office.organisation(officer.issues_for)
        collective = officer.acting_for or (body.collective or body.name if body else "")
        return (f"TM. {collective.upper()}", post)
    return (f"{officer.capacity} {(officer.acting_for or _head_post(office, officer)).upper()}", post)


def _inside_powers(officer: Officer, procedure: str, day: date) -> Ruling:
    # 3 the procedure is theirs
    if not _covers(officer.procedures, procedure):
        return refused(
            "officer-not-authorised",
            "procedure-not-theirs",
            f"{officer.name} không được giao ký thủ tục {procedure}.",
            f"{officer.name} is not charged with procedure {procedure}.",
            officer=officer,
        )
    # 4 inside the delegation, where they sign by one
    delegation = officer.delegation
    if delegation is not None and not delegation.period.holds(day):
        return refused(
            "officer-not-authorised",
            "delegation-outside-dates",
            f"Văn bản uỷ quyền {delegation.number} của {officer.name} không có hiệu lực ngày {day:%d/%m/%Y} "
            f"(từ {delegation.period.since:%d/%m/%Y} đến {delegation.period.until:%d/%m/%Y}).",
            f"Delegation {delegation.number} of {officer.name} is not in force on {day}.",
            officer=officer,
        )
    if delegation is not None and delegation.procedures and not _covers(delegation.procedures, procedure):
        return refused(
            "officer-not-authorised",
            "delegation-outside-scope",
            f"Văn bản uỷ quyền {delegation.number} của {officer.name} không gồm thủ tục {procedure}.",
            f"Delegation {delegation.number} of {officer.name} does not cover procedure {procedure}.",
            officer=officer,
        )
    return allowed(officer=officer)


def _head_post(office: Office, officer: Officer) -> str:
    """The post of the one who delegated, else of the organisation's head, else the usual word for a head."""
    heads = [other for other in office.officers if other.capacity in (None, "TM.", "Q.")]
    delegation = officer.delegation
    if delegation is not None and delegation.by is not None:
        heads = [other for other in office.officers if other.id == delegation.by]
    return next((other.post for other in heads if other.issues_for == officer.issues_for), "THỦ TRƯỞNG")


def _covers(procedures: tuple[str, ...], procedure: str) -> bool:
    return "*" in procedures or procedure in procedures
