"""Every kind of PDF that may not be sealed: its own reason, words for a clerk, and no key operation."""

from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from signer import Level, Order, Placement, Unsealable, UnsealableReason, preflight, seal
from signer.errors import SENTENCES
from tests.pki.fixtures import MakeKey
from tests.signer import papers
from verifier.fields import SEAL_FIELD

Change = Callable[[pikepdf.Pdf], object]


def _action(**entries: object) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[10, 10, 50, 20], A=Dictionary(**entries))
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])

    return change


def _annotation(subtype: str) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        note = Dictionary(Type=Name.Annot, Subtype=Name("/" + subtype), Rect=[10, 10, 50, 20])
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])

    return change


def _form_field(**entries: object) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, T=String("ô 1"), Rect=[10, 10, 50, 20], F=4, **entries)
        made = pdf.make_indirect(field)
        pdf.pages[0].obj.Annots = Array([made])
        pdf.Root.AcroForm = Dictionary(Fields=Array([made]))

    return change


def _form_entry(key: str, value: object) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm = Dictionary({"/Fields": Array([]), key: value})

    return change


def _layers(pdf: pikepdf.Pdf) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("lớp")))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary())


def _external_stream(pdf: pikepdf.Pdf) -> None:
    image = pdf.make_stream(
        b"", F=String("anh.jpg"), DecodeParms=Dictionary(A=1), Type=Name.XObject, Subtype=Name.Image
    )
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=image)


def _reference_object(pdf: pikepdf.Pdf) -> None:
    form = pdf.make_stream(
        b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9], Ref=Dictionary(F=String("a.pdf"))
    )
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=form)


def _alternate_image(pdf: pikepdf.Pdf) -> None:
    other = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Image)
    image = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Alternates=Array([Dictionary(Image=other)]))
    pdf.pages[0].obj.Resources.XObject = Dictionary(X=image)


def _script_names(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([])))


def _no_pages(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[0]


R = UnsealableReason
CHANGES: dict[str, tuple[UnsealableReason, Change]] = {
    "script action": (R.JAVASCRIPT, _action(S=Name.JavaScript, JS=String("app.alert(1)"))),
    "script in a stream": (R.JAVASCRIPT, lambda pdf: _action(S=Name.JavaScript, JS=pdf.make_stream(b"x"))(pdf)),
    "script names": (R.JAVASCRIPT, _script_names),
    "open action": (R.JAVASCRIPT, lambda pdf: pdf.Root.__setattr__("OpenAction", Dictionary(S=Name.JavaScript))),
    "xfa": (R.XFA, _form_entry("/XFA", String("<xdp/>"))),
    "layers": (R.OPTIONAL_CONTENT, _layers),
    "launch": (R.EXTERNAL_REFERENCE, _action(S=Name.Launch, F=String("cmd.exe"))),
    "launch, named elsewhere": (
        R.EXTERNAL_REFERENCE,
        lambda pdf: _action(S=pdf.make_indirect(Name.Launch), F=String("cmd.exe"))(pdf),
    ),
    "other file": (R.EXTERNAL_REFERENCE, _action(S=Name.GoToR, F=String("b.pdf"))),
    "embedded file": (R.EXTERNAL_REFERENCE, _action(S=Name.GoToE)),
    "submit": (R.EXTERNAL_REFERENCE, _action(S=Name.SubmitForm, F=String("http://x"))),
    "import": (R.EXTERNAL_REFERENCE, _action(S=Name.ImportData, F=String("x.fdf"))),
    "external stream": (R.EXTERNAL_REFERENCE, _external_stream),
    "reference object": (R.EXTERNAL_REFERENCE, _reference_object),
    "hide": (R.ACTIVE_CONTENT, _action(S=Name.Hide, T=String("x"))),
    "film": (R.ACTIVE_CONTENT, _annotation("Screen")),
    "3D": (R.ACTIVE_CONTENT, _annotation("3D")),
    "rich media": (R.ACTIVE_CONTENT, _annotation("RichMedia")),
    "alternate image": (R.ACTIVE_CONTENT, _alternate_image),
    "need appearances": (R.CHANGEABLE_FIELDS, _form_entry("/NeedAppearances", True)),
    "text field": (R.CHANGEABLE_FIELDS, _form_field(FT=Name.Tx, V=String("a"))),
    "check box": (R.CHANGEABLE_FIELDS, _form_field(FT=Name.Btn)),
    "choice": (R.CHANGEABLE_FIELDS, _form_field(FT=Name.Ch)),
    "no pages": (R.NO_PAGES, _no_pages),
}


def _broken() -> dict[str, tuple[UnsealableReason, bytes]]:
    plain = papers.paper()
    table = plain.index(b"xref\n")
    return {
        "empty": (R.BROKEN, b""),
        "no pdf": (R.BROKEN, b"<html>"),
        "junk before": (R.BROKEN, b"\xef\xbb\xbf" + plain),
        "cut off": (R.BROKEN, plain[:-400]),
        "wrong startxref": (R.BROKEN, plain.replace(b"startxref\n", b"startxref\n9")),
        "wrong offsets": (R.BROKEN, plain[:table] + plain[table:].replace(b"0000000", b"0000001", 3)),
        "password": (R.ENCRYPTED, papers.rewritten(plain, encryption=pikepdf.Encryption(owner="o", user="u"))),
        "owner password": (R.ENCRYPTED, papers.rewritten(plain, encryption=pikepdf.Encryption(owner="o", user=""))),
        "hybrid": (R.HYBRID, papers.hybrid()),
        "too large": (R.TOO_LARGE, plain + bytes(128 * 1024 * 1024)),
    }


CASES = {
    name: (reason, papers.rewritten(papers.paper(), change)) for name, (reason, change) in CHANGES.items()
} | _broken()
ORDER = Order(
    role="agency", name="UBND", level=Level.B_B, mark=papers.mark(), placement=Placement(page=0, rect=papers.SEAL_RECT)
)  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_unsealable_paper_has_its_reason(case: str, software_key: MakeKey) -> None:
    """Issue: refused with a reason a clerk understands and no key operation, for every kind of Unsealable."""
    reason, pdf = CASES[case]
    agency = software_key("organisation")
    before = agency.operations
    with pytest.raises(Unsealable) as caught:
        seal(pdf, ORDER, agency)
    assert caught.value.reason == reason, str(caught.value)
    assert caught.value.text_vi.startswith(SENTENCES[reason][0])
    assert caught.value.text_en.startswith(SENTENCES[reason][1])
    assert agency.operations == before
    with pytest.raises(Unsealable):
        preflight(pdf)


@pytest.mark.parametrize("packed", [pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate])
@pytest.mark.parametrize("name", ["/JavaScript", "/GoToR", "/OCProperties", "/Alternates"])
def test_a_name_counts_wherever_and_however_it_is_written(name: str, packed: pikepdf.ObjectStreamMode) -> None:
    """With a letter as its number (ISO 32000-1 clause 7.3.5), and inside a compressed object."""
    plain = papers.rewritten(
        papers.paper(),
        lambda pdf: pdf.Root.__setattr__("Odd", Dictionary({"/S": Name(name + "xx"), name + "xx": 1})),
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )
    written = plain.replace(f"{name}xx".encode(), f"{name[:-1]}#{ord(name[-1]):02x}".encode())
    assert written.count(b"#") >= 2
    with pytest.raises(Unsealable):
        preflight(papers.rewritten(written, object_stream_mode=packed))
    with pytest.raises(Unsealable):
        preflight(written)


def test_the_page_and_object_are_named() -> None:
    """A clerk is told where to look."""
    with pytest.raises(Unsealable, match=r"page 1, object \d+ 0"):
        preflight(CASES["launch"][1])
    with pytest.raises(Unsealable, match="ô 1"):
        preflight(CASES["text field"][1])


def test_already_sealed(software_key: MakeKey) -> None:
    """A paper is sealed once."""
    agency = software_key("organisation")
    sealed = seal(papers.prepared_paper(), ORDER, agency)
    before = agency.operations
    with pytest.raises(Unsealable) as caught:
        seal(sealed.pdf, ORDER, agency)
    assert caught.value.reason == UnsealableReason.ALREADY_SEALED
    assert agency.operations == before


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("a plain link", _action(S=Name.URI, URI=String("https://tracuu.example"))),
        ("a jump inside", _action(S=Name.GoTo, D=String("chap1"))),
        ("a read-only field", _form_field(FT=Name.Tx, Ff=1, V=String("a"))),
        ("a transition", lambda pdf: pdf.pages[0].obj.__setattr__("Trans", Dictionary(S=Name.Dissolve))),
        ("the word", lambda pdf: pdf.Root.__setattr__("Lang", String("/JavaScript /XFA"))),
        ("an attachment", lambda pdf: pdf.attachments.__setitem__("du-lieu.json", b"{}")),
    ],
)
def test_harmless_things_pass(what: str, change: Change) -> None:
    """What cannot change the look is no reason to refuse."""
    assert preflight(papers.rewritten(papers.paper(), change)).pages == 1


def test_inspection_reports_the_fields() -> None:
    """What stamping needs to know of a paper before it is approved."""
    seen = preflight(papers.prepared_paper())
    field = seen.field(SEAL_FIELD)
    assert field is not None
    assert not field.filled
    assert field.placement == Placement(page=0, rect=papers.SEAL_RECT)
    assert (seen.pages, seen.signatures, seen.certified, seen.cross_reference) == (1, 0, None, "table")
    assert preflight(papers.kinds()["xref stream"]).cross_reference == "stream"


def test_every_reason_is_said_in_both_languages() -> None:
    """No reason without words."""
    assert set(SENTENCES) == set(UnsealableReason)
    assert all(vi.endswith(".") and en.endswith(".") and vi != en for vi, en in SENTENCES.values())
