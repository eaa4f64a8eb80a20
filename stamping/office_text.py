"""The institution from what is kept of it: a text, and the files it names by the hash of their bytes."""

import os
from collections.abc import Mapping
from pathlib import Path

from office import Office
from store import Files

SOURCE = Path("office.toml")
"""How problems name a text that stands in the register."""
_NOWHERE = Path(os.devnull)
"""No folder, so nothing is ever in it."""


class KeptFolder:
    """A version's files by their names in the text, each where the store keeps it. A name that is not kept leads to a
    place that never exists, so that whoever reads it there is told so."""

    def __init__(self, files: Files, kept: Mapping[str, str]) -> None:
        self._files = files
        self._kept = kept

    def __truediv__(self, name: str, /) -> Path:
        sha256 = self._kept.get(name)
        return _NOWHERE / Path(name).name if sha256 is None else self._files.place(sha256)


class AskedFolder:
    """Takes down every name the text asks for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __truediv__(self, name: str, /) -> Path:
        self.asked.append(name)
        return Path(name)


def read_office(text: str, kept: Mapping[str, str], files: Files) -> Office:
    """The institution of this text. Raises `OfficeInvalid`."""
    return Office.read(text, folder=KeptFolder(files, kept), source=SOURCE)


def names_of(text: str) -> tuple[str, ...]:
    """The files a text names, each once, in its order. Raises `OfficeInvalid`."""
    folder = AskedFolder()
    Office.read(text, folder=folder, source=SOURCE)
    return tuple(dict.fromkeys(folder.asked))
