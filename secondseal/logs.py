"""Log lines: for people as text, for machines one JSON object a line. Neither holds personal data or a secret.

What a program raises may repeat what it was given: a row's values, a name, a password. So of an exception its kind and
its places in the program are written, and its own text only where that is the machine's: of the disk, the network, the
database's state, or one of our own sentences about where things are kept.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Literal

LogForm = Literal["text", "json"]
_TEXT: Final = "%(asctime)s %(name)s %(levelname)s %(message)s"
_TOLD: Final = ("document", "caller", "request", "problem", "route", "status", "ms")
"""What a line may carry beside its message."""
_DOCUMENT_ID: Final = re.compile(r"[0-9a-f]{32}")
_QUIET: Final = ("alembic", "pikepdf", "httpx")
REQUESTS: Final = "secondseal.web.request"
"""One line a request: in the journal of machines alone."""


def configure(form: LogForm, *filters: logging.Filter) -> None:
    """Write every log line of this process to its standard error in this form; `filters` may tell more about a line.

    Nothing is changed where whoever runs this program within theirs listens to the log already.
    """
    root = logging.getLogger()
    ours = [one for one in root.handlers if isinstance(one.formatter, TextLines | JsonLines)]
    if len(ours) < len(root.handlers):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines(_TEXT))
    for one in filters:
        handler.addFilter(one)
    for old in ours:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for library in _QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger(REQUESTS).setLevel(logging.INFO if form == "json" else logging.WARNING)


class TextLines(logging.Formatter):
    """For a terminal."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """Kinds and places, no foreign words."""
        return "\n".join(_told(ei))


class JsonLines(logging.Formatter):
    """One object a line: time, level, room, message; document, caller, request and problem where they are known."""

    def format(self, record: logging.LogRecord) -> str:
        """Keys are always in the same order."""
        from store import VIETNAM  # late: every command configures its log, few write a line

        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, VIETNAM).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "room": record.name.removeprefix("secondseal."),
            "message": record.getMessage(),
        }
        line |= {name: value for name in _TOLD if (value := getattr(record, name, None)) is not None}
        line.setdefault("document", _document_in(record.args))
        if record.exc_info:
            line["error"] = list(_told(record.exc_info))
        return json.dumps({name: value for name, value in line.items() if value is not None}, ensure_ascii=False)


def _document_in(arguments: object) -> str | None:
    """The first of a line's values that has the form of a document's id; nothing else in our lines has it."""
    given = arguments if isinstance(arguments, tuple) else ()
    return next((one for one in given if isinstance(one, str) and _DOCUMENT_ID.fullmatch(one)), None)


def _told(raised: Any) -> Iterator[str]:
    """An exception and those behind it, the newest first."""
    error: BaseException | None = raised[1]
    place: TracebackType | None = raised[2]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield f"{type(error).__module__}.{type(error).__qualname__}: {_own_words(error)}".rstrip(": ")
        for frame in traceback.extract_tb(place or error.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        place = None
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _own_words(error: BaseException) -> str:
    from sqlalchemy.exc import OperationalError

    from store import StoreError

    if isinstance(error, OSError):
        return error.strerror or ""
    if isinstance(error, OperationalError):
        return str(error.orig)
    return str(error) if isinstance(error, StoreError) else ""
