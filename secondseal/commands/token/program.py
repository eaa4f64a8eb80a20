"""This program's name and version, as records state it."""

from importlib.metadata import version
from typing import Final

PROGRAM: Final = f"Second Seal {version('secondseal')}"
