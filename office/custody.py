"""Which seal, in whose hands, on which day (NĐ 30/2020 Đ.32, NĐ 99/2016; AC-6, AC-60, AC-62, AC-101, AC-120)."""

from datetime import date, datetime, time, timedelta

from store import VIETNAM, vietnam_date

from .institution import Office
from .person import Custodian
from .ruling import Reason, Ruling, allowed, refused
from .seal import Seal

_STATE_REASONS: dict[str, tuple[Reason, str, str]] = {
    "draft": ("seal-draft", "chưa được đưa vào sử dụng", "is not in use yet"),
    "suspended": ("seal-suspended", "đang tạm dừng sử dụng", "is suspended"),
    "withdrawn": ("seal-withdrawn", "đã bị thu hồi", "was withdrawn"),
}


def may_stamp(office: Office, *, custodian_id: str, seal_id: str, organisation: str, on: date | datetime) -> Ruling:
    """May this custodian stamp papers of this organisation with this seal now?

    With a date, handovers of that whole day have happened; with an aware datetime, those before it.
    """
    # 1 the seal may be used
    ruling = may_use(office, seal_id=seal_id, organisation=organisation, on=on)
    if not ruling.allowed or ruling.seal is None:
        return ruling
    # 2 this person was given it, by a decision that holds today
    custodian = office.custodian(custodian_id)
    if custodian is None:
        return refused(
            "forbidden",
            "no-such-custodian",
            "Bạn không được giao giữ và sử dụng con dấu.",
            "You have not been given custody of a seal.",
            seal=ruling.seal,
        )
    return _custody(office, custodian, ruling.seal, on)


def may_use(office: Office, *, seal_id: str, organisation: str, on: date | datetime) -> Ruling:
    """May this seal be put on papers of this organisation on this day, by whomever?"""
    day = vietnam_date(on)
    seal = office.seal(seal_id)
    if seal is None:
        return refused(
            "seal-not-active", "no-such-seal", f"Không có con dấu {seal_id}.", f"There is no seal {seal_id}."
        )
    # The delegating organisation's seal, no other (Đ.13, AC-6).
    if seal.organisation != organisation:
        return refused(
            "seal-not-active",
            "seal-of-other-organisation",
            f"Con dấu {seal.id} không phải của cơ quan ban hành văn bản.",
            f"Seal {seal.id} is not the issuing organisation's.",
            seal=seal,
        )
    body = office.organisation(organisation)
    if body is None or not body.active(day):
        return refused(
            "seal-not-active",
            "organisation-inactive",
            f"Cơ quan có con dấu {seal.id} không hoạt động ngày {day:%d/%m/%Y}.",
            f"The organisation of seal {seal.id} does not act on {day}.",
            seal=seal,
        )
    return _in_use(office, seal, day)


def seal_for(office: Office, *, organisation: str, on: date | datetime) -> Seal | None:
    """The seal the stage puts on this organisation's papers on this day: its second seal, else its first; None when
    it has no usable one."""
    usable = [
        seal for seal in office.seals if may_use(office, seal_id=seal.id, organisation=organisation, on=on).allowed
    ]
    return min(usable, key=lambda seal: seal.kind != "second", default=None)


def _in_use(office: Office, seal: Seal, day: date) -> Ruling:
    state = seal.state(day)
    if state != "active":
        reason, vi, en = _STATE_REASONS[state]
        return refused("seal-not-active", reason, f"Con dấu {seal.id} {vi}.", f"Seal {seal.id} {en}.", seal=seal)
    if not seal.period.holds(day):
        return refused(
            "seal-not-active",
            "seal-outside-dates",
            f"Con dấu {seal.id} không còn hoặc chưa có giá trị sử dụng ngày {day:%d/%m/%Y}.",
            f"Seal {seal.id} is outside its dates on {day}.",
            seal=seal,
        )
    # A real seal's specimen is registered before it is used; a test office has none to register (AC-101).
    if not office.test_office and seal.registration is None:
        return refused(
            "seal-not-active",
            "seal-not-registered",
            f"Con dấu {seal.id} chưa ghi số chứng nhận đăng ký mẫu dấu.",
            f"Seal {seal.id} has no registration of its specimen.",
            seal=seal,
        )
    return allowed(seal=seal)


def _custody(office: Office, custodian: Custodian, seal: Seal, on: date | datetime) -> Ruling:
    day = vietnam_date(on)
    if seal.id not in custodian.seals:
        return refused(
            "forbidden",
            "custodian-not-in-charge",
            f"{custodian.name} không được giao con dấu {seal.id}.",
            f"{custodian.name} was not given seal {seal.id}.",
            custodian=custodian,
            seal=seal,
        )
    if not custodian.period.holds(day):
        return refused(
            "forbidden",
            "custodian-outside-dates",
            f"Quyết định {custodian.appointed_by} giao con dấu cho {custodian.name} không có hiệu lực ngày "
            f"{day:%d/%m/%Y}.",
            f"Decision {custodian.appointed_by} does not hold for {custodian.name} on {day}.",
            custodian=custodian,
            seal=seal,
        )
    moment = on if isinstance(on, datetime) else datetime.combine(on + timedelta(days=1), time.min, VIETNAM)
    past = [handover for handover in office.handovers if handover.seal == seal.id and handover.at <= moment]
    if past and past[-1].taker != custodian.id:
        return refused(
            "forbidden",
            "seal-handed-over",
            f"Con dấu {seal.id} đã bàn giao cho người khác (biên bản {past[-1].minutes}).",
            f"Seal {seal.id} was handed over to someone else (record {past[-1].minutes}).",
            custodian=custodian,
            seal=seal,
        )
    return allowed(custodian=custodian, seal=seal)
