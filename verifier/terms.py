"""The few words a judgement is made of."""

from datetime import timedelta, timezone
from typing import Literal

Word = Literal["genuine", "warning", "untrusted", "changed", "invalid", "unsigned", "unreadable"]
Indication = Literal["TOTAL_PASSED", "TOTAL_FAILED", "INDETERMINATE"]
Level = Literal["B-B", "B-T", "B-LT", "B-LTA", "PKCS7-B", "PKCS7-T", "PKCS7-LT", "PKCS7-LTA"]

ORDER: tuple[Word, ...] = ("genuine", "warning", "untrusted", "invalid", "changed")
"""Worse and worse: a file is as good as its worst signature."""

VIET_NAM = timezone(timedelta(hours=7))


def worst(*words: Word) -> Word:
    """The worst of several words of ORDER; genuine for none."""
    return max(words, key=ORDER.index, default="genuine")
