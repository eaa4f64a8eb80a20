"""What a paper is: its entry in the catalogue, its contents before drawing, and what comes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from templates.body import Body
from templates.flow import Unit
from templates.issue import Issue
from templates.manifest import Frame, Level, Signed, Source, Use
from templates.place import Place


@dataclass(frozen=True, kw_only=True)
class Appendix:
    """A Phụ lục in the same file (item III.1): on pages of its own, counted from 1; `across`: A4 lying."""

    title: str
    across: bool
    body: Callable[[Body], list[Unit]]


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Where a one-stop form is signed: in what capacity, what is asked for ("Ký, ghi rõ họ tên"), the name or none."""

    post: str
    note: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Content:
    """A paper's own part, inside the frame: `body` sets it at a given size; `values` is for data.json, JSON-ready.
    `title_lines`: of a letter what it is about (5b), else its kind and what it is about (5a). `form`: the number of a
    form ("Mẫu số 01"); `signatures`: one or two in place of the frame's own and its recipients. `validity`: thời hạn
    and phạm vi hiệu lực where its data bear them, else they are the issue's.
    """

    title_lines: tuple[str, ...]
    body: Callable[[Body], list[Unit]]
    appendices: tuple[Appendix, ...] = ()
    recipients: tuple[str, ...]
    form: str = ""
    signatures: tuple[Signature, ...] = ()
    subject: str
    holder: str
    validity: str = ""
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PaperTemplate:
    """One kind of paper in one version, in use from `effective_from` (forms change by decree: AC-96).

    What stands from `effective_to` to `source` is its manifest's (`templates.manifest`). `sample_data` makes a complete
    example. `compose` checks the data and lays the contents out; `schema` is the data's, for who asks for them.
    """

    name: str
    title: str
    version: str
    effective_from: date
    effective_to: date | None = None
    procedures: tuple[str, ...] = ()
    level: Level = "any"
    frame: Frame = "named"
    symbol: str | None = None
    signed: Signed = "officer-and-seal"
    use: Use = "result"
    source: Source | None = None
    sample_data: Mapping[str, Any]
    compose: Callable[[Mapping[str, Any], Issue], Content] = field(repr=False)
    schema: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def in_force(self, day: date) -> bool:
        """Whether papers are made in this version on a day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)

    @property
    def procedure(self) -> str:
        """The first of its procedures; empty for a paper that ends none."""
        return self.procedures[0] if self.procedures else ""


@dataclass(frozen=True, kw_only=True)
class RenderedPaper:
    """A paper ready to be signed: `pdf` is PDF/A-3b with two empty signature fields at `officer` and `seal`.

    `title` and `subject` are what the outgoing register calls tên loại and trích yếu; `holder` is whom it is for;
    `version` is the form's; `qr_text` is what the symbol on the page says.
    """

    pdf: bytes = field(repr=False)
    title: str
    subject: str
    holder: str
    pages: int
    version: str
    officer: Place
    seal: Place
    qr_text: str = field(repr=False)
