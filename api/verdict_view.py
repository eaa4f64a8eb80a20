"""A verdict as the result page tells it: headline, facts in separate sentences, who signed, the experts' part.

The tone and the sentences of the banner are the verifier's own; here they are only laid out.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from api.signer_card import CardTeller, Item, Signer
from api.verdict_facts import Fact, FactTeller
from verifier import Verdict, conclusion, message, tone, words
from web import Language, catalogue

_MARKS: Final = {
    "untrusted": "question",
    "unreadable": "locked",
    "unsigned": "sheet",
}
_MARK_BY_TONE: Final = {"good": "good", "care": "care", "stop": "stop", "none": "sheet", "info": "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactGroup:
    """Facts about one thing: the signatures, the register, the legal value."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything the result page says, in one language."""

    tone: str
    mark: str
    headline: str
    sentences: tuple[str, ...]
    todo: str
    checked_at: datetime
    groups: tuple[FactGroup, ...]
    signers_title: str
    signers: tuple[Signer, ...]
    conclusion: str
    indication: str
    policy: str
    expert_lines: tuple[Item, ...]


def told(verdict: Verdict, language: Language, office: str, succession: str = "") -> Told:
    """The verdict in words; `office` names whose register was asked, `succession` who stands in the issuer's place."""
    teller = FactTeller(verdict, language, office, succession)
    cards = CardTeller(language, known_here=verdict.facts.known_to_register is True)
    said = words(verdict, language)
    shade = tone(verdict).tone
    codes = {finding.code for finding in verdict.all_findings}
    mark = _MARKS.get(verdict.word, _MARK_BY_TONE[shade])
    if verdict.word == "unreadable" and "encrypted" not in codes:
        mark = "sheet"
    groups = (
        ("result.signatures", teller.signature_facts()),
        ("result.register", teller.register_facts()),
        ("result.legal", teller.legal_facts()),
    )
    changed = verdict.word == "changed"
    return Told(
        tone=shade,
        mark=mark,
        headline=said.headline,
        sentences=(said.sentence,) if said.sentence else (),
        todo=said.advice,
        checked_at=verdict.checked_at,
        groups=tuple(FactGroup(title=teller.t(title), facts=facts) for title, facts in groups if facts),
        signers_title=teller.t("result.who_signed_before" if changed else "result.who_signed"),
        signers=tuple(cards.card(signature) for signature in verdict.signatures),
        conclusion=conclusion(verdict, language),
        indication=" / ".join(part for part in (verdict.indication, verdict.sub_indication) if part) or "null",
        policy=f"{verdict.policy_name} {verdict.policy_version}",
        expert_lines=_expert_lines(verdict, language),
    )


def _expert_lines(verdict: Verdict, language: Language) -> tuple[Item, ...]:
    """Levels, the register's status and every finding, for those who know the words."""
    t = partial(catalogue().say, language)
    lines = [
        Item(name="level", label=t("result.level"), text=f"{signature.field}: PAdES {signature.level}")
        for signature in verdict.signatures
        if signature.level
    ]
    if verdict.status:
        lines.append(Item(name="status", label=t("result.register_status"), text=verdict.status))
    lines += [
        Item(name="finding", label=finding.code, text=message(finding, language)) for finding in verdict.all_findings
    ]
    return tuple(lines)
