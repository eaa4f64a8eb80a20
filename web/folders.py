"""Where the files of the pages lie."""

from pathlib import Path
from typing import Final

_HERE = Path(__file__).parent

PAGES: Final = _HERE / "pages"
STATIC: Final = _HERE / "static"
WORDS: Final = _HERE / "words.toml"
