"""The citizen's upload page and its result."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse, Response

from api import verifications
from api.callers import Serving
from api.changes import Change
from api.formats import size
from api.language import language_of
from api.limits import Busy
from api.pages import page, said
from api.receipt_key import ReceiptKey
from api.succession import succession_line
from api.uploads import shown_name
from api.verdict_view import told
from stamping import lookups
from verifier import Verdict, policy_path

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One check: the verdict, and what the person called the file. The file itself is gone."""

    verdict: Verdict
    file_name: str
    file_size: int
    change_page: int | None
    pictures: str
    report: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why nothing was checked, shown above the form."""

    tone: str
    title: str
    text: str


@router.get("/")
def front() -> Response:
    """Most who come have one question."""
    return RedirectResponse("/verify", status_code=307)


@router.get("/verify")
def verify(request: Request) -> Response:
    """The upload form."""
    return page(request, "verify.html", trouble=None)


@router.post("/verify")
def check(service: Serving, request: Request, file: Annotated[UploadFile | None, File()] = None) -> Response:
    """Judge the file; the answer is a page with an address nobody can guess, for minutes."""
    t = said(request)
    if file is None or not (file.size or 0):
        trouble = Trouble(tone="care", title=t("verify.missing_title"), text=t("verify.missing"))
        return page(request, "verify.html", 422, trouble=trouble)
    try:
        judged = verifications.judge(service, file, pictured=True)
    except Busy:
        trouble = Trouble(tone="care", title=t("verify.busy_title"), text=t("verify.busy"))
        response = page(request, "verify.html", 429, trouble=trouble)
        response.headers["retry-after"] = "60"
        return response
    change = judged.change
    checked = Checked(
        verdict=judged.verdict,
        file_name=shown_name(file),
        file_size=judged.size,
        change_page=change.page if change else None,
        pictures=service.pictures.keep(change, service.now(), change.size) if change else "",
        report=judged.report,
    )
    kept = service.results.keep(checked, service.now(), len(judged.report or b""))
    return RedirectResponse(f"/verify/results/{kept}", status_code=303)


@router.get("/verify/results/{result_id}")
def result(service: Serving, request: Request, result_id: str) -> Response:
    """What was found."""
    checked = service.results.get(result_id, service.now())
    if not isinstance(checked, Checked):
        return gone(request)
    language = language_of(request)
    settings = service.settings
    issuer = lookups.issuer_of(service.desk, checked.verdict)
    office = settings.office_vi if language == "vi" else settings.office_en
    return page(
        request,
        "result.html",
        told=told(checked.verdict, language, office, succession_line(issuer, language)),
        file_name=checked.file_name,
        file_size=checked.file_size,
        file_sha256=checked.verdict.sha256,
        json_url=f"/verify/results/{result_id}/verdict.json",
        technical_url=f"/verify/results/{result_id}/technical" if checked.report else "",
        receipt_url=f"/verify/results/{result_id}/receipt.pdf"
        if settings.receipt_key and ReceiptKey.is_to_be_had(settings.receipt_key)
        else "",
        policy_url=policy_path(checked.verdict.policy_name, checked.verdict.policy_version),
        change_page=checked.change_page,
        change_url=f"/verify/results/{checked.pictures}",
    )


@router.get("/verify/results/{pictures_id}/{side}.png")
def change_picture(service: Serving, request: Request, pictures_id: str, side: Literal["signed", "sent"]) -> Response:
    """The changed place, as signed or as sent."""
    change = service.pictures.get(pictures_id, service.now())
    if not isinstance(change, Change):
        return gone(request)
    return Response(change.signed if side == "signed" else change.sent, media_type="image/png")


@router.get("/verify/results/{result_id}/verdict.json")
def result_json(service: Serving, request: Request, result_id: str) -> Response:
    """The same verdict for programs."""
    checked = service.results.get(result_id, service.now())
    if not isinstance(checked, Checked):
        return gone(request)
    return JSONResponse(
        checked.verdict.as_json(), headers={"content-disposition": 'attachment; filename="verdict.json"'}
    )


def gone(request: Request) -> Response:
    """A result whose time is over, or that never was."""
    t, minutes = said(request), int(request.app.state.service.settings.result_life.total_seconds() // 60)
    return page(
        request,
        "problem.html",
        404,
        title=t("result.gone_title"),
        text=t("result.gone", minutes=minutes),
        back=None,
    )


def too_large_page(request: Request, limit: int) -> Response:
    """The upload page saying that the file is too large."""
    t = said(request)
    trouble = Trouble(
        tone="stop",
        title=t("verify.too_large_title"),
        text=t("verify.too_large", limit=size(limit, language_of(request))),
    )
    return page(request, "verify.html", 413, trouble=trouble)
