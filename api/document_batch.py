"""POST /api/v1/documents/batch: papers to generate, many in one call, each taken in or refused for itself."""

import json
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from api import problems
from api.answers import BatchJson
from api.asking import Asked, Asking, replay_headers
from api.callers import Caller, Serving
from api.document_bodies import BatchBody, BatchItemBody
from api.document_form import BATCH
from api.document_json import document_json
from api.documents import Writer, checked, take_in
from api.problems import too_large
from api.service import Service, service_of
from stamping import DocumentView, Once, Refusal

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
    answers: list[dict[str, Any]] = []
    made: list[Once | None] = []
    fault: dict[str, Any] | None = None
    for position, item in enumerate(batch.documents, 1):
        if fault is not None:
            answers.append(fault)
            continue
        try:
            view, once = _one(service, caller, item, replace(asked, key=asked.key and f"{asked.key}/{position}"))
        except Exception as error:  # noqa: BLE001 - one item's problem is its answer; a fault is in the log
            answer = _refused(service, request, error)
            if answer["status"] >= 500 and not isinstance(error, Refusal):
                fault = answer
            answers.append(answer)
        else:
            answers.append({"status": 201, "document": document_json(view)})
            made.append(once)
    if all(once and once.replayed for once in made):
        response.headers.update(replay_headers(next(iter(made), None)))
    return {"documents": answers}


def _one(service: Service, caller: Caller, item: Any, asked: Asking) -> tuple[DocumentView, Once | None]:
    body = checked(BatchItemBody, json.dumps(item).encode())
    return take_in(service, caller, body, (), replace(asked, key=body.idempotency_key or asked.key))


def _refused(service: Service, request: Request, error: Exception) -> dict[str, Any]:
    """What the item would have been answered alone."""
    problem = problems.of(error)
    if isinstance(error, RequestValidationError):
        problem = problems.named_for(problem, _SINGLE)
    service.tally.add("refusals", problem.code)
    reference = problems.note(request, error, problem)
    return {"status": problem.status, "problem": problems.members(request, problem, reference)}
