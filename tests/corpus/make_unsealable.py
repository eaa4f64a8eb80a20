"""Makes tests/corpus/unsealable: papers that no seal may be put on, each for one reason. Run once by hand:

    python -m tests.corpus.make_unsealable

expected.json there maps each file to the `signer.UnsealableReason` it must be refused with. Nearly all are the letter
foreign/libreoffice-letter.pdf with one thing added or broken, so that nothing else can be what they are refused for.
"""

import io
import json
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    append_signature_field,
)

from tests.corpus import letter

FOLDER = Path(__file__).parent / "unsealable"
LETTER = Path(__file__).parent / "foreign" / "libreoffice-letter.pdf"

Change = Callable[[pikepdf.Pdf], None]


def _edited(change: Change) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(LETTER) as document:
        change(document)
        document.save(target, deterministic_id=True)
    return target.getvalue()


def _open_action(**action: object) -> Change:
    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = Dictionary(Type=Name.Action, **action)

    return change


def _link(**action: object) -> Change:
    """A link on the page whose click does `action`."""

    def change(document: pikepdf.Pdf) -> None:
        annotation = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=Array([90, 90, 200, 110]), A=Dictionary(Type=Name.Action, **action)
        )
        document.pages[0].Annots = Array([document.make_indirect(annotation)])

    return change


def _named_script(document: pikepdf.Pdf) -> None:
    script = document.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert('x');")))
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("start"), script])))


def _text_field(document: pikepdf.Pdf, name: str = "Tong", **entries: object) -> pikepdf.Object:
    look = document.make_stream(
        b"/Tx BMC q BT /Helv 12 Tf 2 6 Td (100) Tj ET Q EMC",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 120, 22]),
    )
    field = document.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String(name),
            V=String("100"),
            DA=String("/Helv 12 Tf 0 g"),
            Rect=Array([90, 90, 210, 112]),
            F=4,
            P=document.pages[0].obj,
            AP=Dictionary(N=look),
            **entries,
        )
    )
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    look.Resources = Dictionary(Font=Dictionary(Helv=font))
    form = Dictionary(Fields=Array([field]), DR=Dictionary(Font=Dictionary(Helv=font)), DA=String("/Helv 0 Tf 0 g"))
    document.Root.AcroForm = document.make_indirect(form)
    document.pages[0].Annots = Array([field])
    return field


def _calculated(document: pikepdf.Pdf) -> None:
    script = Dictionary(S=Name.JavaScript, JS=String("event.value = 2 * 50;"))
    field = _text_field(document, AA=Dictionary(C=script))
    document.Root.AcroForm.CO = Array([field])


def _need_appearances(document: pikepdf.Pdf) -> None:
    _text_field(document, Ff=1)
    document.Root.AcroForm.NeedAppearances = True


def _xfa(document: pikepdf.Pdf) -> None:
    _text_field(document, Ff=1)
    packet = document.make_stream(b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template/></xdp:xdp>')
    document.Root.AcroForm.XFA = packet


def _layers(document: pikepdf.Pdf) -> None:
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("MẪU")))
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(ON=Array([layer]), Order=Array([layer])))
    page = document.pages[0]
    page.obj.Resources.Properties = Dictionary(L0=layer)
    page.contents_add(b"/OC /L0 BDC", prepend=True)
    page.contents_add(b"EMC")


def _stream_elsewhere(document: pikepdf.Pdf) -> None:
    """A picture whose bytes lie in another file."""
    picture = document.make_stream(
        b"",
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=8,
        Height=8,
        BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
        F=Dictionary(Type=Name.Filespec, F=String("picture.raw")),
    )
    document.pages[0].obj.Resources.XObject = Dictionary(P0=picture)
    document.pages[0].contents_add(b"q 40 0 0 40 90 90 cm /P0 Do Q")


def _page_elsewhere(document: pikepdf.Pdf) -> None:
    """A reference XObject: a reader may show a page of another file in its place."""
    target = Dictionary(F=Dictionary(Type=Name.Filespec, F=String("other.pdf")), Page=0)
    form = document.make_stream(
        b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 40, 40]), Resources=Dictionary(), Ref=target
    )
    document.pages[0].obj.Resources.XObject = Dictionary(P0=form)
    document.pages[0].contents_add(b"q 1 0 0 1 90 90 cm /P0 Do Q")


def _two_pictures(document: pikepdf.Pdf) -> None:
    """/Alternates: another picture is printed than is shown."""

    def picture(grey: int, **entries: object) -> pikepdf.Object:
        shape = {"Width": 1, "Height": 1, "BitsPerComponent": 8, "ColorSpace": Name.DeviceGray}
        return document.make_stream(bytes([grey]), Type=Name.XObject, Subtype=Name.Image, **shape, **entries)

    other = Dictionary(Image=picture(0), DefaultForPrinting=True)
    document.pages[0].obj.Resources.XObject = Dictionary(P0=picture(255, Alternates=Array([other])))
    document.pages[0].contents_add(b"q 40 0 0 40 90 90 cm /P0 Do Q")


def _film(document: pikepdf.Pdf) -> None:
    rendition = Dictionary(Type=Name.Rendition, S=Name.MR, N=String("film"))
    screen = document.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Screen,
            Rect=Array([90, 90, 200, 160]),
            A=Dictionary(Type=Name.Action, S=Name.Rendition, OP=0, R=rendition),
        )
    )
    document.pages[0].Annots = Array([screen])


def _no_pages(document: pikepdf.Pdf) -> None:
    del document.pages[0]


def _qpdf(*options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.pdf"
        subprocess.run(["qpdf", *options, str(LETTER), str(target)], check=True, timeout=60)
        return target.read_bytes()


def _throwaway_signer() -> SimpleSigner:
    """A key for this one run, with a self-signed certificate that nothing trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Khoá thử, không có giá trị (MẪU)")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    password = b"once"
    bundle = serialization.pkcs12.serialize_key_and_certificates(
        b"throwaway", key, certificate, None, serialization.BestAvailableEncryption(password)
    )
    signer = SimpleSigner.load_pkcs12_data(bundle, other_certs=[], passphrase=password)
    assert signer is not None
    return signer


def _certified(permission: MDPPerm) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(LETTER.read_bytes()))
    metadata = PdfSignatureMetadata(field_name="Certifier", certify=True, docmdp_permissions=permission)
    target = io.BytesIO()
    PdfSigner(metadata, _throwaway_signer()).sign_pdf(writer, output=target)
    return target.getvalue()


def _locked_by_a_signature() -> bytes:
    """A signature that locks every field, and an empty signature field that is thereby unusable."""
    writer = IncrementalPdfFileWriter(io.BytesIO(LETTER.read_bytes()))
    append_signature_field(writer, SigFieldSpec("Second", box=(300, 200, 500, 280)))
    lock = FieldMDPSpec(FieldMDPAction.ALL)
    append_signature_field(writer, SigFieldSpec("First", box=(90, 200, 290, 280), field_mdp_spec=lock))
    target = io.BytesIO()
    PdfSigner(PdfSignatureMetadata(field_name="First"), _throwaway_signer()).sign_pdf(writer, output=target)
    return target.getvalue()


def make() -> dict[str, tuple[str, bytes]]:
    """By file name: the reason it is refused for, and its bytes."""
    good = LETTER.read_bytes()
    script = {"S": Name.JavaScript, "JS": String("this.getField('x').value = 1;")}
    elsewhere = Dictionary(Type=Name.Filespec, F=String("other.pdf"))
    home = Dictionary(FS=Name.URL, F=String("http://127.0.0.1/"))
    return {
        "encrypted-user-password.pdf": ("encrypted", _qpdf("--encrypt", "mau", "chu", "256", "--")),
        "encrypted-owner-password.pdf": ("encrypted", _qpdf("--encrypt", "", "chu", "256", "--")),
        "encrypted-rc4.pdf": ("encrypted", _qpdf("--allow-weak-crypto", "--encrypt", "", "chu", "128", "--")),
        "truncated.pdf": ("broken", good[: len(good) * 2 // 3]),
        "garbage.pdf": ("broken", b"%PDF-1.7\n" + bytes(range(256)) * 8),
        "empty.pdf": ("broken", b""),
        "not-a-pdf.pdf": ("broken", letter.as_html().encode()),
        "wrong-startxref.pdf": ("broken", _moved_startxref(good)),
        "no-pages.pdf": ("no_pages", _edited(_no_pages)),
        "javascript-on-opening.pdf": ("javascript", _edited(_open_action(**script))),
        "javascript-named.pdf": ("javascript", _edited(_named_script)),
        "javascript-link.pdf": ("javascript", _edited(_link(**script))),
        "calculated-field.pdf": ("javascript", _edited(_calculated)),
        "xfa.pdf": ("xfa", _edited(_xfa)),
        "layers.pdf": ("optional_content", _edited(_layers)),
        "go-to-another-file.pdf": (
            "external_reference",
            _edited(_link(S=Name.GoToR, F=elsewhere, D=Array([0, Name.Fit]))),
        ),
        "launch.pdf": ("external_reference", _edited(_open_action(S=Name.Launch, F=elsewhere))),
        "submit-form.pdf": ("external_reference", _edited(_link(S=Name.SubmitForm, F=home))),
        "picture-in-another-file.pdf": ("external_reference", _edited(_stream_elsewhere)),
        "page-of-another-file.pdf": ("external_reference", _edited(_page_elsewhere)),
        "prints-another-picture.pdf": ("active_content", _edited(_two_pictures)),
        "film.pdf": ("active_content", _edited(_film)),
        "hides-on-click.pdf": ("active_content", _edited(_link(S=Name.Hide, T=String("x"), H=True))),
        "certified-no-changes.pdf": ("certified", _certified(MDPPerm.NO_CHANGES)),
        "locked-by-a-signature.pdf": ("field_locked", _locked_by_a_signature()),
        "look-left-to-the-reader.pdf": ("changeable_fields", _edited(_need_appearances)),
        "libreoffice-form.pdf": ("changeable_fields", _libreoffice_form()),
    }


def _moved_startxref(pdf: bytes) -> bytes:
    """The last line but one points into the middle of the file: readers that repair show the page all the same."""
    head, _, _ = pdf.rpartition(b"startxref")
    return head + b"startxref\n%d\n%%%%EOF\n" % (len(pdf) // 2)


def _libreoffice_form() -> bytes:
    """As Writer exports a form: /NeedAppearances true asks the reader to draw the fields anew."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "paper.fodt").write_text(letter.as_flat_odt(form=True), encoding="utf-8")
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", "--headless", profile, "--convert-to", "pdf", "paper.fodt"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
        return (Path(folder) / "paper.pdf").read_bytes()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    made = make()
    for file_name, (_, content) in made.items():
        (FOLDER / file_name).write_bytes(content)
    expected = {file_name: reason for file_name, (reason, _) in sorted(made.items())}
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")
    print(f"{len(made)} files")
