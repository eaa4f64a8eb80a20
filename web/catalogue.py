"""The words of the pages: one file, both languages side by side (`words.toml`)."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, get_args

from web.folders import WORDS

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)


class WordMissing(LookupError):
    """A page asks for words that the catalogue does not have in that language; `key` names them."""

    def __init__(self, key: str, language: str) -> None:
        super().__init__(f"no words {key!r} in {language!r}")
        self.key = key


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Dotted key -> language -> text. Placeholders are `{name}` as in `str.format`."""

    texts: Mapping[str, Mapping[str, str]]

    def say(self, language: Language, key: str, /, **values: object) -> str:
        """The text for `key`. Raises `WordMissing`."""
        text = self.texts.get(key, {}).get(language)
        if text is None:
            raise WordMissing(key, language)
        return text.format_map(values) if values else text

    def count(self, language: Language, key: str, number: int, /, **values: object) -> str:
        """The text for `key` with `{n}`; English takes `<key>_one` where the number is 1 and the catalogue has it."""
        single = f"{key}_one"
        chosen = single if number == 1 and language in self.texts.get(single, {}) else key
        return self.say(language, chosen, n=number, **values)


def load(path: Path) -> Catalogue:
    """Read a catalogue: a table whose leaves are `{ vi = "...", en = "..." }`."""
    tree = tomllib.loads(path.read_text(encoding="utf-8"))
    return Catalogue(MappingProxyType(dict(_leaves(tree, ()))))


@cache
def catalogue() -> Catalogue:
    """The catalogue of this program."""
    return load(WORDS)


def _leaves(tree: Mapping[str, object], path: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for name, value in tree.items():
        if not isinstance(value, dict):
            raise TypeError(f"words.toml: {'.'.join((*path, name))} has no language")
        if all(isinstance(text, str) for text in value.values()):
            yield ".".join((*path, name)), MappingProxyType(value)
        else:
            yield from _leaves(value, (*path, name))
