"""Which of the eight masks a QR symbol wears (ISO/IEC 18004, 7.8): the one with the lowest penalty, found quickly.

segno draws and scores all eight symbols module by module, 25 ms a paper. Two symbols of one version and correction that
differ only in their mask differ by a pattern that does not depend on the data: so one symbol is drawn, the other seven
follow by exclusive-or, and each is scored as one long integer.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import segno

_QUIET: Final = 4
"""Light modules beside the symbol, as the standard's quiet zone: they count for the finder-like pattern."""


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A finished symbol: its rows from the top as text, "1" for dark; version 1-40; correction L, M, Q or H."""

    rows: tuple[str, ...]
    version: int
    correction: str


def best_symbol(text: str) -> Symbol:
    """The smallest symbol that holds the text, at the strongest correction that leaves it so small."""
    drawn = segno.make_qr(text, error="l", boost_error=True, mask=0)
    size = len(drawn.matrix)
    rows, columns = _long(drawn.matrix)
    differences = _differences(int(drawn.version), str(drawn.error))
    candidates = [(rows ^ across, columns ^ down) for across, down in differences]
    best, _ = min(candidates, key=lambda lines: penalty(lines[0], lines[1], size))
    stride = size + _QUIET
    digits = f"{best:0{size * stride}b}"
    return Symbol(
        rows=tuple(digits[start : start + size] for start in range(0, size * stride, stride)),
        version=int(drawn.version),
        correction=str(drawn.error),
    )


@cache
def _differences(version: int, correction: str) -> tuple[tuple[int, int], ...]:
    """How a symbol with mask 0 becomes one with each mask, by rows and by columns; format information included."""
    long = [
        _long(segno.make_qr("0", version=version, error=correction, boost_error=False, mask=mask).matrix)
        for mask in range(8)
    ]
    return tuple((rows ^ long[0][0], columns ^ long[0][1]) for rows, columns in long)


def _long(matrix: tuple[bytearray, ...]) -> tuple[int, int]:
    """The whole symbol as two integers: row after row, column after column, the quiet zone between them."""
    quiet = "0" * _QUIET
    digits = bytes.maketrans(b"\x00\x01", b"01")
    lines = [bytes(row).translate(digits).decode() for row in matrix]
    columns = ["".join(column) for column in zip(*lines, strict=True)]
    return int("".join(line + quiet for line in lines), 2), int("".join(line + quiet for line in columns), 2)


def penalty(rows: int, columns: int, size: int) -> int:
    """The standard's four features: long runs, blocks, finder-like patterns, uneven darkness."""
    modules, pairs = _shapes(size)
    score = 0
    for bits in (rows, columns):
        same = ~(bits ^ bits >> 1) & pairs
        runs = same & same >> 1 & same >> 2 & same >> 3
        score += runs.bit_count() + 2 * (runs & ~(runs >> 1)).bit_count()
        finder = bits & ~(bits >> 1) & bits >> 2 & bits >> 3 & bits >> 4 & ~(bits >> 5) & bits >> 6
        light = ~bits
        after = light >> 7 & light >> 8 & light >> 9 & light >> 10
        before = light << 1 & light << 2 & light << 3 & light << 4
        score += 40 * (finder & (after | before)).bit_count()
    stride = size + _QUIET
    below = ~(rows ^ rows >> stride) & (modules >> stride)
    beside = ~(rows ^ rows >> 1) & pairs
    score += 3 * (beside & below & below >> 1).bit_count()
    dark = rows.bit_count() * 100 / size**2
    return score + 10 * int(abs(dark - 50) / 5)


@cache
def _shapes(size: int) -> tuple[int, int]:
    """Where there are modules, and where there is one with another beside it (towards the higher bit)."""
    modules = int(("1" * size + "0" * _QUIET) * size, 2)
    return modules, int(("0" + "1" * (size - 1) + "0" * _QUIET) * size, 2)
