"""A stranger's PDF, looked at before it is made ready: opened in locked processes only, never in this one."""

from typing import Final

from signer import Unsealable, UnsealableReason
from stamping.desk import Desk
from stamping.reasons import unsealable
from stamping.refusal import Refusal
from verifier import same_office

_UNREADABLE: Final = {
    "encrypted": UnsealableReason.ENCRYPTED,
    "not_pdf": UnsealableReason.BROKEN,
    "over_limits": UnsealableReason.TOO_LARGE,
}
"""What the verifier could not judge for a reason other than its form, as the signer says it."""


def must_be_rewritten(desk: Desk, pdf: bytes, organisation: str) -> bool:
    """Would a strict reader have to guess at it? Then it is written anew before anyone signs it, or refused.

    Raises `Refusal` unsealable for what cannot be read, and for a paper whose attached data name another office: it
    would never be genuine under this one's seal.
    """
    facts = desk.sandbox.gather(pdf)
    named = facts.data.organisation if facts.data else None
    if named and not same_office(named, organisation):
        raise Refusal(
            "unsealable",
            f"Dữ liệu đính kèm trong tệp ghi cơ quan khác: “{named[:200]}”.",
            f"The data attached to the file name another organisation: {named[:200]!r}.",
            reason="wrong_organisation",
        )
    if facts.problem is not None and facts.problem != "broken":
        error = Unsealable(_UNREADABLE[facts.problem])
        raise unsealable(error) from error
    return facts.problem == "broken"
