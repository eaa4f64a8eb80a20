"""Public codes: what is printed under the QR and typed by hand. This grammar never changes once printed.

A code is 27 letters of Crockford's base32 alphabet (no I, L, O, U): 26 random ones, 130 bits, and one check letter.
The check letter is computed in the field of 32 elements (docs/decisions/0041): any one wrong letter and any two
swapped letters, neighbours or not, are always noticed.
"""

import secrets
from typing import Final, Literal

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 27

_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_FIELD: Final = 0b100101
"""x^5 + x^2 + 1, primitive over GF(2): its root 2 has order 31, more than the 27 places of a code."""

Flaw = Literal["length", "letter", "check"]

_FLAWS: Final[dict[Flaw, tuple[str, str]]] = {
    "length": ("Mã tra cứu phải có 27 ký tự.", "A code has 27 letters."),
    "letter": ("Mã tra cứu có ký tự không dùng trong mã.", "The code has a letter that codes never use."),
    "check": ("Mã tra cứu bị gõ sai: hãy so lại từng ký tự.", "The code was mistyped: compare it letter by letter."),
}


class CodeInvalid(ValueError):
    """This text is no code. `flaw` says why; the message does not repeat the text."""

    def __init__(self, flaw: Flaw) -> None:
        self.flaw: Flaw = flaw
        self.text_vi, self.text_en = _FLAWS[flaw]
        super().__init__(self.text_en)


def new_code() -> str:
    """A fresh code from the system's random source, in its canonical form (capitals, no hyphens)."""
    values = [secrets.randbelow(32) for _ in range(LENGTH - 1)]
    return "".join(ALPHABET[value] for value in (*values, _check_value(values)))


def normalise(text: str) -> str:
    """The canonical form of a code as someone typed it. Raises CodeInvalid.

    Case, spaces and hyphens do not matter; I and L are read as 1, O as 0; U is refused.
    """
    letters = [letter for letter in text.upper() if not letter.isspace() and letter not in "-\u2010\u2011\u2012\u2013"]
    if len(letters) != LENGTH:
        raise CodeInvalid("length")
    try:
        values = [_VALUES[letter] for letter in letters]
    except KeyError:
        raise CodeInvalid("letter") from None
    if _check_value(values[:-1]) != values[-1]:
        raise CodeInvalid("check")
    return "".join(ALPHABET[value] for value in values)


def grouped(code: str) -> str:
    """A code as it is printed for people: nine groups of three, joined by hyphens."""
    canonical = normalise(code)
    return "-".join(canonical[start : start + 3] for start in range(0, LENGTH, 3))


def _check_value(values: list[int]) -> int:
    """sum(2^i * value_i) in GF(32), i counted from 1 at the letter nearest the check letter, which itself weighs 1."""
    total = 0
    for value in values:
        total = _double(total ^ value)
    return total


def _double(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value & 0b100000 else value
