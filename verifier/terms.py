"""The few words a judgement is made of."""

from datetime import datetime, timedelta, timezone, tzinfo
from typing import Literal

Word = Literal["genuine", "warning", "untrusted", "changed", "invalid", "unsigned", "unreadable"]
Indication = Literal["TOTAL_PASSED", "TOTAL_FAILED", "INDETERMINATE"]
Level = Literal["B-B", "B-T", "B-LT", "B-LTA", "PKCS7-B", "PKCS7-T", "PKCS7-LT", "PKCS7-LTA"]

ORDER: tuple[Word, ...] = ("genuine", "warning", "untrusted", "invalid", "changed")
"""Worse and worse: a file is as good as its worst signature."""

VIET_NAM = timezone(timedelta(hours=7))


def in_zone(moment: datetime, zone: tzinfo = VIET_NAM) -> datetime:
    """An aware moment in `zone`; one that falls off the calendar there is its first or last instant.

    Uploaded files name such moments: "no end" in a certificate is the last second of the year 9999 in UTC (RFC 5280).
    """
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return datetime.min.replace(tzinfo=zone) if moment.year == 1 else datetime.max.replace(tzinfo=zone)


def worst(*words: Word) -> Word:
    """The worst of several words of ORDER; genuine for none."""
    return max(words, key=ORDER.index, default="genuine")
