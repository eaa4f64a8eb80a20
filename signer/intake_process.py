"""A paper of another program made ready in a process of its own, started by `signer.foreign`:

    stdin   length of the order (8 bytes), the order as JSON, the PDF
    stdout  length of the answer (8 bytes), the answer as JSON, the PDF made ready

qpdf and pdfium unpack what a file asks them to: one megabyte can become gigabytes, or minutes. So the process first
locks itself in as the verifier's readers do: no file, no socket, bounded time and memory.
"""

import io
import json
import sys
from typing import Any, Final

import pikepdf

from verifier.limits import Limits
from verifier.sandbox_lock import SandboxUnavailable, choose_isolation, lock, prepare

from .errors import FieldUnusable, PlaceUnusable, Unsealable
from .intake import add_fields, rewritten
from .order import Placement
from .placement import choose_appendix_placement, choose_placement
from .placing import place_wanted
from .preflight import preflight
from .scan import scan_faults
from .wanted_place import from_order

LIMITS: Final = Limits(wall_seconds=40.0, cpu_seconds=30, memory_bytes=2 * 1024 * 1024 * 1024)
TOO_MUCH: Final = 3
"""Exit status: memory ran out."""
NO_LOCK: Final = 4
"""Exit status: this machine cannot lock the process in; nothing was read."""


def main() -> int:
    """Answer the one order on standard input; a process that ends otherwise was stopped by its limits."""
    given = sys.stdin.buffer.read()
    length = int.from_bytes(given[:8], "big")
    order, pdf = json.loads(given[8 : 8 + length]), given[8 + length :]
    del given
    try:
        isolation = choose_isolation()
        # What is loaded late is loaded now: a locked process opens nothing.
        made_ready(_specimen(), {**order, "rewrite": True, "place": None})
        lock(LIMITS, isolation, prepare(isolation))
    except SandboxUnavailable as error:
        sys.stderr.write(str(error))
        return NO_LOCK
    try:
        answer, ready = made_ready(pdf, order)
    except Unsealable as error:
        answer, ready = {"unsealable": error.reason, "detail": error.detail}, b""
    except FieldUnusable as error:
        answer, ready = {"field": error.field, "why_vi": error.why_vi, "why_en": error.why_en}, b""
    except PlaceUnusable as error:
        answer, ready = {"place": error.reason, "found": error.found}, b""
    except MemoryError:
        return TOO_MUCH
    head = json.dumps(answer).encode()
    for part in (len(head).to_bytes(8, "big"), head, ready):
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
    return 0


def made_ready(pdf: bytes, order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Judged, placed, its fields prepared: `{"pages": n}` and the PDF; or what is wrong with a scan, `{"scan": [...]}`
    and no PDF. Raises `Unsealable`, `FieldUnusable`, `PlaceUnusable`."""
    if order["rewrite"]:
        pdf = rewritten(pdf)
    inspection = preflight(pdf, stage="intake")
    if "scan_of_mm" in order:
        wide, high = order["scan_of_mm"]
        faults = scan_faults(pdf, inspection.pdf_version, (wide, high))
        return {"scan": [[fault.reason, fault.found] for fault in faults]}, b""
    pdf, places = _placed(pdf, order)
    wanted = [(name, place, tooltip) for (name, tooltip), place in zip(order["fields"], places, strict=True)]
    return {"pages": inspection.pages}, add_fields(pdf, wanted)


def _placed(pdf: bytes, order: dict[str, Any]) -> tuple[bytes, tuple[Placement, ...]]:
    if "appendix_mark_pt" in order:
        wide, high = order["appendix_mark_pt"]
        return pdf, (choose_appendix_placement(pdf, mark_pt=(wide, high)),)
    size, diameter = (order["officer_mark_mm"][0], order["officer_mark_mm"][1]), order["seal_diameter_mm"]
    if order["place"] is not None:
        wanted = from_order(order["place"])
        pdf, *places = place_wanted(pdf, wanted, officer_mark_mm=size, seal_diameter_mm=diameter)
        return pdf, tuple(places)
    return pdf, choose_placement(pdf, signer_name=order["signer_name"], officer_mark_mm=size, seal_diameter_mm=diameter)


def _specimen() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as blank:
        blank.add_blank_page(page_size=(595, 842))
        with blank.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = "mẫu"
        blank.save(out, force_version="1.4")
    return out.getvalue()
