"""A PDF opened for appending: qpdf parses it strictly, we keep what an incremental update must continue."""

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import pikepdf

from .errors import Unsealable, UnsealableReason

_STARTXREF = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")
MAX_BYTES = 128 * 1024 * 1024
"""Above this a PDF is no result paper; readers hold it in memory several times."""
_MAPPED = 4 * 1024 * 1024
_INPUT_NAME = re.compile(r"^(stream )?<[^>]*>:?\s*")
_TAIL = 2048
"""Where the last startxref is looked for. Readers search the last 1,024 bytes (ISO 32000-1 annex H.3); some writers
pad."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """An open PDF. `startxref` and `xref_stream` describe its last cross-reference section; `size` is /Size."""

    data: bytes
    pdf: pikepdf.Pdf
    startxref: int
    xref_stream: bool
    size: int

    @property
    def hybrid(self) -> bool:
        """Two cross-reference worlds in one file (ISO 32000-1 clause 7.5.8.4): readers see one or the other."""
        return b"/XRefStm" in self.data


@contextmanager
def open_source(data: bytes) -> Iterator[Source]:
    """Open strictly. Raises `Unsealable` (too_large, encrypted, broken where a reader would have to guess or
    repair)."""
    if len(data) > MAX_BYTES:
        raise Unsealable(UnsealableReason.TOO_LARGE, f"{len(data) / 1e6:.0f} MB > {MAX_BYTES / 1e6:.0f} MB")
    if not data.startswith(b"%PDF-"):
        raise Unsealable(UnsealableReason.BROKEN, "no PDF header at the first byte")
    with _readable(data) as file, _opened(file) as pdf:
        if pdf.is_encrypted:
            raise Unsealable(UnsealableReason.ENCRYPTED)
        refuse_warnings(pdf)
        startxref = _last_startxref(data)
        with reading():
            size = int(pdf.trailer["/Size"])
        yield Source(
            data=data,
            pdf=pdf,
            startxref=startxref,
            xref_stream=data[startxref : startxref + 4] != b"xref",
            size=size,
        )


def _readable(data: bytes) -> BinaryIO:
    """A small file as memory that qpdf maps: through a BytesIO it calls Python 2,000 times a paper. A large one is not
    copied."""
    if len(data) > _MAPPED:
        return io.BytesIO(data)
    try:
        file = os.fdopen(os.memfd_create("pdf"), "r+b")
    except OSError:  # a locked process makes no descriptors
        return io.BytesIO(data)
    file.write(data)
    file.flush()
    return file


def _opened(file: BinaryIO) -> pikepdf.Pdf:
    try:
        return pikepdf.open(
            file,
            inherit_page_attributes=False,  # pushing them down would invent objects that the file does not have
            attempt_recovery=False,
            suppress_warnings=True,
            access_mode=pikepdf.AccessMode.mmap,
        )
    except pikepdf.PasswordError:
        raise Unsealable(UnsealableReason.ENCRYPTED) from None
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError) as error:
        raise Unsealable(UnsealableReason.BROKEN, _plainly(error)) from error


@contextmanager
def reading() -> Iterator[None]:
    """Around code that walks a PDF's objects: what a hostile file makes it stumble over is `Unsealable(broken)`."""
    try:
        yield
    except (
        pikepdf.PdfError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        ArithmeticError,
        RecursionError,
        NotImplementedError,
    ) as error:
        raise Unsealable(UnsealableReason.BROKEN, f"{type(error).__name__}: {error}") from error


_SIZE = re.compile(r"reported number of objects \((\d+)\) is not one plus the highest object number \((\d+)\)")


def _plainly(error: Exception) -> str:
    """qpdf leads its words with the name of its input, which here is an object in memory and tells a clerk nothing."""
    return _INPUT_NAME.sub("", str(error))


def refuse_warnings(pdf: pikepdf.Pdf) -> None:
    """qpdf warns where it repaired or guessed: another reader may guess otherwise. Raises `Unsealable(broken)`.

    Tolerated: a /Size larger than needed, which widespread signing programs write. New objects are numbered from /Size.
    """
    for warning in pdf.get_warnings():
        size = _SIZE.search(str(warning))
        if size is None or int(size[1]) <= int(size[2]):
            raise Unsealable(UnsealableReason.BROKEN, str(warning))


def _last_startxref(data: bytes) -> int:
    found = _STARTXREF.findall(data[-_TAIL:])
    if not found:
        raise Unsealable(UnsealableReason.BROKEN, "no startxref at the end of the file")
    offset = int(found[-1])
    head = data[offset : offset + 20]
    if not (head.startswith(b"xref") or re.match(rb"\d+\s+\d+\s+obj", head)):
        raise Unsealable(UnsealableReason.BROKEN, f"startxref {offset} points at no cross-reference section")
    return offset
