"""/api/v1/dossiers/{code}/receipt-slip and /control-sheet: the one-stop forms that go with a dossier."""

import hashlib

from fastapi import APIRouter
from fastapi.responses import Response

from api.callers import Serving
from api.description import PDF
from api.documents import pdf_response
from api.dossiers import Code, Reader
from stamping import slips
from templates import RenderedPaper

router = APIRouter(prefix="/api/v1/dossiers", tags=["dossiers"])


@router.get("/{dossier_code}/receipt-slip", summary="The receipt slip", response_class=Response, responses=PDF)
def receipt_slip(service: Serving, _caller: Reader, dossier_code: Code) -> Response:
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả: a PDF/A-3b with the deadline in force now, made when asked for;
    409 where no result is to come."""
    return form_response(slips.receipt_slip(service.desk, dossier_code), slips.RECEIPT_SLIP, inline=False)


@router.get("/{dossier_code}/control-sheet", summary="The control sheet", response_class=Response, responses=PDF)
def control_sheet(service: Serving, _caller: Reader, dossier_code: Code) -> Response:
    """Phiếu kiểm soát quá trình giải quyết hồ sơ: each step with who, when and how long, as far as the dossier has
    come."""
    return form_response(slips.control_sheet(service.desk, dossier_code), slips.CONTROL_SHEET, inline=False)


def form_response(form: RenderedPaper, name: str, *, inline: bool) -> Response:
    """A form as an answer."""
    return pdf_response(form.pdf, f"{name}.pdf", hashlib.sha256(form.pdf).hexdigest(), inline=inline)
