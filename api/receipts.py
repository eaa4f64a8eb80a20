"""The receipt of a verification: the result page's own words on one sheet, signed with the service's receipt key."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from api import formats
from api.limits import Gate
from api.receipt_key import NAME, ReceiptKey
from api.settings import WebSettings
from api.signer_card import CardTeller
from api.verdict_facts import FactTeller
from signer import Level, Order, SealUnfinished, Sources, complete, seal
from templates import Both, Receipt, receipt_pdf
from verifier import SignatureVerdict, Verdict, conclusion, policy_path, words
from web import LANGUAGES, Language, catalogue

log = logging.getLogger("secondseal.web")
FIELD: Final = "ReceiptSignature"
_REST: Final = timedelta(minutes=5)


@dataclass(slots=True)
class Receipts:
    """Signs receipts, one at a time: anyone may ask for one, and each may cost a question to the time authority.

    `sources` None: no time stamps. An authority that did not answer is left alone for five minutes.
    """

    sources: Sources | None = None
    gate: Gate = field(default_factory=lambda: Gate(1))
    _resting_until: datetime | None = None

    def signed(self, pdf: bytes, key: ReceiptKey, now: datetime) -> bytes:
        """The receipt, signed and, where an authority answers at once, time-stamped."""
        asked = self.sources is not None and (self._resting_until is None or self._resting_until <= now)
        order = Order(
            role="agency",  # only names the field and mark where the order names none; this one has its own field
            field=FIELD,
            name=NAME,
            level=Level.B_T if asked else Level.B_B,
            signed_at=now,
            reason="Phiếu kết quả kiểm tra, không phải con dấu của cơ quan",
        )
        try:
            return seal(pdf, order, key, self.sources if asked else None).pdf
        except SealUnfinished as unfinished:
            log.warning("a receipt gets no time stamp: %s", unfinished.__cause__)
            self._resting_until = now + _REST
            return complete(unfinished.prepared, unfinished.signature_value, level=Level.B_B).pdf


def make_receipt(
    verdict: Verdict, *, file_name: str, file_size: int, succession: Callable[[Language], str], settings: WebSettings,
    key_sha256: str,
) -> bytes:  # fmt: skip
    """The sheet before it is signed. `succession`: the sentence about an issuer that is gone, in a language."""
    facts = {one: _facts(verdict, one, settings, succession(one)) for one in LANGUAGES}
    signers = {one: tuple(_signer(verdict, signature, one) for signature in verdict.signatures) for one in LANGUAGES}
    told = {one: words(verdict, one) for one in LANGUAGES}
    return receipt_pdf(
        Receipt(
            service=_both("receipt.service", lambda one: {"office": _office(settings, one)}),
            address=f"{settings.public_url}/verify",
            certificates=f"{settings.public_url}/about",
            file_name=file_name,
            file_size=Both(vi=formats.size(file_size, "vi"), en=formats.size(file_size, "en")),
            file_sha256=verdict.sha256,
            checked_at=_both("receipt.moment", partial(_moment, verdict.checked_at)),
            headline=Both(vi=told["vi"].headline, en=told["en"].headline),
            sentence=Both(vi=told["vi"].sentence, en=told["en"].sentence),
            conclusion=_both("receipt.conclusion", lambda one: {"conclusion": conclusion(verdict, one)}),
            facts=[Both(vi=vi, en=en) for vi, en in zip(facts["vi"], facts["en"], strict=True)],
            signatures=[Both(vi=vi, en=en) for vi, en in zip(signers["vi"], signers["en"], strict=True)],
            policy=f"{verdict.policy_name} {verdict.policy_version}",
            policy_url=f"{settings.public_url}{policy_path(verdict.policy_name, verdict.policy_version)}",
            key_sha256=key_sha256,
            sample=settings.test_office,
        )
    )


def _facts(verdict: Verdict, language: Language, settings: WebSettings, succession: str) -> tuple[str, ...]:
    """The result page's facts, each with the word for its mark: a sheet of paper has no icons to rely on."""
    teller = FactTeller(verdict, language, _office(settings, language), succession)
    shown = (*teller.signature_facts(), *teller.register_facts(), *teller.legal_facts())
    return tuple(" ".join(part for part in (teller.t(f"fact.{one.state}"), one.text, one.why) if part) for one in shown)


def _signer(verdict: Verdict, signature: SignatureVerdict, language: Language) -> str:
    teller = CardTeller(language, known_here=verdict.facts.known_to_register is True)
    card = teller.card(signature)
    items = {item.name: f"{item.label}: {item.text}" for item in card.items}
    name = ", ".join(part for part in (card.name, card.organisation) if part)
    return ". ".join((f"{card.role}: {name}", items["time"], items["validity_then"], items["issuer"]))


def _both(key: str, values: Callable[[Language], dict[str, str]]) -> Both:
    vi, en = (catalogue().say(one, key, **values(one)) for one in ("vi", "en"))
    return Both(vi=vi, en=en)


def _moment(at: datetime, language: Language) -> dict[str, str]:
    return {"time": formats.clock_seconds(at), "date": formats.full_date(at, language)}


def _office(settings: WebSettings, language: Language) -> str:
    return settings.office_vi if language == "vi" else settings.office_en
