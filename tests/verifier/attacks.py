"""What people do to signed files, honestly or not: each takes a signed PDF and returns another one."""

import io
import re
from collections.abc import Callable

import pikepdf
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields as hanko_fields

from tests.verifier.desk import written

Name = pdf_name


def appended(pdf: bytes, edit: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """An incremental update; pyHanko's writer follows the form of the file's own cross-reference."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    edit(writer)
    return written(writer)


def first_page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    return writer.root["/Pages"]["/Kids"][0]


def stream(writer: IncrementalPdfFileWriter, data: bytes, **entries: generic.PdfObject) -> generic.IndirectObject:
    content = generic.StreamObject({Name("/" + key): value for key, value in entries.items()}, stream_data=data)
    return writer.add_object(content)


def change_content(pdf: bytes) -> bytes:
    """Another text where the page's own was."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        page[Name("/Contents")] = stream(writer, b"BT /F1 12 Tf 100 650 Td (Von: 9 dong) Tj ET")
        writer.update_container(page)

    return appended(pdf, edit)


def replace_object_in_place(pdf: bytes) -> bytes:
    """The page's content stream keeps its number and gets other bytes."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        old = first_page(writer)["/Contents"]
        old._data = b"BT /F1 12 Tf 100 650 Td (Von: 9 dong) Tj ET"
        old._encoded_data = None
        writer.update_container(old)

    return appended(pdf, edit)


def add_annotation(pdf: bytes) -> bytes:
    """A white note with other text over the amount."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        note = generic.DictionaryObject(
            {
                Name("/Type"): Name("/Annot"),
                Name("/Subtype"): Name("/FreeText"),
                Name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (95, 640, 300, 665))),
                Name("/Contents"): generic.pdf_string("Von: 9 dong"),
                Name("/DA"): generic.pdf_string("/Helv 12 Tf 0 g"),
            }
        )
        annotations = page.get("/Annots") or generic.ArrayObject()
        annotations = annotations.get_object() if isinstance(annotations, generic.IndirectObject) else annotations
        page[Name("/Annots")] = generic.ArrayObject([*annotations, writer.add_object(note)])
        writer.update_container(page)

    return appended(pdf, edit)


def add_page(pdf: bytes) -> bytes:
    """One page more at the end."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        page = generic.DictionaryObject(
            {
                Name("/Type"): Name("/Page"),
                Name("/Parent"): writer.root.raw_get("/Pages"),
                Name("/MediaBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
                Name("/Contents"): stream(writer, b"0 0 m 100 100 l S"),
            }
        )
        pages["/Kids"].append(writer.add_object(page))
        pages[Name("/Count")] = generic.NumberObject(int(pages["/Count"]) + 1)
        writer.update_container(pages["/Kids"])
        writer.update_container(pages)

    return appended(pdf, edit)


def fill_form(pdf: bytes) -> bytes:
    """The DSS sample "replace" in small: an ordinary field's value and look change after signing."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        for reference in writer.root["/AcroForm"]["/Fields"]:
            field = reference.get_object()
            if field.get("/FT") == "/Tx":
                field[Name("/V")] = generic.pdf_string("moi")
                look = stream(
                    writer,
                    b"BT /Helv 12 Tf (moi) Tj ET",
                    Type=Name("/XObject"),
                    Subtype=Name("/Form"),
                    BBox=generic.ArrayObject(map(generic.NumberObject, (0, 0, 200, 20))),
                )
                field[Name("/AP")] = generic.DictionaryObject({Name("/N"): look})
                writer.update_container(field)

    return appended(pdf, edit)


def redraw_form(pdf: bytes) -> bytes:
    """Readers are told to draw the fields anew, in another font."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        form = writer.root["/AcroForm"]
        form[Name("/NeedAppearances")] = generic.BooleanObject(True)
        form[Name("/DA")] = generic.pdf_string("/ZaDb 12 Tf 1 g")
        writer.update_container(form)

    return appended(pdf, edit)


def add_amount(subtype: str, **entries: generic.PdfObject) -> Callable[[bytes], bytes]:
    """Before anybody signs: the amount stands in a note, or in a form's field that no list of fields leads to."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        look = stream(
            writer,
            b"BT /F1 18 Tf 4 10 Td (1 ty dong) Tj ET",
            Type=Name("/XObject"),
            Subtype=Name("/Form"),
            BBox=generic.ArrayObject(map(generic.NumberObject, (0, 0, 200, 40))),
            Resources=page["/Resources"],
        )
        told = {
            "/Type": Name("/Annot"),
            "/Subtype": Name(subtype),
            "/Rect": generic.ArrayObject(map(generic.NumberObject, (100, 400, 300, 440))),
            "/F": generic.NumberObject(4),
            "/DA": generic.pdf_string("/FX 24 Tf 0 g"),
            "/AP": generic.DictionaryObject({Name("/N"): look}),
            **{f"/{key}": value for key, value in entries.items()},
        }
        note = generic.DictionaryObject({Name(key): value for key, value in told.items()})
        page["/Annots"].append(writer.add_object(note))
        writer.update_container(page["/Annots"])

    return lambda pdf: appended(pdf, edit)


def change_fonts(writer: IncrementalPdfFileWriter) -> None:
    """Fields that have no look of their own are drawn in other letters."""
    form = writer.root["/AcroForm"]
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/ZapfDingbats"}
    letters = writer.add_object(generic.DictionaryObject({Name(key): Name(value) for key, value in font.items()}))
    fonts = generic.DictionaryObject({Name("/FX"): letters})
    form[Name("/DR")] = generic.DictionaryObject({Name("/Font"): fonts})
    writer.update_container(form)


def add_empty_visible_field(pdf: bytes) -> bytes:
    """An unsigned signature field is a picture like any other."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        spec = hanko_fields.SigFieldSpec(
            sig_field_name="Phu",
            box=(90, 640, 320, 720),
            empty_field_appearance=True,
        )
        hanko_fields.append_signature_field(writer, spec)

    return appended(pdf, edit)


def change_title(pdf: bytes) -> bytes:
    """The document's title, which readers show in the window."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        writer.set_info(generic.DictionaryObject({Name("/Title"): generic.pdf_string("Giay phep khac")}))

    return appended(pdf, edit)


def move_widget(pdf: bytes) -> bytes:
    """The officer's mark moved over something else."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0]
        field[Name("/Rect")] = generic.ArrayObject(map(generic.NumberObject, (90, 640, 320, 720)))
        writer.update_container(field)

    return appended(pdf, edit)


def unsign(pdf: bytes) -> bytes:
    """Take the signatures out of their fields, so that the file looks never signed."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        for reference in writer.root["/AcroForm"]["/Fields"]:
            field = reference.get_object()
            field.pop("/V", None)
            writer.update_container(field)

    return appended(pdf, edit)


def drop_form(pdf: bytes) -> bytes:
    """Take the whole form away."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        del writer.root["/AcroForm"]
        writer.update_root()

    return appended(pdf, edit)


def add_layers(pdf: bytes) -> bytes:
    """Hide by optional content: the catalogue gets layers after signing."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        layer = writer.add_object(
            generic.DictionaryObject({Name("/Type"): Name("/OCG"), Name("/Name"): generic.pdf_string("a")})
        )
        writer.root[Name("/OCProperties")] = generic.DictionaryObject(
            {
                Name("/OCGs"): generic.ArrayObject([layer]),
                Name("/D"): generic.DictionaryObject({Name("/OFF"): generic.ArrayObject([layer])}),
            }
        )
        writer.update_root()

    return appended(pdf, edit)


def rewrite(pdf: bytes) -> bytes:
    """Saved again by another program: every byte moves."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out)
    return out.getvalue()


def tail(pdf: bytes) -> bytes:
    """Bytes after the end."""
    return pdf + b"% them vao sau\n"


def body_without_trailer(pdf: bytes) -> bytes:
    """An appended page whose cross-reference is missing: strict readers pass over it, repairing ones show it."""
    return pdf + (
        b"\n3 0 obj\n<</Type/Page/MediaBox[0 0 595 842]/Contents 99 0 R>>\nendobj\n"
        b"99 0 obj\n<</Length 20>>\nstream\n0 0 m 100 100 l S  \nendstream\nendobj\n"
    )


def body_with_broken_trailer(pdf: bytes) -> bytes:
    """The same with a trailer that points back to the signed revision's cross-reference."""
    old = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    return body_without_trailer(pdf) + b"trailer\n<</Size 100/Root 1 0 R>>\nstartxref\n" + old + b"\n%%EOF\n"


def pointing_into_signed_bytes(pdf: bytes, number: int, place: int) -> bytes:
    """Hide-and-replace: an update whose table points an old object number at bytes that lie in the signed part."""
    start = len(pdf)
    old = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    size = max(int(n) for n in re.findall(rb"/Size (\d+)", pdf))
    root = re.findall(rb"/Root (\d+ \d+ R)", pdf)[-1]
    return pdf + (
        b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n"
        % (number, place, size, root, old, start)
    )


def swap_contents(pdf: bytes, other: bytes) -> bytes:
    """The last signature's value replaced by another file's, at the same place (it is left out of the byte range)."""
    places = [m.span(1) for m in re.finditer(rb"/Contents\s*<([0-9a-fA-F]{4000,})>", pdf)]
    foreign = re.findall(rb"/Contents\s*<([0-9a-fA-F]{4000,})>", other)[-1]
    start, end = places[-1]
    assert len(foreign) == end - start
    return pdf[:start] + foreign + pdf[end:]


def flip(pdf: bytes, place: int) -> bytes:
    """One bit of one byte."""
    changed = bytearray(pdf)
    changed[place] ^= 0x01
    return bytes(changed)


def cut_to(pdf: bytes, end: int) -> bytes:
    return pdf[:end]
