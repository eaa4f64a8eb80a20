"""Checkpoints kept beside the database, in a plain text file: what a cut of the database cannot take with it."""

import os
from pathlib import Path

from .checkpoints import Checkpoint


def keep_note(file: Path, checkpoint: Checkpoint) -> None:
    """Append a checkpoint's signed text to `file`, synced to the disk. Call it after the checkpoint's transaction has
    committed; copies of the file belong on other machines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as notebook:
        notebook.write(checkpoint.note)
        notebook.flush()
        os.fsync(notebook.fileno())


def read_notes(file: Path) -> tuple[str, ...]:
    """The signed texts in `file`, oldest first, for `audit(kept_notes=...)`; none where there is no file."""
    if not file.exists():
        return ()
    notes, lines = [], []
    for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
        lines.append(line)
        # A note ends with its signature line, which begins with an em dash.
        if line.startswith("\u2014 "):
            notes.append("".join(lines))
            lines = []
    return (*notes, "".join(lines)) if lines else tuple(notes)
