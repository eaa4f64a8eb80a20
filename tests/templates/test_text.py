"""Lines and pages as arithmetic: nothing lost, nothing too wide, nothing off the page."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates.flow import Unit, paginate
from templates.text import Run, balanced, wrap
from templates.typeface import BOLD, REGULAR, width

WORDS = st.lists(st.text("abcdđmnưỹẾỆ.,“”0", min_size=1, max_size=30), min_size=1, max_size=25)


@settings(max_examples=60)
@given(WORDS, st.floats(30, 400), st.sampled_from([11.0, 13.0, 14.0]), st.floats(0, 20))
def test_wrapping_keeps_every_letter_within_the_measure(
    words: list[str], measure: float, size: float, indent: float
) -> None:
    half = len(words) // 2
    runs = [Run(text=" ".join(words[:half]) + " "), Run(text=" ".join(words[half:]), face=BOLD)]
    lines = wrap(runs, size=size, measure=measure, first_indent=indent)
    assert "".join(line.text for line in lines).replace(" ", "") == "".join(words)
    for index, line in enumerate(lines):
        assert line.last == (index == len(lines) - 1)
        assert line.indent == (indent if index == 0 else 0)
        drawn = sum(width(piece.text, piece.face, size) for piece in line.pieces)
        assert abs(drawn - line.width) < 0.01
        assert line.indent + line.width <= measure + 0.02 or len(line.text) == 1
        assert not line.text.startswith(" ")
        assert not line.text.endswith(" ")


@settings(max_examples=40)
@given(WORDS, st.floats(120, 400))
def test_balanced_headings_take_no_more_lines(words: list[str], measure: float) -> None:
    text = " ".join(words)
    plain = wrap([Run(text=text, face=BOLD)], size=12, measure=measure)
    even = balanced(text, BOLD, size=12, measure=measure)
    assert len(even) == len(plain)
    assert max(line.width for line in even) <= measure + 0.02
    assert "".join(line.text for line in even).replace(" ", "") == "".join(words)


def test_balanced_leaves_no_lonely_word() -> None:
    lines = balanced("TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG XÃ MẪU", BOLD, size=12, measure=207)
    assert [line.text for line in lines] == ["TRUNG TÂM PHỤC VỤ HÀNH", "CHÍNH CÔNG XÃ MẪU"]


def test_a_bold_phrase_meets_plain_text_without_a_gap() -> None:
    (line,) = wrap([Run(text="a “"), Run(text="b", face=BOLD), Run(text="” c")], size=12, measure=400)
    assert line.text == "a “b” c"
    assert [piece.face for piece in line.pieces] == [REGULAR, BOLD, REGULAR]


@settings(max_examples=80)
@given(st.lists(st.tuples(st.floats(5, 90), st.floats(0, 10), st.booleans()), min_size=1, max_size=40))
def test_pages_hold_every_unit_once_in_order_and_inside(shapes: list[tuple[float, float, bool]]) -> None:
    units = [Unit(height=height, gap=gap, keep=keep, draw=lambda pen, top: None) for height, gap, keep in shapes]
    placed = paginate(units, tops=lambda page: 300.0 if page else 200.0, bottoms=lambda page: 0.0 if page else 50.0)
    assert [item.unit for item in placed] == units
    for item in placed:
        assert item.top - item.unit.height >= (0 if item.page else 50) - 0.02
        assert item.top <= (300 if item.page else 200)
    for before, after in pairwise(placed):
        assert after.page in (before.page, before.page + 1)
        if after.page == before.page:
            assert after.top <= before.top - before.unit.height + 0.01


def test_tied_units_travel_together_and_heads_are_repeated() -> None:
    head = Unit(height=10, draw=lambda pen, top: None, keep=True)
    rows = [Unit(height=30, draw=lambda pen, top: None, header=head) for _ in range(5)]
    placed = paginate([head, *rows], tops=lambda page: 100, bottoms=lambda page: 0)
    assert [(item.page, item.unit is head) for item in placed] == [
        (0, True),
        (0, False),
        (0, False),
        (0, False),
        (1, True),
        (1, False),
        (1, False),
    ]


def test_a_last_word_is_not_left_alone_where_the_line_above_can_spare_one() -> None:
    text = "Giấy này được cấp để bổ sung hồ sơ xin học cho con tại trường Tiểu học Mẫu"
    measure = width(text.removesuffix(" Mẫu"), REGULAR, 14)
    alone, together = (wrap([Run(text=text)], size=14, measure=measure, company=company) for company in (False, True))
    assert [line.text.rpartition(" ")[2] for line in alone] == ["học", "Mẫu"]
    assert together[-1].text == "học Mẫu"
    assert together[-1].width == pytest.approx(width("học Mẫu", REGULAR, 14))
    assert together[0].width < alone[0].width
    # a line that would gape keeps its words
    assert [line.text for line in wrap([Run(text="hai từ Mẫu")], size=14, measure=40, company=True)] == [
        "hai từ",
        "Mẫu",
    ]
