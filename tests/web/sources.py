"""The pages' and the api's sources, and which words they ask for."""

import re
from collections.abc import Iterable
from pathlib import Path

from web import PAGES as FOLDER

ROOT = Path(__file__).parents[2]
PAGES = sorted(FOLDER.glob("*.html"))
CODE = sorted((ROOT / "api").glob("*.py"))
_WHOLE = re.compile(r"""["']([a-z0-9]+\.[a-z0-9_]+)["']""")
_BEGUN = re.compile(r"""["']([a-z0-9]+\.[a-z0-9_]*)["'] ?~|f["']([a-z0-9]+\.[a-z0-9_]*)\{""")


def keys_used(known: Iterable[str]) -> set[str]:
    """Keys named whole in pages and code, and the known ones that a begun key ("state." ~ state) may become."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in (*PAGES, *CODE))
    groups = {key.partition(".")[0] for key in known}
    named = {key for key in _WHOLE.findall(text) if key.partition(".")[0] in groups and not _is_file(key)}
    begun = {one or other for one, other in _BEGUN.findall(text)}
    begun |= {"form."}  # labels of a paper's fields, made of their paths (api.paper_form)
    grown = {key for key in known if any(key.startswith(start) for start in begun)}
    whole = {key for key in named if key in known or not any(key == start for start in begun)}
    counted = {key for key in known if key.endswith("_one") and key.removesuffix("_one") in whole | grown}
    return (whole | grown | counted) - begun


def _is_file(key: str) -> bool:
    return key.rpartition(".")[2] in {"html", "css", "js", "py", "svg", "json", "woff2"}
