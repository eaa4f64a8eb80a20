"""Measurements for the operator, in the Prometheus text format. Labels name seals, never a person or a document."""

import contextlib
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from api.callers import Serving
from api.key_state import KeyState, key_state
from api.metric_text import Sample, family
from api.metrics_documents import documents, waiting
from api.service import Service
from register import last_checkpoint, last_exports, last_time
from register import log as register_log
from stamping import KeyHealth, Refusal, seal_usage
from store import read

router = APIRouter(include_in_schema=False)

_LABELS: Final = {"requests": "status", "verifications": "verdict", "refusals": "problem"}


@router.get("/metrics")
def metrics(service: Serving) -> Response:
    """Counts of this process since its start; of the seals' keys, what the seal worker wrote last."""
    lines: list[str] = []
    counted: dict[str, list[Sample]] = {}
    for (name, label), value in sorted(service.tally.snapshot().items()):
        labels = {_LABELS[name]: label} if name in _LABELS else {}
        counted.setdefault(f"{name}_total", []).append((labels, value))
    for name, samples in counted.items():
        lines += family(name, "counter", samples)
    # what cannot be read is not given; /readyz says which
    for part in (_register, documents, waiting):
        with contextlib.suppress(SQLAlchemyError):
            lines += part(service)
    with contextlib.suppress(SQLAlchemyError, OSError, Refusal):
        lines += _keys(service, key_state(service))
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _register(service: Service) -> list[str]:
    """How far the register's log has come, and what of it was signed, stamped and put out of reach, and when."""
    with read(service.desk.engine) as connection:
        size, point = register_log.size(connection), last_checkpoint(connection)
        stamped, exported = last_time(connection), last_exports(connection)
    lines = family("register_log_entries", "gauge", [({}, size)])
    if point is not None:
        lines += family("register_checkpoint_entries", "gauge", [({}, point.size)])
    if stamped is not None:
        lines += family("register_stamped_timestamp_seconds", "gauge", [({}, stamped.timestamp())])
    # an address may be a person's: its kind and place in the list say enough
    places = [
        ({"to": f"{url.partition(':')[0]} {number}"}, at.timestamp())
        for number, (url, at) in enumerate(sorted(exported.items()), start=1)
    ]
    return lines + family("register_export_timestamp_seconds", "gauge", places)


def _keys(service: Service, state: KeyState) -> list[str]:
    keys = [one for one in state.keys if one.code != "not-checked"]
    lines = family("key_ready", "gauge", ((_of(one), float(one.state != "fault")) for one in state.keys))
    lines += family("key_operations_total", "counter", ((_of(one), one.operations) for one in keys))
    lines += family("key_canaries_total", "counter", ((_of(one), one.canaries) for one in keys))
    rungs = (({**_of(one), "rung": rung}, times) for one in keys for rung, times in one.recoveries.items())
    lines += family("key_recoveries_total", "counter", rungs)
    latencies = ((_of(one), one.latency_ms / 1000) for one in keys if one.latency_ms is not None)
    lines += family("key_canary_seconds", "gauge", latencies)
    lines += family("key_checked_timestamp_seconds", "gauge", ((_of(x), x.checked_at.timestamp()) for x in keys))
    expiries = ((_of(one), one.not_after.timestamp()) for one in keys if one.not_after is not None)
    lines += family("key_certificate_expires_timestamp_seconds", "gauge", expiries)
    lines += _uses(service, state)
    if state.worker is not None:
        lines += family("worker_seen_timestamp_seconds", "gauge", [({}, state.worker.seen_at.timestamp())])
    lines += family("worker_count", "gauge", [({}, float(state.workers))])
    return lines


def _uses(service: Service, state: KeyState) -> list[str]:
    office = service.desk.office()
    seals = [seal for one in state.keys if one.role == "current" and (seal := office.seal(one.seal_id)) is not None]
    usages = [seal_usage(service.desk, seal, state.at) for seal in seals]
    uses = family("key_uses_today", "gauge", (({"seal": one.seal}, one.used) for one in usages))
    limits = (({"seal": one.seal}, one.limit) for one in usages if one.limit is not None)
    return uses + family("key_daily_limit", "gauge", limits)


def _of(one: KeyHealth) -> Mapping[str, str]:
    return {"seal": one.seal_id, "which": one.role}
