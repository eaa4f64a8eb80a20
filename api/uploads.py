"""What browsers say about an upload, made fit to be shown: a name is text from outside."""

import unicodedata

from fastapi import UploadFile

LONGEST_NAME = 120


def shown_name(file: UploadFile) -> str:
    """The file's name without folders, control and direction marks, shortened in the middle."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    visible = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C").strip()
    if len(visible) > LONGEST_NAME:
        half = LONGEST_NAME // 2
        visible = f"{visible[:half]}…{visible[-half:]}"
    return visible or "PDF"
