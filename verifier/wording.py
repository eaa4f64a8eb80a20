"""The sentences people see, both languages side by side, and the tone a page may take.

Headlines are one answer to "is it genuine?"; a tick exists only where everything asked was proven. The situation is
chosen by `situation`, the words by one table; pages and the command line only look them up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from verifier.findings import FINDINGS, Finding, sentence
from verifier.outcome import Outcome
from verifier.sentences import WORDS, Situation

Language = Literal["vi", "en"]
Tone = Literal["good", "care", "stop", "none", "info"]


@dataclass(frozen=True, kw_only=True)
class Words:
    """`headline`, `sentence` (what was found) and `advice` (what to do; may be empty)."""

    headline: str
    sentence: str
    advice: str


@dataclass(frozen=True, kw_only=True)
class Ticks:
    """`tone` of the banner and whether proven facts may carry a tick (look.md 4)."""

    tone: Tone
    ticks: bool


def situation(verdict: Outcome) -> Situation:  # noqa: PLR0911 - one line per state of look.md 5
    """Which of the states this verdict is: the first that fits, the most important first."""
    if verdict.word in ("untrusted", "changed", "invalid", "unsigned", "unreadable"):
        return verdict.word
    codes = {finding.code for finding in verdict.all_findings}
    if verdict.word == "warning":
        for code in ("superseded_revision", "not_sealed", "wrong_organisation", "revocation_unknown", "no_proven_time"):
            if code in codes:
                return "superseded" if code == "superseded_revision" else code
        return "warning_other"
    if verdict.status in ("recalled", "replaced"):
        return verdict.status
    if not verdict.legal.agency_sealed:
        return "agency_missing"
    if not verdict.legal.officer_signed:
        # an attachment bears the organisation's signature alone (NĐ 30/2020, PL I, 8.b): none is missing
        return "attachment" if verdict.circumstances.get("attached_to") else "officer_missing"
    if verdict.facts.known_to_register is False:
        return "not_in_register"
    return "genuine" if verdict.facts.known_to_register and verdict.status == "in_force" else "register_not_asked"


def tone(verdict: Outcome) -> Ticks:
    """The one table of look.md 4."""
    return _TONES[situation(verdict)]


def words(verdict: Outcome, language: Language) -> Words:
    """Headline, sentence and advice for a verdict."""
    state = situation(verdict)
    chosen = WORDS[state][0 if language == "vi" else 1]
    values = {**_UNKNOWN[language], **verdict.circumstances, "reason": _reason(verdict, language)}
    return Words(
        headline=chosen[0].format_map(values),
        sentence=chosen[1].format_map(values),
        advice=chosen[2].format_map(values),
    )


def headline(verdict: Outcome, language: Language = "vi") -> str:
    """The one sentence that answers first."""
    return words(verdict, language).headline


def conclusion(verdict: Outcome, language: Language = "vi") -> str:  # noqa: PLR0911 - one line per conclusion
    """The conclusion that TT 15/2025, art. 6 asks for, in Vietnamese capitals (or English)."""
    state = situation(verdict)
    vietnamese = language == "vi"
    if state in ("officer_missing", "agency_missing", "not_sealed"):
        return _INCOMPLETE["officer" if state == "officer_missing" else "agency"][0 if vietnamese else 1]
    if state in ("unsigned", "unreadable", "superseded"):
        return ("Không có kết luận: " if vietnamese else "No conclusion: ") + _lowered(_reason(verdict, language))
    if state == "revocation_unknown":
        if vietnamese:
            return "CẢNH BÁO: không kiểm tra được trạng thái thu hồi"
        return "WARNING: the revocation state could not be checked"
    if verdict.word == "warning":
        return ("CẢNH BÁO: " if vietnamese else "WARNING: ") + _lowered(_reason(verdict, language))
    if state == "attachment":
        paper = verdict.circumstances["attached_to"]
        return f"HỢP LỆ: văn bản kèm theo của {paper}" if vietnamese else f"VALID: attachment of {paper}"
    if verdict.word == "genuine":
        return "HỢP LỆ" if vietnamese else "VALID"
    return ("KHÔNG HỢP LỆ: " if vietnamese else "NOT VALID: ") + _lowered(_reason(verdict, language))


def message(finding: Finding, language: Language = "vi") -> str:
    """One finding in one sentence."""
    return sentence(finding, language)


def _reason(verdict: Outcome, language: Language) -> str:
    """The sentence of the finding that decided the verdict."""
    decisive = [f for f in verdict.all_findings if FINDINGS[f.code].worst == verdict.word]
    if decisive:
        return sentence(decisive[0], language)
    if verdict.word == "unsigned":
        return "Tệp không có chữ ký số." if language == "vi" else "The file has no digital signature."
    return ""


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


_UNKNOWN: Mapping[Language, Mapping[str, str]] = MappingProxyType(
    {
        "vi": {
            "organisation": "Cơ quan phát hành",
            "number": "?",
            "changed_by": "quyết định sau đó",
            "changed_on": "?",
        },
        "en": {"organisation": "The issuing office", "number": "?", "changed_by": "a later act", "changed_on": "?"},
    }
)

_INCOMPLETE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "officer": (
            "CHƯA ĐỦ: thiếu chữ ký số của người có thẩm quyền",
            "INCOMPLETE: the competent officer's digital signature is missing",
        ),
        "agency": (
            "CHƯA ĐỦ: thiếu chữ ký số của cơ quan",
            "INCOMPLETE: the office's digital signature is missing",
        ),
    }
)

_TONES: Mapping[Situation, Ticks] = MappingProxyType(
    {
        "genuine": Ticks(tone="good", ticks=True),
        "recalled": Ticks(tone="care", ticks=False),
        "replaced": Ticks(tone="care", ticks=False),
        "attachment": Ticks(tone="info", ticks=False),
        "officer_missing": Ticks(tone="care", ticks=False),
        "agency_missing": Ticks(tone="care", ticks=False),
        "not_in_register": Ticks(tone="info", ticks=False),
        "register_not_asked": Ticks(tone="info", ticks=False),
        "not_sealed": Ticks(tone="care", ticks=False),
        "superseded": Ticks(tone="care", ticks=False),
        "wrong_organisation": Ticks(tone="care", ticks=False),
        "revocation_unknown": Ticks(tone="care", ticks=False),
        "no_proven_time": Ticks(tone="care", ticks=False),
        "warning_other": Ticks(tone="care", ticks=False),
        "untrusted": Ticks(tone="stop", ticks=False),
        "changed": Ticks(tone="stop", ticks=False),
        "invalid": Ticks(tone="stop", ticks=False),
        "unsigned": Ticks(tone="none", ticks=False),
        "unreadable": Ticks(tone="none", ticks=False),
    }
)
