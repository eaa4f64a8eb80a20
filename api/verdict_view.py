"""A verdict as the result page tells it: headline, facts in separate sentences, who signed, the experts' part.

The tone and the sentences of the banner are the verifier's own; here they are only laid out. A proven fact gets a tick
("yes") only where the tone's table allows ticks, and a plain dot ("held") everywhere else.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Literal

from api import formats
from verifier import SignatureVerdict, Verdict, conclusion, message, situation, tone, words
from web import Language, catalogue

FactState = Literal["yes", "held", "unknown", "no", "off"]

_MARKS: Final = {
    "untrusted": "question",
    "unreadable": "locked",
    "unsigned": "sheet",
}
_MARK_BY_TONE: Final = {"good": "good", "care": "care", "stop": "stop", "none": "sheet", "info": "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact, one sentence, one mark."""

    state: FactState
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactGroup:
    """Facts about one thing: the signatures, the register, the legal value."""

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A labelled line; `name` is for programs and tests."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """One signature's card: who, when, and the seven items of TT 15/2025, article 6 (AC-71)."""

    look: Literal["officer", "agency", "other"]
    shape: Literal["pen", "seal"]
    role: str
    name: str
    organisation: str
    when: str
    items: tuple[Item, ...]


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


def told(verdict: Verdict, language: Language, office: str) -> Told:
    """The verdict in words; `office` names whose register was asked."""
    teller = _Teller(verdict, language, office)
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
        signers=tuple(teller.signer(signature) for signature in verdict.signatures),
        conclusion=conclusion(verdict, language),
        indication=" / ".join(part for part in (verdict.indication, verdict.sub_indication) if part) or "null",
        policy=f"{verdict.policy_name} {verdict.policy_version}",
        expert_lines=teller.expert_lines(),
    )


class _Teller:
    def __init__(self, verdict: Verdict, language: Language, office: str) -> None:
        self.verdict = verdict
        self.language: Language = language
        self.office = office
        self.t = partial(catalogue().say, language)
        self._proven: FactState = "yes" if tone(verdict).ticks else "held"
        self._codes = {finding.code for finding in verdict.all_findings}
        self._many = min(len(verdict.signatures), 3)

    def signature_facts(self) -> tuple[Fact, ...]:
        """The four facts of the signatures; what was found wrong stands under the sentence it belongs to."""
        if self.verdict.word == "unreadable":
            return ()
        if self.verdict.word == "unsigned":
            return (Fact(state="off", text=self.t("facts.none")),)
        facts = self.verdict.facts
        plural = str(min(self._many, 2))
        changes = [message(f, self.language) for f in self.verdict.all_findings if _is_change(f.code)]
        changed = self.verdict.word == "changed"
        matching = "matches_signed_part" if changed else f"matches_yes_{max(self._many, 1)}"
        told_facts = (
            self._fact(facts.intact, "intact", why=changes[0] if changes and facts.intact is False else ""),
            self._fact(facts.cryptographically_valid, "matches", yes=matching),
            # Who signed an earlier state of the file says nothing for the file as it is now.
            None if changed else self._trust(),
            self._fact(facts.covers_whole_document, "covers", yes=f"covers_yes_{plural}"),
        )
        return tuple(fact for fact in told_facts if fact is not None)

    def register_facts(self) -> tuple[Fact, ...]:
        """What the register of this office knows: a different question from the signature's."""
        verdict, known = self.verdict, self.verdict.facts.known_to_register
        if verdict.word == "unreadable":
            return ()
        number, issued = verdict.circumstances.get("number"), verdict.circumstances.get("issued_on")
        if known:
            if "superseded_revision" in self._codes or "not_sealed" in self._codes:
                return (Fact(state="held", text=self.t("facts.known_earlier")),)
            if number and issued:
                text = self.t("facts.known_yes", number=number, date=issued)
            else:
                text = self.t("facts.known_yes_number", number=number) if number else self.t("facts.known_yes_plain")
            return (Fact(state=self._proven, text=text), self._status())
        # A number written in the file proves nothing of the register: only the file itself is spoken of.
        if verdict.word in {"unsigned", "changed", "invalid"}:
            return (Fact(state="unknown", text=self.t("facts.known_no_file", office=self.office)),)
        absent = Fact(
            state="unknown", text=self.t("facts.known_no", office=self.office), why=self.t("facts.known_no_why")
        )
        return (absent, self._status()) if verdict.word == "genuine" else (absent,)

    def legal_facts(self) -> tuple[Fact, ...]:  # noqa: PLR0911 - one line per situation
        """Decree 30/2020, article 5.1: signed by the competent person and by the agency (AC-2)."""
        verdict, legal = self.verdict, self.verdict.legal
        decree = self.t("result.decree")
        if verdict.word in {"unsigned", "unreadable", "changed", "untrusted"}:
            return ()
        if verdict.word == "invalid":
            return (Fact(state="no", text=self.t("facts.original_no"), why=decree),)
        if situation(verdict) in {"not_in_register", "register_not_asked"} and legal.officer_signed:
            return (
                Fact(state="held", text=self.t("facts.person_and_office")),
                Fact(state="unknown", text=self.t("facts.competence_unknown")),
            )
        signed = tuple(
            Fact(state=self._proven if has else "no", text=self.t(f"facts.{who}_{'yes' if has else 'no'}"))
            for who, has in (("officer", legal.officer_signed), ("agency", legal.agency_sealed))
            if has is not None
        )
        if verdict.status in {"recalled", "replaced"}:
            return signed
        if legal.equals_paper_original:
            return (*signed, Fact(state=self._proven, text=self.t("facts.original_yes"), why=decree))
        if legal.equals_paper_original is False:
            return (*signed, Fact(state="no", text=self.t("facts.original_not_yet"), why=decree))
        return (*signed, Fact(state="unknown", text=self.t("facts.original_unknown"), why=decree))

    def signer(self, signature: SignatureVerdict) -> Signer:
        """One signature's card."""
        confirmed = signature.word in {"genuine", "warning"}
        name = signature.signer or self.t("result.role_other")
        at = signature.signed_at
        key = "result.sealed_at" if signature.role == "agency" else "result.signed_at"
        when = (
            self.t(key, time=formats.clock(at), date=formats.full_date(at, self.language))
            if at
            else self.t("result.time_unknown")
        )
        organisation = signature.organisation or ""
        return Signer(
            look=signature.role if confirmed else "other",
            shape="seal" if signature.role == "agency" else "pen",
            role=self.t(f"result.{self._role(signature, confirmed=confirmed)}"),
            name=name,
            organisation="" if organisation == name else organisation,
            when=when,
            items=self._tt15(signature),
        )

    def expert_lines(self) -> tuple[Item, ...]:
        """Levels, the register's status and every finding, for those who know the words."""
        lines = [
            Item(name="level", label=self.t("result.level"), text=f"{signature.field}: PAdES {signature.level}")
            for signature in self.verdict.signatures
            if signature.level
        ]
        if self.verdict.status:
            lines.append(Item(name="status", label=self.t("result.register_status"), text=self.verdict.status))
        lines += [
            Item(name="finding", label=finding.code, text=message(finding, self.language))
            for finding in self.verdict.all_findings
        ]
        return tuple(lines)

    def _fact(self, value: bool | None, key: str, *, yes: str = "", why: str = "") -> Fact:
        if value is None:
            return Fact(state="unknown", text=self.t(f"facts.{key}_unknown"), why=why)
        if value:
            return Fact(state=self._proven, text=self.t(f"facts.{yes or key + '_yes'}"), why=why)
        return Fact(state="no", text=self.t(f"facts.{key}_no"), why=why)

    def _trust(self) -> Fact:  # noqa: PLR0911 - one line per situation
        trusted = self.verdict.facts.trusted
        revoked = next((s.revoked_at for s in self.verdict.signatures if s.revoked_at), None)
        if trusted and "no_proven_time" not in self._codes and "revocation_unknown" not in self._codes:
            key = "facts.trusted_yes_1" if self._many == 1 else "facts.trusted_yes_2"
            return Fact(state=self._proven, text=self.t(key))
        if "no_chain" in self._codes:
            return Fact(state="no", text=self.t("facts.trusted_no_chain"), why=self.t("facts.trusted_no_chain_why"))
        if self.verdict.word == "invalid" and any(s.valid_at_signing is False for s in self.verdict.signatures):
            why = (
                self.t(
                    "facts.trusted_no_revoked_at",
                    time=formats.clock(revoked),
                    date=formats.full_date(revoked, self.language),
                )
                if revoked
                else ""
            )
            return Fact(state="no", text=self.t("facts.trusted_no_then"), why=why)
        if "revocation_unknown" in self._codes:
            at = formats.clock_seconds(self.verdict.checked_at)
            return Fact(
                state="unknown",
                text=self.t("facts.trusted_unknown_revocation"),
                why=self.t("facts.trusted_unknown_revocation_why", time=at),
            )
        if "no_proven_time" in self._codes:
            return Fact(state="unknown", text=self.t("facts.trusted_unknown_time"))
        if trusted:
            return Fact(state="held", text=self.t("facts.trusted_known"))
        return Fact(state="unknown", text=self.t("facts.trusted_unknown"))

    def _status(self) -> Fact:
        status = self.verdict.status
        if status is None:
            return Fact(state="unknown", text=self.t("facts.status_unknown"))
        changed_by, changed_on = (self.verdict.circumstances.get(key, "") for key in ("changed_by", "changed_on"))
        why = ", ".join(part for part in (changed_by, changed_on) if part) if status != "in_force" else ""
        return Fact(
            state=self._proven if status == "in_force" else "no", text=self.t(f"facts.status_{status}"), why=why
        )

    def _role(self, signature: SignatureVerdict, *, confirmed: bool) -> str:
        """ "The competent officer" only where the register proved it (look.md 3)."""
        if not confirmed:
            return "role_name_only"
        by_register = self.verdict.facts.known_to_register is True
        if signature.role == "officer":
            return "role_officer" if by_register else "role_person"
        if signature.role == "agency":
            return "role_agency" if by_register else "role_organisation"
        return "role_other"

    def _tt15(self, signature: SignatureVerdict) -> tuple[Item, ...]:
        unstated = self.t("result.not_stated")
        span = signature.certificate_valid
        texts = {
            "issuer": signature.issuer or unstated,
            "signer": signature.signer or unstated,
            "manager": signature.certificate_manager or unstated,
            "time": self._time(signature),
            "integrity": self.t(f"result.integrity_{_word(signature.intact)}"),
            "validity_then": self.t(f"result.{_validity_then(signature)}"),
            "validity": self.t(
                "result.validity_span",
                start=formats.full_date(span[0], self.language),
                end=formats.full_date(span[1], self.language),
            )
            if span
            else unstated,
        }
        return tuple(Item(name=name, label=self.t(f"result.{name}"), text=text) for name, text in texts.items())

    def _time(self, signature: SignatureVerdict) -> str:
        if signature.signed_at is None:
            return self.t("result.time_unknown")
        key = "result.time_stamp" if signature.time_source == "timestamp" else "result.time_claimed"
        at = signature.signed_at
        return self.t(key, time=formats.clock_seconds(at), date=formats.full_date(at, self.language))


_CHANGES: Final = ("changed_", "digest_", "byte_range", "trailing_", "structure", "signature_removed", "covers_content")


def _is_change(code: str) -> bool:
    return code.startswith(_CHANGES)


def _word(value: bool | None) -> str:
    return "unknown" if value is None else "yes" if value else "no"


def _validity_then(signature: SignatureVerdict) -> str:
    codes = {finding.code for finding in signature.findings}
    for code, key in (
        ("certificate_revoked", "then_revoked"),
        ("revoked_no_proof", "then_revoked"),
        ("certificate_expired", "then_expired"),
        ("certificate_not_yet_valid", "then_early"),
        ("certificate_not_allowed", "then_not_allowed"),
        ("no_chain", "then_untrusted"),
        ("revocation_unknown", "then_unknown"),
    ):
        if code in codes:
            return key
    return "then_valid" if signature.valid_at_signing else "then_unjudged"
