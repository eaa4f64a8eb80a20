"""The officer's approval: prepare for their certificate, say what the token must sign, take the signature back.

The routes an agent uses are those of `agent.messages`; it is known by the list's ticket. The PIN and the key never
come here (AC-65).
"""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from api import sessions
from api.answers import (
    AgentListJson,
    ApprovalJson,
    DocumentJson,
    NamedAgentListJson,
    PreparedApprovalJson,
    SignedJson,
    SignedListJson,
    TicketJson,
)
from api.asking import Asked, Asking, replay_headers, replayed_all
from api.bodies import (
    ApprovalBody,
    CertificateBody,
    ItemSignatureBody,
    OneApprovalBody,
    OneSignatureBody,
    SignatureBody,
    SignaturesBody,
)
from api.callers import Caller, Serving, bearer_of, may, unauthenticated
from api.description import PDF
from api.document_json import approval_json, approval_list, document_json, moment
from api.items import each
from api.problems import forbidden
from api.service import Service, service_of
from api.versions import SeenBefore
from stamping import ApprovalTicket, ApprovalView, DocumentView, Once, Seen, approvals, documents, once_only, reach

router = APIRouter(prefix="/api/v1", tags=["approvals"])
_approver = may("approvals", "officer")
Approver = Annotated[Caller, Depends(_approver)]


def holder_of_list(request: Request, approval_id: str) -> Caller | None:
    """Whoever may see and serve this list: the bearer of its ticket (None), its officer, a workflow system."""
    service, token = service_of(request), bearer_of(request)
    if token is not None and not token.startswith("ssk_"):
        if not approvals.check_ticket(service.desk, approval_id, token):
            raise unauthenticated()
        return None
    caller = _approver(request)
    _own_list(service, caller, approvals.view(service.desk, approval_id))
    return caller


Holder = Annotated[Caller | None, Depends(holder_of_list)]


@router.post("/approvals", status_code=201, summary="Open a list for one officer", response_model=TicketJson)
def open_list(service: Serving, caller: Approver, request: Request, body: ApprovalBody, asked: Asked) -> Response:
    """The ticket is for the officer's agent and shown this once."""
    reach.require(service.desk, caller.reach, *body.documents)
    once, officer = asked.once(caller, body), _officer(service, caller, body)
    secret = asked.secret_again(_token(request, service))
    ticket = approvals.open_list(service.desk, body.documents, officer, caller.actor, once, secret)
    return JSONResponse(
        _ticket_json(ticket),
        status_code=201,
        headers={"location": f"/api/v1/approvals/{ticket.id}", **replay_headers(once)},
    )


@router.get(
    "/approvals/{approval_id}",
    summary="The list, and what the token must sign",
    response_model=ApprovalJson | AgentListJson | NamedAgentListJson,
)
def read(
    service: Serving,
    holder: Holder,
    approval_id: str,
    attachments: Annotated[
        Literal["named"] | None, Query(description="for the ticket: attachments by name, not only counted in the title")
    ] = None,
) -> dict[str, Any]:
    """For the ticket: papers still to be signed, as the agent's protocol has it. For others: every paper's state."""
    view = approvals.view(service.desk, approval_id)
    return approval_list(view, named=attachments is not None) if holder is None else approval_json(view)


@router.post("/approvals/{approval_id}/certificate", status_code=204, summary="Prepare the list for a certificate")
def use_certificate(
    service: Serving, holder: Holder, approval_id: str, body: CertificateBody, asked: Asked
) -> Response:
    """The certificate is checked and authorised before anything is prepared (TT 15/2025 article 5.1)."""
    once = _once(asked, holder, approval_id, body)
    once_only(
        service.desk.engine,
        once,
        lambda: approvals.use_certificate(service.desk, approval_id, body.certificate, once),
        lambda _kept: approvals.view(service.desk, approval_id),
    )
    return Response(status_code=204, headers=replay_headers(once))


@router.get(
    "/approvals/{approval_id}/documents/{document_id}/file",
    summary="The prepared PDF",
    response_class=Response,
    responses=PDF,
)
def prepared_file(service: Serving, _holder: Holder, approval_id: str, document_id: str) -> Response:
    """With the hole where the signature goes."""
    pdf = approvals.prepared_file(service.desk, approval_id, document_id)
    return Response(pdf, media_type="application/pdf")


@router.put(
    "/approvals/{approval_id}/documents",
    summary="Hand many signatures back",
    response_model=SignedListJson,
    response_model_exclude_unset=True,
)
def submit_many(
    service: Serving,
    holder: Holder,
    request: Request,
    response: Response,
    approval_id: str,
    body: SignaturesBody,
    asked: Asked,
) -> dict[str, Any]:
    """200 with one answer per document, in order: 200 and its `state`, or the status and `problem` it would have had
    alone; a value that is refused holds up no other. Under an Idempotency-Key each document is under `<key>/<id>`."""
    taken: list[Once | None] = []

    def take(_position: int, item: ItemSignatureBody) -> dict[str, Any]:
        once = _once(replace(asked, key=asked.key and f"{asked.key}/{item.id}"), holder, approval_id, item)
        view = _submitted(service, approval_id, item.id, item, once)
        taken.append(once)
        return {"status": 200, "state": view.state}

    answers = each(service, request, body.signatures, take)
    response.headers.update(replayed_all(taken))
    return {"documents": [{"id": item.id, **one} for item, one in zip(body.signatures, answers, strict=True)]}


@router.put(
    "/approvals/{approval_id}/documents/{document_id}", summary="Hand a signature back", response_model=SignedJson
)
def submit(
    service: Serving, holder: Holder, approval_id: str, document_id: str, body: SignatureBody, asked: Asked
) -> Response:
    """Taken only when it is judged valid in full; repeating the same value gives the same answer."""
    once = _once(asked, holder, approval_id, body)
    view = _submitted(service, approval_id, document_id, body, once)
    return JSONResponse({"state": view.state}, headers=replay_headers(once))


@router.post(
    "/documents/{document_id}/approval",
    status_code=201,
    summary="Prepare one document for approval",
    response_model=PreparedApprovalJson,
)
def prepare_one(
    service: Serving,
    caller: Approver,
    request: Request,
    document_id: str,
    body: OneApprovalBody,
    asked: Asked,
    seen: SeenBefore,
) -> Response:
    """With a certificate the answer holds what the token must sign; hand the signature back with PUT."""
    officer = None  # whomever the paper names
    if caller.session is not None:
        documents.view(service.desk, document_id)
        officer = _officer(service, caller, body)
    once, secret = asked.once(caller, body), asked.secret_again(_token(request, service))
    if body.certificate is None:
        ticket = approvals.open_list(service.desk, [document_id], officer, caller.actor, once, secret, seen)
        opened = _ticket_json(ticket)
    else:
        ticket, prepared = approvals.open_prepared(
            service.desk, document_id, officer, caller.actor, body.certificate, once, secret, seen
        )
        if prepared.certificate_sha256 is None:  # opened by a request of this key before it could be prepared
            prepared = approvals.use_certificate(service.desk, ticket.id, body.certificate)
        opened = _ticket_json(ticket)
        opened |= {key: value for key, value in approval_json(prepared).items() if key not in opened}
    return JSONResponse(opened, status_code=201, headers=replay_headers(once))


@router.put("/documents/{document_id}/approval", summary="Hand one signature back", response_model=DocumentJson)
def submit_one(
    service: Serving, caller: Approver, document_id: str, body: OneSignatureBody, asked: Asked, seen: SeenBefore
) -> Response:
    """The document as it then stands."""
    _own_list(service, caller, approvals.view(service.desk, body.approval_id))
    once = asked.once(caller, body)
    view = _submitted(service, body.approval_id, document_id, body, once, seen)
    return JSONResponse(document_json(view), headers=replay_headers(once))


def _submitted(
    service: Service,
    approval_id: str,
    document_id: str,
    body: SignatureBody,
    once: Once | None,
    seen: Seen | None = None,
) -> DocumentView:
    return once_only(
        service.desk.engine,
        once,
        lambda: approvals.submit(service.desk, approval_id, document_id, body.signature, once, seen=seen),
        lambda _kept: documents.view(service.desk, document_id),
    )


def _once(asked: Asking, holder: Caller | None, approval_id: str, body: BaseModel) -> Once | None:
    return asked.once_by_ticket(approval_id, body) if holder is None else asked.once(holder, body)


def _token(request: Request, service: Service) -> str:
    """What the caller proves themselves with."""
    return bearer_of(request) or request.cookies[sessions.cookie_name(service.settings)]


def _officer(service: Service, caller: Caller, body: ApprovalBody | OneApprovalBody) -> str:
    """Who is to sign: a person only themselves, a program whomever it names; the stage checks it against the papers."""
    if caller.session is not None:
        own = caller.session.account.officer_id
        if own is None or (body.officer_id is not None and body.officer_id != own):
            raise forbidden("Mỗi người chỉ mở đợt ký của chính mình.", "You may open lists for yourself only.")
        return own
    if body.officer_id is not None:
        return body.officer_id
    if isinstance(body, ApprovalBody):
        return documents.view(service.desk, body.documents[0]).officer_id
    raise forbidden("Hãy nêu người ký (officer_id).", "Name the officer (officer_id).")


def _own_list(service: Service, caller: Caller, view: ApprovalView) -> None:
    if caller.session is not None and caller.session.account.officer_id != view.officer_id:
        raise forbidden(f"Đợt ký này của {view.officer_name}.", f"This list is {view.officer_name}'s.")
    if reach.outside(service.desk, caller.reach, [one.id for one in view.documents]) is not None:
        raise approvals.unknown(view.id)


def _ticket_json(ticket: ApprovalTicket) -> dict[str, Any]:
    here = f"/api/v1/approvals/{ticket.id}"
    return {
        "id": ticket.id,
        "approval_id": ticket.id,
        "ticket": ticket.ticket,
        "expires_at": moment(ticket.expires_at),
        "links": {"self": here, "certificate": f"{here}/certificate", "page": f"/desk/approvals/{ticket.id}"},
    }
