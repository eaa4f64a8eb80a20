"""Attacks on the comparison of revisions itself: a paper is prepared, signed, and then struck by hand-written bytes.

`allowed` ones are honest though they look odd.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.verifier.raw import number_of, object_of, packed, size_of, stream, update

Edit = Callable[[bytes], bytes]
BAD = b"BT /F1 12 Tf 100 570 Td (Chuyen nhuong toan bo) Tj ET"
OUTSIDE = "outside its rectangle"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:ModifyDate>%s</xmp:ModifyDate>'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
XMP_ENTRIES = b"/Type/Metadata/Subtype/XML"


@dataclass(frozen=True, kw_only=True)
class Strike:
    name: str
    prepare: Edit | None
    strike: Edit
    says: str
    """Part of the reason given; empty for what is allowed."""


def page_of(pdf: bytes) -> int:
    return int(re.findall(rb"/Kids\s*\[\s*(\d+) 0 R", pdf)[0])


def root_of(pdf: bytes) -> int:
    return int(re.findall(rb"/Root (\d+) 0 R", pdf)[-1])


def with_entries(text: bytes, entries: bytes, *without: bytes) -> bytes:
    """A dictionary's text with entries more, and without those of simple values named in `without`."""
    for key in without:
        text = re.sub(re.escape(key) + rb"\s*(\d+ \d+ R|\[[^\]]*\]|/\w+|-?\d+)", b"", text, count=1)
    assert text.endswith(b">>")
    return text[:-2] + entries + b">>"


def edit_page(pdf: bytes, entries: bytes, *without: bytes, more: dict[int, bytes] | None = None) -> bytes:
    number = page_of(pdf)
    return update(pdf, {number: with_entries(object_of(pdf, number), entries, *without), **(more or {})})


def edit_root(pdf: bytes, entries: bytes, *without: bytes, more: dict[int, bytes] | None = None) -> bytes:
    number = root_of(pdf)
    return update(pdf, {number: with_entries(object_of(pdf, number), entries, *without), **(more or {})})


def contents_of(pdf: bytes) -> bytes:
    return re.findall(rb"/Contents (\d+ 0 R)", object_of(pdf, page_of(pdf)))[0]


def next_of(pdf: bytes) -> int:
    return size_of(pdf)


def draws(reference: bytes) -> Edit:
    """The page also draws something that is not there."""
    return lambda pdf: edit_page(pdf, b"/Contents[%s %s]" % (contents_of(pdf), reference), b"/Contents")


def names(reference: bytes) -> Edit:
    """The page's resources, which a verdict never reads, name something that is not there in an odd way."""

    def prepare(pdf: bytes) -> bytes:
        text = re.sub(rb"/Resources\s*<<.*?>>\s*(?=/Rotate)", b"", object_of(pdf, page_of(pdf)), flags=re.S)
        number = next_of(pdf)
        page = with_entries(text, b"/Resources %d 0 R" % number)
        return update(pdf, {page_of(pdf): page, number: b"<</XObject<</X %s>>>>" % reference})

    return prepare


def adds_evidence(number: int, content: bytes = BAD, *, generation: int = 0) -> Edit:
    """A revision that looks like evidence, with the object as a certificate."""

    def strike(pdf: bytes) -> bytes:
        store = b"/DSS<</Certs[%d %d R]>>" % (number, generation)
        root = with_entries(object_of(pdf, root_of(pdf)), store)
        return update(pdf, {root_of(pdf): root, (number, generation): stream(content)})

    return strike


def hidden_reference(pdf: bytes) -> bytes:
    """The page's /Contents lies in an object stream, and mentions what is not there."""
    array = next_of(pdf)
    page = with_entries(object_of(pdf, page_of(pdf)), b"/Contents %d 0 R" % array, b"/Contents")
    return packed(pdf, {array: b"[%s 400 0 R]" % contents_of(pdf), page_of(pdf): page}, stream_number=array + 1)


def shared_array(pdf: bytes) -> bytes:
    """The page's contents and the certificates of /DSS are one array."""
    array = next_of(pdf)
    pdf = edit_page(pdf, b"/Contents %d 0 R" % array, b"/Contents", more={array: b"[%s]" % contents_of(pdf)})
    return edit_root(pdf, b"/DSS<</Certs %d 0 R>>" % array)


def grow_shared_array(pdf: bytes) -> bytes:
    array = int(re.findall(rb"/Certs (\d+) 0 R", pdf)[-1])
    return update(pdf, {array: object_of(pdf, array)[:-1] + b" %d 0 R]" % next_of(pdf), next_of(pdf): stream(BAD)})


def own_array(pdf: bytes) -> bytes:
    """Evidence as an array of its own."""
    array = next_of(pdf)
    return edit_root(pdf, b"/DSS %d 0 R" % (array + 1), more={array: b"[]", array + 1: b"<</Certs %d 0 R>>" % array})


def metadata(pdf: bytes) -> bytes:
    number = next_of(pdf)
    return edit_root(pdf, b"/Metadata %d 0 R" % number, more={number: stream(XMP % b"2026", XMP_ENTRIES)})


def drawn_metadata(pdf: bytes) -> bytes:
    """The metadata are one of the page's content streams as well."""
    pdf = metadata(pdf)
    number = int(re.findall(rb"/Metadata (\d+) 0 R", pdf)[-1])
    return edit_page(pdf, b"/Contents[%s %d 0 R]" % (contents_of(pdf), number), b"/Contents")


def move_metadata(pdf: bytes) -> bytes:
    number = int(re.findall(rb"/Metadata (\d+) 0 R", pdf)[-1])
    return update(pdf, {number: stream(XMP % BAD, XMP_ENTRIES)})


def add_drawn_metadata(pdf: bytes) -> bytes:
    """Metadata that are a picture, for a page that looks for /Metadata in the catalogue."""
    number = next_of(pdf)
    entries = XMP_ENTRIES + b"/BBox[0 0 600 900]"
    return edit_root(pdf, b"/Metadata %d 0 R" % number, more={number: stream(XMP % b"2026", entries)})


def length_apart(pdf: bytes) -> bytes:
    """The length of the page's content is an object of its own."""
    number, length = next_of(pdf), next_of(pdf) + 1
    content = b"BT /F1 12 Tf 100 700 Td (Von: 1) Tj ET"
    text = b"<</Length %d 0 R>>\nstream\n%s\nendstream" % (length, content)
    return edit_page(pdf, b"/Contents %d 0 R" % number, b"/Contents", more={number: text, length: b"%d" % len(content)})


def shorten(pdf: bytes) -> bytes:
    length = int(re.findall(rb"/Length (\d+) 0 R", pdf)[-1])
    return update(pdf, {length: b"5"})


def form_as_state(pdf: bytes) -> bytes:
    """The form dictionary serves as a list of graphics states too."""
    form = int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1])
    resources = b"/Resources<</ExtGState %d 0 R/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>" % form
    text = re.sub(rb"/Resources\s*<<.*?>>\s*(?=/Rotate)", b"", object_of(pdf, page_of(pdf)), flags=re.S)
    return update(pdf, {page_of(pdf): with_entries(text, resources)})


def add_looks(pdf: bytes) -> bytes:
    form = int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1])
    return update(pdf, {form: with_entries(object_of(pdf, form), b"/DR<</Font<<>>>>/DA(/Helv 0 Tf)")})


def new_field(entries: bytes, look: bytes | None = None) -> Edit:
    """A signature field more: invisible, where the entries say nothing else. `look`: a stream."""

    def strike(pdf: bytes) -> bytes:
        form, field = int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1]), next_of(pdf)
        fields = re.sub(rb"(/Fields\s*\[[^\]]*)\]", rb"\1 %d 0 R]" % field, object_of(pdf, form))
        widget = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Phu)/F 132%s>>" % (
            entries if b"/Rect" in entries else b"/Rect[0 0 0 0]" + entries
        )
        if look is None:
            return update(pdf, {form: fields, field: widget})
        return update(
            pdf, {form: fields, field: with_entries(widget, b"/AP<</N %d 0 R>>" % (field + 1)), field + 1: look}
        )

    return strike


def drawn(entries: bytes, content: bytes = BAD) -> bytes:
    return stream(content, b"/Type/XObject/Subtype/Form" + entries)


def loose(entries: bytes) -> Edit:
    """An annotation more on the page, that no list of fields leads to."""

    def prepare(pdf: bytes) -> bytes:
        note = next_of(pdf)
        annotations = re.sub(rb"(/Annots\s*\[[^\]]*)\]", rb"\1 %d 0 R]" % note, object_of(pdf, page_of(pdf)))
        return update(pdf, {page_of(pdf): annotations, note: b"<</Type/Annot/Rect[9 9 90 90]%s>>" % entries})

    return prepare


def named_twice(pdf: bytes) -> bytes:
    """The table gives an object two places: first the other paper, then what pyHanko sees."""
    number = next_of(pdf)
    contents = int(contents_of(pdf).split()[0])
    root = with_entries(object_of(pdf, root_of(pdf)), b"/DSS<</Certs[%d 0 R]>>" % number)
    again = b"%d 1\n{%d} 00000 n \n" % (root_of(pdf), root_of(pdf))
    assert contents
    return update(pdf, {root_of(pdf): root, number: stream(b"0")}, also=(again,))


def moved_root(pdf: bytes) -> bytes:
    number = next_of(pdf)
    return update(pdf, {number: object_of(pdf, root_of(pdf))}, root=b"%d 0 R" % number)


def packed_before(pdf: bytes) -> bytes:
    """An object stream of the signed part holds another page."""
    page = with_entries(object_of(pdf, page_of(pdf)), b"/Contents %d 0 R" % (next_of(pdf) + 1), b"/Contents")
    more = {next_of(pdf) + 1: stream(BAD)}
    return packed(pdf, {page_of(pdf): page}, stream_number=next_of(pdf), listed=(), plain=more)


def unpack_older(pdf: bytes) -> bytes:
    older = number_of(pdf, b"/Type/ObjStm")
    return packed(pdf, {}, listed=(page_of(pdf),), stream_number=next_of(pdf) - 1, inside=older)


def packed_evidence(*, hidden: bool = False, more: bytes = b"") -> Edit:
    """Evidence in an object stream: honest, unless more lies in it."""

    def strike(pdf: bytes) -> bytes:
        store, cert = next_of(pdf), next_of(pdf) + 1
        root = with_entries(object_of(pdf, root_of(pdf)), b"/DSS %d 0 R" % store)
        objects = {store: b"<</Certs[%d 0 R]>>" % cert, root_of(pdf): root}
        page = {page_of(pdf): object_of(pdf, page_of(pdf))} if hidden else {}
        plain = {cert: stream(b"0")}
        taken = tuple(objects)
        return packed(pdf, objects | page, stream_number=cert + 1, listed=taken, entries=more, plain=plain)

    return strike


def attached(content: bytes, entries: bytes = b"") -> Edit:
    """An attachment that is not compressed: its own references mean nothing here."""

    def prepare(pdf: bytes) -> bytes:
        number = next_of(pdf)
        spec = b"<</Type/Filespec/F(a.pdf)/EF<</F %d 0 R>>>>" % number
        text = stream(content, b"/Type/EmbeddedFile" + entries)
        return edit_root(pdf, b"/AF[%d 0 R]" % (number + 1), b"/AF", more={number: text, number + 1: spec})

    return prepare


def covered_by_false_stream(pdf: bytes) -> bytes:
    """A false stream begins in a string of the page and ends behind it: is what lies between only content?"""
    number = next_of(pdf)
    tail = b")/Contents[%s 400 0 R]>>\nendobj\n" % contents_of(pdf)
    page = re.sub(rb"/Contents \d+ 0 R", b"", object_of(pdf, page_of(pdf)))[:-2]
    head = b"%d 0 obj\n<</Length %d>>\nstream\n" % (number, len(tail))
    pdf = update(pdf, {page_of(pdf): page + b"/Note(" + head + tail[:-8] + b"\nendobj\nendstream"}, size=number + 1)
    place = pdf.rfind(b"%d 0 obj\n<</Length" % number)
    return update(pdf, {}, also=(b"%d 1\n%010d 00000 n \n" % (number, place),), size=number + 1)


def planted(take_up: Callable[[bytes, int, bytes], bytes]) -> Edit:
    """One revision adds an empty field that cannot be seen; the next takes it from the form and writes it over."""

    def strike(pdf: bytes) -> bytes:
        field, page, form = next_of(pdf), page_of(pdf), int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1])
        before = object_of(pdf, form)
        here = b" %d 0 R ]" % field
        first = update(
            pdf,
            {
                page: re.sub(rb"(/Annots \[.*?)\]", rb"\1" + here, object_of(pdf, page), flags=re.S),
                form: re.sub(rb"(/Fields \[.*?)\]", rb"\1" + here, before, flags=re.S),
                field: b"<</FT/Sig/T(x)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 4>>",
            },
        )
        return take_up(update(first, {form: before}), field, before)

    return strike


def stamp_over(pdf: bytes, field: int, _: bytes) -> bytes:
    look = field + 1
    stamp = b"<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP<</N %d 0 R>>>>" % look
    return update(pdf, {field: stamp, look: stream(BAD, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]")})


def stamp_reached_by_a_stream(pdf: bytes, field: int, form: bytes) -> bytes:
    look, objects = field + 1, field + 2
    stamp = b"<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP<</N %d 0 R>>>>" % look
    return packed(
        pdf,
        {int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1]): form, field: stamp},
        stream_number=objects,
        entries=b"/DecodeParms<</X %d 0 R>>" % field,
        plain={look: stream(BAD, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]")},
    )


def shared_look(pdf: bytes) -> bytes:
    """The look of the prepared seal field is a stamp's on the page as well."""
    look, field, page = next_of(pdf), number_of(pdf, b"(AgencySeal)"), page_of(pdf)
    stamp = b"<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP %d 0 R>>" % look
    own = re.sub(rb"/AP\s*<<.*?>>", b"", object_of(pdf, field), flags=re.S)
    return update(
        pdf,
        {
            page: re.sub(rb"(/Annots \[.*?)\]", rb"\1 %d 0 R ]" % (look + 2), object_of(pdf, page), flags=re.S),
            field: with_entries(own, b"/AP %d 0 R" % look),
            look: b"<</N %d 0 R>>" % (look + 1),
            look + 1: stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"),
            look + 2: stamp,
        },
    )


def fill_shared_look(pdf: bytes) -> bytes:
    field, value = number_of(pdf, b"(AgencySeal)"), next_of(pdf)
    look = int(re.findall(rb"/AP (\d+) 0 R", object_of(pdf, field))[0])
    return update(
        pdf,
        {
            field: with_entries(object_of(pdf, field), b"/V %d 0 R" % value),
            value: b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<00>>>",
            look: b"<</N %d 0 R>>" % (value + 1),
            value + 1: stream(BAD, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"),
        },
    )


def catalogue_as_layers(pdf: bytes) -> bytes:
    """What the page draws under /OC /DSS is hidden as soon as the catalogue, its list of layers, has a /DSS."""
    layer, number = next_of(pdf), next_of(pdf) + 1
    text = re.sub(rb"/Resources\s*<<.*?>>\s*(?=/Rotate)", b"", object_of(pdf, page_of(pdf)), flags=re.S)
    page = with_entries(
        text, b"/Contents %d 0 R/Resources<</Properties %d 0 R>>" % (number, root_of(pdf)), b"/Contents"
    )
    layers = b"/OCProperties<</OCGs[%d 0 R]/D<</BaseState/OFF>>>>" % layer
    drawn = {layer: b"<</Type/OCG/Name(x)>>", number: stream(b"/OC /DSS BDC 90 90 90 90 re f EMC"), page_of(pdf): page}
    return edit_root(pdf, layers, more=drawn)


def text_below_a_signature(pdf: bytes) -> bytes:
    """A signature's field has a text's below it, which inherits the flags."""
    field, form = next_of(pdf), int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1])
    fields = re.sub(rb"(/Fields\s*\[[^\]]*)\]", rb"\1 %d 0 R]" % field, object_of(pdf, form))
    annotations = re.sub(rb"(/Annots\s*\[[^\]]*)\]", rb"\1 %d 0 R]" % (field + 1), object_of(pdf, page_of(pdf)))
    text = b"<</Type/Annot/Subtype/Widget/Rect[80 500 500 540]/F 4/Parent %d 0 R/FT/Tx/V(MOT)/DA(/Helv 9 Tf)>>" % field
    return update(
        pdf,
        {
            form: with_entries(fields, b"/NeedAppearances true"),
            page_of(pdf): annotations,
            field: b"<</FT/Sig/T(phu)/Kids[%d 0 R]>>" % (field + 1),
            field + 1: text,
        },
    )


def hide_as_password(pdf: bytes) -> bytes:
    field = number_of(pdf, b"/FT/Sig/T(phu)")
    return update(pdf, {field: with_entries(object_of(pdf, field), b"/Ff 8192")})


def write_again(old: bytes, new: bytes) -> Edit:
    """The page once more, spelled otherwise in one place."""

    def strike(pdf: bytes) -> bytes:
        page = object_of(pdf, page_of(pdf))
        assert page.count(old) == 1
        return update(pdf, {page_of(pdf): page.replace(old, new)})

    return strike


def strike(name: str, prepare: Edit | None, strike: Edit, says: str = "") -> Strike:
    return Strike(name=name, prepare=prepare, strike=strike, says=says)


STRIKES = (
    strike("evidence", None, adds_evidence(400, b"0")),
    strike("evidence, array written again", own_array, grow_shared_array, "used elsewhere"),
    strike("evidence in an object stream", None, packed_evidence()),
    strike("metadata moved on", metadata, move_metadata),
    strike("default fonts", None, add_looks, "without being signed"),
    strike("default fonts, and a link", loose(b"/Subtype/Link"), add_looks, "without being signed"),
    strike("default fonts of a loose field", loose(b"/Subtype/Widget/FT/Tx"), add_looks, "form entries"),
    strike("default fonts of a field without a kind", loose(b"/Subtype/Widget"), add_looks, "form entries"),
    strike("default fonts of a note", loose(b"/Subtype/FreeText/DA(/Helv 9 Tf)"), add_looks, "form entries"),
    strike("empty field that cannot be seen", None, new_field(b"")),
    strike("look that draws nothing", None, new_field(b"", drawn(b"", b"% a\nq Q\n")), "without being signed"),
    strike("field without a rectangle", None, new_field(b"/TU(no /Rect)"), "has no rectangle"),
    strike("field with a thin border", None, new_field(b"/Rect[9 9 90 90]/BS<</W 1>>"), "without being signed"),
    strike("field that is a bar", None, new_field(b"/Rect[80 500 400 500]/BS<</W 80>>"), "border of a new field"),
    strike("field that is a line", None, new_field(b"/Rect[80 500 400 500]/MK<</BC[0]>>"), "has colours"),
    strike("field in a frame", None, new_field(b"/Rect[9 9 90 90]/Border[0 0 80]"), "border of a new field"),
    strike("look without a rectangle", None, new_field(b"", drawn(b"/BBox[0 0 600 900]")), OUTSIDE),
    strike("look in a thin rectangle", None, new_field(b"/Rect[9 9 9.001 90]", drawn(b"/BBox[0 0 9 9]")), OUTSIDE),
    strike("look without a box", None, new_field(b"/Rect[9 9 90 90]", drawn(b"")), OUTSIDE),
    strike("look in a box of three", None, new_field(b"/Rect[9 9 90 90]", drawn(b"/BBox[0 0 9]")), OUTSIDE),
    strike("look in an empty box", None, new_field(b"/Rect[9 9 90 90]", drawn(b"/BBox[0 0 0 0]")), OUTSIDE),
    strike("look in an endless box", None, new_field(b"/Rect[9 9 90 90]", drawn(b"/BBox[0 0 9 9999999]")), OUTSIDE),
    strike(
        "look turned to nothing",
        None,
        new_field(b"/Rect[9 9 90 90]", drawn(b"/BBox[0 0 9 9]/Matrix[1 1 1 1 0 0]")),
        OUTSIDE,
    ),
    strike(
        "look that is turned",
        None,
        new_field(b"/Rect[9 9 90 90]", drawn(b"/BBox[0 0 9 9]/Matrix[0 1 -1 0 0 0]")),
        "without being signed",
    ),
    strike(
        "attachment with references, evidence",
        attached(b"1 0 obj <</Next 4000 0 R/Root 1 0 R>> endobj"),
        adds_evidence(400, b"0"),
    ),
    strike(
        "attachment with references, in a file with object streams",
        lambda pdf: packed_before(attached(b"1 0 obj <</Next 4000 0 R>> endobj")(pdf)),
        packed_evidence(),
    ),
    strike("future object", draws(b"400 0 R"), adds_evidence(400), "came later"),
    strike("future, comment", names(b"400 % a\n% 1 0\n 0 R"), adds_evidence(400), "PdfReadError"),
    strike("future, two comments", names(b"400%a\n0 %b 7 7\nR"), adds_evidence(400), "PdfReadError"),
    strike("future, sign", names(b"+400 0 R"), adds_evidence(400), "PdfReadError"),
    strike("future, far apart", names(b"400" + b" " * 300 + b"0 R"), adds_evidence(400), "PdfReadError"),
    strike("future, in an object stream", hidden_reference, adds_evidence(400), "came later"),
    strike("future, under a false stream", covered_by_false_stream, adds_evidence(400), "came later"),
    strike(
        "number never used",
        lambda pdf: update(draws(b"100 0 R")(pdf), {300: b"null"}),
        adds_evidence(100),
        "came later",
    ),
    strike("contents as evidence", shared_array, grow_shared_array, "used elsewhere"),
    strike("metadata drawn", drawn_metadata, move_metadata, "used elsewhere"),
    strike("metadata with a box", None, add_drawn_metadata, "unexpected entries"),
    strike("length of the content", length_apart, shorten, "nothing accounts for"),
    strike("form as graphics states", form_as_state, add_looks, "used elsewhere"),
    strike("field with a script", None, new_field(b"/AA<</U<</S/JavaScript/JS(a)>>>>"), "unexpected"),
    strike("field that can be seen", None, new_field(b"/Rect[1 1 9 9]"), "without being signed"),
    strike("page written again", None, write_again(b"/Rotate 0", b"/Rotate +0")),
    strike("a turn in fractions", None, write_again(b"/Rotate 0", b"/Rotate 0.0"), "nothing accounts for"),
    strike("catalogue as layers", catalogue_as_layers, adds_evidence(400, b"0"), "used elsewhere"),
    strike("flags that a text inherits", text_below_a_signature, hide_as_password, "others below it"),
    strike("named twice", None, named_twice, "names an object twice"),
    strike("catalogue moved", None, moved_root, "another catalogue"),
    strike("older object stream", packed_before, unpack_older, "older object stream"),
    strike("hidden in an object stream", None, packed_evidence(hidden=True), "holds more"),
    strike(
        "object stream extends another",
        packed_before,
        packed_evidence(more=b"/Extends 20 0 R"),
        "unexpected entries",
    ),
    strike(
        "freed",
        None,
        lambda pdf: update(pdf, {}, also=(b"%d 1\n0000000000 00001 f \n" % int(contents_of(pdf).split()[0]),)),
        "freed",
    ),
    strike("planted, then a stamp", None, planted(stamp_over), "nothing accounts for"),
    strike("planted, then reached by a stream", None, planted(stamp_reached_by_a_stream), "leads elsewhere"),
    strike("a look shared with a stamp", shared_look, fill_shared_look, "used elsewhere"),
    strike("an empty mark nobody uses", None, lambda pdf: update(pdf, {next_of(pdf): stream(b"", b"/Subtype/Form")})),
    strike(
        "a mark nobody uses",
        None,
        lambda pdf: update(pdf, {next_of(pdf): stream(BAD, b"/Subtype/Form")}),
        "nothing accounts for",
    ),
    strike(
        "nothing leads to it",
        None,
        lambda pdf: update(pdf, {next_of(pdf): b"<</Type/Page>>"}),
        "nothing accounts for",
    ),
    strike(
        "trailer entry",
        None,
        lambda pdf: update(pdf, {}, also=(b"0 1\n0000000000 65535 f \n",), trailer=b"/Something 1"),
        "trailer entry",
    ),
    strike(
        "title",
        None,
        lambda pdf: update(pdf, {int(re.findall(rb"/Info (\d+)", pdf)[-1]): b"<</Title(Giay phep khac)>>"}),
        "document information changed",
    ),
    strike(
        "signed mark's stream",
        None,
        lambda pdf: update(
            pdf,
            {int(re.findall(rb"/N (\d+)", pdf)[-1]): stream(b"0 g", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")},
        ),
        "nothing accounts for",
    ),
)
