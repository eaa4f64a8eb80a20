"""The papers of this office: ours, and those of its own folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from pathlib import Path

from office import Office
from secondseal.settings import Settings, SettingsError
from store import vietnam_date
from templates import Catalogue, Fault, FolderInvalid, PaperTemplate, built_in, with_own


def office_papers(settings: Settings) -> Catalogue:
    """Every paper the office can make. Raises FolderInvalid with all that is wrong in its own folder, OSError where
    that cannot be read; one the settings name must be there."""
    folder = settings.own_papers
    if settings.papers is None and not folder.is_dir():
        return built_in()
    return with_own(folder)


def papers_at_start(settings: Settings) -> Catalogue:
    """The same for a process of the service. Raises SettingsError with every fault's file and line."""
    try:
        return office_papers(settings)
    except FolderInvalid as error:
        lines = "\n".join(f"  {told(one, error.name)}" for one in error.faults)
        raise SettingsError(
            f"Mẫu giấy riêng của đơn vị chưa đúng · The office's own papers are not right:\n{lines}"
        ) from error
    except OSError as error:
        raise SettingsError(f"papers: không đọc được {error.filename} · cannot be read ({error.strerror})") from error


def newest(papers: Catalogue, name: str, day: date) -> PaperTemplate | None:
    """The version of a paper in force on a day, else its last; None where there is no such paper."""
    of_name = [paper for paper in papers.papers if paper.name == name]
    return next((paper for paper in reversed(of_name) if paper.in_force(day)), of_name[-1] if of_name else None)


def our_folder(name: str) -> Path:
    """Where the versions of a paper of ours lie."""
    return Path(str(resources.files("templates") / "papers" / name))


def told(fault: Fault, folder: str = "", text: str | None = None) -> str:
    """A fault as programs point at places: file, line, and what is wrong (`text`: in these words alone)."""
    place = f"{folder}/{fault.file}".removesuffix("/.") if folder else fault.file
    return f"{place}{f':{fault.line}' if fault.line else ''}: {text or f'{fault.vi} · {fault.en}'}"


@dataclass(frozen=True, kw_only=True)
class PaperRemark:
    """What was found about the office's papers. `fault`: a paper cannot be made, or the service would not start."""

    code: str
    fault: bool
    vi: str
    en: str


def examine_papers(settings: Settings, office: Office, now: datetime) -> Iterator[PaperRemark]:
    """What is wrong in the office's own folder; else what its procedures name and no paper is."""
    try:
        papers = office_papers(settings)
    except FolderInvalid as error:
        for fault in error.faults:
            vi, en = (told(fault, error.name, text) for text in (fault.vi, fault.en))
            yield PaperRemark(code="papers", fault=True, vi=vi, en=en)
        return
    except OSError as error:
        yield PaperRemark(
            code="papers",
            fault=True,
            vi=f"Không đọc được thư mục mẫu giấy {error.filename}.",
            en=f"The papers' folder {error.filename} cannot be read ({error.strerror}).",
        )
        return
    known = {one.name for one in papers.papers}
    today = {one.name for one in papers.on(vietnam_date(now))}
    for procedure in office.procedures:
        name = procedure.paper
        if name is None or name in today:
            continue
        if name in known:
            yield PaperRemark(
                code="paper-not-in-force",
                fault=False,
                vi=f"Thủ tục {procedure.code}: mẫu giấy {name} hôm nay chưa hoặc không còn hiệu lực.",
                en=f"Procedure {procedure.code}: the paper {name} is not in force today.",
            )
        else:
            yield PaperRemark(
                code="paper-unknown",
                fault=True,
                vi=f"Thủ tục {procedure.code}: không có mẫu giấy {name} (secondseal paper list).",
                en=f"Procedure {procedure.code}: there is no paper {name} (secondseal paper list).",
            )
