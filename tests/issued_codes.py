"""Every public code that is issued while tests run is held against what printed papers and their addresses rely on.

The real function makes the codes; what it gives is looked at on its way. Programs that tests start are not covered.
"""

import re
from typing import Final

import register
from register import codes

GRAMMAR: Final = re.compile(r"[0-9ABCDEFGHJKMNPQRSTVWXYZ]{27}")
"""Written out here once more: what is on paper does not change with the code."""

issued: set[str] = set()
misfits: list[str] = []
"""Codes of this process that printed papers could not rely on, since the running test began."""


def watch_codes() -> None:
    """Look at every code from now on, in this process, for good. Call once, before a room takes the function."""
    real = codes.new_code

    def watched() -> str:
        code = real()
        look_at(code)
        return code

    for module in (codes, register):
        setattr(module, real.__name__, watched)


def look_at(code: str) -> None:
    """Its letters, its length, its check letter, and that nobody got it before."""
    if not GRAMMAR.fullmatch(code) or not _is_its_own_canonical_form(code) or code in issued:
        misfits.append(code)
    issued.add(code)


def _is_its_own_canonical_form(code: str) -> bool:
    try:
        return codes.normalise(code) == code
    except codes.CodeInvalid:
        return False
