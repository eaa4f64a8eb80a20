"""Words about a dossier that anyone may read on its page: nothing personal may stand in them."""

import re
import unicodedata
from typing import Final

from sqlalchemy import Table

from stamping.dossier import Applicant
from stamping.refusal import Refusal
from stamping.wording import check_words

LONGEST_REASON: Final = 2000
_WORD: Final = re.compile(r"\w+")
_NUMBERS: Final = re.compile(r"(?:\d[ .\-]?){9,}")
"""Identity, account and telephone numbers, however they are grouped; a date has slashes."""


def check_public(words: str, applicant: Applicant) -> None:
    """Refuse words for the public page that name the applicant or hold a person's number. Raises `Refusal`
    dossier-invalid."""
    numbered = [_digits(said) for said in (applicant.id_number, applicant.phone)]
    digits = _digits(words)
    if (
        any(_names(words, said) for said in (applicant.name, applicant.address))
        or any(len(said) > 3 and said in digits for said in numbered)
        or _NUMBERS.search(words)
    ):
        raise Refusal(
            "dossier-invalid",
            "Lời này hiện trên trang tra cứu công khai của hồ sơ: hãy bỏ họ tên, địa chỉ và các số định danh, số điện "
            "thoại.",
            "These words are shown on the dossier's public page: take out the name, the address and any identity or "
            "telephone number.",
            where="owed",
        )


def said(reason: str) -> str:
    """A reason as it is kept. Raises `Refusal` dossier-invalid for none, one too long, or one nobody can read."""
    if not reason.strip():
        raise Refusal("dossier-invalid", "Hãy ghi lý do.", "Give the reason.", where="reason")
    if len(reason) > LONGEST_REASON:
        raise too_long("reason", LONGEST_REASON)
    check_words("dossier-invalid", lines=True, reason=reason)
    return reason.strip()


def check_lengths(table: Table, **values: str) -> None:
    """Refuse what a column of the table would not hold; PostgreSQL would answer with a fault. Raises `Refusal`
    dossier-invalid."""
    for name, value in values.items():
        longest = table.c[name].type.length  # type: ignore[attr-defined]
        if len(value) > longest:
            raise too_long(name, longest)


def too_long(where: str, longest: int) -> Refusal:
    """A value that does not fit."""
    return Refusal(
        "dossier-invalid",
        f"{where}: dài quá {longest} ký tự.",
        f"{where}: longer than {longest} characters.",
        where=where,
        longest=longest,
    )


def _names(words: str, said: str) -> bool:
    """Whether these very words stand in it. Marks and capitals do not matter, so that "NGUYEN THI MAU" is Nguyễn Thị
    Mẫu; of a name of one word they do, since without them An is half of the language."""
    parts = _WORD.findall(unicodedata.normalize("NFC", said))
    if len(parts) < 2:
        return bool(parts) and parts[0] in _WORD.findall(unicodedata.normalize("NFC", words))
    return f" {_plain(said)} " in f" {_plain(words)} "


def _plain(text: str) -> str:
    """The words without marks and capitals, one space between."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return " ".join(_WORD.findall("".join(letter for letter in letters if not unicodedata.combining(letter))))


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
