"""Where a changed file looks different from what was signed: two small pictures, one above the other, and for those
who want to see all of it that page as each signature found it.

Only for files judged `changed` in which a signed revision is still whole. That nothing looks different proves nothing.
"""

import struct
from dataclasses import dataclass
from typing import Final

from api.limits import Busy
from api.preview import PreviewFailed, drawn
from api.service import Service
from stamping import lookups
from verifier import DocumentFacts

_LARGEST: Final = 10 * 1024 * 1024
MOST_REVISIONS: Final = 3
"""Signed revisions whose page is drawn, the newest ones; the file as sent comes after them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The first place that looks different: page from 1, and PNGs of it as signed and as sent.

    `whole`: that page as each of the revisions ending with a signature of `fields` showed it, then as sent; empty
    bytes where a revision has no such page.
    """

    page: int
    signed: bytes
    sent: bytes
    fields: tuple[str, ...]
    whole: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes of all pictures."""
        return len(self.signed) + len(self.sent) + sum(map(len, self.whole))


def visible_change(service: Service, pdf: bytes, examined: lookups.Examined) -> Change | None:
    """Look for it; None where there is nothing to compare or to show, or no time to draw it now."""
    if examined.verdict.word != "changed" or len(pdf) > _LARGEST:
        return None
    ends = _signed_ends(examined.facts)[-MOST_REVISIONS:]
    if not ends or ends[-1][0] >= len(pdf):
        return None
    try:
        with service.previews.passing():
            answer = drawn(["compare", *(str(end) for end, _ in ends)], pdf)
    except (Busy, PreviewFailed):
        return None
    return _change(answer, tuple(field for _, field in ends)) if answer else None


def _signed_ends(facts: DocumentFacts) -> list[tuple[int, str]]:
    """Where each revision ends whose signature still fits it, and that signature's field; oldest first."""
    ends = {
        signature.byte_range[2] + signature.byte_range[3]: signature.field
        for signature in facts.signatures
        if signature.kind == "signature" and signature.mechanism.digest_matches and len(signature.byte_range) == 4
    }
    return sorted(ends.items())


def _change(answer: bytes, fields: tuple[str, ...]) -> Change | None:
    (page,) = struct.unpack_from(">I", answer)
    pictures, at = [], 4
    while at < len(answer):
        (length,) = struct.unpack_from(">Q", answer, at)
        pictures.append(answer[at + 8 : at + 8 + length])
        at += 8 + length
    signed, sent, *whole = pictures
    if len(whole) != len(fields) + 1 or not all(one.startswith(b"\x89PNG") for one in pictures if one):
        return None
    return Change(page=page, signed=signed, sent=sent, fields=fields, whole=tuple(whole))
