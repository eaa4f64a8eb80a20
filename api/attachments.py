"""Separate attachments of a document: given one by one, or sealed with it as one ZIP."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from api.callers import Caller, Serving, may
from api.description import PDF, files
from api.documents import pdf_response
from api.formats import local
from stamping import AttachmentRevision, Desk, DocumentView, Refusal, attachments, documents

router = APIRouter(prefix="/api/v1/documents", tags=["documents"])
Reader = Annotated[Caller, Depends(may("documents:read"))]
N = Annotated[int, Path(ge=1, le=1000, description="the attachment, counted from 1")]


@router.get(
    "/{document_id}/attachments/{n}/file", summary="An attachment's PDF", response_class=Response, responses=PDF
)
def attachment_file(
    service: Serving, _caller: Reader, document_id: str, n: N, revision: AttachmentRevision | None = None
) -> Response:
    """The newest revision, or the one named."""
    pdf, name, sha256 = attachments.file(service.desk, document_id, n, revision)
    return pdf_response(pdf, f"{document_id}-{n}-{name}.pdf", sha256, inline=False)


@router.get(
    "/{document_id}/bundle",
    summary="The sealed paper and its attachments",
    response_class=Response,
    responses=files("application/zip"),
)
def bundle(service: Serving, _caller: Reader, document_id: str) -> Response:
    """One ZIP of the sealed files, not compressed; 409 before they are sealed."""
    view = documents.view(service.desk, document_id)
    if "sealed" not in view.revisions:
        raise Refusal(
            "wrong-state",
            f"Văn bản {view.number} chưa có bản đóng dấu số.",
            f"Document {view.number} has no sealed file.",
            document=document_id,
            state=view.state,
        )
    hashes = "".join([view.revisions["sealed"], *(one.revisions.get("sealed", "") for one in view.attachments)])
    return Response(
        zipped(service.desk, view),
        media_type="application/zip",
        headers={
            "content-disposition": f'attachment; filename="{safe_number(view)}.zip"',
            "etag": f'"{hashlib.sha256(hashes.encode()).hexdigest()}"',
        },
    )


def zipped(desk: Desk, view: DocumentView) -> bytes:
    """The sealed files under names of our own: a title is text from outside and names no file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, pdf in _files(desk, view):
            archive.writestr(zipfile.ZipInfo(name, local(view.created_at).timetuple()[:6]), pdf)
    return out.getvalue()


def _files(desk: Desk, view: DocumentView) -> Iterator[tuple[str, bytes]]:
    name = safe_number(view)
    yield f"{name}.pdf", documents.file(desk, view.id, "sealed")[0]
    for one in view.attachments:
        yield f"{name}-kem-theo-{one.n:02d}.pdf", attachments.file(desk, view.id, one.n, "sealed")[0]


def safe_number(view: DocumentView) -> str:
    """The document's number as part of a file's name."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in view.number)
