"""Documents, approvals and confirmations as programs see them (JSON of the public interface)."""

from datetime import datetime
from typing import Any

from agent.messages import ApprovalList, Attached, PreparedDocument
from api.formats import local
from api.problems import PREFIX, TITLES
from stamping import ApprovalDocument, ApprovalView, AttachmentView, ConfirmationView, DocumentView, KeyWait, Problem


def document_json(view: DocumentView) -> dict[str, Any]:
    """One document: where it stands, its stages, its history."""
    return {
        "id": view.id,
        "code": view.code,
        "state": view.state,
        "paper": view.paper,
        "title": view.title,
        "subject": view.subject,
        "holder": view.holder,
        "dossier": view.dossier,
        "result_code": view.result_code,
        "procedure": view.procedure,
        "organisation": view.organisation,
        "organisation_name": view.organisation_name,
        "number": view.number,
        "issued_on": view.issued_on.isoformat(),
        "officer": {"id": view.officer_id, "name": view.officer_name},
        "seal": view.seal_id or None,
        "created_at": moment(view.created_at),
        "due_at": moment(view.due_at),
        "pages": view.pages,
        "foreign": view.foreign,
        "stages": [
            {"name": stage.name, "state": stage.state, "at": moment(stage.at), "who": stage.who}
            for stage in view.stages
        ],
        "revisions": dict(view.revisions),
        "history": [
            {"at": moment(event.at), "event": event.event, "actor": event.actor, "detail": dict(event.detail)}
            for event in view.history
        ],
        "problem": problem_json(view.problem),
        "attachments": [attachment_json(view.id, one) for one in view.attachments],
        "attachments_sha256": view.attachments_sha256,
        "links": links(view.id, view.code),
    }


def attachment_json(document_id: str, one: AttachmentView) -> dict[str, Any]:
    """One attachment: its files and where to fetch them."""
    return {
        "n": one.n,
        "title": one.title,
        "pages": one.pages,
        "size": one.size,
        "state": "sealed" if "sealed" in one.revisions else "generated",
        "sealed_at": moment(one.sealed_at),
        "original_sha256": one.original_sha256,
        "revisions": dict(one.revisions),
        "links": {"file": f"/api/v1/documents/{document_id}/attachments/{one.n}/file"},
    }


def links(identity: str, code: str) -> dict[str, str]:
    """Where to go on from a document."""
    here = f"/api/v1/documents/{identity}"
    return {
        "self": here,
        "file": f"{here}/file",
        "bundle": f"{here}/bundle",
        "approval": f"{here}/approval",
        "code_page": f"/v/{code}",
        "page": f"/desk/documents/{identity}",
    }


def approval_list(view: ApprovalView, *, named: bool = False) -> dict[str, Any]:
    """What the officer's agent reads (agent.messages): papers still to be signed, as the token must sign them; with
    their attachments `named`, or only counted for an agent that does not ask for more."""
    prepared = tuple(_prepared(view.id, item, named=named) for item in view.documents if item.state == "prepared")
    return ApprovalList(
        id=view.id,
        officer_name=view.officer_name,
        certificate_sha256=bytes.fromhex(view.certificate_sha256) if view.certificate_sha256 else None,
        expires_at=local(view.expires_at),
        documents=tuple(item for item in prepared if item is not None) if view.certificate_sha256 else (),
    ).as_json()


def approval_json(view: ApprovalView) -> dict[str, Any]:
    """What a person's page or a workflow system reads: every paper of the list and how far it is."""
    to_sign = {item["id"]: item for item in approval_list(view)["documents"]}
    return {
        "id": view.id,
        "officer": {"id": view.officer_id, "name": view.officer_name},
        "state": view.state,
        "certificate_sha256": view.certificate_sha256,
        "created_at": moment(view.created_at),
        "expires_at": moment(view.expires_at),
        "documents": [
            {
                "id": item.id,
                "title": item.title,
                "number": item.number,
                "holder": item.holder,
                "pages": item.pages,
                "state": item.state,
                "problem": problem_json(item.problem),
                "to_sign": to_sign.get(item.id),
                "attachments": [attachment_json(item.id, one) for one in item.attachments],
            }
            for item in view.documents
        ],
    }


def confirmation_json(view: ConfirmationView) -> dict[str, Any]:
    """A confirmed list and what became of each paper."""
    return {
        "id": view.id,
        "custodian": {"id": view.custodian_id, "name": view.custodian_name},
        "seal": view.seal_id,
        "created_at": moment(view.created_at),
        "finished": view.finished,
        "waits": _waits_json(view.waits),
        "documents": [
            {
                "id": item.document_id,
                "number": item.number,
                "title": item.title,
                "state": item.state,
                "problem": problem_json(item.problem),
            }
            for item in view.documents
        ],
        "links": {"self": f"/api/v1/seals/{view.id}"},
    }


def _waits_json(wait: KeyWait | None) -> dict[str, Any] | None:
    """The seal's key is away: since when, why, and when the queued documents go back if it does not return."""
    if wait is None:
        return None
    return {"since": moment(wait.since), "until": moment(wait.until), "problem": problem_json(wait.problem)}


def problem_json(problem: Problem | None) -> dict[str, Any] | None:
    """A refusal kept on a document, in both languages."""
    if problem is None:
        return None
    titles = TITLES.get(problem.code, (problem.text_vi, problem.text_en))
    return {
        "type": PREFIX + problem.code,
        "title": titles[0],
        "detail": problem.text_vi,
        "detail_en": problem.text_en,
        # of the law, where a rule of the office said no by it
        "article": problem.detail.get("article"),
    }


def moment(at: datetime | None) -> str | None:
    """RFC 3339, in Viet Nam's offset."""
    return local(at).isoformat(timespec="seconds") if at else None


def _prepared(approval_id: str, item: ApprovalDocument, *, named: bool) -> PreparedDocument | None:
    if (
        item.file_sha256 is None
        or item.byte_range is None
        or item.document_digest is None
        or item.signed_attributes is None
        or item.digest is None
        or item.scheme is None
    ):
        return None
    counted = f" (cùng {len(item.attachments)} văn bản kèm theo)" if item.attachments and not named else ""
    attached = tuple(
        Attached(title=one.title, pages=one.pages, sha256=bytes.fromhex(one.revisions["generated"]))
        for one in item.attachments
    )
    return PreparedDocument(
        id=item.id,
        # the officer's program shows it: what is signed is the paper with its attachments
        title=f"{item.title}{counted}",
        number=item.number,
        holder=item.holder,
        pages=item.pages,
        file_url=f"/api/v1/approvals/{approval_id}/documents/{item.id}/file",
        file_sha256=bytes.fromhex(item.file_sha256),
        byte_range=item.byte_range,
        document_digest=bytes.fromhex(item.document_digest),
        signed_attributes=item.signed_attributes,
        digest=bytes.fromhex(item.digest),
        scheme=item.scheme,  # type: ignore[arg-type]  # one literal, declared in two rooms
        attachments=attached if named else None,
    )
