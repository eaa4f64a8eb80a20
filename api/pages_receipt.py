"""The signed receipt of a result, and the certificate to check receipts with."""

import logging
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.callers import Serving
from api.pages import page, said
from api.pages_verify import Checked, gone
from api.receipt_key import ReceiptKey, ReceiptKeyUnfit
from api.receipts import make_receipt
from api.service import Service
from api.succession import succession_line
from signer import CertificateUnusable
from stamping import lookups
from templates import ReceiptTooLong

log = logging.getLogger("secondseal.web")
router = APIRouter(include_in_schema=False)
_FILE: Final = "phieu-ket-qua-kiem-tra.pdf"


@router.get("/verify/results/{result_id}/receipt.pdf")
def receipt(service: Serving, request: Request, result_id: str) -> Response:
    """One sheet with what was found, signed by the service's receipt key. Raises `Busy`."""
    checked, settings = service.results.get(result_id, service.now()), service.settings
    if not isinstance(checked, Checked) or settings.receipt_key is None:
        return gone(request)
    with service.receipts.gate.passing():
        try:
            key = ReceiptKey.create(settings.receipt_key, settings.office_vi, service.now())
        except ReceiptKeyUnfit as error:
            log.error("no receipt could be signed: %s", error)  # noqa: TRY400  the words are all there is to it
            return _not_now(request)
        issuer = lookups.issuer_of(service.desk, checked.verdict)
        try:
            sheet = make_receipt(
                checked.verdict,
                file_name=checked.file_name,
                file_size=checked.file_size,
                succession=lambda language: succession_line(issuer, language),
                settings=settings,
                key_sha256=key.sha256,
            )
            signed = service.receipts.signed(sheet, key, service.now())
        except (CertificateUnusable, ReceiptTooLong) as error:  # its ten years are over, or this clock was set back
            log.error("no receipt could be signed: %s", error)  # noqa: TRY400
            return _not_now(request)
    disposition = f'attachment; filename="{_FILE}"'
    return Response(signed, media_type="application/pdf", headers={"content-disposition": disposition})


@router.get("/about/receipts.pem")
def certificate(service: Serving, request: Request) -> Response:
    """The receipt key's certificate, for whoever checks a receipt."""
    key = receipt_key(service)
    if key is None:
        t = said(request)
        return page(request, "problem.html", 404, title=t("receipt.none_title"), text=t("receipt.none"), back=None)
    disposition = 'attachment; filename="receipts.pem"'
    return Response(key.pem, media_type="application/x-pem-file", headers={"content-disposition": disposition})


@router.get("/about")
def about(service: Serving, request: Request) -> Response:
    """How checking works, privacy, help, and the certificate receipts are checked with."""
    key = receipt_key(service)
    return page(request, "about.html", receipt_sha256=key.sha256 if key else "")


def receipt_key(service: Service) -> ReceiptKey | None:
    """The key, if any receipt was ever signed; it is made with the first."""
    if service.settings.receipt_key is None:
        return None
    try:
        return ReceiptKey.load(service.settings.receipt_key)
    except ReceiptKeyUnfit as error:
        log.error("the certificate of receipts cannot be shown: %s", error)  # noqa: TRY400
        return None


def _not_now(request: Request) -> Response:
    t = said(request)
    response = page(
        request, "problem.html", 503, title=t("receipt.not_now_title"), text=t("receipt.not_now"), back=None
    )
    response.headers["retry-after"] = "60"
    return response
