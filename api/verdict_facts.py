"""What was found in a file, as separate sentences: the signatures, the office's register, the legal value.

None is inferred from another. A proven fact gets a tick ("yes") only where the tone's table allows ticks, and a plain
dot ("held") everywhere else.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from api import formats
from verifier import Verdict, message, situation, tone
from web import Language, catalogue

FactState = Literal["yes", "held", "unknown", "no", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact, one sentence, one mark."""

    state: FactState
    text: str
    why: str = ""


class FactTeller:
    """Tells the facts of one verdict in one language; `office` names whose register was asked, `succession` is the
    sentence about an issuer that is gone."""

    def __init__(self, verdict: Verdict, language: Language, office: str, succession: str = "") -> None:
        self.verdict = verdict
        self.language: Language = language
        self.office = office
        self.succession = succession
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
        # The value may still fit the signed attributes; where the content's own hash differs, nothing here "matches".
        matches = False if "digest_mismatch" in self._codes else facts.cryptographically_valid
        told_facts = (
            self._fact(facts.intact, "intact", why=changes[0] if changes and facts.intact is False else ""),
            self._fact(matches, "matches", yes=matching),
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
            return (Fact(state=self._proven, text=text, why=self.succession), self._status())
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
        if self._codes & {"authority_ended", "authority_ended_no_proof"}:
            return Fact(state="no", text=self.t("facts.trusted_no_chain"), why=self.t("facts.trusted_ended_why"))
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


_CHANGES: Final = ("changed_", "digest_", "byte_range", "trailing_", "structure", "signature_removed", "covers_content")


def _is_change(code: str) -> bool:
    return code.startswith(_CHANGES)
