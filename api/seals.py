"""POST /api/v1/seals: the custodian's personal confirmation of one shown list. No program can ever hold this right."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from api import steps, waiting
from api.answers import ConfirmationJson, DocumentJson, PendingJson
from api.bodies import SealBody, WetStampBody
from api.callers import Serving, person
from api.document_json import confirmation_json, document_json, problem_json
from api.problems import forbidden
from api.service import Service
from api.sessions import Session
from stamping import ConfirmationView, DocumentView, confirmations, wet

router = APIRouter(prefix="/api/v1/seals", tags=["seals"])


def custodian(request: Request) -> Session:
    """A person with the custodian's role; bearer tokens are refused whatever their scopes (AC-63)."""
    return person(request, "custodian")


Custodian = Annotated[Session, Depends(custodian)]


@router.get("", summary="What waits for the seal", response_model=PendingJson)
def pending(service: Serving, session: Custodian) -> dict[str, Any]:
    """Documents that wait for this custodian, in order, and the hash of the whole list; `refusal` says why the seal may
    not be put on one today."""
    found = confirmations.pending(service.desk, custodian_id_of(session))
    return {
        "documents": [
            {
                **document_json(view),
                "approved_sha256": view.revisions["approved"],
                "refusal": problem_json(found.refusals.get(view.id)),
            }
            for view in found.documents
        ],
        "seal": found.seal_id,
        "list_sha256": found.list_sha256,
        "list_rule": "SHA-256 of one line per document, in the order shown: id, space, approved_sha256, line feed",
    }


@router.post("", status_code=202, summary="Confirm a list", response_model=ConfirmationJson)
def confirm(service: Serving, session: Custodian, request: Request, body: SealBody) -> Response:
    """202 and where the results are; `Prefer: wait=N` waits for them. Needs POST /api/v1/steps for this very list."""
    identity = confirm_list(service, session, body.documents, body.list_sha256)
    view = waiting.until(
        service, request, lambda: confirmations.view(service.desk, identity), lambda seen: seen.finished
    )
    return JSONResponse(confirmation_json(view), status_code=202, headers={"location": f"/api/v1/seals/{identity}"})


@router.post("/wet", status_code=201, summary="Printed and stamped by hand", response_model=DocumentJson)
def stamp_by_hand(service: Serving, session: Custodian, body: WetStampBody) -> dict[str, Any]:
    """Đóng dấu ướt, the fall-back of Decree 30, article 18.5: an approved document was printed and stamped in person.
    Needs POST /api/v1/steps for the list that holds this document alone. It is issued with this and never sealed."""
    return document_json(wet_stamp(service, session, body.document, body.list_sha256, body.copies, body.reason))


@router.get("/{confirmation_id}", summary="A result per document", response_model=ConfirmationJson)
def read(service: Serving, session: Custodian, request: Request, confirmation_id: str) -> dict[str, Any]:
    """What became of each paper of a confirmed list."""
    view = waiting.until(
        service, request, lambda: own_list(service, session, confirmation_id), lambda seen: seen.finished
    )
    return confirmation_json(view)


def confirm_list(service: Service, session: Session, document_ids: list[str], list_sha256: str) -> str:
    """Use up the fresh authentication for this list and confirm it; gives the confirmation's id. Raises `Refusal`."""
    desk = service.desk
    return confirmations.confirm(
        desk,
        document_ids,
        list_sha256,
        custodian_id=custodian_id_of(session),
        account=session.account.name,
        stepped_up_at=steps.take(desk.engine, session, list_sha256, service.now()),
    )


def wet_stamp(
    service: Service, session: Session, document_id: str, list_sha256: str, copies: int, reason: str
) -> DocumentView:
    """Use up the fresh authentication for this one document and record the stamp in ink. Raises `Refusal`."""
    desk = service.desk
    return wet.stamp(
        desk,
        document_id,
        list_sha256,
        copies=copies,
        reason=reason,
        custodian_id=custodian_id_of(session),
        account=session.account.name,
        stepped_up_at=steps.take(desk.engine, session, list_sha256, service.now()),
    )


def own_list(service: Service, session: Session, confirmation_id: str) -> ConfirmationView:
    """A confirmed list, for the custodian who confirmed it."""
    view = confirmations.view(service.desk, confirmation_id)
    if view.custodian_id != session.account.custodian_id:
        raise forbidden(f"Lần đóng dấu này của {view.custodian_name}.", f"This list is {view.custodian_name}'s.")
    return view


def custodian_id_of(session: Session) -> str:
    """Which custodian of the office's file this person is."""
    if session.account.custodian_id is None:
        raise forbidden("Tài khoản này không được giao con dấu nào.", "No seal is in this account's custody.")
    return session.account.custodian_id
