"""What the stamping stage refuses, in words a clerk can act on.

A refusal is not a fault: nothing was changed, and the text says what to do. `code` is the last part of the problem
type `urn:secondseal:problem:<code>` of the public interface.
"""

from dataclasses import dataclass, field
from typing import Final

from office import Ruling

STATUS: Final = {
    "not-approved": 409,
    "officer-not-authorised": 403,
    "certificate-revoked": 409,
    "certificate-expired": 409,
    "certificate-untrusted": 409,
    "certificate-unknown": 409,
    "seal-not-active": 409,
    "seal-daily-limit": 409,
    "confirmation-required": 403,
    "bytes-changed": 409,
    "unsealable": 422,
    "time-authority-unreachable": 503,
    "revocation-unknown": 503,
    "token-missing": 503,
    "token-fault": 503,
    "pin-wrong": 503,
    "pin-locked": 503,
    "signature-invalid": 422,
    "idempotency-conflict": 409,
    "paper-data-invalid": 422,
    "glyph-missing": 422,
    "attachments-invalid": 422,
    "not-found": 404,
    "forbidden": 403,
    "wrong-state": 409,
    "approval-closed": 409,
    "list-changed": 409,
    "changed-since": 412,
    "dossier-invalid": 422,
    "number-missing": 409,
    "number-taken": 409,
    "exchange-invalid": 422,
    "office-invalid": 503,
    "proposal-invalid": 422,
    "proposal-empty": 409,
    "proposal-stale": 409,
    "proposal-closed": 409,
    "four-eyes": 403,
    "confirm-on-server": 403,
    "storage-unavailable": 503,
    "webhook-invalid": 422,
    "internal": 500,
}
"""HTTP status of each problem; the names are fixed, new ones are added, none renamed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as it is stored on a document's row and shown to people."""

    code: str
    text_vi: str
    text_en: str
    detail: dict[str, object] = field(default_factory=dict)


class Refusal(Exception):
    """The stage will not do this; `problem` says why and what to do, in both languages."""

    def __init__(self, code: str, text_vi: str, text_en: str, **detail: object) -> None:
        super().__init__(f"{code}: {text_en}")
        if code not in STATUS:
            raise AssertionError(f"problem {code!r} has no HTTP status")
        self.problem = Problem(code, text_vi, text_en, dict(detail))

    @property
    def code(self) -> str:
        """Last part of the problem type."""
        return self.problem.code

    @property
    def status(self) -> int:
        """HTTP status the api answers with."""
        return STATUS[self.problem.code]

    @property
    def text_vi(self) -> str:
        """Vietnamese sentence."""
        return self.problem.text_vi

    @property
    def text_en(self) -> str:
        """English sentence."""
        return self.problem.text_en

    @property
    def detail(self) -> dict[str, object]:
        """Facts for programs: ids, states, numbers."""
        return self.problem.detail


def ruled(ruling: Ruling, code: str | None = None, **detail: object) -> Refusal:
    """What the office's rules refuse: their sentence with the article that said no; `code` where it is not theirs."""
    return Refusal(
        code or ruling.code, ruling.told_vi, ruling.told_en, reason=ruling.reason, article=ruling.article, **detail
    )


def not_found(what_vi: str, what_en: str, identity: str) -> Refusal:
    """The thing asked for is not in this office's records."""
    return Refusal(
        "not-found", f"Không tìm thấy {what_vi} {identity}.", f"There is no {what_en} {identity}.", id=identity
    )
