"""/api/v1/office: the institution as it is in force, its versions, and how administrators change it.

Persons only: no program may change who stamps. Auditors may read. A confirmation needs a fresh authentication for that
very proposal (POST /api/v1/steps with its `confirm_sha256` as `list_sha256`), as a seal does.
"""

import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from api import steps
from api.asking import Asked, replay_headers
from api.bodies import DecisionNote, ProposalBody, RejectionBody
from api.callers import Caller, Serving, person
from api.document_json import moment
from api.register_answers import (
    ProposalJson,
    ProposalsJson,
    VersionsJson,
    WholeProposalJson,
    WholeVersionJson,
)
from api.service import Service
from api.sessions import Session
from register import OfficeProposal, OfficeVersion, office_versions
from stamping import Once, Refusal, office_acts, once_only, told_changes
from store import read

router = APIRouter(prefix="/api/v1/office", tags=["office"])


def reader(request: Request) -> Session:
    """An administrator or an auditor; programs are refused whatever their scopes."""
    return person(request, "administrator", "auditor")


def administrator(request: Request) -> Session:
    """An administrator."""
    return person(request, "administrator")


Reader = Annotated[Session, Depends(reader)]
Administrator = Annotated[Session, Depends(administrator)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Cursor = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get(
    "",
    summary="The version in force",
    response_model=WholeVersionJson,
    responses={304: {"description": "As the caller knows it"}},
)
def current(service: Serving, _session: Reader, request: Request) -> Response:
    """The institution as it is now, with its text (TOML) and the hashes of the files it names."""
    with read(service.desk.engine) as connection:
        version = office_versions.in_force(connection)
    if version is None:
        raise _nothing()
    tag = f'"{version.number}-{version.proposal.sha256}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    return JSONResponse(_version(version, text=True), headers={"etag": tag})


@router.get("/versions", summary="Versions", response_model=VersionsJson)
def versions(service: Serving, _session: Reader, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    """Newest first, without their texts."""
    with read(service.desk.engine) as connection:
        found = office_versions.versions(connection, before=cursor, limit=limit + 1)
    shown = found[:limit]
    return {
        "versions": [_version(one, text=False) for one in shown],
        "next": shown[-1].number if len(found) > limit else None,
    }


@router.get("/versions/{number}", summary="One version", response_model=WholeVersionJson)
def one_version(service: Serving, _session: Reader, number: Number) -> dict[str, Any]:
    """A version with its text: what was in force from its moment until the next one's."""
    with read(service.desk.engine) as connection:
        version = office_versions.version(connection, number)
    return _version(version, text=True)


@router.get("/proposals", summary="Proposals", response_model=ProposalsJson)
def proposals(service: Serving, _session: Reader, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    """Newest first, without their texts; `state` is pending, confirmed, rejected or withdrawn."""
    with read(service.desk.engine) as connection:
        found = office_versions.history(connection, before=cursor, limit=limit + 1)
    shown = found[:limit]
    return {
        "proposals": [_proposal(one, text=False) for one in shown],
        "next": shown[-1].id if len(found) > limit else None,
    }


@router.post("/proposals", status_code=201, summary="Propose a change", response_model=WholeProposalJson)
def propose(service: Serving, session: Administrator, body: ProposalBody, asked: Asked) -> Response:
    """Keep a change that is to come into force; nothing changes until it is confirmed."""
    once, files = asked.once(Caller(session=session), body), body.files.items()
    made = once_only(
        service.desk.engine,
        once,
        lambda: office_acts.propose(
            service.desk,
            body.toml,
            {unicodedata.normalize("NFC", name): content for name, content in files},
            base=body.base,
            why=body.why,
            by=session.account.mover,
            once=once,
        ),
        lambda kept: find(service, kept["proposal"]),
    )
    return JSONResponse(
        _proposal(made, text=True),
        status_code=201,
        headers={"location": f"/api/v1/office/proposals/{made.id}", **replay_headers(once)},
    )


@router.get("/proposals/{number}", summary="One proposal", response_model=WholeProposalJson)
def one_proposal(service: Serving, _session: Reader, number: Number) -> dict[str, Any]:
    """A proposal with its text, what it changes, and `confirm_sha256`, to which a confirmation is bound."""
    return _proposal(find(service, number), text=True)


@router.post("/proposals/{number}/confirmation", summary="Confirm a proposal", response_model=ProposalJson)
def confirm(service: Serving, session: Administrator, number: Number, body: DecisionNote, asked: Asked) -> Response:
    """It comes into force. Needs POST /api/v1/steps for its `confirm_sha256`, and often another person."""
    once = asked.once(Caller(session=session), body)
    return _decided(
        service,
        number,
        once,
        lambda: confirm_proposal(service, session, find(service, number), note=body.note, once=once),
    )


@router.post("/proposals/{number}/rejection", summary="Reject a proposal", response_model=ProposalJson)
def reject(service: Serving, session: Administrator, number: Number, body: RejectionBody, asked: Asked) -> Response:
    """Someone else's proposal never comes into force; the reason is kept."""
    once = asked.once(Caller(session=session), body)
    return _decided(
        service,
        number,
        once,
        lambda: office_acts.reject(service.desk, number, by=session.account.mover, note=body.note, once=once),
    )


@router.post("/proposals/{number}/withdrawal", summary="Withdraw one's own proposal", response_model=ProposalJson)
def withdraw(service: Serving, session: Administrator, number: Number, body: DecisionNote, asked: Asked) -> Response:
    """The proposer takes it back."""
    once = asked.once(Caller(session=session), body)
    return _decided(
        service,
        number,
        once,
        lambda: office_acts.withdraw(service.desk, number, by=session.account.mover, note=body.note, once=once),
    )


def _decided(service: Service, number: int, once: Once | None, decide: Callable[[], object]) -> Response:
    once_only(service.desk.engine, once, decide, lambda _kept: None)
    return JSONResponse(_proposal(find(service, number), text=False), headers=replay_headers(once))


def find(service: Service, number: int) -> OfficeProposal:
    """A proposal. Raises `ProposalUnknown`, which is answered as not-found."""
    with read(service.desk.engine) as connection:
        return office_versions.proposal(connection, number)


def confirm_proposal(
    service: Service, session: Session, proposal: OfficeProposal, *, note: str, once: Once | None = None
) -> int:
    """Use up the fresh authentication for this proposal, bring it into force, give the version. Raises `Refusal`."""
    desk = service.desk
    return office_acts.confirm(
        desk,
        proposal.id,
        by=session.account.mover,
        authenticated_at=steps.take(desk.engine, session, proposal.digest, service.now()),
        note=note,
        once=once,
    )


def _nothing() -> Refusal:
    return Refusal("not-found", "Chưa có phiên bản nào có hiệu lực.", "No version is in force yet.")


def _version(version: OfficeVersion, *, text: bool) -> dict[str, Any]:
    told = _proposal(version.proposal, text=text)
    return {"version": version.number, "in_force_since": moment(version.decision.at), **told}


def _proposal(proposal: OfficeProposal, *, text: bool) -> dict[str, Any]:
    decision = proposal.decision
    told: dict[str, Any] = {
        "proposal": proposal.id,
        "state": decision.outcome if decision else "pending",
        "base": proposal.base,
        "sha256": proposal.sha256,
        "confirm_sha256": proposal.digest,
        "files": dict(proposal.files),
        "why": proposal.why,
        "needs_second": proposal.needs_second,
        "changes": [
            {"vi": one.text_vi, "en": one.text_en, "second_person": one.second_person} for one in told_changes(proposal)
        ],
        "proposed_by": {"account": proposal.by.account, "name": proposal.by.name},
        "proposed_at": moment(proposal.at),
        "decided_by": {"account": decision.by, "name": decision.name} if decision else None,
        "decided_at": moment(decision.at) if decision else None,
        "note": decision.note if decision else "",
    }
    return told | ({"toml": proposal.text} if text else {})
