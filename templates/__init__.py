"""Papers and the marks put on them. Pure: values in, PDF bytes out (reportlab draws, pikepdf archives)."""

from templates.archive import ATTACHMENT
from templates.catalogue import catalogue, dossier_data, paper_for, sample_issue
from templates.errors import GlyphMissing, MarkInvalid, PaperDataInvalid, PaperError, PaperUnknown
from templates.issue import Issue
from templates.paper import PaperTemplate, RenderedPaper
from templates.place import Place
from templates.qr import masked, read_qr_text
from templates.rendering import render
from templates.words import in_words, money_in_words

__all__ = [
    "ATTACHMENT",
    "GlyphMissing",
    "Issue",
    "MarkInvalid",
    "PaperDataInvalid",
    "PaperError",
    "PaperTemplate",
    "PaperUnknown",
    "Place",
    "RenderedPaper",
    "catalogue",
    "dossier_data",
    "in_words",
    "masked",
    "money_in_words",
    "paper_for",
    "read_qr_text",
    "render",
    "sample_issue",
]
