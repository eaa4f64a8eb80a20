"""/api/v1/numbers: reserve the number that another program or a person will print (Decree 30, article 15.3), list what
is open, void what will never be used."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response

from api.asking import Asked, replay_headers
from api.bodies import only_organisation
from api.callers import Caller, Serving, may, of_organisation
from api.number_json import number_json
from api.register_answers import NumbersJson, ReservedJson, VoidedJson
from api.register_bodies import NumberBody, VoidBody
from stamping import NewNumber, numbering

router = APIRouter(prefix="/api/v1/numbers", tags=["numbers"])
Writer = Annotated[Caller, Depends(may("documents:write", "clerk", "custodian"))]


@router.post("", status_code=201, summary="Reserve a number", response_model=ReservedJson)
def reserve(service: Serving, caller: Writer, body: NumberBody, asked: Asked) -> Response:
    """`number` goes into POST /api/v1/documents with the PDF or into POST /api/v1/register/outgoing; `notation` is what
    the paper prints. A repeated Idempotency-Key gives the same number."""
    new = NewNumber(
        organisation=body.organisation or only_organisation(service.desk),
        procedure=body.procedure,
        symbol=body.symbol,
        purpose=body.purpose,
    )
    caller.reach.admit(organisation=new.organisation)
    once = asked.once(caller, body)
    found = numbering.reserve(service.desk, new, caller.actor, once)
    return JSONResponse(
        {**number_json(found), "procedure": body.procedure}, status_code=201, headers=replay_headers(once)
    )


@router.get("", summary="Open numbers", response_model=NumbersJson)
def listed(
    service: Serving,
    caller: Annotated[Caller, Depends(may("documents:read"))],
    state: Literal["open"] = "open",
    organisation: str | None = None,
    year: Annotated[int | None, Query(ge=1900, le=2999)] = None,
    cursor: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Reserved, neither used nor voided, oldest first; `next` is the `cursor` of the next page."""
    organisation = of_organisation(caller, organisation)
    found = numbering.open_numbers(service.desk, organisation=organisation, year=year, after=cursor, limit=limit + 1)
    shown = found[:limit]
    return {
        "state": state,
        "numbers": [number_json(one) for one in shown],
        "next": shown[-1].id if len(found) > limit else None,
    }


@router.post("/{number_id}/void", summary="Void a number", response_model=VoidedJson)
def void(service: Serving, caller: Writer, number_id: int, body: VoidBody, asked: Asked) -> Response:
    """Huỷ số: it stays in the register with the reason and is never given again."""
    once = asked.once(caller, body)
    found = numbering.void(service.desk, number_id, body.reason, caller.actor, once, caller.reach)
    return JSONResponse({**number_json(found), "state": "voided"}, headers=replay_headers(once))
