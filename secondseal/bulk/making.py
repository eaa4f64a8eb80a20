"""The papers of a table: first every row is checked, then each is made once, whatever ended the run before."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from secondseal.bulk.report import Report
from secondseal.bulk.rows import Ordered, Row, glyph_words
from stamping import STOPPED, Desk, NewDocument, Once, Problem, Refusal, documents, once_of, receiving
from store import read

_ENDED: Final = STOPPED | {"replaced", "recalled"}
"""A dossier with such a paper may get another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One table given to one desk. `sha256` is the file's: with a row's number it is what makes the row known again."""

    desk: Desk
    sha256: str
    ordered: Ordered

    def once(self, row: Row, new: NewDocument) -> Once:
        """The row's own key."""
        once = once_of(self.ordered.actor, f"bulk:{self.sha256}:{row.number}", receiving.asked(new))
        assert once is not None
        return once

    def check(self, row: Row) -> None:
        """Adds to the row's faults what the stage would refuse. A row that was made by an earlier run is right."""
        if row.new is None:
            return
        try:
            with read(self.desk.engine) as connection:
                if self.once(row, row.new).done(connection):
                    return
            self._free(row)
            procedure = receiving.check(self.desk, row.new)
        except Refusal as refusal:
            refuse(row, refusal.problem)
        else:
            if procedure != self.ordered.procedure:
                row.fault(
                    "dossier.code", f"là hồ sơ của thủ tục {procedure}", f"is a dossier of the procedure {procedure}"
                )

    def make(self, row: Row, report: Report) -> bool:
        """Make the row's paper and write what became of it; False where it was refused after all."""
        assert row.new is not None
        once = self.once(row, row.new)
        try:
            with read(self.desk.engine) as connection:
                known = once.done(connection)
            if not known:
                self._free(row)
            view = receiving.create(self.desk, row.new, self.ordered.actor, once)
        except Refusal as refusal:
            refuse(row, refusal.problem)
            report.faults(row, "refused")
            return False
        report.made(row, view.id, view.number, before=once.replayed)
        return True

    def _free(self, row: Row) -> None:
        """The same paper for the same dossier, made from another file or by hand, is not made a second time."""
        paper = self.ordered.paper.name
        for view in documents.list_documents(self.desk, dossier=row.dossier):
            if view.paper == paper and view.state not in _ENDED:
                raise Refusal(
                    "wrong-state",
                    f"Hồ sơ đã có văn bản này, số {view.number}.",
                    f"The dossier has this paper already, number {view.number}.",
                    document=view.id,
                )


def check_all(run: Run, rows: Iterable[Row], told: Callable[[], None]) -> int:
    """Check each; how many have faults."""
    wrong = 0
    for row in rows:
        run.check(row)
        wrong += bool(row.faults)
        told()
    return wrong


def refuse(row: Row, problem: Problem) -> None:
    """What the stage refuses, at the columns it is about."""
    found = problem.detail.get("problems")
    if isinstance(found, list) and found:
        for one in found:
            row.fault(one["path"], one["vi"], one["en"])
    elif problem.code == "glyph-missing":
        row.fault(str(problem.detail["where"]), *glyph_words(str(problem.detail["character"])))
    elif problem.code in {"dossier-invalid", "wrong-state"}:
        row.fault("dossier.code", problem.text_vi, problem.text_en)
    else:
        row.fault("", problem.text_vi, problem.text_en)
