"""The approved papers of a group, read in sandboxes beside the work on the one before them (decision 0088).

What is read is a function of a file's bytes alone, whoever asks and when: it is kept under their hash, for this group.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from stamping.desk import Desk
from store import FileDamaged, FileMissing, StoreAway
from verifier import DocumentFacts

AT_ONCE: Final = 2
"""Sandboxes of one worker at a time. Its own core is busy with the paper before."""
MOST_BYTES: Final = 16 * 1024 * 1024
"""Files beyond this are read when they come up, and not before."""


class ReadAhead:
    """Files by SHA-256 (hex), read while others are worked on. A single one is read when it is asked for."""

    def __init__(self, desk: Desk, wanted: Sequence[str]) -> None:
        self._desk = desk
        self._wanted = tuple(wanted) if len(wanted) > 1 else ()
        self._files: dict[str, bytes] = {}
        self._facts: dict[str, Future[DocumentFacts]] = {}
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._wanted:
            self._pool = ThreadPoolExecutor(AT_ONCE, "reading")
            self._begin(self._pool)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def file(self, sha256: str) -> bytes:
        """Raises FileDamaged, FileMissing, StoreAway."""
        # what could not be had ahead is asked for again, and says why
        ahead = self._files.pop(sha256, None)
        return self._desk.files.get(sha256) if ahead is None else ahead

    def facts(self, sha256: str, pdf: bytes) -> DocumentFacts:
        """What the sandbox found in the file of this hash, whose bytes are `pdf`."""
        ahead = self._facts.pop(sha256, None)
        return self._desk.sandbox.gather(pdf) if ahead is None else ahead.result()

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        held = 0
        for sha256 in self._wanted:
            try:
                pdf = self._desk.files.get(sha256)
            except (FileDamaged, FileMissing):
                continue
            except StoreAway:
                return
            held += len(pdf)
            if held > MOST_BYTES:
                return
            self._files[sha256] = pdf
            self._facts[sha256] = pool.submit(self._desk.sandbox.gather, pdf)
