"""The log in the layout of C2SP tlog-tiles: which resource a path names, and its bytes.

`checkpoint`, `tile/<level>/<index>[.p/<width>]`, `tile/entries/<index>[.p/<width>]`; an index is written in groups of
three digits, all but the last led by an x.
"""

import re
from typing import Final

from sqlalchemy import Connection

from . import log
from .checkpoints import last_checkpoint

_TILE: Final = re.compile(
    r"tile/(entries|0|[1-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,4}[0-9]{3})(?:\.p/([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?"
)


def resource(connection: Connection, path: str) -> bytes | None:
    """The bytes under a path of the log; None for what is no such path, or is not there (yet)."""
    if path == "checkpoint":
        point = last_checkpoint(connection)
        return None if point is None else point.note.encode()
    match = _TILE.fullmatch(path)
    if match is None:
        return None
    kind, digits, partial = match.groups()
    index, width = int(digits.replace("x", "").replace("/", "")), int(partial or log.WIDTH)
    if index_path(index) != digits:
        return None
    if kind == "entries":
        return log.entry_bundle(connection, index, width)
    return log.tile(connection, int(kind), index, width)


def index_path(index: int) -> str:
    """An index as path elements: 1234067 is `x001/x234/067`."""
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def paths(size: int) -> tuple[str, ...]:
    """Every tile and entry bundle of a log of `size` leaves, partial ones at its edge included."""
    found: list[str] = []
    level, count = 0, size
    while count:
        for kind in ("entries", "0") if level == 0 else (str(level),):
            found += [f"tile/{kind}/{index_path(index)}" for index in range(count // log.WIDTH)]
            if count % log.WIDTH:
                found.append(f"tile/{kind}/{index_path(count // log.WIDTH)}.p/{count % log.WIDTH}")
        level, count = level + 1, count // log.WIDTH
    return tuple(found)
