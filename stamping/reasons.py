"""What other rooms will not do, as refusals of this one."""

from signer import PlaceUnusable, SignerError, Unsealable
from stamping.refusal import Refusal


def unsealable(error: SignerError) -> Refusal:
    """What `signer` will not sign, in its own words; `reason` is the code of an `Unsealable`, or of the place that was
    asked for in vain, with what was `found`."""
    if isinstance(error, PlaceUnusable):
        return Refusal("unsealable", error.text_vi, error.text_en, reason=error.reason.value, found=error.found)
    reason = error.reason.value if isinstance(error, Unsealable) else type(error).__name__
    return Refusal("unsealable", error.text_vi, error.text_en, reason=reason)


def time_authority_away() -> Refusal:
    """The time-stamping service did not answer, or not properly: nothing is put on the paper without a proven time."""
    return Refusal(
        "time-authority-unreachable",
        "Máy chủ dấu thời gian không trả lời. Chưa có gì được đóng lên văn bản. Làm lại khi máy chủ hoạt động.",
        "The timestamp server did not answer. Nothing was put on the paper. Try again when it is back.",
    )
