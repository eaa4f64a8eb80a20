"""The verdict: the outcome of judging a file, with its JSON."""

from dataclasses import dataclass
from typing import Any

from verifier.outcome import Outcome
from verifier.verdict_json import verdict_json


@dataclass(frozen=True, kw_only=True)
class Verdict(Outcome):
    """What `judge` returns."""

    def as_json(self) -> dict[str, Any]:
        """JSON-ready. Beside what programs rely on: `sha256`, `situation`, `tone`, `conclusion`, `words`,
        `document_timestamps`, and per signature `verdict`, `intact`, `trusted`, `valid_at_signing`, `revoked_at`,
        `certificate_sha256`, `certificate_kind` (for the seven items of TT 15/2025, art. 6)."""
        return verdict_json(self)
