"""Every paper that can be made: ours, and those of the office's own folder. Read strictly, before anything is made."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Any

from templates.errors import Fault, FolderInvalid, PaperUnknown
from templates.folder import load
from templates.issue import Issue
from templates.paper import PaperTemplate
from templates.qr import VIETNAM


class Catalogue:
    """Papers by name, each in its versions: `papers` are results; `forms` accompany a dossier and are never offered as
    one."""

    def __init__(self, papers: Iterable[PaperTemplate]) -> None:
        """Raises FolderInvalid where two versions of one paper begin on the same day or are called the same."""
        every = tuple(sorted(papers, key=lambda paper: (paper.name, paper.effective_from)))
        self.papers = tuple(paper for paper in every if paper.use == "result")
        self.forms = tuple(paper for paper in every if paper.use == "one-stop")
        for one, other in pairwise(every):
            if one.name == other.name and (one.effective_from, one.version) in (
                (other.effective_from, one.version),
                (one.effective_from, other.version),
            ):
                vi = f"trùng ngày hiệu lực hoặc phiên bản với {one.version}"
                fault = Fault(
                    file=".", line=None, vi=vi, en=f"begins on the same day as {one.version}, or is called the same"
                )
                raise FolderInvalid(f"{other.name}/{other.version}", (fault,))
            if one.name == other.name and one.use != other.use:
                vi = f"khác công dụng (use) với {one.version}"
                fault = Fault(file=".", line=None, vi=vi, en=f"has another use than {one.version}")
                raise FolderInvalid(f"{other.name}/{other.version}", (fault,))

    def on(self, day: date) -> tuple[PaperTemplate, ...]:
        """The papers in force on a day, one version each."""
        found = {paper.name: paper for paper in self.papers if paper.in_force(day)}
        return tuple(found.values())

    def paper(self, name: str, *, on: date) -> PaperTemplate:
        """The version of a paper in force on a day. Raises PaperUnknown."""
        for paper in reversed(self.papers):
            if paper.name == name and paper.in_force(on):
                return paper
        raise PaperUnknown(name)

    def form(self, name: str, *, on: date) -> PaperTemplate:
        """The version of a one-stop form in force on a day; before its first, the first. Raises PaperUnknown."""
        mine = [form for form in self.forms if form.name == name]
        if not mine:
            raise PaperUnknown(name)
        return next((form for form in reversed(mine) if form.in_force(on)), mine[0])


def read_papers(root: Traversable) -> Iterator[PaperTemplate]:
    """Every paper below a folder: NAME/VERSION/. Raises FolderInvalid at the first that is none, OSError."""
    for name in sorted(_folders(root), key=lambda one: one.name):
        for version in sorted(_folders(name), key=lambda one: one.name):
            yield load(version, name=name.name)


def _folders(parent: Traversable) -> Iterator[Traversable]:
    return (one for one in parent.iterdir() if one.is_dir() and not one.name.startswith((".", "_")))


@cache
def built_in() -> Catalogue:
    """The papers this program brings along."""
    return Catalogue(read_papers(resources.files("templates") / "papers"))


def with_own(folder: Path) -> Catalogue:
    """Ours and the office's own: a newer version of one of ours, or another paper. Raises FolderInvalid, OSError."""
    return Catalogue([*built_in().papers, *read_papers(folder)])


def catalogue() -> tuple[PaperTemplate, ...]:
    """Every result paper of ours in every version, in order of name and date."""
    return built_in().papers


def form_for(name: str, *, on: date) -> PaperTemplate:
    """The version of a one-stop form of ours in force on a day. Raises PaperUnknown."""
    return built_in().form(name, on=on)


def paper_for(name: str, *, on: date) -> PaperTemplate:
    """The version of a paper of ours in force on a day. Raises PaperUnknown."""
    return built_in().paper(name, on=on)


def dossier_data(dossier: Mapping[str, Any]) -> dict[str, Any]:
    """A dossier's `data` with its `applicant` beside it: the shape papers take. Bare data stays as it is."""
    data = dict(dossier.get("data", dossier))
    if "data" in dossier and "applicant" in dossier:
        data.setdefault("applicant", dossier["applicant"])
    return data


def sample_issue(name: str) -> Issue:
    """An invented office issuing the sample of a paper. Raises PaperUnknown."""
    paper = paper_for(name, on=date(2026, 11, 21))
    code = "7K3M9QXV2TBN8RWC4HZD6FYJ5PS"
    return Issue(
        organisation="ỦY BAN NHÂN DÂN XÃ MẪU",
        parent="ỦY BAN NHÂN DÂN TỈNH BẮC NINH",
        place="Bắc Ninh",
        number="01/GCN-UBND",
        issued_on=date(2026, 11, 21),
        authority_lines=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        signer_name="Trần Thị Mẫu",
        code=code,
        verify_url=f"https://hcc.example/v/{code}",
        dossier="000.00.16.H05-261119-0007",
        procedure=paper.procedure,
        holder_id="000000000002",
        system="Second Seal, xã Mẫu",
        exported_at=datetime(2026, 11, 21, 9, 15, 30, tzinfo=VIETNAM),
        validity="Không thời hạn; toàn quốc",
        seal_diameter_mm=36,
        sample=True,
    )
