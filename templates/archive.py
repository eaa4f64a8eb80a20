"""From drawn pages to a file for the archive and for screen readers: PDF/A-3 and PDF/UA-1, tagged, data attached, two
empty signature fields.

Written with a classic cross-reference table and no object streams: signatures are appended to it. The same input gives
the same bytes.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String
from PIL import ImageCms

from templates.place import Place
from templates.tags import Structure, write_structure

ATTACHMENT: Final = "data.json"
_PRODUCER: Final = "Second Seal"

# Print | Locked (ISO 32000-2, table 167): shown on paper as on screen; moving it is not for a reader's hand.
_WIDGET_FLAGS: Final = 4 | 128

# ISO 32000-2, table 225: SignaturesExist says a signature *field* is there. AppendOnly comes with the first signature.
_SIGNATURES_EXIST: Final = 1


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What the file says of itself."""

    title: str
    subject: str
    author: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class PreparedField:
    """An empty signature field: its name, what it is for (in Vietnamese), where its mark will stand."""

    name: str
    tooltip: str
    place: Place


def archive(
    pages: bytes,
    *,
    symbol: bytes,
    structure: Structure,
    metadata: Metadata,
    data: bytes,
    fields: tuple[PreparedField, ...],
) -> bytes:
    """Turn drawn pages into the file that will be signed.

    `symbol` is drawn on the first page (PDF operators); `data` is the canonical JSON attached to the file.
    """
    with pikepdf.open(io.BytesIO(pages)) as pdf:
        pdf.pages[0].contents_add(pdf.make_stream(symbol), prepend=True)
        _describe(pdf, metadata)
        _attach(pdf, data, metadata.made_at)
        write_structure(pdf, structure, _prepare_fields(pdf, fields))
        out = io.BytesIO()
        pdf.save(
            out,
            min_version="1.7",
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            deterministic_id=True,
            fix_metadata_version=False,
        )
    return out.getvalue()


def _describe(pdf: Pdf, metadata: Metadata) -> None:
    root = pdf.Root
    root.Lang = String("vi-VN")
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    for leftover in (Name.Outlines, Name.PageMode):
        if leftover in root:
            del root[leftover]
    profile = pdf.make_stream(_srgb(), N=3)
    root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=String("sRGB"),
                Info=String("sRGB IEC61966-2.1"),
                DestOutputProfile=profile,
            )
        ]
    )
    stamp = _pdf_time(metadata.made_at)
    info = {
        "/Title": metadata.title,
        "/Subject": metadata.subject,
        "/Author": metadata.author,
        "/Creator": _PRODUCER,
        "/Producer": _PRODUCER,
        "/CreationDate": stamp,
        "/ModDate": stamp,
    }
    pdf.trailer.Info = pdf.make_indirect(Dictionary({key: String(value) for key, value in info.items()}))
    root.Metadata = pdf.make_stream(_xmp(metadata), Type=Name.Metadata, Subtype=Name.XML)


def _attach(pdf: Pdf, data: bytes, made_at: datetime) -> None:
    # ISO 19005-3, 6.8: an embedded file says its type, its name twice, its relationship, and when it was last changed.
    stream = pdf.make_stream(
        data,
        Type=Name.EmbeddedFile,
        Subtype=Name("/application/json"),
        Params=Dictionary(Size=len(data), ModDate=String(_pdf_time(made_at))),
    )
    specification = pdf.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(ATTACHMENT),
            UF=String(ATTACHMENT),
            Desc=String("Dữ liệu của văn bản"),
            AFRelationship=Name.Data,
            EF=Dictionary(F=stream, UF=stream),
        )
    )
    pdf.Root.AF = Array([specification])
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String(ATTACHMENT), specification])))


def _prepare_fields(pdf: Pdf, fields: tuple[PreparedField, ...]) -> tuple[Object, ...]:
    widgets = [(field.place.page, _widget(pdf, field)) for field in fields]
    for index in sorted({page for page, _ in widgets}):
        pdf.pages[index].obj.Annots = Array([widget for page, widget in widgets if page == index])
    # Both are objects of their own, so that a signature replaces its field and the form, and nothing of the page.
    pdf.Root.AcroForm = pdf.make_indirect(
        Dictionary(Fields=Array([widget for _, widget in widgets]), SigFlags=_SIGNATURES_EXIST)
    )
    return tuple(widget for _, widget in widgets)


def _widget(pdf: Pdf, field: PreparedField) -> Object:
    x0, y0, x1, y1 = (round(edge, 2) for edge in field.place.rect)
    # PDF/A wants an appearance even of an empty field.
    empty = pdf.make_stream(
        b"",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, round(x1 - x0, 2), round(y1 - y0, 2)]),
        Resources=Dictionary(),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String(field.name),
            TU=String(field.tooltip),
            Rect=Array([x0, y0, x1, y1]),
            F=_WIDGET_FLAGS,
            P=pdf.pages[field.place.page].obj,
            AP=Dictionary(N=empty),
        )
    )


# PDF/A wants every property that is none of its own described in the file itself (ISO 19005-3, 6.6.2.3).
_UA_SCHEMA: Final = """<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
   <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
     <pdfaProperty:name>part</pdfaProperty:name>
     <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
     <pdfaProperty:category>internal</pdfaProperty:category>
     <pdfaProperty:description>The part of ISO 14289 this file keeps to</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
   </rdf:li></rdf:Bag></pdfaExtension:schemas>
  </rdf:Description>"""


@cache
def _srgb() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # Bytes 24-35 of an ICC header are its creation time: fixed, for the same input must give the same bytes.
    profile[24:36] = bytes.fromhex("07EA 0001 0001 0000 0000 0000")
    return bytes(profile)


def _pdf_time(when: datetime) -> str:
    return f"D:{when.astimezone(UTC):%Y%m%d%H%M%SZ}"


def _xmp(metadata: Metadata) -> bytes:
    stamp = f"{metadata.made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    values: Mapping[str, str] = {
        "title": escape(metadata.title),
        "subject": escape(metadata.subject),
        "author": escape(metadata.author),
    }
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
    xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
   <pdfaid:part>3</pdfaid:part>
   <pdfaid:conformance>A</pdfaid:conformance>
   <pdfuaid:part>1</pdfuaid:part>
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{values["title"]}</rdf:li></rdf:Alt></dc:title>
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{values["subject"]}</rdf:li></rdf:Alt></dc:description>
   <dc:creator><rdf:Seq><rdf:li>{values["author"]}</rdf:li></rdf:Seq></dc:creator>
   <dc:language><rdf:Bag><rdf:li>vi-VN</rdf:li></rdf:Bag></dc:language>
   <xmp:CreatorTool>{_PRODUCER}</xmp:CreatorTool>
   <xmp:CreateDate>{stamp}</xmp:CreateDate>
   <xmp:ModifyDate>{stamp}</xmp:ModifyDate>
   <xmp:MetadataDate>{stamp}</xmp:MetadataDate>
   <pdf:Producer>{_PRODUCER}</pdf:Producer>
  </rdf:Description>
 {_UA_SCHEMA}
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()
