"""Papers and the marks put on them. Pure: values in, PDF bytes out (reportlab draws, pikepdf archives)."""

from templates.appendix_mark import appendix_box, appendix_mark
from templates.archive import ATTACHMENT
from templates.book import BookColumn, BookHead, draw_book
from templates.catalogue import (
    Catalogue,
    built_in,
    catalogue,
    dossier_data,
    paper_for,
    read_papers,
    sample_data,
    sample_issue,
    specimen_issue,
    with_own,
)
from templates.copy_mark import CopyKind, copy_box, copy_mark
from templates.errors import (
    Fault,
    FolderInvalid,
    GlyphMissing,
    MarkInvalid,
    MarkupInvalid,
    PaperDataInvalid,
    PaperError,
    PaperUnknown,
)
from templates.folder import VERSION
from templates.folder import load as load_paper
from templates.issue import Issue
from templates.mark import DrawnMark, officer_mark, seal_mark
from templates.paper import PaperTemplate, RenderedPaper
from templates.place import Place
from templates.qr import masked, read_qr_text
from templates.receipt import Both, Receipt, ReceiptTooLong, receipt_pdf
from templates.remarks import remarks
from templates.rendering import drawn, render, render_apology, render_form
from templates.sample_seal import sample_seal_png
from templates.sample_signature import sample_signature_png
from templates.schema import DataSchema
from templates.trial import trial
from templates.words import in_words, money_in_words

__all__ = [
    "ATTACHMENT",
    "VERSION",
    "BookColumn",
    "BookHead",
    "Both",
    "Catalogue",
    "CopyKind",
    "DataSchema",
    "DrawnMark",
    "Fault",
    "FolderInvalid",
    "GlyphMissing",
    "Issue",
    "MarkInvalid",
    "MarkupInvalid",
    "PaperDataInvalid",
    "PaperError",
    "PaperTemplate",
    "PaperUnknown",
    "Place",
    "Receipt",
    "ReceiptTooLong",
    "RenderedPaper",
    "appendix_box",
    "appendix_mark",
    "built_in",
    "catalogue",
    "copy_box",
    "copy_mark",
    "dossier_data",
    "draw_book",
    "drawn",
    "in_words",
    "load_paper",
    "masked",
    "money_in_words",
    "officer_mark",
    "paper_for",
    "read_papers",
    "read_qr_text",
    "receipt_pdf",
    "remarks",
    "render",
    "render_apology",
    "render_form",
    "sample_data",
    "sample_issue",
    "sample_seal_png",
    "sample_signature_png",
    "seal_mark",
    "specimen_issue",
    "trial",
    "with_own",
]
