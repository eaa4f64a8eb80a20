"""A register as a printed book: A4 landscape, head and page number on every page, nothing lost, nothing cut badly."""

import io
import re
from collections.abc import Iterable, Sequence

import pypdfium2

from templates import BookColumn, BookHead, draw_book

COLUMNS = [
    BookColumn(title=title, width=width) for title, width in (("Số, ký hiệu", 40), ("Trích yếu", 120), ("Ghi chú", 107))
]
HEAD = BookHead(
    organisation="Ủy ban nhân dân xã Mẫu",
    title="Sổ đăng ký văn bản đi",
    period="Năm 2026",
    foot="Kết xuất lúc 09:15:30 ngày 22/11/2026 từ Second Seal.",
)


def book(rows: Iterable[Sequence[str]]) -> tuple[list[str], list[tuple[float, float]]]:
    """The text of each page, and their sizes in points."""
    out = io.BytesIO()
    pages = draw_book(out, HEAD, COLUMNS, rows)
    pdf = pypdfium2.PdfDocument(out.getvalue())
    assert len(pdf) == pages
    texts = [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in pdf]
    sizes = [page.get_size() for page in pdf]
    pdf.close()
    return texts, sizes


def test_every_page_has_the_head_and_its_number() -> None:
    """AC-10."""
    rows = [(f"{n:02d}/GCN-UBND", f"Giấy chứng nhận số {n}", "") for n in range(1, 101)]
    texts, sizes = book(rows)
    assert len(texts) > 2
    assert "SỔ ĐĂNG KÝ VĂN BẢN ĐI" in texts[0]
    assert "ỦY BAN NHÂN DÂN XÃ MẪU" in texts[0]
    for number, text in enumerate(texts, start=1):
        assert "Số, ký hiệu" in text
        assert f"Trang {number}" in text
        assert "09:15:30 ngày 22/11/2026" in text
    assert all((round(width), round(height)) == (842, 595) for width, height in sizes)
    found = [int(one) for text in texts for one in re.findall(r"(\d+)/GCN-UBND", text)]
    assert found == list(range(1, 101))
    assert f"Sổ này có 100 dòng, {len(texts)} trang." in texts[-1]


def test_a_line_stays_on_one_page_unless_no_page_can_hold_it() -> None:
    tall = " ".join(f"từ{n}" for n in range(400))
    taller = " ".join(f"dài{n}" for n in range(6000))
    rows = [(f"{n:02d}/A", tall if n % 3 == 0 else "ngắn", "") for n in range(1, 13)] + [("13/B", taller, "")]
    texts, _ = book(rows)
    for text in texts:
        words = [int(word) for word in re.findall(r"\btừ(\d+)", text)]
        assert len(words) % 400 == 0, "a line that fits a page was cut"
    words = [int(word) for text in texts for word in re.findall(r"\bdài(\d+)", text)]
    assert words == list(range(6000))


def test_a_word_wider_than_its_column_and_letters_without_a_glyph_are_written_whole() -> None:
    texts, _ = book([("01/A", "f" * 64 + "e" * 300, "chữ 中")])
    letters = re.sub(r"\s", "", texts[0])
    assert "f" * 64 + "e" * 10 in letters
    assert letters.count("e") >= 300
    assert "[U+4E2D]" in texts[0]


def test_an_empty_book_says_so() -> None:
    texts, _ = book([])
    assert len(texts) == 1
    assert "Không có dòng nào" in texts[0]


def test_a_long_book_is_put_together_from_parts() -> None:
    """Reportlab keeps pages until it writes: parts keep the memory flat; nothing shows of it."""
    texts, _ = book((f"{n:02d}/GCN-UBND", "giấy " * 500, "") for n in range(1, 251))
    assert len(texts) > 200, "a part has 200 pages"
    assert [f"Trang {n}" in text for n, text in enumerate(texts, start=1)] == [True] * len(texts)
    assert ["Số, ký hiệu" in text for text in texts] == [True] * len(texts)
    found = [int(one) for text in texts for one in re.findall(r"(\d+)/GCN-UBND", text)]
    assert found == list(range(1, 251))
