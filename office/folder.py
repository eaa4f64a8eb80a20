"""Where the files are that an office's text names: a folder on a disk, or whatever answers like one."""

from pathlib import Path
from typing import Protocol


class Folder(Protocol):
    """`folder / name` is the file of that name; it need not be there."""

    def __truediv__(self, name: str, /) -> Path:
        """The file's place."""
