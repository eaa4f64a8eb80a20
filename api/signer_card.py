"""One signature's card: who, when, and the seven items of TT 15/2025, article 6 (AC-71)."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

from api import formats
from verifier import SignatureVerdict
from web import Language, catalogue


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


class CardTeller:
    """Fills in the cards of one verdict; `known_here` says whether the office's register knows the file."""

    def __init__(self, language: Language, *, known_here: bool) -> None:
        self.language: Language = language
        self.t = partial(catalogue().say, language)
        self._known_here = known_here

    def card(self, signature: SignatureVerdict) -> Signer:
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

    def _role(self, signature: SignatureVerdict, *, confirmed: bool) -> str:
        """ "The competent officer" only where the register proved it (look.md 3)."""
        if not confirmed:
            return "role_name_only"
        if signature.role == "officer":
            return "role_officer" if self._known_here else "role_person"
        if signature.role == "agency":
            return "role_agency" if self._known_here else "role_organisation"
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
        ("authority_ended", "then_untrusted"),
        ("authority_ended_no_proof", "then_untrusted"),
        ("revocation_unknown", "then_unknown"),
    ):
        if code in codes:
            return key
    return "then_valid" if signature.valid_at_signing else "then_unjudged"
