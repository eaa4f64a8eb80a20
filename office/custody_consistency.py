"""Whether custody fits together: at any time one person at most holds a seal, and each hand-over has its giver
(NĐ 30/2020 Đ.32, AC-60, AC-62)."""

from .consistency_notes import Notes, Parts, numbered
from .person import Custodian, Handover


def check_custody(office: Parts, notes: Notes) -> None:
    """Custodians and hand-overs."""
    seals = {seal.id for seal in office.seals}
    codes = {organisation.code for organisation in office.organisations}
    before: list[Custodian] = []
    for where, custodian in numbered("custodians", office.custodians):
        notes.refer(f"{where}.organisation", custodian.organisation, codes)
        for seal_id in custodian.seals:
            notes.refer(f"{where}.seals", seal_id, seals)
        _held_twice(office, where, custodian, before, notes)
        before.append(custodian)
    _handovers(office, seals, notes)


def _held_twice(office: Parts, where: str, custodian: Custodian, before: list[Custodian], notes: Notes) -> None:
    """With a record of hand-over it is known who of two appointed people holds the seal; without any it is not."""
    recorded = {handover.seal for handover in office.handovers}
    for other in before:
        for seal_id in custodian.seals:
            if seal_id in other.seals and seal_id not in recorded and other.period.meets(custodian.period):
                notes.say(
                    f"{where}.seals",
                    f"con dấu {seal_id} cùng lúc do {other.name} giữ mà không có biên bản bàn giao [[handovers]]",
                    f"seal {seal_id} is held by {other.name} at the same time, and no [[handovers]] says who has it",
                )


def _handovers(office: Parts, seals: set[str], notes: Notes) -> None:
    custodians = {custodian.id: custodian for custodian in office.custodians}
    holders: dict[str, str] = {}
    for handover in office.handovers:
        where = handover.where
        notes.refer(f"{where}.seal", handover.seal, seals)
        notes.refer(f"{where}.from", handover.giver, custodians)
        notes.refer(f"{where}.to", handover.taker, custodians)
        giver, taker = custodians.get(handover.giver), custodians.get(handover.taker)
        if giver is not None and taker is not None:
            _handover(where, handover, giver, taker, holders.get(handover.seal), notes)
        holders[handover.seal] = handover.taker


def _handover(
    where: str, handover: Handover, giver: Custodian, taker: Custodian, holder: str | None, notes: Notes
) -> None:
    if giver.id == taker.id:
        notes.say(f"{where}.to", "người giao và người nhận là một", "giver and taker are one person")
    if holder is not None and holder != giver.id:
        notes.say(
            f"{where}.from",
            f"con dấu {handover.seal} lúc đó do “{holder}” giữ, không phải “{giver.id}”",
            f"seal {handover.seal} was held by {holder!r} then, not by {giver.id!r}",
        )
    # The giver's own appointment may have ended: that is why the seal is handed over.
    if handover.seal not in giver.seals:
        notes.say(
            f"{where}.from",
            f"{giver.name} không được giao con dấu {handover.seal}",
            f"{giver.name} was never given seal {handover.seal}",
        )
    if handover.seal not in taker.seals or not taker.period.holds(handover.at):
        notes.say(
            f"{where}.to",
            f"{taker.name} không được giao giữ con dấu {handover.seal} lúc đó",
            f"{taker.name} is not appointed to keep seal {handover.seal} then",
        )
