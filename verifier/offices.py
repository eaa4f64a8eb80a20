"""Is this the same office? Names are typed by many hands; two spellings of one name must not look like a forgery."""

import re
import unicodedata
from functools import lru_cache

_SHORT = (("ubnd", "ủy ban nhân dân"), ("hđnd", "hội đồng nhân dân"), ("tp.", "thành phố"), ("tp ", "thành phố "))
_TONES = {"òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ", "òe": "oè", "óe": "oé", "ỏe": "oẻ", "õe": "oẽ"}
_TONES |= {"ọe": "oẹ", "ùy": "uỳ", "úy": "uý", "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ"}


def same_office(one: str, other: str) -> bool:
    """Compare without case, spacing, the two ways of placing tone marks (hòa, hoà) and usual short forms (UBND)."""
    return _plain(one) == _plain(other)


@lru_cache(maxsize=256)
def _plain(name: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", name).casefold().split())
    for short, full in _SHORT:
        text = text.replace(short, full)
    for old, new in _TONES.items():
        text = re.sub(old + r"(?!\w)", new, text)
    return text
