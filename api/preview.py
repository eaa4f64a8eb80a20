"""Pictures of our stored papers' pages for the people who decide about them, drawn outside this process."""

import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from api.service import Service
from verifier import SEAL_FIELD

WIDTH: Final = 1190
LARGE: Final = 2380
_WORKER: Final = Path(__file__).with_name("preview_worker.py")
_PATIENCE_S: Final = 20
_SEAL: Final = 0
"""Among kept pictures the page with the ring; pages themselves count from 1."""
_MOST_BYTES: Final = 32 * 1024 * 1024


class PreviewFailed(Exception):
    """The page could not be drawn: too hard, too slow, or no such page."""


class _Drawn:
    """Pictures drawn lately, by file, page and width; the oldest goes when the whole is too large."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, int, int]) -> bytes | None:
        with self._lock:
            found = self._pictures.get(key)
            if found is not None:
                self._pictures.move_to_end(key)
            return found

    def put(self, key: tuple[str, int, int], picture: bytes) -> None:
        with self._lock:
            self._bytes += len(picture) - len(self._pictures.get(key, b""))
            self._pictures[key] = picture
            while self._bytes > _MOST_BYTES and len(self._pictures) > 1:
                self._bytes -= len(self._pictures.popitem(last=False)[1])


_DRAWN: Final = _Drawn()


def page_png(service: Service, pdf: bytes, sha256: str, page: int, width: int) -> bytes:
    """Page `page` (from 1) of the file, `width` pixels wide, as PNG. Raises `PreviewFailed`, `Busy`."""
    return _kept(service, pdf, (sha256, page, width), ["page", str(page), str(width)])


def seal_png(service: Service, pdf: bytes, sha256: str) -> bytes:
    """The page with the empty seal field, a dashed ring on it, as PNG. Raises `PreviewFailed`, `Busy`."""
    return _kept(service, pdf, (sha256, _SEAL, WIDTH), ["seal", SEAL_FIELD, str(WIDTH)])


def _kept(service: Service, pdf: bytes, key: tuple[str, int, int], order: list[str]) -> bytes:
    known = _DRAWN.get(key)
    if known is not None:
        return known
    with service.previews.passing():
        picture = drawn(order, pdf)
    if not picture.startswith(b"\x89PNG"):
        raise PreviewFailed
    _DRAWN.put(key, picture)
    return picture


def drawn(order: list[str], given: bytes) -> bytes:
    """What the drawing process answers to `order` (see `api.preview_worker`). Raises `PreviewFailed`."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(_WORKER), *order],
            input=given,
            capture_output=True,
            timeout=_PATIENCE_S,
            env={},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PreviewFailed from error
    if done.returncode != 0:
        raise PreviewFailed
    return done.stdout
