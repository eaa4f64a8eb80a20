"""A new paper of the office's own: a complete folder to be changed, which comes out as it is."""

import errno
import json
import os
import tempfile
from collections.abc import Callable
from datetime import date
from functools import partial
from html import escape
from importlib import resources
from pathlib import Path
from typing import Final

from templates import Fault, FolderInvalid, PaperTemplate, drawn, load_paper, specimen_issue, trial

_STARTER: Final = resources.files("secondseal") / "starter"
_SYMBOL: Final = """
# Tên loại viết tắt, đứng trong số văn bản (01/GXN-UBND); bỏ dấu # để dùng · the kind in short, in the number
# symbol = "GXN"
"""


def start_paper(papers: Path, name: str, *, title: str, letter: bool, day: date) -> Path:
    """Write NAME/YEAR.1 into a folder of papers, in force from `day`; its sample has been drawn before it is there.

    Raises FolderInvalid where name or title make no paper, FileExistsError where there is one of that name, OSError.
    """
    if (papers / name).exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(papers / name))
    version = f"{day.year}.1"
    if "{" in title or "}" in title:
        vi, en = "tên loại không có dấu { }", "the title may not hold braces"
        raise FolderInvalid(f"{name}/{version}", (Fault(file=".", line=None, vi=vi, en=en),))
    papers.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=papers, prefix=".new-") as made:
        folder = Path(made) / "paper" / version
        folder.mkdir(parents=True)
        for file, text in _files(title, letter=letter, day=day).items():
            (folder / file).write_text(text, encoding="utf-8")
        check_paper(folder, name)
        folder.parent.rename(papers / name)  # refuses where a folder that holds anything is there
    return papers / name / version


def check_paper(folder: Path, name: str) -> PaperTemplate:
    """The paper of this folder, its sample drawn. Raises FolderInvalid with everything that is wrong, OSError."""
    paper = load_paper(folder, name=name)
    make: Callable[[], object] = partial(drawn, paper, paper.sample_data, specimen_issue(paper))
    if faults := trial(folder, make):
        raise FolderInvalid(f"{name}/{folder.name}", faults)
    return paper


def _files(title: str, *, letter: bool, day: date) -> dict[str, str]:
    frame = "letter" if letter else "named"
    quoted = json.dumps(title, ensure_ascii=False)
    values = {"@TITLE@": quoted, "@DAY@": f"{day}", "@FRAME@": frame, "@SYMBOL@": "" if letter else _SYMBOL}
    files = {file: _STARTER.joinpath(file) for file in ("manifest.toml", "schema.json", "sample.json")}
    texts = {file: _filled(place.read_text("utf-8"), values) for file, place in files.items()}
    body = (_STARTER / f"{frame}.xml").read_text("utf-8")
    return texts | {"body.xml": _filled(body, {"@TITLE@": escape(title, quote=False)})}


def _filled(text: str, values: dict[str, str]) -> str:
    for word, value in values.items():
        text = text.replace(word, value)
    return text
