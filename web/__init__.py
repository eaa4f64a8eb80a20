"""The pages people see: HTML, CSS and JavaScript, and the words on them in both languages.

This room holds files only; `api` fills the pages in and serves them. `PAGES` is the folder of Jinja2 pages, `STATIC`
what is served under `/static/`, `catalogue()` the words.
"""

from web.catalogue import LANGUAGES, Catalogue, Language, WordMissing, catalogue
from web.folders import PAGES, STATIC

__all__ = ["LANGUAGES", "PAGES", "STATIC", "Catalogue", "Language", "WordMissing", "catalogue"]
