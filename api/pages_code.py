"""The citizen's page for a printed code, `/v/{code}` (this grammar never changes), and the comparison of a file
with the one that was issued. The holder's name is masked by the stamping stage (AC-92)."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from api import formats
from api.callers import Serving
from api.codes import looked_up
from api.language import language_of
from api.pages import page, said
from api.pages_verify import gone
from api.succession import succession_line
from register import CodeInvalid, grouped, normalise
from stamping import PublicRecord, lookups

router = APIRouter(include_in_schema=False)
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A file was compared with the issued one of this code."""

    code: str
    same: bool
    attached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """The one sentence, and what to do."""

    tone: str
    mark: str
    headline: str
    sentences: tuple[str, ...]
    todo: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the record to compare with the paper."""

    label: str
    text: str


@router.get("/verify/code")
def typed(request: Request, code: str = "") -> Response:
    """The form for a typed code leads to the code's own address."""
    try:
        return RedirectResponse(f"/v/{normalise(code)}", status_code=303)
    except CodeInvalid:
        return _unknown(request, code, "code.mistyped")


@router.get("/v/{code}")
def record(service: Serving, request: Request, code: str) -> Response:
    """What the register says of this code."""
    found = _find(service, request, code)
    if found is None:
        return _unknown(request, code, "code.not_in_register")
    return _page(request, found, _banner(request, found), compared=False)


@router.post("/v/{code}/compare")
def compare(
    service: Serving,
    request: Request,
    code: str,
    file: Annotated[UploadFile | None, File()] = None,
    sha256: Annotated[str, Form()] = "",
) -> Response:
    """Compare by hash. Scripts send the hash alone; without them the file comes, is hashed and dropped."""
    found = _find(service, request, code)
    if found is None:
        return _unknown(request, code, "code.not_in_register")
    if found.sealed_sha256 is None:
        return RedirectResponse(f"/v/{quote(found.code)}", status_code=303)
    digest = sha256.lower() if _HASH.fullmatch(sha256.lower()) else _digest(file)
    if digest is None:
        return RedirectResponse(f"/v/{quote(found.code)}", status_code=303)
    attached = digest in {one.revisions.get("sealed") for one in found.attachments}
    compared = Compared(code=found.code, same=attached or digest == found.sealed_sha256, attached=attached)
    return RedirectResponse(
        f"/v/{quote(found.code)}/results/{service.results.keep(compared, service.now())}", status_code=303
    )


@router.get("/v/{code}/results/{result_id}")
def compared_page(service: Serving, request: Request, code: str, result_id: str) -> Response:
    """Whether the file is the issued one."""
    compared = service.results.get(result_id, service.now())
    found = _find(service, request, code)
    if found is None or not isinstance(compared, Compared) or compared.code != found.code:
        return gone(request)
    return _page(request, found, _compared_banner(request, found, compared), compared=True)


def _find(service: Serving, request: Request, code: str) -> PublicRecord | None:
    try:
        return looked_up(service, request, lambda: lookups.by_code(service.desk, code))
    except CodeInvalid:
        return None


def _page(request: Request, found: PublicRecord, banner: Banner, *, compared: bool) -> Response:
    return page(
        request,
        "code.html",
        told=banner,
        code=grouped(found.code),
        succession=succession_line(found.issuer, language_of(request)),
        lines=_lines(request, found),
        compared=compared,
        comparable=found.sealed_sha256 is not None,
        corrections=found.corrections,
        replacement_url=f"/v/{found.replacement_code}" if found.replacement_code else "",
        compare_url=f"/v/{found.code}/compare",
        code_url=f"/v/{found.code}",
    )


def _banner(request: Request, found: PublicRecord) -> Banner:
    t = said(request)
    if found.status == "recalled":
        sentence = (
            t("code.recalled", office=found.organisation_name, decision=found.recalled_by)
            if found.recalled_by
            else t("code.recalled_plain", office=found.organisation_name)
        )
        return _told(t("code.title_recalled"), sentence, t("code.recalled_do"), tone="care", mark="care")
    if found.status == "replaced":
        todo = f"{t('code.replaced_do')} {found.replaced_by}" if found.replaced_by else ""
        return _told(t("code.title_replaced"), t("code.replaced"), todo, tone="care", mark="care")
    if found.wet_stamped:
        return _told(t("code.title_found"), t("code.found_wet"), t("code.found_wet_do"), tone="info", mark="book")
    return _told(t("code.title_found"), t("code.found"), t("code.found_do"), tone="info", mark="book")


def _compared_banner(request: Request, found: PublicRecord, compared: Compared) -> Banner:
    t = said(request)
    if not compared.same:
        return _told(t("code.title_differs"), t("code.differs"), t("code.differs_do"), tone="care", mark="care")
    if found.status != "in_force":
        # Identical, and still nothing to rely on: no green (look.md 4).
        banner = _banner(request, found)
        sentence = t("code.same_not_in_force", number=found.number)
        return _told(t("code.title_same"), sentence, banner.todo, tone="care", mark="care")
    if compared.attached:
        # No green: an attachment alone proves no decision.
        sentence = t("code.same_attached", number=found.number)
        return _told(t("code.title_same"), sentence, t("code.same_attached_do"), tone="info", mark="info")
    return _told(t("code.title_same"), t("code.same", number=found.number), t("code.same_do"), tone="good", mark="good")


def _told(headline: str, sentence: str, todo: str, *, tone: str, mark: str) -> Banner:
    return Banner(tone=tone, mark=mark, headline=headline, sentences=(sentence,), todo=todo)


def _lines(request: Request, found: PublicRecord) -> tuple[Line, ...]:
    t = said(request)
    language = language_of(request)
    lines = [
        Line(t("code.issued_by"), found.organisation_name),
        Line(t("code.paper"), found.title),
        Line(t("code.number"), found.number),
        Line(t("code.date"), f"{found.issued_on:%d/%m/%Y}"),
        Line(t("code.holder"), found.holder),
    ]
    if found.sealed_at:
        at = found.sealed_at
        said_at = t("code.wet_at") if found.wet_stamped else t("code.sealed")
        lines.append(Line(said_at, f"{formats.clock_seconds(at)}, {formats.full_date(at, language)}"))
    if found.seal_mark:
        lines.append(Line(t("code.seal_mark"), found.seal_mark))
    for one in found.attachments:
        state = t("attached.sealed") if "sealed" in one.revisions else t("attached.waits")
        # of a print stamped by hand the attachments are prints as well
        shown = one.title if found.wet_stamped else f"{one.title} ({state})"
        lines.append(Line(t("attached.public", n=str(one.n)), shown))
    return tuple(lines)


def _unknown(request: Request, code: str, error: str) -> Response:
    return page(request, "code_unknown.html", 404, typed=code[:80], error=said(request)(error))


def _digest(file: UploadFile | None) -> str | None:
    if file is None or not file.size:
        return None
    digest = hashlib.sha256()
    while chunk := file.file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
