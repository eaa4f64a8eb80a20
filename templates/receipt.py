"""The receipt of one verification: what a person may keep of a result, on one sheet, Vietnamese with English beneath.

It has nothing of an office's paper (no national heading, no number, no place for a seal), because it is none.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pikepdf

from templates.frame import SAMPLE
from templates.pen import Pen, baseline_of
from templates.sheet import BOTTOM, LEFT, MEASURE, MM, RIGHT, TOP
from templates.text import Run, wrap
from templates.typeface import BOLD, BOLD_ITALIC, ITALIC, REGULAR, SINGLE, clean, load

_SIZES: Final = (11.0, 10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)
_COLUMN: Final = 38 * MM
_LONGEST: Final = 260
"""Characters of one text from outside."""
_MOST_SIGNATURES: Final = 4
_MOST_FACTS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """One text in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What it says. `service` is whose service checked, `address` where to check again, `certificates` where the
    receipt key's certificate is shown; of many signatures the first four are named."""

    service: Both
    address: str
    certificates: str
    file_name: str
    file_size: Both
    file_sha256: str
    checked_at: Both
    headline: Both
    sentence: Both
    conclusion: Both
    facts: Sequence[Both]
    signatures: Sequence[Both]
    policy: str
    policy_url: str
    key_sha256: str
    sample: bool


class ReceiptTooLong(ValueError):
    """It does not fit one sheet at the smallest size."""


_TITLE: Final = Both(
    vi="Phiếu kết quả kiểm tra văn bản điện tử", en="Receipt of the verification of an electronic document"
)
_NOT: Final = Both(
    vi="Phiếu này không phải văn bản đã được kiểm tra, không phải bản sao của văn bản đó và không mang con dấu của cơ "
    "quan nào. Phiếu không thay cho tệp PDF đã ký. Phiếu chỉ ghi lại một lần kiểm tra; về sau kết quả có thể khác.",
    en="This receipt is not the document that was checked, not a copy of it, and bears no office's seal. It does not "
    "stand in for the signed PDF. It records one check only; the result may differ later.",
)
_FILE: Final = Both(vi="Tệp", en="File")
_FOUND: Final = Both(vi="Kết quả", en="Result")
_FACTS: Final = Both(vi="Từng điều", en="Each point")
_SIGNED: Final = Both(vi="Chữ ký số", en="Signatures")
_WHEN: Final = Both(vi="Kiểm tra lúc", en="Checked at")
_BY: Final = Both(vi="Theo chính sách", en="Under the policy")
_WHO: Final = Both(vi="Nơi kiểm tra", en="Checked by")
_AGAIN: Final = Both(
    vi="Muốn chắc chắn, hãy kiểm tra lại chính tệp PDF tại {address}. Người nhận phiếu này cũng nên làm như vậy.",
    en="To be sure, check the PDF itself again at {address}. So should whoever is given this receipt.",
)
_KEY: Final = Both(
    vi="Phiếu được ký số bằng khóa riêng của dịch vụ kiểm tra. Khóa này không phải con dấu của cơ quan và không ký văn "
    "bản nào khác. Chứng thư của khóa do dịch vụ tự tạo, được công bố tại {place}; SHA-256: {sha256}",
    en="The receipt is signed with the verification service's own key. That key is not the office's seal and signs "
    "nothing else. Its certificate is self-made and published at {place}; SHA-256 as above.",
)


def receipt_pdf(receipt: Receipt) -> bytes:
    """One A4 sheet. The same receipt gives the same bytes. Raises ReceiptTooLong.

    File names and signers' names come from outside: what the typeface cannot draw becomes "?", long texts are cut.
    """
    size = next((one for one in _SIZES if _Sheet(None, one).lay(receipt) >= BOTTOM), None)
    if size is None:
        raise ReceiptTooLong("the receipt does not fit its sheet")
    pen = Pen()
    _Sheet(pen, size).lay(receipt)
    described = io.BytesIO()
    with pikepdf.open(io.BytesIO(pen.finish())) as pdf:
        pdf.docinfo["/Title"] = f"{_TITLE.vi}: {_shown(_cut(receipt.file_name))}"
        pdf.Root.Lang = pikepdf.String("vi-VN")
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.save(
            described,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            min_version="1.7",
            deterministic_id=True,
        )
    return described.getvalue()


class _Sheet:
    """The page, from the top down; without a pen it only measures."""

    def __init__(self, pen: Pen | None, size: float) -> None:
        self._pen = pen
        self._size = size
        self._cursor = TOP

    def lay(self, receipt: Receipt) -> float:
        """Everything; returns the height of what lies lowest."""
        size = self._size
        self._text(_cut(receipt.service.vi), BOLD, size)
        self._text(_cut(receipt.service.en), ITALIC, size * 0.9)
        self._rule(gap=3)
        self._cursor -= size
        self._text(_TITLE.vi, BOLD, size * 1.5)
        self._text(_TITLE.en, ITALIC, size * 1.1)
        self._cursor -= size * 0.6
        self._text(_NOT.vi, BOLD, size)
        self._text(_NOT.en, BOLD_ITALIC, size * 0.9)
        self._rule(gap=size * 0.6)
        digits = receipt.file_sha256
        self._row(_FILE, [Both(vi=receipt.file_name, en=""), receipt.file_size], bold=1)
        self._row(Both(vi="SHA-256", en=""), [Both(vi=" ".join(_groups(digits)), en="")])
        self._row(_FOUND, [receipt.headline, receipt.sentence, receipt.conclusion], bold=1)
        if receipt.facts:
            self._row(_FACTS, receipt.facts[:_MOST_FACTS])
        if receipt.signatures:
            named, more = list(receipt.signatures[:_MOST_SIGNATURES]), len(receipt.signatures) - _MOST_SIGNATURES
            room = _LONGEST * _MOST_SIGNATURES // len(named)  # of few signatures more can be said
            if more > 0:
                named.append(Both(vi=f"và {more} chữ ký số khác", en=f"and {more} more"))
            self._row(_SIGNED, named, longest=room)
        self._row(_WHEN, [receipt.checked_at])
        self._row(_BY, [Both(vi=receipt.policy, en=receipt.policy_url)])
        self._row(_WHO, [receipt.service])
        self._rule(gap=size * 0.6)
        self._cursor -= size * 0.4
        for both in (_AGAIN, _KEY):
            filled = {
                "address": receipt.address,
                "place": receipt.certificates,
                "sha256": " ".join(_groups(receipt.key_sha256)),
            }
            self._text(both.vi.format_map(filled), REGULAR, size * 0.9)
            self._text(both.en.format_map(filled), ITALIC, size * 0.82)
            self._cursor -= size * 0.4
        if receipt.sample:
            self._text(SAMPLE, BOLD, size)
        return self._cursor

    def _row(self, label: Both, values: Sequence[Both], *, bold: int = 0, longest: int = _LONGEST) -> None:
        """A label and its values, each of at most `longest` characters, the first `bold` of them in bold."""
        self._cursor -= self._size * 0.5
        top = self._cursor
        self._text(label.vi, REGULAR, self._size * 0.9)
        self._text(label.en, ITALIC, self._size * 0.82)
        lowest, self._cursor = self._cursor, top
        for place, value in enumerate(values):
            self._text(_cut(value.vi, longest), BOLD if place < bold else REGULAR, self._size, left=LEFT + _COLUMN)
            if value.en != value.vi:
                self._text(_cut(value.en, longest), ITALIC, self._size * 0.86, left=LEFT + _COLUMN)
            self._cursor -= self._size * 0.15
        self._cursor = min(lowest, self._cursor)

    def _text(self, text: str, face: str, size: float, *, left: float = LEFT) -> None:
        leading = size * SINGLE
        for line in wrap([Run(text=_shown(text), face=face)], size=size, measure=RIGHT - left):
            if self._pen is not None:
                self._pen.line(left, baseline_of(self._cursor, leading, size), line, size)
            self._cursor -= leading

    def _rule(self, *, gap: float) -> None:
        self._cursor -= gap
        if self._pen is not None:
            self._pen.rule(LEFT, LEFT + MEASURE, self._cursor)


def _shown(text: str) -> str:
    drawable = load()
    return "".join(letter if ord(letter) in drawable else "?" for letter in clean(text))


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _groups(digits: str) -> list[str]:
    return [digits[start : start + 8] for start in range(0, len(digits), 8)]
