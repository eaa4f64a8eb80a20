"""Technical reports as they are kept beside a result: compressed, a few kilobytes each, none beyond a bound."""

import zlib
from typing import Final

from verifier import Report, from_json, to_json

LARGEST: Final = 128 * 1024
"""Compressed bytes of one report; a paper's are four thousand, those of fifty signatures some forty."""


def packed(report: Report) -> bytes | None:
    """The report to be kept; None where it is out of all proportion."""
    # names in a file are text from outside: halves of a character become question marks
    kept = zlib.compress(to_json(report).encode(errors="replace"))
    return kept if len(kept) <= LARGEST else None


def unpacked(kept: bytes) -> Report:
    """The report again. Only for what `packed` gave."""
    return from_json(Report, zlib.decompress(kept).decode())
