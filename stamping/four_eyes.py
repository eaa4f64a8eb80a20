"""Who may confirm a change that needs a second person: another human being, and not the one whose powers it is about
(docs/decisions/0046-office-versions.md)."""

import unicodedata
from collections.abc import Sequence

from office import Change, Custodian
from register import Mover, OfficeProposal
from stamping.refusal import Refusal


def same_person(one: Mover, other: Mover) -> bool:
    """By account, by name, or because both are the same officer or custodian of the office's file."""
    return (
        one.account == other.account
        or _plain(one.name) == _plain(other.name)
        or (one.officer_id is not None and one.officer_id == other.officer_id)
        or (one.custodian_id is not None and one.custodian_id == other.custodian_id)
    )


def require_second_person(proposal: OfficeProposal, by: Mover) -> None:
    """Raises `Refusal` four-eyes where the same person proposed it."""
    if same_person(proposal.by, by):
        raise Refusal(
            "four-eyes",
            f"Thay đổi này cần người thứ hai xác nhận; {proposal.by.name} đã đề nghị nên không tự xác nhận được.",
            f"A second person must confirm this change; {proposal.by.name} proposed it and cannot confirm it too.",
            proposed_by=proposal.by.account,
        )


def require_no_interest(differing: Sequence[Change], by: Mover) -> None:
    """Raises `Refusal` four-eyes where a change that needs a second person is about their own powers."""
    for change in differing:
        for person in change.benefits if change.second_person else ():
            own = by.custodian_id if isinstance(person, Custodian) else by.officer_id
            if own == person.id or person.account == by.account or _plain(person.name) == _plain(by.name):
                raise Refusal(
                    "four-eyes",
                    f"Thay đổi này nói về quyền của chính {person.name}, nên phải do người khác xác nhận.",
                    f"This change is about the powers of {person.name}, so someone else must confirm it.",
                    subject=change.subject,
                )


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
