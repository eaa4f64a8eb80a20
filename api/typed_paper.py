"""A paper as a clerk typed it into a form: values by name, its file, and its attachments line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from stamping import NewAttachment, Refusal


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the form, by name, the file if there is one, and the attachments: title and file of each
    line in which there is either."""

    values: Mapping[str, str]
    file: UploadFile | None
    attached: tuple[tuple[str, UploadFile | None], ...]


async def typed_form(request: Request) -> Typed:
    """The whole form: its fields depend on the paper."""
    form: FormData = await request.form()
    file = form.get("file")
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    titles = [str(title).strip() for title in form.getlist("attachment_title")]
    files = [one if isinstance(one, UploadFile) and one.size else None for one in form.getlist("attachment")]
    lines = tuple((title, one) for title, one in zip_longest(titles, files, fillvalue=None) if title or one)
    attached = tuple((title or "", one) for title, one in lines)
    return Typed(values, file if isinstance(file, UploadFile) and file.size else None, attached)


def attached_of(form: Typed) -> tuple[NewAttachment, ...]:
    """The attachments, in the order of their lines. Raises `Refusal` attachments-invalid for a title without a file."""
    found: list[NewAttachment] = []
    for n, (title, file) in enumerate(form.attached, start=1):
        if file is None:
            raise Refusal(
                "attachments-invalid",
                f"Văn bản kèm theo thứ {n}: hãy chọn một tệp PDF.",
                f"Attachment {n}: choose a PDF file.",
                attachment=n,
            )
        found.append(NewAttachment(title=title, pdf=file.file.read()))
    return tuple(found)


def titles_of(form: Typed) -> tuple[str, ...]:
    """Their titles, to be shown again: files a browser does not keep."""
    return tuple(title for title, _ in form.attached)
