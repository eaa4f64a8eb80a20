"""What became of each row, as a CSV beside the table. It is opened in a spreadsheet: no cell is ever a formula."""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from register import inert
from secondseal.bulk.rows import Fault, Row

COLUMNS: Final = ("row", "status", "dossier", "document", "number", "column", "path", "reason_vi", "reason_en")
Status = Literal["right", "fault", "made", "made-before", "refused"]


class Report:
    """Lines in the order they are written; each is on the disk before the next row is begun."""

    def __init__(self, handle: int) -> None:
        self._file = os.fdopen(handle, "w", encoding="utf-8-sig", newline="")
        self._sheet = csv.writer(self._file)
        self._write(*COLUMNS)

    def right(self, row: Row) -> None:
        """Nothing is wrong with it."""
        self._write(str(row.number), "right", row.dossier)

    def faults(self, row: Row, status: Status = "fault") -> None:
        """All that is wrong with it, one a line."""
        for fault in row.faults:
            self._fault(row, status, fault)

    def made(self, row: Row, document: str, number: str, *, before: bool) -> None:
        """Its document, made now or by an earlier run."""
        self._write(str(row.number), "made-before" if before else "made", row.dossier, document, number)

    def close(self) -> None:
        """The end."""
        self._file.close()

    def _fault(self, row: Row, status: Status, fault: Fault) -> None:
        self._write(str(row.number), status, row.dossier, "", "", fault.column, fault.path, fault.vi, fault.en)

    def _write(self, *cells: str) -> None:
        self._sheet.writerow([inert(cell) for cell in (*cells, *[""] * (len(COLUMNS) - len(cells)))])
        self._file.flush()


@contextmanager
def reporting(file: Path) -> Iterator[Report]:
    """A report in this file, for its owner alone: it names dossiers. Raises OSError."""
    report = Report(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600))
    try:
        yield report
    finally:
        report.close()
