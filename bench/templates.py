"""A whole paper (checked, set, drawn, archived) against the plain way to such a file: reportlab's platypus with the
same fonts and the same text, segno's symbol, and a pikepdf pass that makes PDF/A-3b of it with the data attached.

The plain file has no tags, no signature fields and no measured places: it is less than ours in all it leaves out.
"""

import io
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final
from xml.sax.saxutils import escape

import pikepdf
import pypdfium2
import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from bench.figure import Figure
from bench.turns import in_turns, ratio
from templates import PaperTemplate, catalogue, render, sample_issue
from templates.archive import _srgb
from templates.typeface import BOLD, REGULAR

_HEAD_LINES: Final = 8
"""Lines of the frame, in bold; the rest as text."""


def figures() -> Iterator[Figure]:
    """CPU of one paper, ours and the plain way's, in turns."""
    for paper in catalogue():
        issue = sample_issue(paper.name)
        ours = partial(render, paper.name, paper.sample_data, issue)
        made = ours()
        measured = in_turns({"ours": ours, "plain": _plain(paper, made.pdf, made.qr_text)}, rounds=9, slice_s=0.4)
        about = f"{paper.name}, {made.pages} page(s), {len(made.pdf) // 1000} kB"
        yield Figure(
            name=f"paper {paper.name}"[:28], value=measured["ours"].median_cpu_ms, unit="ms CPU", against=about
        )
        yield Figure(
            name="plain way",
            value=measured["plain"].median_cpu_ms,
            unit="ms CPU",
            against="platypus, segno, pikepdf; no tags, no fields",
        )
        yield Figure(
            name="ratio",
            value=ratio(measured["plain"], measured["ours"]),
            unit="times",
            against="plain way / ours; the goal is 2",
        )


def _plain(paper: PaperTemplate, pdf: bytes, qr_text: str) -> Callable[[], bytes]:
    document = pypdfium2.PdfDocument(pdf)
    lines = [line for page in document for line in page.get_textpage().get_text_bounded().splitlines() if line.strip()]
    data = json.dumps(paper.sample_data, ensure_ascii=False).encode()
    return partial(_made, lines, qr_text, data, paper.title)


def _made(lines: list[str], qr_text: str, data: bytes, title: str) -> bytes:
    drawn = io.BytesIO()
    head = ParagraphStyle("head", fontName=BOLD, fontSize=13, leading=16)
    text = ParagraphStyle("text", fontName=REGULAR, fontSize=14, leading=17)
    story = [Paragraph(escape(line), head if index < _HEAD_LINES else text) for index, line in enumerate(lines)]
    margins = {"leftMargin": 30 * mm, "rightMargin": 15 * mm, "topMargin": 20 * mm, "bottomMargin": 20 * mm}
    sheet = SimpleDocTemplate(drawn, pagesize=A4, title=title, **margins)

    def symbol(canvas: Canvas, _sheet: Any) -> None:
        matrix = segno.make_qr(qr_text, error="l").matrix
        side = 22 * mm / len(matrix)
        path = canvas.beginPath()
        for row, modules in enumerate(matrix):
            for column, dark in enumerate(modules):
                if dark:
                    path.rect(4 * mm + column * side, A4[1] - 5 * mm - (row + 1) * side, side, side)
        canvas.drawPath(path, stroke=0, fill=1)

    sheet.build(story, onFirstPage=symbol)
    return _archived(drawn.getvalue(), data, title)


def _archived(pages: bytes, data: bytes, title: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pages)) as pdf:
        with pdf.open_metadata() as described:
            described["dc:title"] = title
            described["pdfaid:part"], described["pdfaid:conformance"] = "3", "B"
        pdf.Root.OutputIntents = pikepdf.Array(
            [
                pikepdf.Dictionary(
                    Type=pikepdf.Name.OutputIntent,
                    S=pikepdf.Name.GTS_PDFA1,
                    OutputConditionIdentifier=pikepdf.String("sRGB"),
                    DestOutputProfile=pdf.make_stream(_srgb(), N=3),
                )
            ]
        )
        attached = pikepdf.AttachedFileSpec(
            pdf, data, description="", filename="data.json", mime_type="application/json", creation_date="", mod_date=""
        )
        attached.obj.AFRelationship = pikepdf.Name.Data
        pdf.attachments["data.json"] = attached
        pdf.Root.AF = pikepdf.Array([attached.obj])
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()
