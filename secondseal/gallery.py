"""Every paper on one page: drawn from its sample, in a file that asks for no other."""

import io
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Final

import pypdfium2
from jinja2 import Environment, StrictUndefined

from templates import Catalogue, Fault, FolderInvalid, PaperError, PaperTemplate, drawn, specimen_issue

_ACROSS: Final = 900
"""Pixels of an upright page: sharp where the page is 28rem wide on a screen of two pixels each."""
_INKS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as a PNG (base64), and its size in pixels."""

    png: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One version of a paper, drawn."""

    paper: PaperTemplate
    anchor: str
    own: bool
    in_force: bool
    pages: tuple[Page, ...]


def gallery(papers: Catalogue, day: date) -> str:
    """The page (HTML), for a day. Raises FolderInvalid, naming the paper whose sample does not come out."""
    today = papers.on(day)
    shown = [
        Shown(
            paper=paper,
            anchor=f"{paper.name}-{paper.version}",
            own=papers.is_own(paper),
            in_force=any(paper is one for one in today),
            pages=tuple(_pages(_pdf(paper))),
        )
        for paper in papers.papers
    ]
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string((resources.files("secondseal") / "gallery.html").read_text("utf-8"))
    return page.render(papers=shown, day=f"{day:%d/%m/%Y}")


def _pdf(paper: PaperTemplate) -> bytes:
    try:
        return drawn(paper, paper.sample_data, specimen_issue(paper)).pdf
    except PaperError as error:
        fault = Fault(file=".", line=None, vi=error.text_vi, en=error.text_en)
        raise FolderInvalid(f"{paper.name}/{paper.version}", (fault,)) from error


def _pages(pdf: bytes) -> Iterator[Page]:
    """Papers of our own pen, of which a gallery shows the shapes: sixteen greys are enough, and a quarter as large."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for sheet in document:
            scale = _ACROSS / min(sheet.get_size())
            picture = sheet.render(scale=scale, grayscale=True).to_pil().quantize(_INKS)
            out = io.BytesIO()
            picture.save(out, "PNG", optimize=True)
            yield Page(png=b64encode(out.getvalue()).decode(), width=picture.width, height=picture.height)
    finally:
        document.close()
