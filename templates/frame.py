"""The frame of every paper (NĐ 30/2020/NĐ-CP, PL I, part I): head, title, signature block, recipients, look-up line."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from templates.body import Body
from templates.flow import Unit
from templates.issue import Issue
from templates.pen import Pen, baseline_of
from templates.place import Place, marks, room_for
from templates.sheet import (
    BOTTOM,
    LEFT,
    LEFT_CENTRE,
    LEFT_COLUMN,
    MEASURE,
    MM,
    RIGHT,
    RIGHT_CENTRE,
    RIGHT_COLUMN,
    TOP,
    UPRIGHT,
    Sheet,
)
from templates.tags import Tag
from templates.text import Line, Run, balanced, wrap
from templates.typeface import ASCENT, BOLD, BOLD_ITALIC, ITALIC, REGULAR, SINGLE, width

COUNTRY: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
_BELONGS: Final = "(Kèm theo văn bản số ………/……… ngày …… tháng …… năm ………)"
SAMPLE: Final = "MẪU – KHÔNG CÓ GIÁ TRỊ"

_RULE_PART: Final = 0.4  # "from 1/3 to 1/2 of the line": under the issuing body and under the title
_RULE_DROP: Final = 3.0
_HEAD: Final = 12.0
_HEAD_LEADING: Final = _HEAD * SINGLE
_ABOUT: Final = 12.0
_NOTE: Final = 11.0
_NOTE_LEADING: Final = _NOTE * SINGLE


def date_in_words(day: date) -> str:
    """ "ngày 05 tháng 01 năm 2026": days below ten and months one and two take a zero (item 4)."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def draw_head(pen: Pen, issue: Issue, *, about: str = "") -> float:
    """Items 1 to 4 at the head of page 1, of a letter 5b too (`about`); returns the height below them."""
    left = _draw_body_names(pen, issue)
    first = baseline_of(TOP, _HEAD_LEADING, _HEAD)
    with pen.tagged(Tag("P")):
        pen.centred(RIGHT_CENTRE, first, COUNTRY, BOLD, _HEAD)
    second = first - 13 * SINGLE
    with pen.tagged(Tag("P")):
        length = pen.centred(RIGHT_CENTRE, second, MOTTO, BOLD, 13)
    right = second - 2 * _RULE_DROP
    pen.rule(RIGHT_CENTRE - length / 2, RIGHT_CENTRE + length / 2, right)

    baseline = min(left, right) - 19
    if issue.number:
        with pen.tagged(Tag("P")):
            pen.centred(LEFT_CENTRE, baseline, f"Số: {issue.number}", REGULAR, 13)
    column = RIGHT_COLUMN[1] - RIGHT_COLUMN[0]
    dated = f"{issue.place}, {date_in_words(issue.issued_on)}"
    size = 14.0 if width(dated, ITALIC, 14) <= column else 13.0
    lines = balanced(dated, ITALIC, size=size, measure=column)
    with pen.tagged(Tag("P")):
        for index, line in enumerate(lines):
            pen.centred(RIGHT_CENTRE, baseline - index * size * SINGLE, line.text, ITALIC, size)
    below = baseline - (len(lines) - 1) * size * SINGLE - 6
    return min(below, _draw_about(pen, baseline, about)) if about else below


def draw_form_number(pen: Pen, number: str) -> None:
    """The form's number, in the top margin on the right where the annexes of the forms have it."""
    with pen.tagged(Tag("P")):
        pen.right(RIGHT, UPRIGHT.height - 13 * MM, number, BOLD, _NOTE)


def _draw_about(pen: Pen, number: float, about: str) -> float:
    """Item 5b: "V/v …" under the number, 6 pt below it; returns the height below."""
    leading = _ABOUT * SINGLE
    column = LEFT_COLUMN[1] - LEFT_COLUMN[0]
    cursor = number - 13 * (SINGLE - ASCENT) - 6
    with pen.tagged(Tag("P")):
        for line in balanced(f"V/v {about}", REGULAR, size=_ABOUT, measure=column):
            pen.centred(LEFT_CENTRE, baseline_of(cursor, leading, _ABOUT), line.text, REGULAR, _ABOUT)
            cursor -= leading
    return cursor - 6


def _draw_body_names(pen: Pen, issue: Issue) -> float:
    column = LEFT_COLUMN[1] - LEFT_COLUMN[0]
    cursor = TOP
    shown: list[Line] = []
    for text, face in ((issue.parent, REGULAR), (issue.organisation, BOLD)):
        if text:
            shown += balanced(text.upper(), face, size=_HEAD, measure=column)
    with pen.tagged(Tag("P")):
        for line in shown:
            pen.centred(LEFT_CENTRE, baseline_of(cursor, _HEAD_LEADING, _HEAD), line.text, line.pieces[0].face, _HEAD)
            cursor -= _HEAD_LEADING
    half = shown[-1].width * _RULE_PART / 2
    rule = cursor - _RULE_DROP + 1
    pen.rule(LEFT_CENTRE - half, LEFT_CENTRE + half, rule)
    return rule


def draw_title(pen: Pen, top: float, lines: Sequence[str]) -> float:
    """Item 5a: the kind of paper in capitals, what it is about below it, a short rule; returns the height below."""
    cursor = top - 16
    length = 0.0
    for index, text in enumerate(lines):
        with pen.tagged(Tag("P" if index else "H1")):
            for line in balanced(text if index else text.upper(), BOLD, size=14, measure=MEASURE):
                length = pen.centred((LEFT + RIGHT) / 2, baseline_of(cursor, 17, 14), line.text, BOLD, 14)
                cursor -= 17
    half = length * _RULE_PART / 2
    rule = cursor - _RULE_DROP - 1.5
    pen.rule((LEFT + RIGHT) / 2 - half, (LEFT + RIGHT) / 2 + half, rule)
    return rule - 9


def draw_page_number(pen: Pen, number: int, sheet: Sheet = UPRIGHT) -> None:
    """Centred in the top margin, from page 2 on."""
    if number > 1:
        pen.centred(sheet.centre, sheet.height - 13 * MM, str(number), REGULAR, 13)


def appendix_head(body: Body, number: int | None, title: str) -> list[Unit]:
    """Item III.1: "Phụ lục II" (no number where there is one alone), its title in capitals, and the line that says what
    it belongs to, which an electronic paper leaves blank."""
    name = "Phụ lục" if number is None else f"Phụ lục {_roman(number)}"
    return [
        body.centred(name, BOLD, gap=0, kind="H2"),
        body.centred(title.upper(), BOLD, gap=0),
        body.centred(_BELONGS, ITALIC, gap=0),
    ]


def _roman(number: int) -> str:
    tens, ones = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]


def foot_height(issue: Issue) -> float:
    """What the foot of page 1 takes from the body, in points."""
    return _NOTE_LEADING * (2 if issue.sample else 1) + 8


def draw_foot(pen: Pen, issue: Issue) -> None:
    """Item 13 of the annex, under a rule as wide as the page's text: how the paper is looked up."""
    height = foot_height(issue)
    pen.rule(LEFT, RIGHT, BOTTOM + height - 4, weight=0.5)
    lines = [f"Mã tra cứu: {issue.code_in_groups} tại {issue.lookup_page}"]
    if issue.sample:
        lines.append(SAMPLE)
    cursor = BOTTOM + height - 6
    for index, text in enumerate(lines):
        face = REGULAR if index == 0 else BOLD
        size = min(_NOTE, _NOTE * MEASURE / width(text, face, _NOTE))
        with pen.tagged(Tag("P", late=True)):
            pen.centred((LEFT + RIGHT) / 2, baseline_of(cursor, _NOTE_LEADING, _NOTE), text, face, size)
        cursor -= _NOTE_LEADING


class SignatureBlock:
    """Items 7 to 9b: post, room for the two marks, name; on the left, level with the post, the recipients."""

    _SIZE: Final = 14.0
    _LEADING: Final = _SIZE * SINGLE

    def __init__(self, issue: Issue, recipients: Sequence[str]) -> None:
        self._issue = issue
        column = RIGHT_COLUMN[1] - RIGHT_COLUMN[0]
        self._posts = [
            line
            for text in issue.authority_lines
            for line in balanced(text.upper(), BOLD, size=self._SIZE, measure=column)
        ]
        self._names = balanced(issue.signer_name, BOLD, size=self._SIZE, measure=column)
        self._room = room_for(issue.seal_diameter_mm)
        # The recipients stay left of the seal, whatever its diameter.
        (_, seal) = marks(page=0, centre=(RIGHT_CENTRE, TOP / 2), seal_diameter_mm=issue.seal_diameter_mm)
        self._list_measure = min(LEFT_COLUMN[1], seal.rect[0] - 2 * MM) - LEFT
        self._list = [self._entry(text) for text in _punctuated(recipients)]

    def _entry(self, text: str) -> tuple[Line, ...]:
        return wrap([Run(text=text)], size=_NOTE, measure=self._list_measure)

    @property
    def height(self) -> float:
        """The whole block's height, in points."""
        right = (len(self._posts) + len(self._names)) * self._LEADING + self._room
        left = self._LEADING + sum(len(lines) for lines in self._list) * _NOTE_LEADING
        return max(right, left)

    def places(self, *, page: int, top: float) -> tuple[Place, Place]:
        """The officer's and the seal's places for a block whose top is here."""
        middle = top - len(self._posts) * self._LEADING - self._room / 2
        return marks(page=page, centre=(RIGHT_CENTRE, middle), seal_diameter_mm=self._issue.seal_diameter_mm)

    def draw(self, pen: Pen, top: float) -> None:
        """Draw it with its top at this height."""
        cursor = top
        with pen.tagged(Tag("P")):
            for post in self._posts:
                pen.centred(RIGHT_CENTRE, baseline_of(cursor, self._LEADING, self._SIZE), post.text, BOLD, self._SIZE)
                cursor -= self._LEADING
        cursor -= self._room
        with pen.tagged(Tag("P")):
            for name in self._names:
                pen.centred(RIGHT_CENTRE, baseline_of(cursor, self._LEADING, self._SIZE), name.text, BOLD, self._SIZE)
                cursor -= self._LEADING

        # Level with the post: the same baseline, though the type is smaller.
        with pen.tagged(Tag("P")):
            pen.text(LEFT, baseline_of(top, self._LEADING, self._SIZE), "Nơi nhận:", BOLD_ITALIC, 12)
        cursor = top - self._LEADING
        listed = Tag("L")
        for lines in self._list:
            with pen.tagged(Tag("LBody", Tag("LI", listed))):
                for line in lines:
                    pen.line(LEFT, baseline_of(cursor, _NOTE_LEADING, _NOTE), line, _NOTE)
                    cursor -= _NOTE_LEADING


def _punctuated(recipients: Sequence[str]) -> list[str]:
    last = len(recipients) - 1
    return [f"- {text.rstrip('.;')}{'.' if index == last else ';'}" for index, text in enumerate(recipients)]
