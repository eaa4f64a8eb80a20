"""pyHanko's strict reader, and the one thing that it refuses and honest files have.

Poppler (Okular, pdfsig, Evince) gives some of its new objects generation 1 although their numbers were never in use,
so never freed. That is against ISO 32000-1, 7.5.4, and leaves no doubt: such a number has one generation in the whole
file. A number with two is refused, as readers disagree about it.
"""

import io
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader


def read_strictly(pdf: bytes) -> PdfFileReader:
    """A strict reader of the file. May raise whatever pyHanko raises on a hostile file."""
    try:
        return PdfFileReader(io.BytesIO(pdf), strict=True)
    except PdfStrictReadError as error:
        # Raised last, once every section has passed every other check of its own
        if "orphaned generation" not in str(error):
            raise
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    reader.resolved_objects.clear()
    reader.strict = True
    _check_sizes(reader)
    _check_generations(reader)
    return reader


def _check_sizes(reader: PdfFileReader) -> None:
    """What pyHanko had not yet asked of the sections after the first orphan."""
    sizes = [reader.xrefs.get_xref_container_info(n).size for n in range(reader.xrefs.total_revisions)]
    if sizes != sorted(sizes):
        raise PdfStrictReadError("cross-reference sections shrink")


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
