"""Is an object spelled so that every reader finds the same in it?

pyHanko closes a dictionary at one `>`, others at two; some end a comment, a name or a number where others do not. What
is written after a signature, and what it replaces, must leave no such choice. Brackets, names, numbers, references,
strings: nothing else, no comments, and a stream exactly as long as it says.
"""

import re

_SPACE = rb"[\0\t\n\f\r ]"
_THEN = rb"(?=[\0\t\n\f\r /<>\[\]()]|\Z)"
_TOKEN = re.compile(
    rb"/(?:[!\"$&'*-.0-;=?-Z\\^-z|~]|#(?!00)[0-9A-Fa-f]{2}){0,127}"  # PDFium cuts off long names
    + _THEN
    + rb"|[1-9]\d{0,9}"
    + _SPACE
    + rb"+\d{1,5}"
    + _SPACE
    + rb"+R"
    + _THEN
    + rb"|[+-]?(?:\d{1,10}(?:\.\d{0,20})?|\.\d{1,20})"
    + _THEN
    + rb"|(?:true|false|null)"
    + _THEN
    + rb"|<[0-9A-Fa-f\0\t\n\f\r ]*>"
    + rb"|\([^()\\]*\)"
)
_SPACES = re.compile(_SPACE + rb"*")
_IN_STRING = re.compile(rb"[^()\\]+|\\.", re.S)
_STREAM = re.compile(_SPACE + rb"*stream\r?\n")
_END_STREAM = re.compile(_SPACE + rb"*endstream" + _SPACE + rb"*endobj")
_END = re.compile(_SPACE + rb"*endobj")
_CLOSING = {b"<<": b">>", b"[": b"]"}
_DEEP = 32
"""PDFium gives up at 64."""


def is_plain_object(pdf: bytes, place: int, ref: tuple[int, int], length: int | None) -> bool:
    """Whether the object `ref` at byte `place` is. `length`: of its stream, in bytes; None if it has none."""
    header = b"%d %d obj" % ref
    place = _SPACES.match(pdf, place).end()  # type: ignore[union-attr]
    if not pdf.startswith(header, place):
        return False
    end = value_end(pdf, place + len(header), len(pdf))
    if end is None:
        return False
    if length is None:
        return _END.match(pdf, end) is not None
    begin = _STREAM.match(pdf, end)
    return begin is not None and _END_STREAM.match(pdf, begin.end() + length) is not None


def is_plain_value(text: bytes) -> bool:
    """Whether the text is one value and nothing more, as the objects inside an object stream are."""
    end = value_end(text, 0, len(text))
    return end is not None and _SPACES.fullmatch(text, end) is not None


def value_end(data: bytes, place: int, stop: int) -> int | None:
    """Where the value that begins at `place` ends, in bytes; None where readers may differ, or beyond `stop`."""
    waiting: list[bytes] = []
    while True:
        place = _SPACES.match(data, place, stop).end()  # type: ignore[union-attr]  # it matches nothing, too
        two = data[place : min(place + 2, stop)]
        opened = two if two == b"<<" else two[:1]
        if opened in _CLOSING:
            if len(waiting) == _DEEP:
                return None
            waiting.append(_CLOSING[opened])
            place += len(opened)
            continue
        if waiting and data.startswith(waiting[-1], place, stop):
            place += len(waiting.pop())
        elif (token := _TOKEN.match(data, place, stop)) is not None:
            place = token.end()
        elif opened == b"(" and (end := _string_end(data, place, stop)) is not None:
            place = end
        else:
            return None
        if not waiting:
            return place


def _string_end(data: bytes, place: int, stop: int) -> int | None:
    depth = 0
    while place < stop:
        match = _IN_STRING.match(data, place, stop)
        if match is not None:
            place = match.end()
            continue
        depth += {b"(": 1, b")": -1}.get(data[place : place + 1], 0)
        place += 1
        if depth == 0:
            return place
    return None
