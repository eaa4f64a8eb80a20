"""Separate attachments in the form by which a document is handed in."""

from collections.abc import Sequence
from typing import Any, Final

from starlette.datastructures import FormData, UploadFile

from api.document_bodies import AttachmentBody
from api.problems import Problem
from stamping import NewAttachment

PART: Final[dict[str, Any]] = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
    "description": "PDFs of their own that belong to the document; titled in order by `attachments` of `document`",
}


def uploads_of(form: FormData) -> tuple[UploadFile, ...]:
    """The files of a form that are attachments. Raises `Problem` where one is none."""
    found = form.getlist("attachment")
    files = tuple(one for one in found if isinstance(one, UploadFile))
    if len(files) != len(found):
        raise _miscounted()
    return files


def attached(bodies: Sequence[AttachmentBody], files: Sequence[UploadFile]) -> tuple[NewAttachment, ...]:
    """Each file under its title. Raises `Problem` where there are more of the one than of the other."""
    if len(bodies) != len(files):
        raise _miscounted()
    return tuple(
        NewAttachment(title=body.title, pdf=file.file.read()) for body, file in zip(bodies, files, strict=True)
    )


def _miscounted() -> Problem:
    return Problem(
        "attachments-invalid",
        422,
        "Mỗi tệp `attachment` cần một tên trong `attachments` của `document`, theo đúng thứ tự.",
        "Each `attachment` file takes one title in `attachments` of `document`, in the same order.",
    )
