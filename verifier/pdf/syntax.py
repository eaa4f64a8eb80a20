"""Objects in the spelling that nearly every program writes, read with regular expressions: thirty times faster.

What is read here is what pyHanko's strict reader would have made of it (a test compares them); whatever is spelled in
any other way (comments, odd white space, escapes in names but a slash's, keys given twice, lengths kept elsewhere) is
left to it.
"""

import re
from binascii import unhexlify
from collections.abc import Callable
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

_SPACE = rb"[\t\n\r ]"
_THEN = rb"(?=[\t\n\r /<>\[\]()])"
_HEADER = re.compile(rb"([1-9]\d{0,9}) (\d{1,5}) obj(?=[\t\n\r </(\[\d+-])")
_TOKEN = re.compile(
    _SPACE
    + rb"*(?:"
    + rb"(/[!\"$&'*-.0-;=?-Z\\^-z|~]+(?:#2[Ff][!\"$&'*-.0-;=?-Z\\^-z|~]*)*)"  # 1 name, no escape but of a slash
    + rb"|([1-9]\d{0,9}) (\d{1,5}) R"  # 2, 3 reference
    + _THEN
    + rb"|([+-]?\d{1,15})"  # 4 whole number
    + _THEN
    + rb"|([+-]?(?:\d{1,15}\.\d{0,15}|\.\d{1,15}))"  # 5 other number
    + _THEN
    + rb"|(<<)|(>>)|(\[)|(\])"  # 6 to 9
    + rb"|\(((?:[^()\\\r]|\\[()\\nrtbf]|\\[0-3][0-7]{2})*)\)"  # 10 string
    + rb"|<([0-9A-Fa-f\t\n\r ]*)>"  # 11 string in hexadecimal digits
    + rb"|(true|false|null)"  # 12
    + _THEN
    + rb")"
)
_ESCAPE = re.compile(rb"\\([()\\nrtbf]|[0-7]{3})")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_STREAM = re.compile(_SPACE + rb"*stream\r?\n")
_END_STREAM = re.compile(_SPACE + rb"*endstream")
_END = re.compile(_SPACE + rb"*endobj")
_DEEP = 40
_LONG = 1024
"""A string in hexadecimal digits of so many bytes is a signature, not a text to be decoded."""


class PlainObjects(dict[tuple[int, int], Any]):
    """Stands in for a reader's cache of objects, by generation and object number: what it lacks is read here."""

    def __init__(self, pdf: bytes, reader: PdfFileReader) -> None:
        super().__init__()
        self._pdf = pdf
        self._reader = reader

    def get(self, key: tuple[int, int], default: Any = None) -> Any:
        known = super().get(key)
        if known is not None:
            return known
        reference = generic.Reference(key[1], key[0], self._reader)
        place = self._reader.xrefs[reference]
        entry = read_object_at(self._pdf, place, reference) if isinstance(place, int) else None
        if entry is None:
            return default
        self[key] = entry
        return entry


def read_object_at(pdf: bytes, place: int, reference: generic.Reference) -> Any | None:
    """The object that begins at byte `place`, or None where it is not spelled plainly or not this object."""
    header = _HEADER.match(pdf, place)
    if header is None or (int(header.group(1)), int(header.group(2))) != (reference.idnum, reference.generation):
        return None
    found = read_value(pdf, header.end(), reference)
    if found is None:
        return None
    value, end = found
    begin = _STREAM.match(pdf, end) if isinstance(value, generic.DictionaryObject) else None
    if begin is not None:
        length = dict.get(value, "/Length")
        if not isinstance(length, generic.NumberObject) or length < 0:
            return None
        stop = _END_STREAM.match(pdf, begin.end() + length)
        if stop is None:
            return None
        value = generic.StreamObject(value, encoded_data=pdf[begin.end() : begin.end() + length])
        value.container_ref = reference
        end = stop.end()
    return value if _END.match(pdf, end) else None


def read_value(pdf: bytes, place: int, container: Any) -> tuple[Any, int] | None:
    """A value and where it ends, or None where it is not spelled plainly. A dictionary's stream is not looked at."""
    open_: list[list[Any]] = []
    kinds: list[bool] = []
    handler = container.get_pdf_handler()
    while True:
        token = _TOKEN.match(pdf, place)
        if token is None:
            return None
        place = token.end()
        kind = token.lastindex or 0
        if kind in (6, 8):
            if len(open_) == _DEEP:
                return None
            open_.append([])
            kinds.append(kind == 6)
            continue
        if kind in (7, 9):
            if not kinds or kinds.pop() != (kind == 7):
                return None
            items = open_.pop()
            value = _dictionary(items) if kind == 7 else generic.ArrayObject(items)
            if value is None:
                return None
        else:
            value = _SIMPLE[kind](token, handler)
        value.container_ref = container
        if not open_:
            return value, place
        open_[-1].append(value)


def _name(spelled: bytes) -> Any:
    """Our own papers say of what kind an attachment is: /application#2fjson."""
    if b"#" in spelled:
        spelled = spelled.replace(b"#2f", b"/").replace(b"#2F", b"/")
    return generic.NameObject(spelled.decode("ascii"))


def _reference(token: re.Match[bytes], handler: Any) -> Any:
    return generic.IndirectObject(int(token.group(2)), int(token.group(3)), handler)  # type: ignore[no-untyped-call]


def _string(token: re.Match[bytes], _: Any) -> Any:
    text = token.group(10)
    return _text(_ESCAPE.sub(_unescaped, text) if b"\\" in text else text)


def _digits(token: re.Match[bytes], _: Any) -> Any:
    digits = token.group(11).translate(None, b"\t\n\r ")
    content = unhexlify(digits + b"0" * (len(digits) % 2))
    return _text(content) if len(content) < _LONG else generic.ByteStringObject(content)


def _text(content: bytes) -> Any:
    """As `generic.pdf_string`, which looks at each character; most strings are plain ASCII."""
    if not content.isascii() or not (text := content.decode("ascii")).isprintable():
        return generic.pdf_string(content)
    string = generic.TextStringObject(text)
    string.autodetected_encoding = generic.TextStringEncoding.PDF_DOC
    return string


def _word(token: re.Match[bytes], _: Any) -> Any:
    word = token.group(12)
    return generic.NullObject() if word == b"null" else generic.BooleanObject(word == b"true")  # type: ignore[no-untyped-call]


_SIMPLE: dict[int, Callable[[re.Match[bytes], Any], Any]] = {
    1: lambda token, _: _name(token.group(1)),
    3: _reference,
    4: lambda token, _: generic.NumberObject(token.group(4)),  # type: ignore[no-untyped-call]
    5: lambda token, _: generic.FloatObject(token.group(5).decode("ascii")),  # type: ignore[no-untyped-call]
    10: _string,
    11: _digits,
    12: _word,
}


def _unescaped(match: re.Match[bytes]) -> bytes:
    text = match.group(1)
    return bytes((int(text, 8),)) if text.isdigit() else _ESCAPED.get(text, text)


def _dictionary(items: list[Any]) -> Any | None:
    keys = items[::2]
    if len(items) % 2 or not all(isinstance(key, generic.NameObject) for key in keys) or len(set(keys)) != len(keys):
        return None
    return generic.DictionaryObject(dict(zip(keys, items[1::2], strict=True)))  # type: ignore[no-untyped-call]
