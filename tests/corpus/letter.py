"""The words of the corpus's papers, and the same letter for the two programs that lay it out.

Every person, number and place is invented and says MẪU. Between the post and the name stand 48 mm of nothing: where a
person would sign, and the second seal be put.
"""

from html import escape

SIGNING_ROOM_MM = 48
"""Free height between the post and the signer's name."""

PARENT = "UBND TỈNH MẪU"
AGENCY = "ỦY BAN NHÂN DÂN XÃ MẪU"
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
NUMBER = "Số: 15/UBND-VX"
DATE = "Xã Mẫu, ngày 05 tháng 10 năm 2026"
SUBJECT = "V/v trả lời đơn đề nghị xác nhận (MẪU)"
ADDRESSEE = "Kính gửi: Bà Trần Thị Mẫu, thôn Mẫu Đơn, xã Mẫu."
BODY = (
    "Ủy ban nhân dân xã Mẫu nhận được đơn đề nghị của bà Trần Thị Mẫu về việc xác nhận nơi cư trú và quá trình sử dụng "
    "thửa đất số 00, tờ bản đồ số 00. Sau khi kiểm tra hồ sơ, Ủy ban nhân dân xã trả lời như sau:",
    "1. Nội dung đơn phù hợp với sổ địa chính đang lưu; khoảnh đất không có tranh chấp, khiếu nại lúc xác nhận.",
    "2. Bà Trần Thị Mẫu nhận kết quả tại Bộ phận Một cửa hoặc trên Cổng dịch vụ công. Văn bản này là MẪU, không có giá "
    "trị sử dụng.",
)
AUTHORITY = "TM. ỦY BAN NHÂN DÂN"
POST = "CHỦ TỊCH"
SIGNER = "Nguyễn Văn Mẫu"
RECIPIENTS = ("Nơi nhận:", "- Như trên;", "- Lưu: VT, VX.")


def as_html() -> str:
    """The letter as a web page for an A4 sheet, for a browser's print."""
    paragraphs = "".join(f'<p class="body">{escape(text)}</p>' for text in BODY)
    recipients = "<br>".join(escape(line) for line in RECIPIENTS)
    return f"""<!doctype html><html lang="vi"><meta charset="utf-8"><title>{escape(SUBJECT)}</title><style>
@page {{ size: A4; margin: 20mm 15mm 20mm 30mm }}
body {{ font: 13pt "Liberation Serif", serif; margin: 0 }} table {{ width: 100%; border-collapse: collapse }}
td {{ vertical-align: top; text-align: center; width: 60% }} p.body {{ text-align: justify; text-indent: 1cm }}
td:first-child {{ width: 40% }} td.left {{ text-align: left; font-size: 11pt }} .sign {{ height: {SIGNING_ROOM_MM}mm }}
</style><table><tr><td>{PARENT}<br><b>{AGENCY}</b><br>{NUMBER}<br><small>{SUBJECT}</small></td>
<td><b>{NATION}<br>{MOTTO}</b><br><i>{DATE}</i></td></tr></table>
<p style="text-align:center">{escape(ADDRESSEE)}</p>{paragraphs}
<table><tr><td class="left">{recipients}</td>
<td><b>{AUTHORITY}<br>{POST}</b><div class="sign"></div><b>{SIGNER}</b></td></tr></table></html>"""


_STYLES = """<office:automatic-styles>
 <style:page-layout style:name="pm1"><style:page-layout-properties fo:page-width="{width}mm" fo:page-height="{height}mm"
  style:print-orientation="{orientation}" fo:margin-top="20mm" fo:margin-bottom="20mm" fo:margin-left="30mm"
  fo:margin-right="15mm"/></style:page-layout>
 <style:style style:name="C" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/></style:style>
 <style:style style:name="CB" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/>
  <style:text-properties fo:font-weight="bold"/></style:style>
 <style:style style:name="CI" style:family="paragraph"><style:paragraph-properties fo:text-align="center"/>
  <style:text-properties fo:font-style="italic"/></style:style>
 <style:style style:name="J" style:family="paragraph"><style:paragraph-properties fo:text-align="justify"
  fo:text-indent="10mm" fo:margin-bottom="2mm"/></style:style>
 <style:style style:name="S" style:family="paragraph"><style:text-properties fo:font-size="11pt"/></style:style>
 <style:style style:name="T2" style:family="table-column"><style:table-column-properties style:rel-column-width="2*"/>
 </style:style>
 <style:style style:name="T3" style:family="table-column"><style:table-column-properties style:rel-column-width="3*"/>
 </style:style>
 <style:style style:name="NP" style:family="paragraph"><style:paragraph-properties fo:break-before="page"
  fo:text-align="center"/></style:style>
 <style:style style:name="N" style:family="paragraph"><style:paragraph-properties fo:text-align="center"
  fo:margin-top="{room}mm"/><style:text-properties fo:font-weight="bold"/></style:style>
</office:automatic-styles>"""

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}"'
    for prefix, name in {
        "office": "office:1.0",
        "style": "style:1.0",
        "text": "text:1.0",
        "table": "table:1.0",
        "fo": "xsl-fo-compatible:1.0",
        "svg": "svg-compatible:1.0",
        "form": "form:1.0",
        "draw": "drawing:1.0",
    }.items()
)


def _p(style: str, text: str) -> str:
    return f'<text:p text:style-name="{style}">{escape(text)}</text:p>'


def _two_columns(left: str, right: str) -> str:
    cells = "".join(f"<table:table-cell>{cell}</table:table-cell>" for cell in (left, right))
    columns = '<table:table-column table:style-name="T2"/><table:table-column table:style-name="T3"/>'
    return f"<table:table>{columns}<table:table-row>{cells}</table:table-row></table:table>"


def as_flat_odt(*, landscape: bool = False, annex_pages: int = 0, form: bool = False) -> str:
    """The letter as a flat OpenDocument text, for LibreOffice Writer.

    `annex_pages` pages stand before the page that is signed; `form` adds one editable text field.
    """
    width, height = (297, 210) if landscape else (210, 297)
    head = _two_columns(
        _p("C", PARENT) + _p("CB", AGENCY) + _p("C", NUMBER) + _p("C", SUBJECT),
        _p("CB", NATION) + _p("CB", MOTTO) + _p("CI", DATE),
    )
    pages = "".join(
        _p("NP" if number else "C", f"Trang {number + 1}: danh sách kèm theo (MẪU)") + _p("J", BODY[0]) * 6
        for number in range(annex_pages)
    )
    start = _p("NP", "Trang ký") if annex_pages else ""
    box = '<draw:control draw:control="f1" text:anchor-type="as-char" svg:width="70mm" svg:height="7mm"/>'
    field = f"<text:p>{box}</text:p>" if form else ""
    forms = (
        '<office:forms form:automatic-focus="false" form:apply-design-mode="false"><form:form form:name="F">'
        '<form:text form:name="GhiChu" form:id="f1" form:value="Mau 01" form:current-value="Mau 01" '
        'form:control-implementation="ooo:com.sun.star.form.component.TextField"/></form:form></office:forms>'
    )
    body = _p("C", ADDRESSEE) + "".join(_p("J", text) for text in (BODY[:1] if landscape else BODY))
    foot = _two_columns(
        "".join(_p("S", line) for line in RECIPIENTS), _p("CB", AUTHORITY) + _p("CB", POST) + _p("N", SIGNER)
    )
    styles = _STYLES.format(
        width=width, height=height, orientation="landscape" if landscape else "portrait", room=SIGNING_ROOM_MM
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {_NAMESPACES} xmlns:ooo="http://openoffice.org/2004/office" office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.text">
<office:font-face-decls><style:font-face style:name="LS" svg:font-family="'Liberation Serif'"/></office:font-face-decls>
<office:styles><style:default-style style:family="paragraph"><style:text-properties style:font-name="LS"
 fo:font-size="13pt" fo:language="vi" fo:country="VN"/></style:default-style></office:styles>{styles}
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="pm1"/></office:master-styles>
<office:body><office:text>{forms if form else ""}{pages}{start}{head}{body}{field}{foot}</office:text>
</office:body></office:document>"""
