"""Every paper we can make, and a complete example of each."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from templates.errors import PaperUnknown
from templates.household import PAPER as HOUSEHOLD
from templates.issue import Issue
from templates.paper import PaperTemplate
from templates.qr import VIETNAM

_PAPERS = (HOUSEHOLD,)


def catalogue() -> tuple[PaperTemplate, ...]:
    """Every paper in every version, in order of name and date."""
    return tuple(sorted(_PAPERS, key=lambda paper: (paper.name, paper.effective_from)))


def paper_for(name: str, *, on: date) -> PaperTemplate:
    """The version of a paper in force on a day. Raises PaperUnknown."""
    in_force = [paper for paper in catalogue() if paper.name == name and paper.effective_from <= on]
    if not in_force:
        raise PaperUnknown(name)
    return in_force[-1]


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
