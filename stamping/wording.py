"""Words that people and programs hand in, before they stand on pages and in registers for good."""

import unicodedata
from typing import Final

from stamping.refusal import Refusal

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control and direction marks, halves of characters, private and unassigned ones: a name with a direction mark reads
otherwise than it is written."""
_LINES: Final = frozenset("\n\r\t")


def check_words(code: str, *, lines: bool = False, **said: str) -> None:
    """Refuse what a reader cannot see; `lines`: line breaks and tabs may stand. Raises `Refusal` with that `code`."""
    for where, words in said.items():
        for letter in words:
            if unicodedata.category(letter) in _UNSEEN and not (lines and letter in _LINES):
                point = f"U+{ord(letter):04X}"
                raise Refusal(
                    code,
                    f"{where}: có ký tự điều khiển hoặc không nhìn thấy được ({point}). Hãy bỏ ký tự đó.",
                    f"{where}: holds a control or invisible character ({point}). Take it out.",
                    where=where,
                    character=point,
                )
