"""POST /api/v1/documents/batch: papers to generate, many in one call, each taken in or refused for itself."""

import json
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.answers import BatchJson
from api.asking import Asked, Asking, replayed_all
from api.callers import Caller, Serving
from api.document_bodies import BatchBody, BatchItemBody
from api.document_form import BATCH
from api.document_json import document_json
from api.documents import Writer, checked, take_in
from api.items import each
from api.problems import too_large
from api.service import Service, service_of
from stamping import DocumentView, Once

router = APIRouter(prefix="/api/v1/documents", tags=["documents"])

_SINGLE: Final = "/api/v1/documents"


async def batch_of(request: Request) -> BatchBody:
    """The list; its items are looked at one by one, so that one that does not fit refuses no other."""
    body, most = await request.body(), service_of(request).settings.max_form_bytes
    if len(body) > most:
        raise too_large(most)
    return checked(BatchBody, body)


@router.post(
    "/batch",
    summary="Take many papers in",
    response_model=BatchJson,
    response_model_exclude_unset=True,
    openapi_extra=BATCH,
)
def create_many(
    service: Serving,
    caller: Writer,
    request: Request,
    response: Response,
    batch: Annotated[BatchBody, Depends(batch_of)],
    asked: Asked,
) -> dict[str, Any]:
    """200 with one answer per item, in order: 201 and its `document`, or the status and `problem` it would have had
    alone; nothing is undone for another's sake. Under an Idempotency-Key each item is under `<key>/<position>`, counted
    from 1, unless it has one of its own: the call sent again gives what it made, makes nothing new, and tries again
    what was refused. After a fault of ours the rest is not tried, and says so by the same problem."""
    made: list[Once | None] = []

    def take(position: int, item: Any) -> dict[str, Any]:
        view, once = _one(service, caller, item, replace(asked, key=asked.key and f"{asked.key}/{position}"))
        made.append(once)
        return {"status": 201, "document": document_json(view)}

    answers = each(service, request, batch.documents, take, alone=_SINGLE)
    response.headers.update(replayed_all(made))
    return {"documents": answers}


def _one(service: Service, caller: Caller, item: Any, asked: Asking) -> tuple[DocumentView, Once | None]:
    body = checked(BatchItemBody, json.dumps(item).encode())
    return take_in(service, caller, body, (), replace(asked, key=body.idempotency_key or asked.key))
