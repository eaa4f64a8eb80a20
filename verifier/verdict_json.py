"""The verdict as JSON: keys that other programs rely on, and those for the seven items of TT 15/2025, art. 6."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from verifier.findings import Finding, sentence
from verifier.outcome import Outcome, SignatureVerdict, TimestampVerdict
from verifier.terms import in_zone
from verifier.wording import conclusion, situation, tone, words


def verdict_json(verdict: Outcome) -> dict[str, Any]:
    """A JSON-ready object; times are RFC 3339 in Viet Nam's zone."""
    return {
        "verdict": verdict.word,
        "indication": verdict.indication,
        "sub_indication": verdict.sub_indication,
        "facts": asdict(verdict.facts),
        "legal": asdict(verdict.legal),
        "status": verdict.status,
        "policy": {"name": verdict.policy_name, "version": verdict.policy_version},
        "checked_at": _time(verdict.checked_at),
        "signatures": [_signature(signature) for signature in verdict.signatures],
        "findings": [_finding(found) for found in verdict.findings],
        "sha256": verdict.sha256,
        "situation": situation(verdict),
        "tone": tone(verdict).tone,
        "conclusion": {"vi": conclusion(verdict, "vi"), "en": conclusion(verdict, "en")},
        "words": {"vi": asdict(words(verdict, "vi")), "en": asdict(words(verdict, "en"))},
        "document_timestamps": [_timestamp(stamp) for stamp in verdict.timestamps],
    }


def _signature(signature: SignatureVerdict) -> dict[str, Any]:
    valid = signature.certificate_valid
    return {
        "field": signature.field,
        "role": signature.role,
        "signer": signature.signer,
        "organisation": signature.organisation,
        "issuer": signature.issuer,
        "certificate_manager": signature.certificate_manager,
        "signed_at": _time(signature.signed_at),
        "time_source": signature.time_source,
        "certificate_valid": None if valid is None else [_time(valid[0]), _time(valid[1])],
        "level": signature.level,
        "indication": signature.indication,
        "sub_indication": signature.sub_indication,
        "findings": [_finding(found) for found in signature.findings],
        "verdict": signature.word,
        "intact": signature.intact,
        "trusted": signature.trusted,
        "valid_at_signing": signature.valid_at_signing,
        "revoked_at": _time(signature.revoked_at),
        "certificate_sha256": signature.certificate_sha256,
        "certificate_kind": signature.kind,
    }


def _timestamp(stamp: TimestampVerdict) -> dict[str, Any]:
    return {
        "field": stamp.field,
        "time": _time(stamp.time),
        "issuer": stamp.issuer,
        "valid": stamp.valid,
        "findings": [_finding(found) for found in stamp.findings],
    }


def _finding(found: Finding) -> dict[str, str]:
    return {"code": found.code, "message": sentence(found, "vi"), "message_en": sentence(found, "en")}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else in_zone(moment).isoformat(timespec="seconds")
