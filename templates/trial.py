"""A paper's folder tried with its own sample: what does not come out, by file and line."""

import re
from collections.abc import Callable
from importlib.resources.abc import Traversable
from typing import Final

from templates.errors import Fault, GlyphMissing, MarkupInvalid, PaperDataInvalid, PaperError
from templates.folder import BODY, SAMPLE

_PLACE: Final = re.compile(rf"{re.escape(BODY)}:(\d+)")


def trial(folder: Traversable, make: Callable[[], object]) -> tuple[Fault, ...]:
    """What `make` (the sample composed, or drawn) refuses; empty where it succeeds."""
    try:
        make()
    except PaperDataInvalid as error:
        sample = (folder / SAMPLE).read_text("utf-8-sig")
        return tuple(
            Fault(file=SAMPLE, line=line_of(sample, path), vi=f"{path}: {vi}", en=f"{path}: {en}")
            for path, vi, en in error.problems
        )
    except GlyphMissing as error:
        if found := _PLACE.fullmatch(error.where):
            vi, en = (text.removeprefix(f"{error.where}: ") for text in (error.text_vi, error.text_en))
            return (Fault(file=BODY, line=int(found[1]), vi=vi, en=en),)
        line = line_of((folder / SAMPLE).read_text("utf-8-sig"), error.where.removeprefix("data."))
        return (_fault(SAMPLE, line, error),)
    except MarkupInvalid as error:
        return (_fault(BODY, error.line, error),)
    except PaperError as error:
        return (_fault(".", None, error),)
    return ()


def line_of(text: str, path: str) -> int | None:
    """The line of a JSON text where a value stands, by its path ("members.0.name"): its name is looked for behind those
    it stands in. None where it is not there."""
    at = 0
    for name in path.split("."):
        if not name.isdigit():
            at = text.find(f'"{name}"', at)
            if at < 0:
                return None
    return text.count("\n", 0, at) + 1


def _fault(file: str, line: int | None, error: PaperError) -> Fault:
    return Fault(file=file, line=line, vi=error.text_vi, en=error.text_en)
