"""Test papers, signed by pyHanko's own signer so that what is judged was not made by our own code."""

import asyncio
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pikepdf
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from PIL import Image, ImageDraw
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import fields as hanko_fields
from pyhanko.sign import signers
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from verifier.fields import OFFICER_FIELD, SEAL_FIELD

OFFICER_BOX = (300, 200, 442, 260)
SEAL_BOX = (245, 178, 347, 280)
"""36 mm over the left third of the officer's mark."""


def make_paper(
    *,
    data: dict[str, Any] | None = None,
    text_under_seal: bool = False,
    scanned: bool = False,
    text: bool = True,
    prepare: Sequence[tuple[str, tuple[int, int, int, int]]] = ((OFFICER_FIELD, OFFICER_BOX), (SEAL_FIELD, SEAL_BOX)),
    form: bool = False,
    pages: int = 1,
) -> bytes:
    """A one-page paper with its data attached and empty, prepared signature fields."""
    out = io.BytesIO()
    page = canvas.Canvas(out, pageCompression=0)
    for number in range(pages):
        if text:
            page.drawString(100, 700, "GIAY CHUNG NHAN so 01/GCN-UBND")
            page.drawString(100, 650, "Von: 1.000.000.000 dong")
        if number == 0 and text_under_seal:
            page.drawString(250, 230, "Von: 9 dong")
        if number == 0 and scanned:
            page.drawImage(_scan(), 0, 0, 595, 842)
        if number == 0 and form:
            page.acroForm.textfield(name="ghi_chu", x=100, y=500, width=200, height=20, value="cu")
        page.showPage()
    page.save()
    with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
        if data is not None:
            spec = pikepdf.AttachedFileSpec(pdf, json.dumps(data).encode(), filename="data.json")  # type: ignore[call-arg]
            pdf.attachments["data.json"] = spec
        plain = io.BytesIO()
        pdf.save(plain, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    writer = IncrementalPdfFileWriter(io.BytesIO(plain.getvalue()))
    for name, box in prepare:
        hanko_fields.append_signature_field(writer, hanko_fields.SigFieldSpec(sig_field_name=name, box=box))
    result = io.BytesIO()
    writer.write(result)  # type: ignore[no-untyped-call]
    return result.getvalue()


def _scan() -> ImageReader:
    """A page that is only a picture, with writing where the amount stands."""
    picture = Image.new("L", (595, 842), 255)
    pen = ImageDraw.Draw(picture)
    for line in range(4):
        pen.text((100, 170 + 14 * line), "Von: 1.000.000.000 dong (mot ty dong)", fill=0)
    return ImageReader(picture)


def signer_for(key: Any, *, chain: bool = True, pss: bool = False) -> signers.SimpleSigner:
    """pyHanko's software signer over one of our test keys (`.private_key`, `.certificate`, `.chain`)."""
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    if chain:
        below_root = [certificate for certificate in key.chain if certificate.issuer != certificate.subject]
        registry.register_multiple([as_asn1(certificate) for certificate in below_root])
    raw = key.private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return signers.SimpleSigner(
        signing_cert=as_asn1(key.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(raw),
        cert_registry=registry,
        prefer_pss=pss,
    )


def _room(key: Any) -> int:
    """Hexadecimal digits for a CMS with its timestamp."""
    wide = isinstance(key.private_key, rsa.RSAPrivateKey) or len(key.chain) > 2
    return 11264 if wide else 9728


def as_asn1(certificate: Any) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def mark(red: bool = False) -> StaticStampStyle:
    """A plain frame as a mark: it hides nothing by itself; only its rectangle counts."""
    colour = b"1 0 0 RG" if red else b"0 0 1 RG"
    content = RawContent(b"q " + colour + b" 1 1 98 98 re S Q", box=BoxConstraints(width=100, height=100))
    return StaticStampStyle(background=content, border_width=0, background_opacity=1)


class BoundlessStyle(StaticStampStyle):
    """A mark whose look has no /BBox: PDFium draws it all over the page."""

    def create_stamp(self, *args: Any, **how: Any) -> Any:
        stamp = super().create_stamp(*args, **how)
        boxed = stamp.as_form_xobject

        def boundless() -> Any:
            form = boxed()
            del form["/BBox"]
            return form

        stamp.as_form_xobject = boundless  # type: ignore[method-assign]
        return stamp


def sign(
    pdf: bytes,
    key: Any,
    field: str,
    *,
    box: tuple[int, int, int, int] | None = None,
    page: int = 0,
    subfilter: hanko_fields.SigSeedSubFilter = hanko_fields.SigSeedSubFilter.PADES,
    timestamper: Any = None,
    certify: hanko_fields.MDPPerm | None = None,
    digest: str = "sha256",
    chain: bool = True,
    pss: bool = False,
    style: StaticStampStyle | None = None,
    edit: Callable[[IncrementalPdfFileWriter], None] | None = None,
) -> bytes:
    """Sign `field` (prepared, or new where `box` is given) with everything visible as a frame.

    `edit`: what the same revision does besides.
    """
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm=digest,
        subfilter=subfilter,
        certify=certify is not None,
        docmdp_permissions=certify or hanko_fields.MDPPerm.FILL_FORMS,
        name="Thử",
    )
    spec = None
    if box is not None:
        spec = hanko_fields.SigFieldSpec(sig_field_name=field, box=box, on_page=page)
    signer = signers.PdfSigner(
        metadata,
        signer=signer_for(key, chain=chain, pss=pss),
        timestamper=timestamper,
        new_field_spec=spec,
        stamp_style=style or mark(),
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    if edit is not None:
        edit(writer)
    return bytes(asyncio.run(signer.async_sign_pdf(writer, bytes_reserved=_room(key))).getvalue())
