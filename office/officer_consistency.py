"""Whether officers' powers fit together: nobody gives by delegation what they do not have (NĐ 30/2020 Đ.13, AC-5)."""

from .consistency_notes import Notes, Parts, numbered
from .person import Delegation, Officer


def check_officers(office: Parts, notes: Notes) -> None:
    """Officers, their certificates and their delegations."""
    codes = {organisation.code for organisation in office.organisations}
    procedures = {procedure.code for procedure in office.procedures} | {"*"}
    owners: dict[str, str] = {}
    for where, officer in numbered("officers", office.officers):
        notes.refer(f"{where}.organisation", officer.organisation, codes)
        for code in officer.procedures:
            notes.refer(f"{where}.procedures", code, procedures)
        for certificate in officer.certificates:
            if owners.setdefault(certificate, officer.id) != officer.id:
                notes.say(
                    f"{where}.certificates",
                    "chứng thư này đã là của người khác",
                    "this certificate is another officer's already",
                )
        for delegation in officer.delegations:
            place = f"{where}.{delegation.where}"
            notes.refer(place, delegation.organisation, codes)
            notes.refer(place, delegation.by, {other.id for other in office.officers})
            for code in delegation.procedures:
                notes.refer(place, code, procedures)
            _content(place, officer, delegation, notes)
            giver = next((other for other in office.officers if other.id == delegation.by), None)
            if giver is not None:
                _giver(place, officer, delegation, giver, notes)


def _content(place: str, officer: Officer, delegation: Delegation, notes: Notes) -> None:
    """What a delegation must say by itself."""
    scope = delegation.procedures or officer.procedures
    if officer.capacity_under(delegation) == "TUQ.":
        if delegation.by is None:
            notes.say(place, "ký TUQ. phải ghi ai uỷ quyền (by)", "TUQ. needs who delegated (by)")
        if not scope or "*" in scope:
            notes.say(
                place,
                "uỷ quyền phải giới hạn nội dung: hãy ghi từng thủ tục (NĐ 30/2020 Đ.13)",
                "a delegation is limited in content: name its procedures (Decree 30/2020 art. 13)",
            )
    # Of one's own organisation it narrows what the post lets one sign; it does not add to it.
    own = officer.delegated_by(delegation) == officer.organisation and officer.signs_in_own_right
    if own and officer.procedures and not _inside(delegation.procedures, officer.procedures):
        notes.say(
            place,
            f"{officer.name} không được giao mọi thủ tục ghi ở đây (procedures)",
            f"{officer.name} is not charged with every procedure named here (procedures)",
        )


def _giver(place: str, officer: Officer, delegation: Delegation, giver: Officer, notes: Notes) -> None:
    organisation = officer.delegated_by(delegation)
    if giver.id == officer.id:
        notes.say(place, "không ai uỷ quyền cho chính mình", "nobody delegates to themselves")
        return
    if not giver.signs_in_own_right or giver.delegations_of(organisation):
        notes.say(
            place,
            f"{giver.name} ký theo uỷ quyền nên không được uỷ quyền lại (NĐ 30/2020 Đ.13)",
            f"{giver.name} signs by delegation and cannot delegate (Decree 30/2020 art. 13)",
        )
        return
    if giver.organisation != organisation:
        notes.say(
            place,
            "người uỷ quyền thuộc cơ quan khác với cơ quan ghi ở đây",
            "the delegating officer signs for another organisation than the one named here",
        )
    if not _inside(delegation.procedures or officer.procedures, giver.procedures):
        notes.say(
            place,
            f"{giver.name} không được giao ký mọi thủ tục đã uỷ quyền",
            f"{giver.name} is not charged with every procedure delegated",
        )
    if not delegation.period.within(giver.period):
        notes.say(
            place,
            f"thời hạn uỷ quyền vượt ngoài thời gian {giver.name} giữ chức vụ",
            f"the delegation reaches beyond the time {giver.name} holds the post",
        )


def _inside(procedures: tuple[str, ...], powers: tuple[str, ...]) -> bool:
    return "*" in powers or set(procedures) <= set(powers)
