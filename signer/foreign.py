"""Papers of other programs, taken in where they can do no harm: each in a locked process of its own.

What comes back has been read, judged and written anew there; later steps read only that.
"""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .errors import FieldUnusable, PlaceReason, PlaceUnusable, Unsealable, UnsealableReason
from .intake_process import LIMITS, NO_LOCK, TOO_MUCH
from .scan import A4_MM, ScanFault, ScanReason
from .source import MAX_BYTES
from .wanted_place import WantedPlace, as_order

log = logging.getLogger("secondseal.signer")

_ROOT: Final = Path(__file__).resolve().parent.parent
# The rooms' doors load everything there is (1 s); the process needs a few modules of them (0.2 s).
_START: Final = """
import sys, types
for room in ("signer", "verifier"):
    door = types.ModuleType(room)
    door.__path__ = [{root!r} + "/" + room]
    sys.modules[room] = door
from signer.intake_process import main
sys.exit(main())
"""
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Each may take the memory its limits allow; further callers wait for their turn."""


class IntakeUnavailable(RuntimeError):
    """This machine cannot lock the reading process in, so nothing is read."""


@dataclass(frozen=True, kw_only=True)
class ReadyPaper:
    """A sealable PDF with its empty prepared fields."""

    pdf: bytes
    pages: int


def make_ready(
    pdf: bytes,
    *,
    rewrite: bool,
    signer_name: str,
    officer_mark_mm: tuple[float, float],
    seal_diameter_mm: float,
    fields: Sequence[tuple[str, str]],
    place: WantedPlace | None = None,
) -> ReadyPaper:
    """`rewritten` (where `rewrite`), `preflight`, `choose_placement` or `place_wanted`, and `add_fields`, outside this
    process.

    `fields`: name and tooltip of the officer's field and of the seal's. `place` None: by rule. Raises `Unsealable`
    (`too_large` also for what takes more time or memory than a paper may), `PlaceUnusable` and `FieldUnusable`;
    `IntakeUnavailable` where nothing can be locked.
    """
    return _made_ready(
        pdf,
        {
            "rewrite": rewrite,
            "signer_name": signer_name,
            "officer_mark_mm": officer_mark_mm,
            "seal_diameter_mm": seal_diameter_mm,
            "fields": list(fields),
            "place": as_order(place) if place else None,
        },
    )


def make_appendix_ready(
    pdf: bytes, *, rewrite: bool, mark_pt: tuple[float, float], field: tuple[str, str]
) -> ReadyPaper:
    """As `make_ready` for a separate attachment: the one `field` (name, tooltip) for its text mark of this size."""
    return _made_ready(pdf, {"rewrite": rewrite, "appendix_mark_pt": mark_pt, "fields": [field]})


def check_scan(pdf: bytes, *, paper_mm: tuple[float, float] = A4_MM) -> tuple[ScanFault, ...]:
    """What speaks against making an electronic copy of a paper from this scan (`scan_faults`), outside this process;
    nothing where it may be made. `paper_mm`: size of the sheet, either way round. Raises as `make_ready`."""
    answer, _ = _answered(pdf, {"rewrite": False, "scan_of_mm": paper_mm})
    return tuple(ScanFault(ScanReason(reason), found) for reason, found in answer["scan"])


def _made_ready(pdf: bytes, wanted: dict[str, Any]) -> ReadyPaper:
    answer, ready = _answered(pdf, wanted)
    return ReadyPaper(pdf=ready, pages=answer["pages"])


def _answered(pdf: bytes, wanted: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    if len(pdf) > MAX_BYTES:
        raise Unsealable(UnsealableReason.TOO_LARGE, f"{len(pdf) / 1e6:.0f} MB > {MAX_BYTES / 1e6:.0f} MB")
    order = json.dumps(wanted).encode()
    with _AT_ONCE:
        answer, ready = _asked(len(order).to_bytes(8, "big") + order + pdf)
    if "unsealable" in answer:
        raise Unsealable(UnsealableReason(answer["unsealable"]), answer["detail"])
    if "place" in answer:
        raise PlaceUnusable(PlaceReason(answer["place"]), **answer["found"])
    if "field" in answer:
        raise FieldUnusable(answer["field"], answer["why_vi"], answer["why_en"])
    return answer, ready


def _asked(given: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", "-c", _START.format(root=str(_ROOT))],
            input=given,
            capture_output=True,
            timeout=LIMITS.wall_seconds + 10,
            env={},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_much() from error
    if done.returncode == NO_LOCK:
        raise IntakeUnavailable(done.stderr.decode(errors="replace").strip())
    if done.returncode < 0 or done.returncode == TOO_MUCH:
        raise _too_much()
    if done.returncode != 0:
        # Only the fault's last line: what a file holds is personal.
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        log.warning("the intake process failed over a file: %s", last.partition(":")[0])
        raise Unsealable(UnsealableReason.BROKEN)
    length = int.from_bytes(done.stdout[:8], "big")
    answer: dict[str, Any] = json.loads(done.stdout[8 : 8 + length])
    return answer, done.stdout[8 + length :]


def _too_much() -> Unsealable:
    return Unsealable(UnsealableReason.TOO_LARGE, f"> {LIMITS.cpu_seconds} s / {LIMITS.memory_bytes // 1024**3} GiB")
