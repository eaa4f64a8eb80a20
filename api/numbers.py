"""POST /api/v1/numbers: reserve the number that another program will print on its paper (Decree 30, article 15.3)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from api.bodies import NumberBody, only_organisation
from api.callers import Caller, Serving, may
from stamping import intake

router = APIRouter(prefix="/api/v1/numbers", tags=["documents"])


@router.post("", status_code=201, summary="Reserve a number")
def reserve(
    service: Serving, _caller: Annotated[Caller, Depends(may("documents:write", "clerk"))], body: NumberBody
) -> dict[str, Any]:
    """`number` goes into POST /api/v1/documents with the PDF; `notation` is what the paper prints."""
    organisation = body.organisation or only_organisation(service.desk)
    number, notation = intake.reserve_number(service.desk, organisation, body.procedure)
    return {"organisation": organisation, "procedure": body.procedure, "number": number, "notation": notation}
