"""The technical view of a result, for experts: everything found and how it was judged."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.callers import Serving
from api.changes import Change
from api.language import language_of
from api.pages import page
from api.pages_verify import Checked, gone
from api.reports import unpacked
from api.technical_view import TechnicalTeller
from verifier import conclusion, etsi_report, headline, policy_path

router = APIRouter(include_in_schema=False)
_SHOWN: Final = 150
"""Revisions, findings and failures listed; a file has at most so many revisions (`Limits.revisions`)."""


@router.get("/verify/results/{result_id}/technical")
def technical(service: Serving, request: Request, result_id: str) -> Response:
    """Everything found in the file."""
    checked = service.results.get(result_id, service.now())
    if not isinstance(checked, Checked) or checked.report is None:
        return gone(request)
    language = language_of(request)
    report, teller = unpacked(checked.report), TechnicalTeller(language)
    change = service.pictures.get(checked.pictures, service.now())
    return page(
        request,
        "technical.html",
        result_url=f"/verify/results/{result_id}",
        file_name=checked.file_name,
        headline=headline(checked.verdict, language),
        conclusion=conclusion(checked.verdict, language),
        report=report,
        policy_url=policy_path(report.policy_name, report.policy_version),
        signatures=teller.signatures(report),
        number=teller.number,
        role=teller.role,
        said=teller.said,
        change=change if isinstance(change, Change) else None,
        change_url=f"/verify/results/{checked.pictures}/whole",
        shown=_SHOWN,
        has_xml=any(one.kind == "signature" for one in report.signatures),
    )


@router.get("/verify/results/{result_id}/report.xml")
def report_xml(service: Serving, request: Request, result_id: str) -> Response:
    """The signatures' report for programs (ETSI TS 119 102-2)."""
    checked = service.results.get(result_id, service.now())
    xml = None
    if isinstance(checked, Checked) and checked.report is not None:
        report = unpacked(checked.report)
        path = policy_path(report.policy_name, report.policy_version)
        xml = etsi_report(report, f"{service.settings.public_url}{path}")
    if xml is None:
        return gone(request)
    disposition = 'attachment; filename="validation-report.xml"'
    return Response(xml, media_type="application/xml", headers={"content-disposition": disposition})


@router.get("/verify/results/{pictures_id}/whole/{index}.png")
def whole_picture(service: Serving, request: Request, pictures_id: str, index: int) -> Response:
    """The changed page as one signed revision showed it, or (the last) as sent."""
    change = service.pictures.get(pictures_id, service.now())
    if not isinstance(change, Change) or not 0 <= index < len(change.whole) or not change.whole[index]:
        return gone(request)
    return Response(change.whole[index], media_type="image/png")
