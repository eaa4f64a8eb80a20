"""The register's log for everyone (C2SP tlog-tiles), and the proof that a paper stands in it (C2SP tlog-proof).

Entries are hashes with a salt: nothing here speaks of a person, and whoever watches the log needs nobody's leave.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response

from api.callers import Caller, Serving, may
from api.codes import looked_up
from api.description import files
from api.problems import Problem, not_found
from register import CodeInvalid, proof_of, tiles
from stamping import documents, lookups
from store import read

router = APIRouter(tags=["register"])
_YEAR_S: Final = 31_536_000
_SOON: Final = "public, max-age=5"


@router.get("/log/checkpoint", summary="The newest signed checkpoint", response_class=PlainTextResponse)
def checkpoint(service: Serving) -> Response:
    """How far the log has come and the root over all of it, signed by the register's own key (C2SP tlog-checkpoint)."""
    content = _resource(service, "checkpoint")
    return PlainTextResponse(content, headers={"cache-control": _SOON})


@router.get(
    "/log/tile/{path:path}",
    summary="A tile of hashes or a bundle of entries",
    response_class=Response,
    responses=files("application/octet-stream"),
)
def tile(service: Serving, path: str) -> Response:
    """`<level>/<index>[.p/<width>]` or `entries/<index>[.p/<width>]`, laid out as C2SP tlog-tiles says."""
    content = _resource(service, f"tile/{path}")
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"cache-control": f"public, max-age={_YEAR_S}, immutable"},
    )


@router.get("/v/{code}/proof", include_in_schema=False)
def proof_by_code(service: Serving, request: Request, code: str) -> Response:
    """The proof for the paper of a printed code."""
    try:
        found = looked_up(service, request, lambda: lookups.by_code(service.desk, code))
    except CodeInvalid as error:
        raise Problem("not-found", 404, error.text_vi, error.text_en) from error
    if found is None:
        raise not_found()
    return _proof(service, found.sealed_sha256 or "", found.code)


@router.get(
    "/api/v1/documents/{document_id}/proof",
    summary="The proof that the sealed paper stands in the register's log",
    response_class=PlainTextResponse,
)
def proof(service: Serving, _caller: Annotated[Caller, Depends(may("documents:read"))], document_id: str) -> Response:
    """A C2SP tlog-proof: with the file and the log's public key it is checked without any service."""
    view = documents.view(service.desk, document_id)
    return _proof(service, view.revisions.get("sealed", ""), view.code)


def _proof(service: Serving, sha256: str, code: str) -> Response:
    with read(service.desk.engine) as connection:
        text = proof_of(connection, sha256)
    return PlainTextResponse(
        text,
        headers={
            "content-disposition": f'attachment; filename="{code}.tlog-proof"',
            "cache-control": _SOON,
        },
    )


def _resource(service: Serving, path: str) -> bytes:
    with read(service.desk.engine) as connection:
        content = tiles.resource(connection, path)
    if content is None:
        raise Problem("not-found", 404, "Nhật ký không có mục này.", "The log has no such resource.")
    return content
