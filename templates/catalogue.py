"""Every paper that can be made: ours, and those of the office's own folder. Read strictly, before anything is made."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, time
from functools import cache, partial
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from templates.errors import Fault, FolderInvalid, PaperUnknown
from templates.folder import FILES, load
from templates.issue import Issue
from templates.paper import PaperTemplate
from templates.qr import VIETNAM
from templates.trial import trial

_SAMPLE_DAY: Final = date(2026, 11, 21)


class Catalogue:
    """Papers by name, each in its versions: `papers` are results; `forms` accompany a dossier and are never offered as
    one. `folder`: where those of the office's own were read from, if any were."""

    def __init__(self, papers: Iterable[PaperTemplate], *, folder: Path | None = None, state: str = "") -> None:
        """`state`: what `folder_state` said of the folder before it was read. Raises FolderInvalid where two versions
        of one paper begin on the same day or are called the same."""
        self.folder = folder
        self._state = state
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

    def is_own(self, paper: PaperTemplate) -> bool:
        """Whether a paper of this catalogue is the office's, not one of ours."""
        return not any(paper is one for one in (*built_in().papers, *built_in().forms))

    def is_current(self) -> bool:
        """Whether the office's folder still holds what was read from it. Raises OSError."""
        return self.folder is None or folder_state(self.folder) == self._state

    def form(self, name: str, *, on: date) -> PaperTemplate:
        """The version of a one-stop form in force on a day; before its first, the first. Raises PaperUnknown."""
        mine = [form for form in self.forms if form.name == name]
        if not mine:
            raise PaperUnknown(name)
        return next((form for form in reversed(mine) if form.in_force(on)), mine[0])


def read_papers(root: Traversable) -> Iterator[PaperTemplate]:
    """Every paper below a folder: NAME/VERSION/. Raises FolderInvalid at the first that is none, OSError."""
    for name in _folders(root):
        for version in _folders(name):
            yield load(version, name=name.name)


def _folders(parent: Traversable) -> list[Traversable]:
    found = (one for one in parent.iterdir() if one.is_dir() and not one.name.startswith((".", "_")))
    return sorted(found, key=lambda one: one.name)


@cache
def built_in() -> Catalogue:
    """The papers this program brings along."""
    return Catalogue(read_papers(resources.files("templates") / "papers"))


def with_own(folder: Path) -> Catalogue:
    """Ours and the office's own: a newer version of one of ours, or another paper. Each must take its own sample.

    Raises FolderInvalid with all that is wrong in any of them, its files named from `folder` on; OSError.
    """
    state = folder_state(folder)
    papers: list[PaperTemplate] = []
    faults: list[Fault] = []
    for name in _folders(folder):
        versions = _folders(name)
        if not versions:
            vi = "không có thư mục phiên bản nào (như 2026.1)"
            faults.append(Fault(file=name.name, line=None, vi=vi, en="holds no version's folder (such as 2026.1)"))
        for version in versions:
            try:
                paper = load(version, name=name.name)
                found = trial(version, partial(paper.compose, paper.sample_data, specimen_issue(paper)))
                papers.append(paper)
            except FolderInvalid as error:
                found = error.faults
            faults += (replace(one, file=f"{name.name}/{version.name}/{one.file}".removesuffix("/.")) for one in found)
    if not faults:
        try:
            return Catalogue([*built_in().papers, *built_in().forms, *papers], folder=folder, state=state)
        except FolderInvalid as error:
            faults += (replace(one, file=error.name) for one in error.faults)
    raise FolderInvalid(str(folder), tuple(faults))


def folder_state(folder: Path) -> str:
    """SHA-256 (hex) over the names and files of every paper below it: another where anything changed. Raises
    OSError."""
    state = hashlib.sha256()
    for name in _folders(folder):
        for version in _folders(name):
            for one in FILES:
                file = version / one
                content = file.read_bytes() if file.is_file() else b""
                state.update(f"{name.name}/{version.name}/{one} {len(content)}\n".encode() + content)
    return state.hexdigest()


def catalogue() -> tuple[PaperTemplate, ...]:
    """Every result paper of ours in every version, in order of name and date."""
    return built_in().papers


def form_for(name: str, *, on: date) -> PaperTemplate:
    """The version of a one-stop form of ours in force on a day. Raises PaperUnknown."""
    return built_in().form(name, on=on)


def paper_for(name: str, *, on: date) -> PaperTemplate:
    """The version of a paper of ours in force on a day. Raises PaperUnknown."""
    return built_in().paper(name, on=on)


def sample_data(name: str) -> dict[str, Any]:
    """The example of a paper of ours in its newest version, free to be changed. Raises PaperUnknown."""
    for paper in reversed(catalogue()):
        if paper.name == name:
            return deepcopy(dict(paper.sample_data))
    raise PaperUnknown(name)


def dossier_data(dossier: Mapping[str, Any]) -> dict[str, Any]:
    """A dossier's `data` with its `applicant` beside it: the shape papers take, also those that have no use for the
    applicant. Bare data stays as it is."""
    data = dict(dossier.get("data", dossier))
    if "data" in dossier and "applicant" in dossier:
        data.setdefault("applicant", dossier["applicant"])
    return data


def sample_issue(name: str) -> Issue:
    """An invented office issuing the sample of a paper of ours. Raises PaperUnknown."""
    return specimen_issue(paper_for(name, on=_SAMPLE_DAY))


def specimen_issue(paper: PaperTemplate) -> Issue:
    """An invented office issuing the sample of this paper, on a day it is in force."""
    # "05/UBND-VP": a letter's number names the body and who drafted it, any other paper's its kind and the body.
    day = max(_SAMPLE_DAY, paper.effective_from)
    day = min(day, paper.effective_to) if paper.effective_to else day
    code = "7K3M9QXV2TBN8RWC4HZD6FYJ5PS"
    return Issue(
        organisation="ỦY BAN NHÂN DÂN XÃ MẪU",
        parent="ỦY BAN NHÂN DÂN TỈNH BẮC NINH",
        place="Bắc Ninh",
        number=f"01/{paper.symbol}-UBND" if paper.symbol else "05/UBND-VP" if paper.frame == "letter" else "01/UBND",
        issued_on=day,
        authority_lines=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        signer_name="Trần Thị Mẫu",
        code=code,
        verify_url=f"https://hcc.example/v/{code}",
        dossier="000.00.16.H05-261119-0007",
        procedure=paper.procedure or "0.000000",
        holder_id="000000000002",
        system="Second Seal, xã Mẫu",
        exported_at=datetime.combine(day, time(9, 15, 30), VIETNAM),
        validity="Không thời hạn; toàn quốc",
        seal_diameter_mm=36,
        sample=True,
    )
