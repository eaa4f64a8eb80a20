"""Who may approve which paper, and in what words they sign (NĐ 30/2020 Đ.13, AC-5, AC-6, AC-64)."""

from store import vietnam_date

from .delegating import in_own_right, under_delegation
from .institution import Office
from .period import Moment
from .person import Delegation, Officer
from .ruling import Ruling, allowed, refused


def may_approve(office: Office, *, certificate_sha256: str, organisation: str, procedure: str, on: Moment) -> Ruling:
    """May the owner of this certificate approve a paper of this organisation and procedure then?"""
    fingerprint = certificate_sha256.replace(":", "").lower()
    officer = next((officer for officer in office.officers if fingerprint in officer.certificates), None)
    if officer is None:
        return refused(
            "officer-not-authorised",
            "certificate-unknown",
            "Chứng thư này không thuộc người có thẩm quyền nào của cơ quan.",
            "This certificate belongs to no officer of the office.",
        )
    if not officer.holds_certificate(fingerprint, on):
        day = vietnam_date(on)
        return refused(
            "officer-not-authorised",
            "certificate-outside-dates",
            f"Chứng thư này không phải của {officer.name} vào ngày {day:%d/%m/%Y}.",
            f"This certificate is not {officer.name}'s on {day}.",
            officer=officer,
        )
    return officer_may_approve(office, officer, organisation=organisation, procedure=procedure, on=on)


def officer_may_approve(office: Office, officer: Officer, *, organisation: str, procedure: str, on: Moment) -> Ruling:
    """As `may_approve`, for an officer already known. A ruling that allows it says how they sign."""
    day = vietnam_date(on)
    # 1 the organisation exists then
    body = office.organisation(organisation)
    if body is None or not body.active(on):
        return refused(
            "officer-not-authorised",
            "organisation-inactive",
            f"Cơ quan {organisation} không hoạt động ngày {day:%d/%m/%Y}.",
            f"Organisation {organisation} does not act on {day}.",
            officer=officer,
        )
    # 2 the officer is in post
    if not officer.period.holds(on):
        return refused(
            "officer-not-authorised",
            "officer-not-in-post",
            f"{officer.name} không giữ chức vụ {officer.post} ngày {day:%d/%m/%Y}.",
            f"{officer.name} does not hold the post on {day}.",
            officer=officer,
        )
    # 3 by what: papers that let them sign for this organisation bound them; without any, their own post does
    if officer.delegations_of(organisation):
        ruling = under_delegation(office, officer, organisation, procedure, on)
    else:
        ruling = in_own_right(officer, body, procedure)
    if not ruling.allowed:
        return ruling
    # 4 in a capacity that this organisation knows
    capacity = officer.capacity_under(ruling.delegation)
    if capacity == "TM." and body.collective is None and officer.acting_for is None:
        return refused(
            "officer-not-authorised",
            "capacity-not-fitting",
            f"{body.name} không làm việc theo chế độ tập thể nên {officer.name} không ký TM.",
            f"{body.name} has no collective for {officer.name} to sign for (TM.).",
            officer=officer,
        )
    return allowed(officer=officer, delegation=ruling.delegation, capacity=capacity)


def officer_for(
    office: Office, *, organisation: str, procedure: str, on: Moment, officer_id: str | None = None
) -> Officer | None:
    """The officer to whom such a paper goes: the one named, if allowed; else the first allowed in the file's order.

    Officers whom the procedure is named for come before those who may sign everything.
    """
    ruling = which_officer(office, organisation=organisation, procedure=procedure, on=on, officer_id=officer_id)
    return ruling.officer if ruling.allowed else None


def which_officer(
    office: Office, *, organisation: str, procedure: str, on: Moment, officer_id: str | None = None
) -> Ruling:
    """As `officer_for`, as a ruling: names the officer and by what they sign, or why the one named may not."""
    rulings = [
        officer_may_approve(office, officer, organisation=organisation, procedure=procedure, on=on)
        for officer in office.officers
        if officer_id in {None, officer.id}
    ]
    able = [ruling for ruling in rulings if ruling.allowed]
    if able:
        return min(able, key=lambda ruling: not _named_for(ruling, procedure))
    if officer_id is not None and rulings:
        return rulings[0]
    return refused(
        "officer-not-authorised",
        "no-officer",
        f"Không có người có thẩm quyền ký thủ tục {procedure} ngày {vietnam_date(on):%d/%m/%Y}.",
        f"Nobody is authorised to sign procedure {procedure} on {vietnam_date(on)}.",
    )


def authority_lines(office: Office, officer: Officer, delegation: Delegation | None = None) -> tuple[str, ...]:
    """What stands above the signature (ô 7a): authority and post, e.g. ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"). One line for
    an officer who signs in their own post. `delegation`: the paper they sign by, as a ruling names it."""
    post, capacity = officer.post.upper(), officer.capacity_under(delegation)
    organisation = officer.delegated_by(delegation) if delegation else officer.organisation
    if capacity is None:
        return (post,)
    if capacity == "Q.":
        return (f"Q. {post}",)
    if capacity == "TM.":
        body = office.organisation(organisation)
        collective = officer.acting_for or (body.collective or body.name if body else "")
        return (f"TM. {collective.upper()}", post)
    head = officer.acting_for or _head_post(office, organisation, delegation)
    return (f"{capacity} {head.upper()}", post)


def _head_post(office: Office, organisation: str, delegation: Delegation | None) -> str:
    """The post of the one who delegated, else of the organisation's head, else the usual word for a head."""
    heads = [other for other in office.officers if other.capacity in {None, "TM.", "Q."}]
    if delegation is not None and delegation.by is not None:
        heads = [other for other in office.officers if other.id == delegation.by]
    return next((other.post for other in heads if other.organisation == organisation), "THỦ TRƯỞNG")


def _named_for(ruling: Ruling, procedure: str) -> bool:
    """Whether the procedure is named among the officer's, not only covered."""
    own = ruling.officer.procedures if ruling.officer else ()
    return procedure in own or (ruling.delegation is not None and procedure in ruling.delegation.procedures)
