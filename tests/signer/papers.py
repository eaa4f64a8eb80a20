"""Small PDFs of many kinds, made here: every structure that an incremental update must continue."""

import io
from collections.abc import Callable, Mapping

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from signer import Mark
from verifier.fields import OFFICER_FIELD, SEAL_FIELD

FONT = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf"
SIGNER = "Nguyễn Văn Ổn"
OFFICER_RECT = (330.0, 120.0, 472.0, 192.0)
SEAL_RECT = (326.0, 105.0, 428.0, 207.0)


def paper(*, pages: int = 1, lines: int = 20, name: str = SIGNER) -> bytes:
    """An A4 letter with the signer's name under a gap on its last page; reportlab, classic table, PDF 1.4."""
    if "Serif" not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont("Serif", FONT))
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, invariant=True, initialFontName="Serif")
    for number in range(pages):
        sheet.setFont("Serif", 13)
        for line in range(lines):
            sheet.drawString(85, 780 - 18 * line, f"Trang {number + 1}: căn cứ Nghị định số 30/2020/NĐ-CP, dòng {line}")
        if number == pages - 1:
            sheet.drawCentredString(401, 230, "CHỦ TỊCH")
            sheet.drawCentredString(401, 90, name)
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def rewritten(pdf: bytes, change: Callable[[pikepdf.Pdf], object] | None = None, **how: object) -> bytes:
    """Through qpdf, with a change on the way; `how` as for `Pdf.save`."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        if change is not None:
            change(opened)
        opened.save(out, **how)  # type: ignore[arg-type]
    return out.getvalue()


def with_empty_fields(pdf: pikepdf.Pdf) -> None:
    """The two prepared fields, as `templates` makes them: merged, with an empty appearance."""
    page = pdf.pages[-1].obj
    made = []
    for name, rect in ((OFFICER_FIELD, OFFICER_RECT), (SEAL_FIELD, SEAL_RECT)):
        look = pdf.make_stream(
            b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, rect[2] - rect[0], rect[3] - rect[1]]
        )
        made.append(
            pdf.make_indirect(
                Dictionary(
                    Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String(name), Rect=Array(rect), F=132, P=page,
                    AP=Dictionary(N=look), TU=String("Ô ký"),
                )
            )
        )  # fmt: skip
    page.Annots = Array([*page.get("/Annots", []), *made])
    form = pdf.Root.get("/AcroForm")
    if form is None:
        pdf.Root.AcroForm = Dictionary(Fields=Array(made), SigFlags=3)
    else:
        form.Fields.extend(made)


def prepared_paper(**how: object) -> bytes:
    """A paper of ours: one page, both empty fields."""
    return rewritten(paper(), with_empty_fields, **how)


def kinds() -> Mapping[str, bytes]:
    """One file of each structure, with no signature fields of ours."""
    plain = paper()
    return {
        "classic table": plain,
        "two pages": paper(pages=2),
        "xref stream": rewritten(plain, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "table by qpdf": rewritten(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable),
        "linearized table": rewritten(plain, linearize=True),
        "linearized stream": rewritten(plain, linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "inherited page": rewritten(plain, _inherit),
        "indirect arrays": rewritten(plain, _indirect_arrays),
        "direct form": rewritten(plain, lambda pdf: _form(pdf, direct=True)),
        "indirect form": rewritten(plain, lambda pdf: _form(pdf, direct=False)),
        "no identifier": _without_identifier(plain),
        "generation numbers": _generation(plain),
        "updated before": _updated(plain),
        "PDF 2.0": rewritten(plain, force_version="2.0"),
    }


def turned(degrees: int) -> bytes:
    """A paper whose page is shown turned clockwise."""
    return rewritten(paper(), lambda pdf: pdf.pages[0].rotate(degrees, relative=False))


def _inherit(pdf: pikepdf.Pdf) -> None:
    page, tree = pdf.pages[0].obj, pdf.Root.Pages
    for key in ("/MediaBox", "/Resources", "/Rotate"):
        if key in page:
            tree[key] = page[key]
            del page[key]


def _indirect_arrays(pdf: pikepdf.Pdf) -> None:
    link = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[10, 10, 20, 20], Border=[0, 0, 0]))
    pdf.pages[0].obj.Annots = pdf.make_indirect(Array([link]))
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=pdf.make_indirect(Array([])), SigFlags=0))


def _form(pdf: pikepdf.Pdf, *, direct: bool) -> None:
    look = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 100, 20])
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, Ff=1, T=String("dossier"), V=String("H05-01"), F=4,
            Rect=[90, 300, 190, 320], P=pdf.pages[0].obj, AP=Dictionary(N=look),
        )
    )  # fmt: skip
    pdf.pages[0].obj.Annots = Array([field])
    form = Dictionary(Fields=[field], DA=String("/Helv 10 Tf 0 g"), DR=Dictionary(Font=Dictionary()))
    pdf.Root.AcroForm = form if direct else pdf.make_indirect(form)


def hybrid() -> bytes:
    """A classic table with /XRefStm (ISO 32000-1 clause 7.5.8.4): object 6 is only in the stream."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R>>",
        4: b"<</Length 24>>stream\n0 0 1 rg 50 50 90 90 re f\nendstream".replace(b"Length 24", b"Length 25"),
    }
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number, content in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    inner = b"<</Producer(hybrid)>>"
    packed = b"7 0 " + inner
    offsets[6] = len(out)
    out += b"6 0 obj\n<</Type/ObjStm/N 1/First 4/Length %d>>stream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    stream_at = len(out)
    rows = b"\x02" + (6).to_bytes(4, "big") + b"\x00"
    out += b"5 0 obj\n<</Type/XRef/Size 8/W[1 4 1]/Index[7 1]/Root 1 0 R/Length %d>>stream\n%s\nendstream\nendobj\n" % (
        len(rows), rows,
    )  # fmt: skip
    table_at = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offsets[n] for n in range(1, 5))
    out += b"5 2\n%010d 00000 n \n%010d 00000 n \n7 1\n0000000000 65535 f \n" % (stream_at, offsets[6])
    out += b"trailer\n<</Size 8/Root 1 0 R/Info 7 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (stream_at, table_at)
    return bytes(out)


def _without_identifier(pdf: bytes) -> bytes:
    start = pdf.index(b"/ID")
    end = pdf.index(b"]", start) + 1
    return pdf[:start] + b" " * (end - start) + pdf[end:]


def _generation(pdf: bytes) -> bytes:
    """The page object gets generation 3, as after deletions and re-use."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        number = opened.pages[0].obj.objgen[0]
        parts = {n: opened.get_object(n, 0) for n in range(1, int(opened.trailer["/Size"]))}
        out = bytearray(b"%PDF-1.4\n")
        offsets = {}
        for n, content in parts.items():
            offsets[n] = len(out)
            raw = content.unparse(resolved=True) if not isinstance(content, pikepdf.Stream) else b""
            if isinstance(content, pikepdf.Stream):
                data = content.read_raw_bytes()
                raw = content.stream_dict.unparse() + b"stream\n" + data + b"\nendstream"
            raw = raw.replace(b" %d 0 R" % number, b" %d 3 R" % number)
            out += b"%d %d obj\n%s\nendobj\n" % (n, 3 if n == number else 0, raw)
        root, info = opened.Root.objgen[0], opened.trailer["/Info"].objgen[0]
        trailer = b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R" % (len(parts) + 1, root, info)
        first = len(out)
        out += b"xref\n0 %d\n%010d 65535 f \n" % (len(parts) + 1, number)
        out += b"".join(b"0000000000 00003 f \n" if n == number else b"%010d 00000 n \n" % offsets[n] for n in parts)
        out += trailer + b">>\nstartxref\n%d\n%%%%EOF\n" % first
        second = len(out)
        out += b"xref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00003 n \n" % (number, offsets[number])
        out += trailer + b"/Prev %d>>\nstartxref\n%d\n%%%%EOF" % (first, second)
        return bytes(out)


def _updated(pdf: bytes) -> bytes:
    """A file that another program has already appended to."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.root[generic.pdf_name("/Lang")] = generic.pdf_string("vi-VN")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def mark(width_mm: float = 36.0, height_mm: float = 36.0, *, colour: tuple[int, int, int] = (200, 0, 0)) -> Mark:
    """A drawn mark: a transparent ring with an upright wedge, as a one-page PDF of its real size."""
    picture = Image.new("RGBA", (240, round(240 * height_mm / width_mm)))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((4, 4, picture.width - 4, picture.height - 4), outline=(*colour, 255), width=8)
    pen.polygon(
        [(picture.width // 2, 20), (picture.width // 2 - 20, 80), (picture.width // 2 + 20, 80)], fill=(*colour, 255)
    )
    from reportlab.lib.utils import ImageReader

    width, height = width_mm * 72 / 25.4, height_mm * 72 / 25.4
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=(width, height), invariant=True)
    sheet.drawImage(ImageReader(picture), 0, 0, width, height, mask="auto")
    sheet.showPage()
    sheet.save()
    return Mark(pdf=out.getvalue(), width_pt=width, height_pt=height)
