"""The technical report in words: what was checked of each signature, one sentence a check.

A proven point gets a plain dot, never a tick: what it comes to is the verdict's to say (AC-72).
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

from api.verdict_facts import Fact, FactState
from verifier import CertificateReport, Report, RevocationUsed, SignatureReport, TokenReport
from web import Language, catalogue

_OF_THE_PATH: Final = {
    "revoked_no_proof": ("trusted", "revocation_unknown", "revoked"),
    "authority_ended": ("untrusted",),
    "authority_ended_no_proof": ("untrusted",),
}
"""Findings that say more of a path than its status, and the statuses they say it of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureTold:
    """One filled field: what it holds (`report`) and what each check of it gave."""

    report: SignatureReport
    checks: tuple[Fact, ...]


class TechnicalTeller:
    """Tells one report in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.t = partial(catalogue().say, language)

    def signatures(self, report: Report) -> tuple[SignatureTold, ...]:
        """Each filled field in the file's order."""
        return tuple(SignatureTold(report=one, checks=self._checks(one)) for one in report.signatures)

    def number(self, value: int) -> str:
        """1.234.567 or 1,234,567."""
        text = f"{value:,}"
        return text.replace(",", ".") if self.language == "vi" else text

    def role(self, certificate: CertificateReport, place: int) -> str:
        """What a certificate is in its path."""
        if place == 0 and not certificate.anchor:
            return self.t("technical.role_leaf")
        return self.t("technical.role_anchor" if certificate.anchor else "technical.role_between")

    def said(self, used: RevocationUsed) -> str:
        """Whose word on a revocation it was, and what it said."""
        kind = "OCSP" if used.kind == "ocsp" else "CRL"
        return self.t(f"technical.said_{used.status}", kind=kind)

    def _checks(self, one: SignatureReport) -> tuple[Fact, ...]:
        own = one.kind == "signature"
        found = [
            self._coverage(one),
            self._three(one.digest_matches, "digest"),
            self._three(one.value_verifies, "value") if own else None,
            self._binding(one) if own and one.problem is None else None,
            self._token(one.token) if one.token else None,
            self._time(one) if own else None,
            self._path(one) if own else None,
        ]
        return tuple(fact for fact in found if fact is not None)

    def _coverage(self, one: SignatureReport) -> Fact:
        state: FactState = "no" if one.coverage == "broken" else "held"
        return Fact(state=state, text=self.t(f"technical.coverage_{one.coverage}"), why=one.coverage_detail or "")

    def _three(self, value: bool | None, key: str) -> Fact:
        state: FactState = "unknown" if value is None else "held" if value else "no"
        return Fact(state=state, text=self.t(f"technical.{key}_{state}"))

    def _binding(self, one: SignatureReport) -> Fact:
        states: dict[str, FactState] = {"matches": "held", "mismatch": "no"}
        state = states.get(one.signing_certificate, "off")
        return Fact(state=state, text=self.t(f"technical.binding_{state}"))

    def _token(self, token: TokenReport) -> Fact:
        states: dict[str, FactState] = {"sure": "held", "unsure": "unknown"}
        state = states.get(token.proves, "no")
        return Fact(state=state, text=self.t(f"technical.token_{state}"), why=token.detail)

    def _time(self, one: SignatureReport) -> Fact:
        if one.proven_time is None:
            return Fact(state="unknown", text=self.t("technical.time_unknown"))
        by_own = one.proven_by == one.field
        key = "technical.time_own" if by_own else "technical.time_document"
        return Fact(state="held", text=self.t(key, field=one.proven_by or ""))

    def _path(self, one: SignatureReport) -> Fact:
        if one.path is None:
            return Fact(state="unknown", text=self.t("technical.path_none"))
        # What the path was at its time is not all: the findings also know what came later, and why it ends.
        known = next((found.code for found in one.findings if found.code in _OF_THE_PATH), None)
        if known is not None and one.path.status in _OF_THE_PATH[known]:
            return Fact(state="no", text=self.t(f"technical.path_{known}"))
        states: dict[str, FactState] = {"trusted": "held", "revocation_unknown": "unknown"}
        state = states.get(one.path.status, "no")
        return Fact(state=state, text=self.t(f"technical.path_{one.path.status}"))
