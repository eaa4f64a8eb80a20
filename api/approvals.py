"""The officer's approval: prepare for their certificate, say what the token must sign, take the signature back.

The routes an agent uses are those of `agent.messages`; it is known by the list's ticket. The PIN and the key never
come here (AC-65).
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from api.answers import AgentListJson, ApprovalJson, DocumentJson, PreparedApprovalJson, SignedJson, TicketJson
from api.bodies import (
    ApprovalBody,
    CertificateBody,
    OneApprovalBody,
    OneSignatureBody,
    SignatureBody,
)
from api.callers import Caller, Serving, bearer_of, may, unauthenticated
from api.description import PDF
from api.document_json import approval_json, approval_list, document_json, moment
from api.problems import forbidden
from api.service import Service, service_of
from stamping import ApprovalTicket, ApprovalView, approvals, documents, reach

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
def open_list(service: Serving, caller: Approver, body: ApprovalBody) -> Response:
    """The ticket is for the officer's agent and shown this once."""
    reach.require(service.desk, caller.reach, *body.documents)
    ticket = approvals.open_list(service.desk, body.documents, _officer(service, caller, body), caller.actor)
    return JSONResponse(_ticket_json(ticket), status_code=201, headers={"location": f"/api/v1/approvals/{ticket.id}"})


@router.get(
    "/approvals/{approval_id}",
    summary="The list, and what the token must sign",
    response_model=ApprovalJson | AgentListJson,
)
def read(service: Serving, holder: Holder, approval_id: str) -> dict[str, Any]:
    """For the ticket: papers still to be signed, as the agent's protocol has it. For others: every paper's state."""
    view = approvals.view(service.desk, approval_id)
    return approval_list(view) if holder is None else approval_json(view)


@router.post("/approvals/{approval_id}/certificate", status_code=204, summary="Prepare the list for a certificate")
def use_certificate(service: Serving, _holder: Holder, approval_id: str, body: CertificateBody) -> None:
    """The certificate is checked and authorised before anything is prepared (TT 15/2025 article 5.1)."""
    approvals.use_certificate(service.desk, approval_id, body.certificate)


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
    "/approvals/{approval_id}/documents/{document_id}", summary="Hand a signature back", response_model=SignedJson
)
def submit(
    service: Serving, _holder: Holder, approval_id: str, document_id: str, body: SignatureBody
) -> dict[str, Any]:
    """Taken only when it is judged valid in full; repeating the same value gives the same answer."""
    view = approvals.submit(service.desk, approval_id, document_id, body.signature)
    return {"state": view.state}


@router.post(
    "/documents/{document_id}/approval",
    status_code=201,
    summary="Prepare one document for approval",
    response_model=PreparedApprovalJson,
    response_model_exclude_unset=True,
)
def prepare_one(service: Serving, caller: Approver, document_id: str, body: OneApprovalBody) -> dict[str, Any]:
    """With a certificate the answer holds what the token must sign; hand the signature back with PUT."""
    view = documents.view(service.desk, document_id)
    officer = view.officer_id if caller.client else _officer(service, caller, body)
    ticket = approvals.open_list(service.desk, [document_id], officer, caller.actor)
    opened = _ticket_json(ticket)
    if body.certificate is not None:
        prepared = approvals.use_certificate(service.desk, ticket.id, body.certificate)
        opened |= {key: value for key, value in approval_json(prepared).items() if key not in opened}
    return opened


@router.put("/documents/{document_id}/approval", summary="Hand one signature back", response_model=DocumentJson)
def submit_one(service: Serving, caller: Approver, document_id: str, body: OneSignatureBody) -> dict[str, Any]:
    """The document as it then stands."""
    _own_list(service, caller, approvals.view(service.desk, body.approval_id))
    return document_json(approvals.submit(service.desk, body.approval_id, document_id, body.signature))


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
