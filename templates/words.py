"""Numbers in Vietnamese words, as money is written out on official papers."""

from typing import Final

_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES: Final = ("", " nghìn", " triệu")
_BILLION: Final = 1_000_000_000


def in_words(number: int) -> str:
    """Spell a whole number out, in lower case: 1_000_005 -> "một triệu không trăm linh năm".

    Raises ValueError for a negative number.
    """
    if number < 0:
        raise ValueError(f"only whole numbers from zero are spelt out, not {number}")
    if number == 0:
        return _DIGITS[0]
    return " ".join(_parts(number, leading=True))


def money_in_words(dong: int) -> str:
    """An amount in đồng as it stands in brackets on a paper: 350_000_000 -> "Ba trăm năm mươi triệu đồng"."""
    words = in_words(dong)
    return f"{words[0].upper()}{words[1:]} đồng"


def with_dots(number: int) -> str:
    """Digits in threes with dots: 350_000_000 -> "350.000.000"."""
    return f"{number:,}".replace(",", ".")


def _parts(number: int, *, leading: bool) -> list[str]:
    # Above a billion the language counts in billions again: a thousand billion, a billion billion.
    high, low = divmod(number, _BILLION)
    parts: list[str] = []
    if high:
        parts += [*_parts(high, leading=leading), "tỷ"]
        leading = False
    for power in (2, 1, 0):
        group = low // 1000**power % 1000
        if group:
            parts.append(_hundreds(group, full=not leading) + _SCALES[power])
            leading = False
    return parts


def _hundreds(group: int, *, full: bool) -> str:
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    words: list[str] = []
    if hundreds or full:
        words += [_DIGITS[hundreds], "trăm"]
    if tens == 0:
        if ones and words:
            words.append("linh")
    elif tens == 1:
        words.append("mười")
    else:
        words += [_DIGITS[tens], "mươi"]
    if ones:
        words.append(_ones(ones, tens))
    return " ".join(words)


def _ones(ones: int, tens: int) -> str:
    if ones == 1 and tens > 1:
        return "mốt"
    if ones == 4 and tens > 1:
        return "tư"
    if ones == 5 and tens > 0:
        return "lăm"
    return _DIGITS[ones]
