"""/api/v1/dossiers/{code}/apology: the letter of apology for an overdue dossier, which appoints another day."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from api.asking import Asked, replay_headers
from api.callers import Serving
from api.description import PDF
from api.documents import pdf_response
from api.dossier_answers import DossierOut, dossier_out
from api.dossier_bodies import ApologyBody
from api.dossiers import Code, Reader, Writer
from api.versions import SeenBefore
from stamping import apologies

router = APIRouter(prefix="/api/v1/dossiers", tags=["dossiers"])


@router.post(
    "/{dossier_code}/apology",
    status_code=201,
    summary="Apologise for an overdue dossier and appoint another day",
    response_model=DossierOut,
)
def apologise(
    service: Serving, caller: Writer, dossier_code: Code, body: ApologyBody, asked: Asked, seen: SeenBefore
) -> Response:
    """One letter for each missed deadline; the deadline moves with it. The reason stands in the letter and on no public
    page."""
    once = asked.once(caller, body)
    view = apologies.apologise(service.desk, dossier_code, body.apology(), caller.actor, once, seen=seen)
    location = {"location": f"/api/v1/dossiers/{view.code}/apology"}
    return JSONResponse(
        dossier_out(view).model_dump(mode="json"), status_code=201, headers=location | replay_headers(once)
    )


@router.get("/{dossier_code}/apology", summary="The letter of apology", response_class=Response, responses=PDF)
def letter(
    service: Serving,
    _caller: Reader,
    dossier_code: Code,
    n: Annotated[int | None, Query(ge=1, le=1000, description="which letter; left out: the newest")] = None,
) -> Response:
    """A PDF/A-3b without a signature, for the officer it names to sign; 404 where none was written."""
    pdf, told = apologies.letter_of(service.desk, dossier_code, n)
    return pdf_response(pdf, f"xin-loi-{told.n}.pdf", told.sha256, inline=False)
