"""Pages of PDFs as PNG, in a process of its own, run by `api.preview` with an empty environment:

    preview_worker.py page NUMBER WIDTH  < pdf      > png
    preview_worker.py seal FIELD WIDTH   < pdf      > png
    preview_worker.py compare END...     < pdf      > page number (4 bytes), pngs each led by its length (8 bytes)

`seal` finds the page with the signature field FIELD and draws a dashed ring where the seal will stand. `compare` finds
the first page that looks different from what the file showed up to the last END, and draws that place as it was then
and as it is now, then the whole page as the file up to each END showed it, and as it is now. Files from outside are
drawn here, so the process first gives up what it could harm: memory, time, files, other processes, the network. It
imports nothing of this project.
"""

import io
import resource
import struct
import sys
from typing import Any

MEMORY = 1024 * 1024 * 1024
SECONDS = 10
MOST_PIXELS = 20_000_000
COMPARED_PAGES = 10
COMPARED_WIDTH = 1000
ROOM = 60
"""Pixels shown around a difference."""
TALLEST = 480
WHOLE_WIDTH = 700
SEAL_RED = (191, 52, 24)
DASHES = 24
NOTICEABLE = 48
"""Of 255: how different a pixel must be; less is the drawing's own noise."""


def main() -> int:
    """Draw what the command line asks for; exit 0 and the answer on standard output, else non-zero and nothing."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pypdfium2
    from PIL import Image, ImageChops, ImageDraw  # noqa: F401 - loaded before files are closed off

    Image.preinit()  # its format modules are read lazily
    given = sys.stdin.buffer.read()
    _give_up_rights()
    if sys.argv[1] == "page":
        document = pypdfium2.PdfDocument(given)
        document.init_forms()
        answer = _png(_draw(document[int(sys.argv[2]) - 1], int(sys.argv[3])))
    elif sys.argv[1] == "seal":
        answer = _ringed(pypdfium2.PdfDocument(given), sys.argv[2], int(sys.argv[3]))
    else:
        answer = _difference(given, [int(end) for end in sys.argv[2:]])
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


def _give_up_rights() -> None:
    # Everything is loaded: from here on no file is opened, nothing is run, nobody is called. The price: text in a font
    # the paper does not embed is drawn in pdfium's own.
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for call in ("open", "openat", "openat2", "creat", "execve", "execveat", "socket", "connect", "fork", "vfork"):
        rules.add_rule(pyseccomp.ERRNO(13), call)
    for call in ("ptrace", "process_vm_readv", "process_vm_writev", "kill", "tkill", "unlink", "unlinkat", "rename"):
        rules.add_rule(pyseccomp.ERRNO(13), call)
    rules.load()


def _draw(sheet: Any, width: int) -> Any:
    across, down = sheet.get_size()
    scale = min(width / across, (MOST_PIXELS / (across * down)) ** 0.5)
    return sheet.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")


def _ringed(document: Any, field: str, width: int) -> bytes:
    """The first page with a widget of that field, the ring drawn in its rectangle. Raises LookupError."""
    from PIL import ImageDraw

    document.init_forms()
    for sheet in document if document.formenv else ():
        box = _widget(sheet, document.formenv, field)
        if box is None:
            continue
        picture = _draw(sheet, width)
        left, top, right, bottom = _on_picture(sheet, picture.size, box)
        radius = min(right - left, bottom - top) / 2
        across, down = (left + right) / 2, (top + bottom) / 2
        circle = (across - radius, down - radius, across + radius, down + radius)
        pen, step = ImageDraw.Draw(picture), 360 / DASHES
        for dash in range(DASHES):
            pen.arc(circle, dash * step, (dash + 0.6) * step, fill=SEAL_RED, width=max(2, width // 300))
        return _png(picture)
    raise LookupError(field)


def _widget(sheet: Any, form: Any, field: str) -> tuple[float, float, float, float] | None:
    """Rectangle (left, bottom, right, top; pt) of the field's widget on this page, if it stands here."""
    import ctypes

    import pypdfium2.raw as pdfium

    for index in range(pdfium.FPDFPage_GetAnnotCount(sheet)):
        annotation = pdfium.FPDFPage_GetAnnot(sheet, index)
        try:
            name = (ctypes.c_ushort * 256)()  # UTF-16; its codec is a file, and files are closed off by now
            size = pdfium.FPDFAnnot_GetFormFieldName(form, annotation, name, ctypes.sizeof(name))
            box = pdfium.FS_RECTF()
            named = "".join(map(chr, name[: max(0, size // 2 - 1)]))
            if named == field and pdfium.FPDFAnnot_GetRect(annotation, box):
                return box.left, box.bottom, box.right, box.top
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return None


def _on_picture(sheet: Any, size: tuple[int, int], box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """The same rectangle in pixels, as the page is turned and cropped."""
    import ctypes

    import pypdfium2.raw as pdfium

    across, down = [], []
    for x, y in ((box[0], box[1]), (box[2], box[3])):
        right, below = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(sheet, 0, 0, size[0], size[1], 0, x, y, right, below)
        across.append(right.value)
        down.append(below.value)
    return min(across), min(down), max(across), max(down)


def _difference(sent: bytes, ends: list[int]) -> bytes:
    """The first place that looks different on a page both files have; nothing if all look the same."""
    from PIL import ImageChops, ImageDraw

    before, after = _opened(sent[: ends[-1]]), _opened(sent)
    for index in range(min(len(before), len(after), COMPARED_PAGES)):
        old, new = _draw(before[index], COMPARED_WIDTH), _draw(after[index], COMPARED_WIDTH)
        if old.size != new.size:
            continue
        marked = ImageChops.difference(old, new).convert("L").point(lambda value: 255 if value > NOTICEABLE else 0)
        box = marked.getbbox()
        if box is None:
            continue
        left, top, right, bottom = box
        place = (
            max(0, left - ROOM * 3),
            max(0, top - ROOM),
            min(old.width, right + ROOM * 3),
            min(old.height, bottom + ROOM, top - ROOM + TALLEST),
        )
        ImageDraw.Draw(new).rectangle((left - 6, top - 6, right + 5, bottom + 5), outline=(161, 19, 60), width=3)
        earlier = [_opened(sent[:end]) for end in ends[:-1]]
        pictures = [_png(picture.crop(place)) for picture in (old, new)]
        pictures += [_png(_draw(one[index], WHOLE_WIDTH)) if index < len(one) else b"" for one in (*earlier, before)]
        pictures.append(_png(new.resize((WHOLE_WIDTH, round(new.height * WHOLE_WIDTH / new.width)))))
        return struct.pack(">I", index + 1) + b"".join(struct.pack(">Q", len(one)) + one for one in pictures)
    return b""


def _opened(pdf: bytes) -> Any:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    return document


def _png(image: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format="PNG")
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
