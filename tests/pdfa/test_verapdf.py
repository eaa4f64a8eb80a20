"""The harness tells PDF/A-3b from what is not: a judge that says yes to everything would prove nothing."""

import io
import json
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import ImageCms
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.pdfa.verapdf import VeraPdfError, validate

FONTS = sorted(Path("/usr/share/fonts/truetype").glob("liberation*/LiberationSerif-Regular.ttf"))


def _drawn(font: str) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, initialFontName=font, invariant=True)
    canvas.setFont(font, 13)
    canvas.drawString(90, 700, "GIAY CHUNG NHAN MAU")
    canvas.save()
    return target.getvalue()


def _as_pdfa(pdf: bytes) -> bytes:
    """The least that turns reportlab's embedded-font output into PDF/A-3b with its data attached."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        profile = document.make_stream(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), N=3)
        intent = Dictionary(
            Type=Name.OutputIntent,
            S=Name.GTS_PDFA1,
            OutputConditionIdentifier=String("sRGB"),
            DestOutputProfile=profile,
        )
        document.Root.OutputIntents = Array([document.make_indirect(intent)])
        data = pikepdf.AttachedFileSpec(
            document, json.dumps({"so": "01"}).encode(), mime_type="application/json", relationship=Name.Data
        )
        document.attachments["data.json"] = data
        document.Root.AF = Array([document.attachments["data.json"].obj])
        del document.trailer.Info  # else every entry must be said again in the XMP
        with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["pdfaid:part"] = "3"
            metadata["pdfaid:conformance"] = "B"
        document.save(target, min_version="1.7", deterministic_id=True)
    return target.getvalue()


@pytest.fixture(scope="module")
def embedded_font() -> str:
    pdfmetrics.registerFont(TTFont("TestSerif", str(FONTS[-1])))
    return "TestSerif"


def test_a_true_pdfa_passes(embedded_font: str) -> None:
    report = validate(_as_pdfa(_drawn(embedded_font)))
    assert report.compliant, str(report)
    assert report.failures == ()


def test_a_plain_file_fails_with_the_clauses(embedded_font: str) -> None:
    report = validate(_drawn("Times-Roman"))
    assert not report.compliant
    clauses = {failure.clause for failure in report.failures}
    assert any(clause.startswith("6.2.11.4") for clause in clauses), "the font is not embedded"
    assert any(clause.startswith("6.6") for clause in clauses), "there is no XMP"


def test_another_flavour_is_judged_by_its_own_rules(embedded_font: str) -> None:
    assert not validate(_as_pdfa(_drawn(embedded_font)), "ua1").compliant, "the file is not tagged"


def test_no_verdict_is_an_error_and_the_next_file_is_judged(embedded_font: str) -> None:
    with pytest.raises(VeraPdfError, match="cannot read"):
        validate(b"not a PDF")
    with pytest.raises(VeraPdfError, match="no flavour"):
        validate(_drawn("Times-Roman"), "9z")
    assert validate(_as_pdfa(_drawn(embedded_font))).compliant
