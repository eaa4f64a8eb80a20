"""Checkpoints kept beside the database, in a plain text file: what a cut of the database cannot take with it."""

import os
from pathlib import Path

from .checkpoints import Checkpoint


def keep_note(file: Path, checkpoint: Checkpoint) -> None:
    """Append a checkpoint's signed text to `file`, synced to the disk; nothing where it is the last one there already.
    Call it after the checkpoint's transaction has committed; copies of the file belong on other machines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    note = checkpoint.note.encode()
    with file.open("ab+") as notebook:
        notebook.seek(max(0, notebook.tell() - len(note)))
        if notebook.read() == note:
            return
        notebook.write(note)
        notebook.flush()
        os.fsync(notebook.fileno())


def read_notes(place: Path) -> tuple[str, ...]:
    """The signed texts in a file, or in the files of a folder of exports, oldest first, for `audit(kept_notes=...)`;
    none where there is nothing."""
    if place.is_dir():
        return tuple(note for file in sorted(place.rglob("*.note")) for note in read_notes(file))
    if not place.exists():
        return ()
    notes, lines = [], []
    for line in place.read_text(encoding="utf-8").splitlines(keepends=True):
        lines.append(line)
        # A note ends with its signature line, which begins with an em dash.
        if line.startswith("\u2014 "):
            notes.append("".join(lines))
            lines = []
    return (*notes, "".join(lines)) if lines else tuple(notes)
