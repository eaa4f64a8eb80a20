"""Which seal, in whose hands, then (NĐ 30/2020 Đ.32, Đ.33, NĐ 99/2016; AC-6, AC-60, AC-62, AC-66, AC-101, AC-120)."""

from typing import Final, get_args

from store import vietnam_date

from .institution import Office
from .organisation import Organisation
from .period import Moment, last_instant
from .person import Custodian, Handover
from .ruling import Reason, Ruling, allowed, refused
from .seal import Purpose, Seal, SealState

_STATE_REASONS: Final[dict[SealState, tuple[Reason, str, str]]] = {
    "draft": ("seal-draft", "chưa được đưa vào sử dụng", "is not in use yet"),
    "suspended": ("seal-suspended", "đang tạm dừng sử dụng", "is suspended"),
    "retired": ("seal-retired", "đã bị thu hồi", "was retired"),
}


def may_stamp(
    office: Office,
    *,
    custodian_id: str,
    seal_id: str,
    organisation: str,
    procedure: str | None,
    on: Moment,
    purpose: Purpose = "issue",
) -> Ruling:
    """May this custodian stamp a paper of this organisation and procedure with this seal then? None: any at all, for
    those who ask about the person; who stamps a paper names its procedure.

    With a date, handovers of that whole day have happened; with an aware datetime, those before it.
    """
    # 1 the seal may be used
    ruling = may_use(office, seal_id=seal_id, organisation=organisation, procedure=procedure, on=on, purpose=purpose)
    if not ruling.allowed or ruling.seal is None:
        return ruling
    # 2 this person was given it, by a decision that holds then
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


def may_use(
    office: Office,
    *,
    seal_id: str,
    organisation: str,
    on: Moment,
    procedure: str | None = None,
    purpose: Purpose = "issue",
) -> Ruling:
    """May this seal be put on a paper of this organisation and procedure then, by whomever? Without a procedure: on
    any at all.

    A procedure that the office does not know has all five stages; that it is handled here at all is asked elsewhere.
    """
    day = vietnam_date(on)
    # 1 the paper gets a seal here at all
    known = office.procedure(procedure) if procedure is not None else None
    if known is not None and not known.stamped:
        return refused(
            "seal-not-active",
            "no-stamping-stage",
            f"Thủ tục {procedure} giải quyết theo “4 tại chỗ”: văn bản không đóng dấu tại đây.",
            f"Procedure {procedure} has no stamping stage here: its papers are returned as they were approved.",
        )
    # 2 there is such a seal, of the organisation that issues the paper: the delegating one, no other (Đ.13, AC-6)
    seal = office.seal(seal_id)
    if seal is None:
        return refused(
            "seal-not-active", "no-such-seal", f"Không có con dấu {seal_id}.", f"There is no seal {seal_id}."
        )
    if seal.organisation != organisation:
        return refused(
            "seal-not-active",
            "seal-of-other-organisation",
            f"Con dấu {seal.id} không phải của cơ quan ban hành văn bản.",
            f"Seal {seal.id} is not the issuing organisation's.",
            seal=seal,
        )
    body = office.organisation(organisation)
    if body is None or not body.active(on):
        return refused(
            "seal-not-active",
            "organisation-inactive",
            f"Cơ quan có con dấu {seal.id} không hoạt động ngày {day:%d/%m/%Y}.",
            f"The organisation of seal {seal.id} does not act on {day}.",
            seal=seal,
        )
    # 3 it is in use
    ruling = _in_use(office, seal, on)
    # 4 for this
    return _fits(seal, procedure, purpose) if ruling.allowed else ruling


def seal_for(office: Office, *, organisation: str, on: Moment, procedure: str | None = None) -> Seal | None:
    """The seal the stage puts on this organisation's papers then: its second seal, else its first; None when it has
    no usable one. Without a procedure: on any papers at all."""
    ruling = which_seal(office, organisation=organisation, procedure=procedure, on=on)
    return ruling.seal if ruling.allowed else None


def which_seal(office: Office, *, organisation: str, procedure: str | None, on: Moment) -> Ruling:
    """As `seal_for`, as a ruling: names the seal, or why the organisation has none then (its newest seal's refusal)."""
    rulings = [
        may_use(office, seal_id=seal.id, organisation=organisation, procedure=procedure, on=on)
        for seal in office.seals
        if seal.organisation == organisation
    ]
    usable = [ruling for ruling in rulings if ruling.allowed]
    if usable:
        return min(usable, key=lambda ruling: ruling.seal is None or ruling.seal.kind != "second")
    if rulings:
        return rulings[-1]
    return refused(
        "seal-not-active",
        "no-active-seal",
        f"Cơ quan {organisation} không có con dấu nào.",
        f"Organisation {organisation} has no seal.",
    )


def issues_papers(office: Office, organisation: str, on: Moment) -> bool:
    """Whether papers of this organisation can be made here then: it acts, and has a seal in use, or people who sign
    for it and procedures without a stamping stage."""
    body = office.organisation(organisation)
    if body is None or not body.active(on):
        return False
    if seal_for(office, organisation=organisation, on=on) is not None:
        return True
    signed = any(organisation in officer.organisations for officer in office.officers)
    return signed and any(not procedure.stamped for procedure in office.procedures)


def issuing(office: Office, on: Moment) -> tuple[Organisation, ...]:
    """The organisations whose papers can be made here then (`issues_papers`), in the office's order."""
    return tuple(one for one in office.organisations if issues_papers(office, one.code, on))


def custodian_of(office: Office, seal_id: str, on: Moment) -> Custodian | None:
    """Who holds a seal then, by appointment and hand-over records; None where nobody is known to (AC-60, AC-62)."""
    seal = office.seal(seal_id)
    if seal is None:
        return None
    charged = [one for one in office.custodians if _custody(office, one, seal, on).allowed]
    return charged[0] if len(charged) == 1 else None


def _in_use(office: Office, seal: Seal, on: Moment) -> Ruling:
    day, state = vietnam_date(on), seal.state(on)
    if state != "active":
        reason, vi, en = _STATE_REASONS[state]
        return refused("seal-not-active", reason, f"Con dấu {seal.id} {vi}.", f"Seal {seal.id} {en}.", seal=seal)
    if not seal.period.holds(on):
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
    paper = seal.permission
    whole = paper is not None and paper.date is not None and paper.authority is not None
    if not office.test_office and seal.kind == "second" and not whole:
        return refused(
            "seal-not-active",
            "seal-permission-incomplete",
            f"Văn bản cho phép con dấu {seal.id} chưa ghi đủ số, ngày và cơ quan cho phép.",
            f"The permission of seal {seal.id} lacks its number, date or authority.",
            seal=seal,
        )
    return allowed(seal=seal)


def _fits(seal: Seal, procedure: str | None, purpose: Purpose) -> Ruling:
    if procedure is not None and not seal.serves(procedure):
        return refused(
            "seal-not-active",
            "seal-not-for-procedure",
            f"Con dấu {seal.id} không được dùng cho thủ tục {procedure}.",
            f"Seal {seal.id} is not for procedure {procedure}.",
            seal=seal,
        )
    if purpose not in (seal.purposes or get_args(Purpose)):
        return refused(
            "seal-not-active",
            "seal-not-for-purpose",
            f"Con dấu {seal.id} không được dùng vào mục đích này ({purpose}).",
            f"Seal {seal.id} is not for this purpose ({purpose}).",
            seal=seal,
        )
    return allowed(seal=seal)


def _custody(office: Office, custodian: Custodian, seal: Seal, on: Moment) -> Ruling:
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
    if not custodian.period.holds(on):
        return refused(
            "forbidden",
            "custodian-outside-dates",
            f"Quyết định {custodian.appointed_by} giao con dấu cho {custodian.name} không có hiệu lực ngày "
            f"{day:%d/%m/%Y}.",
            f"Decision {custodian.appointed_by} does not hold for {custodian.name} on {day}.",
            custodian=custodian,
            seal=seal,
        )
    return _handed(custodian, seal, [one for one in office.handovers if one.seal == seal.id], on)


def _handed(custodian: Custodian, seal: Seal, handovers: list[Handover], on: Moment) -> Ruling:
    """By the records of hand-over, oldest first: who took it last has it; before the first, who gave it then."""
    moment = last_instant(on)
    past = [one for one in handovers if one.at <= moment]
    if past and past[-1].taker != custodian.id:
        return refused(
            "forbidden",
            "seal-handed-over",
            f"Con dấu {seal.id} đã bàn giao cho người khác (biên bản {past[-1].minutes}).",
            f"Seal {seal.id} was handed over to someone else (record {past[-1].minutes}).",
            custodian=custodian,
            seal=seal,
        )
    if not past and handovers and handovers[0].giver != custodian.id:
        return refused(
            "forbidden",
            "seal-held-by-another",
            f"Con dấu {seal.id} chưa bàn giao cho {custodian.name} (biên bản {handovers[0].minutes}).",
            f"Seal {seal.id} is not yet in {custodian.name}'s hands (record {handovers[0].minutes}).",
            custodian=custodian,
            seal=seal,
        )
    return allowed(custodian=custodian, seal=seal)
