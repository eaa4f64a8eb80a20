"""Where an object ends, followed by its brackets: the quick way against a slow one, character by character."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from verifier.pdf.endings import open_ended

PIECES = (
    b"<<", b">>", b"<", b">", b"[", b"]", b"(", b")", b"\\", b"%", b"\n", b"\r", b" ", b"e", b"endobj", b"s", b"stream",
    b"stream ", b"a", b"0f", b"/N",
)  # fmt: skip
HEX = re.compile(rb"<[0-9A-Fa-f\0\t\n\f\r ]*>")


def closes(text: bytes) -> bool:
    """ISO 32000-1, 7.3: what is left open where the object, or the text, is over."""
    waiting: list[bytes] = []
    place = 0
    while place < len(text):
        here = text[place : place + 1]
        if here == b"%":
            while place < len(text) and text[place : place + 1] not in (b"\r", b"\n"):
                place += 1
        elif here == b"(":
            depth = 0
            while True:
                if place >= len(text):
                    return False
                here = text[place : place + 1]
                place += 2 if here == b"\\" else 1
                depth += {b"(": 1, b")": -1}.get(here, 0)
                if depth == 0:
                    break
            if place > len(text):
                return False
            continue
        elif text.startswith(b"endobj", place) or re.match(rb"stream[\0\t\n\f\r ]", text[place:]):
            return not waiting
        elif (digits := HEX.match(text, place)) is not None:
            place = digits.end()
            continue
        elif text.startswith(b"<<", place):
            waiting.append(b">>")
            place += 1
        elif here == b"[":
            waiting.append(b"]")
        elif waiting and text.startswith(waiting[-1], place):
            place += len(waiting.pop()) - 1
        elif here in b"<>[])":
            return False
        place += 1
    return not waiting


@given(st.lists(st.sampled_from(PIECES), max_size=16).map(b"".join))
@example(b"(ab\n<")
@example(b"<</A(\\))/B[<0f>]%>>\n>>endobj(")
@example(b"e" * 2500 + b"[" + b"s" * 2500)
def test_brackets_are_followed_as_a_slow_reader_follows_them(text: bytes) -> None:
    assert (open_ended(text, [0], [len(text)]) is None) == (closes(text) or not text)
