"""Strict DER, as far as CMS signed attributes need it (X.690, clauses 8 and 10). Anything else is refused."""

from dataclasses import dataclass

SEQUENCE, SET, OBJECT_IDENTIFIER, OCTET_STRING = 0x30, 0x31, 0x06, 0x04


class DerInvalid(ValueError):
    """Bytes that are not the DER expected."""


@dataclass(frozen=True)
class Element:
    """One element: its tag (one byte), its content, and both with the length between them."""

    tag: int
    content: bytes
    encoded: bytes


def read_one(data: bytes, tag: int) -> Element:
    """The one element that fills `data`, with this tag. Raises `DerInvalid`."""
    elements = read_all(data)
    if len(elements) != 1 or elements[0].tag != tag:
        raise DerInvalid(f"one element with tag {tag:#04x} was expected")
    return elements[0]


def read_all(data: bytes) -> list[Element]:
    """The elements that fill `data`, one after the other. Raises `DerInvalid`."""
    elements = []
    position = 0
    while position < len(data):
        if data[position] & 0x1F == 0x1F or position + 2 > len(data):
            raise DerInvalid("a tag of one byte and a length were expected")
        size, begin = _length(data, position + 1)
        end = begin + size
        if end > len(data):
            raise DerInvalid("an element is longer than what holds it")
        elements.append(Element(data[position], data[begin:end], data[position:end]))
        position = end
    return elements


def _length(data: bytes, position: int) -> tuple[int, int]:
    first = data[position]
    if first < 0x80:
        return first, position + 1
    count = first & 0x7F
    raw = data[position + 1 : position + 1 + count]
    size = int.from_bytes(raw, "big")
    # DER: definite, in as few bytes as possible.
    if not 1 <= count <= 4 or len(raw) != count or size < 0x80 or raw[0] == 0:
        raise DerInvalid("a length is not in its shortest form")
    return size, position + 1 + count
