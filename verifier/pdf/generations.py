"""pyHanko's strict reader, and the three things that it refuses and honest files have.

Poppler (Okular, pdfsig, Evince) gives some of its new objects generation 1 although their numbers were never in use,
so never freed. That is against ISO 32000-1, 7.5.4, and leaves no doubt: such a number has one generation in the whole
file. A number with two is refused, as readers disagree about it.

A /Size that is too high, and one below it after it (PDFBox counts anew what others counted wrongly), say nothing as
long as each is above all numbers named so far: where one is not, some readers find an object that others do not.

/Prev 0 in a first trailer says that there is none before it. Some readers look there all the same, find no table and
search the file: `revisions` asks that they find the same.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader

_NOTHING_BEFORE = re.compile(
    rb"trailer[\t\n\r ]*<<(?:[^<>()%]|<[0-9A-Fa-f]{0,128}>){0,1000}?(/Prev[\t\n\r ]+0)(?=[\t\n\r />])"
)


def read_strictly(pdf: bytes) -> PdfFileReader:
    """A strict reader of the file. May raise whatever pyHanko raises on a hostile file."""
    nothing_before = list(_NOTHING_BEFORE.finditer(pdf)) if b"/Prev" in pdf else []
    if len(nothing_before) == 1 and pdf.find(b"startxref") > nothing_before[0].end():
        start, end = nothing_before[0].span(1)
        pdf = pdf[:start] + b" " * (end - start) + pdf[end:]
    try:
        return PdfFileReader(io.BytesIO(pdf), strict=True)
    except PdfStrictReadError as error:
        # Both are raised last, once every section has passed every other check of its own
        if not any(words in str(error) for words in ("orphaned generation", "must be nondecreasing")):
            raise
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    reader.resolved_objects.clear()
    reader.strict = True
    _check_sizes(reader)
    _check_generations(reader)
    return reader


def _check_sizes(reader: PdfFileReader) -> None:
    highest = 0
    for number in range(reader.xrefs.total_revisions):
        section = reader.xrefs.get_xref_data(number)
        for part in (section,) if section.hybrid is None else (section, section.hybrid.xref_data):
            highest = max((highest, *part.standard_xrefs, *part.xrefs_in_objstm, *part.freed))
        if reader.xrefs.get_xref_container_info(number).size <= highest:
            raise PdfStrictReadError(f"a cross-reference section's size hides object {highest}")


def _check_generations(reader: PdfFileReader) -> None:
    written: dict[int, set[int]] = {}
    freed: set[int] = set()
    for section in _sections(reader):
        for number, (generation, _) in section.standard_xrefs.items():
            written.setdefault(number, set()).add(generation)
        for number in section.xrefs_in_objstm:
            written.setdefault(number, set()).add(0)
        freed.update(section.freed)
    for number, generations in written.items():
        if generations != {0} and (len(generations) > 1 or number in freed):
            raise PdfStrictReadError(f"object {number} is written with more than one generation, or was freed")


def _sections(reader: PdfFileReader) -> Iterator[Any]:
    for number in range(reader.xrefs.total_revisions):
        section = reader.xrefs.get_xref_data(number)
        yield section
        if section.hybrid is not None:
            yield section.hybrid.xref_data
