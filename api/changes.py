"""Where a changed file looks different from what was signed: two small pictures, one above the other.

Only for files judged `changed` in which a signed revision is still whole. That nothing looks different proves nothing.
"""

import struct
from dataclasses import dataclass
from typing import Final

from api.limits import Busy
from api.preview import PreviewFailed, drawn
from api.service import Service
from verifier import DocumentFacts, SandboxUnavailable, Verdict

_LARGEST: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The first place that looks different: page from 1, and PNGs of it as signed and as sent."""

    page: int
    signed: bytes
    sent: bytes


def visible_change(service: Service, pdf: bytes, verdict: Verdict) -> Change | None:
    """Look for it; None where there is nothing to compare or to show, or no time to draw it now."""
    if verdict.word != "changed" or len(pdf) > _LARGEST:
        return None
    try:
        end = _signed_end(service.known.facts(pdf, service.desk.sandbox.gather))
        if end is None or end >= len(pdf):
            return None
        signed = pdf[:end]
        order = struct.pack(">Q", len(signed)) + signed + struct.pack(">Q", len(pdf)) + pdf
        with service.previews.passing():
            answer = drawn(["compare"], order)
    except (Busy, PreviewFailed, SandboxUnavailable):
        return None
    return _change(answer) if answer else None


def _signed_end(facts: DocumentFacts) -> int | None:
    """Where the newest revision ends whose signature still fits it."""
    ends = [
        signature.byte_range[2] + signature.byte_range[3]
        for signature in facts.signatures
        if signature.kind == "signature" and signature.mechanism.digest_matches and len(signature.byte_range) == 4
    ]
    return max(ends, default=None)


def _change(answer: bytes) -> Change | None:
    (page,) = struct.unpack_from(">I", answer)
    (length,) = struct.unpack_from(">Q", answer, 4)
    signed, sent = answer[12 : 12 + length], answer[20 + length :]
    if not (signed.startswith(b"\x89PNG") and sent.startswith(b"\x89PNG")):
        return None
    return Change(page=page, signed=signed, sent=sent)
