"""Writes the table of foreign/README.md from the files themselves:

python -m tests.corpus.make_table
"""

import hashlib
from pathlib import Path

import pikepdf

FOLDER = Path(__file__).parent / "foreign"

SPECIAL = {
    "cairo-letter.pdf": "Poppler's pdftocairo: the letter drawn anew by cairo",
    "chromium-letter.pdf": "a browser's print to PDF; tagged, CID fonts",
    "cropbox.pdf": "CropBox smaller than MediaBox, MediaBox with negative corner; rewritten by qpdf (pikepdf)",
    "ghostscript-letter.pdf": "rewritten by pdfwrite; PDF 1.4",
    "ghostscript-printed.pdf": "printed to PostScript, then distilled: no text can be found in it, only shapes",
    "hybrid-xref.pdf": "hybrid-reference file (classic table and /XRefStm), laid out as Word's export; hybrid.py",
    "inherited-page-tree.pdf": "Resources and MediaBox inherited over two levels, pages at different depths",
    "libreoffice-form-drawn.pdf": "Writer's form, one editable text field, look drawn by qpdf, no NeedAppearances",
    "libreoffice-landscape.pdf": "A4 landscape",
    "libreoffice-letter.pdf": "Writer's own export: the plain letter",
    "libreoffice-pdfa2b.pdf": "Writer's PDF/A-2b export; tagged",
    "libreoffice-three-pages.pdf": "three pages, the signature block on the last",
    "offset-origin.pdf": "MediaBox whose lower left corner is (100, 50)",
    "qpdf-classic-xref.pdf": "classic cross-reference table",
    "qpdf-linearized-object-streams.pdf": "linearized, cross-reference and object streams, three pages",
    "qpdf-linearized.pdf": "linearized (two classic cross-reference sections)",
    "qpdf-object-streams.pdf": "cross-reference stream and object streams",
    "reportlab-form.pdf": "an AcroForm with one filled, editable text field that has its appearance",
    "rotated-90.pdf": "stored lying on its side, shown upright by /Rotate 90",
    "scan.pdf": "nothing but one colour JPEG of the sheet, 200 dpi, a little crooked",
}

HEAD = """# Papers of other programs

Each is sound for `qpdf --check` and can be signed and sealed. Most are one letter of a commune's People's Committee,
with 48 mm of nothing between the post (CHỦ TỊCH) and the name (Nguyễn Văn Mẫu). `make_table.py` writes the table.

| File | Producer | PDF | Pages | What is special | SHA-256 |
|---|---|---|---|---|---|
"""


def table() -> str:
    """The README as it must stand."""
    rows = []
    for path in sorted(FOLDER.glob("*.pdf")):
        with pikepdf.open(path) as document:
            producer = str(document.docinfo.get("/Producer", "Pillow"))
            facts = f"{producer} | {document.pdf_version} | {len(document.pages)}"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append(f"| {path.name} | {facts} | {SPECIAL[path.name]} | `{digest}` |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    (FOLDER / "README.md").write_text(table(), encoding="utf-8")
