"""Makes tests/corpus/foreign: papers from programs that are not ours. Run once by hand; the files are committed.

    python -m tests.corpus.make_foreign

Needs, beside `deploy/prepare test`: libreoffice-writer-nogui, ghostscript. Dates and identifiers inside the files are
those of the run: a second run makes files that differ in bytes and not in kind. README.md there says what each one is.
"""

import hashlib
import io
import random
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops, ImageFilter
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.corpus import letter
from tests.corpus.hybrid import as_hybrid

FOLDER = Path(__file__).parent / "foreign"
FONT = Path("/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf")


def _run(*command: str | Path, folder: Path) -> None:
    subprocess.run([str(part) for part in command], cwd=folder, check=True, capture_output=True, timeout=120)


def _libreoffice(folder: Path, source: str, options: str = "") -> bytes:
    (folder / "paper.fodt").write_text(source, encoding="utf-8")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    target = "pdf" + (f":writer_pdf_Export:{options}" if options else "")
    _run("soffice", "--headless", profile, "--convert-to", target, "paper.fodt", folder=folder)
    return (folder / "paper.pdf").read_bytes()


def _chromium(folder: Path, page: str) -> bytes:
    (folder / "page.html").write_text(page, encoding="utf-8")
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    profile = f"--user-data-dir={folder}/browser"
    _run("chromium", *quiet, profile, "--no-pdf-header-footer", "--print-to-pdf=page.pdf", "page.html", folder=folder)
    return (folder / "page.pdf").read_bytes()


def _through(folder: Path, pdf: bytes, *command: str) -> bytes:
    """The PDF after `command`, in which IN and OUT stand for the two files."""
    (folder / "in.pdf").write_bytes(pdf)
    _run(*({"IN": "in.pdf", "OUT": "out.pdf"}.get(part, part) for part in command), folder=folder)
    return (folder / "out.pdf").read_bytes()


def _ghostscript(folder: Path, pdf: bytes, *, printed: bool = False) -> bytes:
    """Rewritten by pdfwrite; `printed`: sent as PostScript first, as an office's "PDF printer" gets it."""
    (folder / "in.pdf").write_bytes(pdf)
    if printed:
        _run("pdftops", "-level3", "in.pdf", "print.ps", folder=folder)
    options = ["-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", "-sDEVICE=pdfwrite", "-dCompatibilityLevel=1.4"]
    _run("gs", *options, "-sOutputFile=out.pdf", "print.ps" if printed else "in.pdf", folder=folder)
    return (folder / "out.pdf").read_bytes()


def _scan(folder: Path, pdf: bytes) -> bytes:
    """One colour picture a page, 200 dpi (Decree 30/2020, annex I, part II), a little crooked, on greyish paper."""
    (folder / "in.pdf").write_bytes(pdf)
    _run("pdftoppm", "-r", "200", "-png", "-singlefile", "in.pdf", "sheet", folder=folder)
    sheet = Image.open(folder / "sheet.png").convert("RGB")
    crooked = sheet.rotate(0.4, resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    paper = Image.new("RGB", sheet.size, (246, 243, 234))
    dust = random.Random(30)
    for _ in range(60):
        paper.putpixel((dust.randrange(sheet.width), dust.randrange(sheet.height)), (120, 118, 110))
    scanned = ImageChops.multiply(crooked, paper).filter(ImageFilter.GaussianBlur(0.7))
    target = io.BytesIO()
    scanned.save(target, "PDF", resolution=200, quality=30)
    return target.getvalue()


def _edited(pdf: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        document.save(target, deterministic_id=True)
    return target.getvalue()


def _turn(document: pikepdf.Pdf) -> None:
    """Stored lying on its side, shown upright by /Rotate 90: how scanners and landscape printers write pages."""
    page = document.pages[0]
    width, height = (float(page.mediabox[2]), float(page.mediabox[3]))
    page.contents_add(f"q 0 1 -1 0 {height} 0 cm".encode(), prepend=True)
    page.contents_add(b"Q")
    page.obj.MediaBox = Array([0, 0, height, width])
    page.obj.Rotate = 90


def _crop(document: pikepdf.Pdf) -> None:
    """A print shop's bleed around the sheet that is shown."""
    page = document.pages[0]
    page.obj.CropBox = Array(page.mediabox)
    page.obj.MediaBox = Array([-30, -40, 655, 922])


def _shift(document: pikepdf.Pdf) -> None:
    """The sheet's lower left corner is (100, 50), not (0, 0)."""
    page = document.pages[0]
    width, height = (float(page.mediabox[2]), float(page.mediabox[3]))
    page.contents_add(b"q 1 0 0 1 100 50 cm", prepend=True)
    page.contents_add(b"Q")
    page.obj.MediaBox = Array([100, 50, 100 + width, 50 + height])


def _inherit(document: pikepdf.Pdf) -> None:
    """Resources and MediaBox stand two levels up, and the pages hang at different depths."""
    first, second, third = (page.obj for page in document.pages)
    root = document.Root.Pages
    root.Resources, root.MediaBox = first.Resources, first.MediaBox
    middle = document.make_indirect(Dictionary(Type=Name.Pages, Parent=root, Count=2, Kids=Array([second, third])))
    root.Kids, root.Count = Array([first, middle]), 3
    for page, parent in ((first, root), (second, middle), (third, middle)):
        page.Parent = parent
        del page.Resources
        del page.MediaBox


def _form() -> bytes:
    """An AcroForm with a filled, editable text field that has its appearance (no NeedAppearances)."""
    pdfmetrics.registerFont(TTFont("Serif", str(FONT)))
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, initialFontName="Serif", invariant=True)
    canvas.setTitle("Phiếu yêu cầu (MẪU)")
    canvas.setFont("Serif", 13)
    canvas.drawString(90, 740, "PHIẾU YÊU CẦU (MẪU)")
    canvas.drawString(90, 700, "Ghi chú:")
    canvas.acroForm.textfield(name="GhiChu", value="Mau 01", x=160, y=692, width=200, height=22, fontSize=12)
    for height, text in ((560, letter.AUTHORITY), (542, letter.POST), (390, letter.SIGNER)):
        canvas.drawCentredString(420, height, text)
    canvas.save()
    return target.getvalue()


def make() -> dict[str, bytes]:
    """Every file of the folder by its name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = _libreoffice(folder, letter.as_flat_odt())
        pages = _libreoffice(folder, letter.as_flat_odt(annex_pages=2))
        browser = _chromium(folder, letter.as_html())
        archive = '{"SelectPdfVersion":{"type":"long","value":"2"}}'
        office_form = _libreoffice(folder, letter.as_flat_odt(form=True))
        return {
            "libreoffice-letter.pdf": writer,
            "libreoffice-pdfa2b.pdf": _libreoffice(folder, letter.as_flat_odt(), archive),
            "libreoffice-landscape.pdf": _libreoffice(folder, letter.as_flat_odt(landscape=True)),
            "libreoffice-three-pages.pdf": pages,
            "chromium-letter.pdf": browser,
            "ghostscript-letter.pdf": _ghostscript(folder, writer),
            "ghostscript-printed.pdf": _ghostscript(folder, writer, printed=True),
            "cairo-letter.pdf": _through(folder, writer, "pdftocairo", "-pdf", "IN", "OUT"),
            "scan.pdf": _scan(folder, writer),
            "qpdf-classic-xref.pdf": _through(folder, writer, "qpdf", "--object-streams=disable", "IN", "OUT"),
            "qpdf-object-streams.pdf": _through(folder, writer, "qpdf", "--object-streams=generate", "IN", "OUT"),
            "qpdf-linearized.pdf": _through(folder, browser, "qpdf", "--linearize", "IN", "OUT"),
            "qpdf-linearized-object-streams.pdf": _through(
                folder, pages, "qpdf", "--linearize", "--object-streams=generate", "IN", "OUT"
            ),
            "libreoffice-form-drawn.pdf": _through(folder, office_form, "qpdf", "--generate-appearances", "IN", "OUT"),
            "reportlab-form.pdf": _form(),
            "hybrid-xref.pdf": as_hybrid(browser),
            "rotated-90.pdf": _edited(writer, _turn),
            "cropbox.pdf": _edited(writer, _crop),
            "offset-origin.pdf": _edited(writer, _shift),
            "inherited-page-tree.pdf": _edited(pages, _inherit),
        }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file_name, content in make().items():
        (FOLDER / file_name).write_bytes(content)
        print(f"{file_name:40} {len(content):7} {hashlib.sha256(content).hexdigest()}")
