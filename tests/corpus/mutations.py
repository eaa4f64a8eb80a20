"""Damage and forgery at random, the same every time: of a file's bytes, tokens, revisions, byte ranges and CMS."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from asn1crypto import parser

CONTENTS = re.compile(rb"/Contents\s*<([0-9a-fA-F]{1000,})>")
_RANGE = re.compile(rb"/ByteRange\s*\[([^\]]*)\]")
_NUMBER = re.compile(rb"(?<![0-9A-Za-z.])-?\d+(?![0-9A-Za-z])")
_NAME = re.compile(rb"/[A-Za-z]{2,30}")
_REFERENCE = re.compile(rb"(?<!\d)(\d+) 0 R")
_ROW = re.compile(rb"(\d{10}) (\d{5}) ([nf])")
_END = re.compile(rb"%%EOF[\r\n]*")
_EXTREMES = (b"0", b"-1", b"1", b"2147483648", b"9223372036854775808", b"99999999999999999999", b"1e400", b"null", b"")
_NAMES = (b"/Contents", b"/Kids", b"/Annots", b"/V", b"/AP", b"/Prev", b"/Root", b"/Fields", b"/DSS", b"/Length", b"/X")

Chosen = random.Random


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """`seed`: index of the file it began as; `how`: the names of what was done to it."""

    number: int
    seed: int
    how: tuple[str, ...]
    pdf: bytes


def mutations(seeds: Sequence[bytes], numbers: range) -> Iterator[Mutation]:
    """One for each number, always the same; those that came out as their seed are left out."""
    for number in numbers:
        chosen = random.Random(f"second seal {number}")
        seed = chosen.randrange(len(seeds))
        pdf, how = seeds[seed], []
        for _ in range(chosen.choice((1, 1, 1, 2, 3))):
            name = chosen.choice(_WEIGHTED)
            pdf = _WAYS[name](pdf, chosen, seeds)
            how.append(name)
        if pdf != seeds[seed]:
            yield Mutation(number=number, seed=seed, how=tuple(how), pdf=pdf)


def only_evidence(seed: bytes, pdf: bytes) -> bool:
    """Whether a mutation left every signature and all that one covers as it was: what it changed is the evidence that
    follows the newest one, which anybody may append and nobody signs."""
    place = [match.span(1) for match in _RANGE.finditer(seed)][-1]
    numbers = [int(number) for number in seed[place[0] : place[1]].split()]
    end = numbers[2] + numbers[3]
    return pdf[:end] == seed[:end]


def _cut_in(pdf: bytes, place: tuple[int, int], value: bytes) -> bytes:
    return pdf[: place[0]] + value + pdf[place[1] :]


def _bytes(pdf: bytes, chosen: Chosen, _: Sequence[bytes]) -> bytes:
    """Some bytes flipped, overwritten, cut out, doubled, put in, or exchanged with others."""
    if len(pdf) < 100:
        return pdf + chosen.randbytes(3)
    place, length = chosen.randrange(len(pdf) - 50), chosen.choice((1, 1, 2, 8, 40))
    part = pdf[place : place + length]
    other = chosen.randrange(len(pdf) - 50)
    match chosen.randrange(6):
        case 0:
            return _flipped(pdf, place, chosen)
        case 1:
            return _cut_in(pdf, (place, place + length), chosen.randbytes(length))
        case 2:
            return _cut_in(pdf, (place, place + length), b"")
        case 3:
            return _cut_in(pdf, (place, place), part)
        case 4:
            return _cut_in(pdf, (place, place), chosen.randbytes(length))
        case _:
            return _cut_in(pdf, (place, place + length), pdf[other : other + length])


def _one_of(pattern: re.Pattern[bytes], value: Callable[[bytes, Chosen], bytes]) -> Callable[..., bytes]:
    """One token of this kind becomes another; the later ones, where signatures stand, as often as the others."""

    def change(pdf: bytes, chosen: Chosen, _: Sequence[bytes]) -> bytes:
        found = list(pattern.finditer(pdf))
        if not found:
            return pdf
        match = chosen.choice(found)
        return _cut_in(pdf, match.span(), value(match.group(), chosen))

    return change


def _row(row: bytes, chosen: Chosen) -> bytes:
    if chosen.random() < 0.3:
        return row[:-1] + (b"f" if row.endswith(b"n") else b"n")
    place = max(0, int(row[:10]) + chosen.choice((-1000, -20, -1, 1, 7, 900, 10**9)))
    return b"%010d" % (place % 10**10) + row[10:]


def _number(number: bytes, chosen: Chosen) -> bytes:
    near = b"%d" % (int(number) + chosen.choice((-1, 1, 10)))
    return chosen.choice((near, *_EXTREMES))


def _range(pdf: bytes, chosen: Chosen, _: Sequence[bytes]) -> bytes:
    """A byte range with a number moved, exchanged, taken away or added; the space it stands in kept where it can be."""
    found = list(_RANGE.finditer(pdf))
    if not found:
        return pdf
    match = chosen.choice(found)
    numbers = match.group(1).split()
    if not numbers:
        return pdf
    place = chosen.randrange(len(numbers))
    match chosen.randrange(4):
        case 0:
            numbers[place] = _number(numbers[place], chosen) if numbers[place].lstrip(b"-").isdigit() else b"0"
        case 1:
            numbers.reverse()
        case 2:
            del numbers[place]
        case _:
            numbers.insert(place, b"0")
    made = b" ".join(numbers).ljust(len(match.group(1)))
    return _cut_in(pdf, match.span(1), made)


def _revisions(pdf: bytes, chosen: Chosen, seeds: Sequence[bytes]) -> bytes:
    """Cut off, cut out, doubled, put in another order, or another file's put behind."""
    ends = [match.end() for match in _END.finditer(pdf)]
    if len(ends) < 2:
        return pdf + pdf
    place = chosen.randrange(len(ends) - 1)
    start, end = ends[place], ends[place + 1]
    match chosen.randrange(5):
        case 0:
            return pdf[:start] + pdf[start : start + chosen.choice((0, 0, 1, 30))]
        case 1:
            return pdf[:start] + pdf[end:]
        case 2:
            return pdf + pdf[start:end]
        case 3:
            return pdf[:start] + pdf[end:] + pdf[start:end]
        case _:
            return pdf + chosen.choice(seeds)[-chosen.choice((100, 2000, 9000)) :]


def _hexadecimal(pdf: bytes, chosen: Chosen, seeds: Sequence[bytes]) -> bytes:
    """The way a signature is written: letters in another case, its padding, its end, another signature's value."""
    found = list(CONTENTS.finditer(pdf))
    if not found:
        return pdf
    match = chosen.choice(found)
    start, end = match.span(1)
    held = match.group(1)
    match_of = chosen.randrange(5)
    if match_of == 0:
        half = len(held) // 2
        return _cut_in(pdf, (start, end), held[:half].swapcase() + held[half:])
    if match_of == 1:
        place = end - 2 * chosen.randrange(1, 40)
        return _cut_in(pdf, (place, place + 2), chosen.randbytes(1).hex().encode())
    if match_of == 2:
        return _cut_in(pdf, (end - 40, end), b"")
    if match_of == 3:
        return _cut_in(pdf, (start, start), b" \n")
    others = CONTENTS.findall(chosen.choice(seeds))
    return _cut_in(pdf, (start, end), chosen.choice(others)[: len(held)].ljust(len(held), b"0")) if others else pdf


def _cms(pdf: bytes, chosen: Chosen, _: Sequence[bytes]) -> bytes:
    """One value inside a CMS, found by its structure: its tag, its length, its content; taken away, doubled, emptied.

    Where its size changes, the lengths around it are mended, so that what is left can be read.
    """
    found = list(CONTENTS.finditer(pdf))
    if not found:
        return pdf
    match = chosen.choice(found)
    raw = bytes.fromhex(match.group(1)[: len(match.group(1)) & ~1].decode())
    values = list(_values(raw))
    if not values:
        return pdf
    around, start, head, end = chosen.choice(values)
    body = raw[start + head : end]
    way = chosen.randrange(7)
    if way == 0:
        made = _flipped(raw[start:end], 0, chosen)
    elif way == 1:
        made = _flipped(raw[start:end], 1, chosen)
    elif way in (2, 3) and body:
        made = raw[start : start + head] + _flipped(body, chosen.randrange(len(body)), chosen)
    elif way == 4:
        made = b""
    elif way == 5:
        made = raw[start:end] * 2
    else:
        made = raw[start : start + 1] + b"\0"
    whole = _mended(raw, around, (start, end), made)
    room = len(match.group(1))
    written = whole.rstrip(b"\0").hex().encode().ljust(room, b"0")[:room]
    return _cut_in(pdf, match.span(1), written.upper() if match.group(1).isupper() else written)


def _flipped(value: bytes, place: int, chosen: Chosen) -> bytes:
    return _cut_in(value, (place, place + 1), bytes([value[place] ^ (1 << chosen.randrange(8))]))


def _values(
    raw: bytes, start: int = 0, around: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], int, int, int]]:
    """(where the values around it begin, where it begins, length of its head, where it ends), of each value inside."""
    place = start
    limit = len(raw) if not around else _span(raw, around[-1])[1]
    while place < limit:
        try:
            head, end = _span(raw, place)
        except ValueError:
            return
        if end > limit or raw[place] == 0:
            return
        yield around, place, head, end
        if raw[place] & 0x20 and len(around) < 20:
            yield from _values(raw, place + head, (*around, place))
        place = end


def _span(raw: bytes, place: int) -> tuple[int, int]:
    _, _, _, head, content, trailer = parser.parse(raw[place:])
    return len(head), place + len(head) + len(content) + len(trailer)


def _mended(raw: bytes, around: tuple[int, ...], place: tuple[int, int], made: bytes) -> bytes:
    """`raw` with one value replaced, and the lengths of the values around it written anew."""
    start, end = place
    for outer in reversed(around):
        head, stop = _span(raw, outer)
        made = raw[outer + head : start] + made + raw[end:stop]
        made = raw[outer : outer + 1] + _length(len(made)) + made
        start, end = outer, stop
    return raw[:start] + made + raw[end:]


def _length(size: int) -> bytes:
    if size < 128:
        return bytes([size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


_WAYS: dict[str, Callable[[bytes, Chosen, Sequence[bytes]], bytes]] = {
    "bytes": _bytes,
    "number": _one_of(_NUMBER, _number),
    "name": _one_of(_NAME, lambda _, chosen: chosen.choice(_NAMES)),
    "reference": _one_of(_REFERENCE, lambda _, chosen: b"%d 0 R" % chosen.randrange(1, 45)),
    "table row": _one_of(_ROW, _row),
    "byte range": _range,
    "revisions": _revisions,
    "hexadecimal": _hexadecimal,
    "cms": _cms,
}
_WEIGHTED = ("bytes", "bytes", "cms", "cms", *_WAYS)
