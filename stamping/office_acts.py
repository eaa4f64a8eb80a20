"""Changing the institution: one person proposes, the same or another confirms, all of it is in the register.

The four-eyes rule (docs/decisions/0046-office-versions.md): a change that could open a way to a seal or a signature
needs a second person, who is another account **and** another human being, and not the one whose powers it is about.
Here it is decided; that the person at the keyboard is who they say is established by the caller.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from office import OfficeInvalid
from register import (
    Mover,
    OfficeProposal,
    OfficeVersion,
    ProposalClosed,
    ProposalStale,
    ProposalUnknown,
    office_versions,
)
from stamping.four_eyes import require_no_interest, require_second_person
from stamping.office_changes import written
from stamping.office_files import proposed
from stamping.office_review import Keeping, differences, invalid, review
from stamping.once import Once
from stamping.refusal import Refusal
from stamping.wording import check_words
from store import read, write

STEP_UP_LIFE: Final = timedelta(minutes=5)
"""How fresh the authentication of who confirms must be."""
LONGEST_REASON: Final = 2000
OPERATOR: Final = Mover(account="(operator)", name="người vận hành · the operator")
"""Who founds an office: whoever set the service up. No account can have this name."""


def found(desk: Keeping, text: str, files: Mapping[str, bytes], *, why: str) -> int | None:
    """Version 1, where there is none yet; else None. Raises `OfficeInvalid`, `Refusal` confirm-on-server.

    Processes that start together found once: it is decided in the one writing transaction.
    """
    checked = proposed(text, files, {}, desk.files)
    with write(desk.engine) as connection:
        if office_versions.newest(connection) is not None:
            return None
        if desk.sign_office is None:
            raise _not_here()
        checked.put(desk.files)
        number = office_versions.propose(
            connection,
            text=text,
            files=checked.kept,
            base=0,
            summary="[]",
            needs_second=False,
            why=why,
            by=OPERATOR,
            at=desk.clock(),
        )
        return office_versions.confirm(connection, number, by=OPERATOR, note="", at=desk.clock(), sign=desk.sign_office)


def propose(
    desk: Keeping,
    text: str,
    files: Mapping[str, bytes],
    *,
    base: int,
    why: str,
    by: Mover,
    once: Once | None = None,
) -> OfficeProposal:
    """Keep a change of version `base`; it comes into force when it is confirmed. `files` are those that are new or
    other than that version's, by their names in the text.

    Raises `Refusal` proposal-invalid, proposal-empty, proposal-stale.
    """
    why = _reason(why, needed=True)
    before = _in_force(desk)
    if before.number != base:
        raise _stale(
            f"Đề nghị sửa từ phiên bản {base}, nhưng phiên bản {before.number} đang có hiệu lực.",
            f"The proposal changes version {base}, but version {before.number} is in force.",
        )
    try:
        checked = proposed(text, files, before.proposal.files, desk.files)
    except OfficeInvalid as error:
        raise invalid(error) from error
    if text == before.proposal.text and checked.kept == before.proposal.files:
        raise Refusal(
            "proposal-empty",
            f"Nội dung đề nghị giống hệt phiên bản {base} đang có hiệu lực.",
            f"What is proposed is exactly version {base}, which is in force.",
        )
    differing = differences(desk, before, checked.office)
    checked.put(desk.files)
    with write(desk.engine) as connection:
        if once and (kept := once.earlier(connection)) is not None:
            return office_versions.proposal(connection, kept["proposal"])
        number = office_versions.propose(
            connection,
            text=text,
            files=checked.kept,
            base=base,
            summary=written(differing),
            needs_second=any(one.second_person for one in differing),
            why=why,
            by=by,
            at=desk.clock(),
        )
        if once:
            once.keep(connection, desk.clock(), {"proposal": number})
        return office_versions.proposal(connection, number)


def confirm(
    desk: Keeping,
    number: int,
    *,
    by: Mover,
    authenticated_at: datetime | None,
    note: str = "",
    shown: str | None = None,
    once: Once | None = None,
) -> int:
    """Bring a proposal into force; gives its version. `authenticated_at` is when this person last proved who they are,
    for this very proposal; `shown` the digest of what they were shown, where that was read before.

    Raises `Refusal` confirmation-required, four-eyes, confirm-on-server, proposal-stale, proposal-closed,
    proposal-invalid, not-found.
    """
    now, note = desk.clock(), _reason(note)
    if authenticated_at is None or not now - STEP_UP_LIFE <= authenticated_at <= now:
        raise Refusal(
            "confirmation-required",
            "Hãy xác thực lại rồi xác nhận: lần xác thực gần nhất đã quá 5 phút.",
            "Authenticate again before confirming: your last authentication is older than 5 minutes.",
        )
    with _said_as_refusals():
        proposal = _open(desk, number)
        digest = shown or proposal.digest
        # everything again, from what is kept alone: the row says what was true when it was written
        differing = review(desk, proposal)
        if proposal.needs_second or any(one.second_person for one in differing):
            require_second_person(proposal, by)
            require_no_interest(differing, by)
            if desk.sign_office is None:
                raise _not_here()
        with write(desk.engine) as connection:
            if once and (kept := once.earlier(connection)) is not None:
                return int(kept["version"])
            if not office_versions.proposal(connection, number).digest == proposal.digest == digest:
                raise _stale(
                    f"Đề nghị {number} đã bị sửa sau khi được xem. Hãy báo người quản trị ngay.",
                    f"Proposal {number} was altered after it was looked at. Tell the administrator at once.",
                )
            version = office_versions.confirm(connection, number, by=by, note=note, at=now, sign=desk.sign_office)
            if once:
                once.keep(connection, now, {"version": version})
            return version


def reject(desk: Keeping, number: int, *, by: Mover, note: str, once: Once | None = None) -> None:
    """Refuse what someone else proposed, with the reason. Raises `Refusal` proposal-invalid, proposal-closed,
    not-found, forbidden."""
    note = _reason(note, needed=True)
    with _said_as_refusals():
        if _open(desk, number).by.account == by.account:
            raise Refusal(
                "forbidden",
                "Đề nghị này của chính bạn: hãy rút lại thay vì bác.",
                "This proposal is your own: withdraw it instead.",
            )
        with write(desk.engine) as connection:
            if once and once.done(connection):
                return
            office_versions.reject(connection, number, by=by, note=note, at=desk.clock())
            if once:
                once.keep(connection, desk.clock())


def withdraw(desk: Keeping, number: int, *, by: Mover, note: str = "", once: Once | None = None) -> None:
    """Take back one's own proposal. Raises `Refusal` forbidden, proposal-closed, not-found."""
    note = _reason(note)
    with _said_as_refusals():
        if (owner := _open(desk, number).by).account != by.account:
            raise Refusal(
                "forbidden",
                f"Đề nghị này của {owner.name}: chỉ người đề nghị được rút; bạn có thể bác.",
                f"This proposal is {owner.name}'s: only they may withdraw it; you may reject it.",
            )
        with write(desk.engine) as connection:
            if once and once.done(connection):
                return
            office_versions.withdraw(connection, number, by=by, note=note, at=desk.clock())
            if once:
                once.keep(connection, desk.clock())


def _not_here() -> Refusal:
    return Refusal(
        "confirm-on-server",
        "Thay đổi này phải được xác nhận trên máy chủ (secondseal office confirm): trang web không có khoá để ký.",
        "This change must be confirmed on the server (secondseal office confirm): the pages have no key to sign it.",
    )


def _in_force(desk: Keeping) -> OfficeVersion:
    with read(desk.engine) as connection:
        version = office_versions.in_force(connection)
    if version is None:
        raise _stale("Chưa có phiên bản nào có hiệu lực.", "No version is in force yet.")
    return version


def _open(desk: Keeping, number: int) -> OfficeProposal:
    with read(desk.engine) as connection:
        return office_versions.open_proposal(connection, number)


def _reason(text: str, *, needed: bool = False) -> str:
    text = text.strip()
    check_words("proposal-invalid", lines=True, why=text)
    if needed and not text:
        raise Refusal("proposal-invalid", "Hãy ghi lý do.", "Say why.", where="why")
    if len(text) > LONGEST_REASON:
        raise Refusal(
            "proposal-invalid",
            f"Lý do dài quá {LONGEST_REASON} ký tự.",
            f"The reason is longer than {LONGEST_REASON} characters.",
            where="why",
        )
    return text


def _stale(text_vi: str, text_en: str) -> Refusal:
    return Refusal("proposal-stale", text_vi, text_en)


@contextmanager
def _said_as_refusals() -> Iterator[None]:
    """What the register refuses, under the names of the public interface."""
    try:
        yield
    except ProposalUnknown as error:
        raise Refusal("not-found", error.text_vi, error.text_en) from error
    except ProposalClosed as error:
        raise Refusal("proposal-closed", error.text_vi, error.text_en, outcome=error.outcome) from error
    except ProposalStale as error:
        raise Refusal("proposal-stale", error.text_vi, error.text_en, base=error.base, newest=error.newest) from error
