"""The service: documents per second from the officer's approval to the sealed file, and where the time goes.

Counted: POST approval with the certificate, the digest signed, PUT of the signature, the custodian's confirmation in
lists of 25, the worker's seal. Not counted: making the papers. 8 clients, two processes, SQLite, SoftHSM (RSA-2048).
Three times: each document asked for alone; in lists of 25 under one ticket, as an officer signs (`_in_lists`); the same
with the custodian's password, which costs as much for one paper as for 500, once in 100 papers (`_in_longer_lists`).
"""

import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.figure import Figure
from bench.served_office import CLIENTS, LIST, Carried, begin_anew, configure, founding, served, told
from signer import Level
from tests.stamping.office_desk import Place

WARM: Final = 16
COUNT: Final = 50
TURNS: Final = 3
LONGER: Final = 100
"""Papers the custodian confirms at once, of the 500 that are allowed: an office of 200 dossiers a day does so twice."""


def figures() -> Iterator[Figure]:
    """At B-B and at B-LT: the rate, CPU per document, and each part's share."""
    with founding() as made:
        for level, suffix in ((Level.B_B, ""), (Level.B_LT, "_blt")):
            place = made.maker(level=level)
            token = configure(place, made.pki, made.key)
            yield from _measured(place, token, made.folder, suffix)


def _measured(place: Place, token: str, folder: Path, suffix: str) -> Iterator[Figure]:
    with served(place, token, folder) as running:
        running.carry(_papers(place, WARM))
        alone = [running.carry(_papers(place, COUNT)) for _ in range(TURNS)]
        lists = [running.carry(_papers(place, CLIENTS * LIST), in_lists_of=LIST)]
        longer = [running.carry(_papers(place, 4 * LONGER), in_lists_of=LIST, confirmed_in=LONGER)]
    yield from _rates(alone, place.desk.level.label, suffix)
    yield from _rates(lists, f"{place.desk.level.label}, in lists of {LIST}", f"{suffix}_in_lists")
    how = f"{place.desk.level.label}, in lists of {LIST}, confirmed in lists of {LONGER}"
    yield from _rates(longer, how, f"{suffix}_in_longer_lists")
    with served(place, token, folder, stopwatch=True) as running:
        running.carry(_papers(place, WARM))
        papers = _papers(place, COUNT)
        begin_anew(running)
        timed = running.carry(papers)
        parts = told(running, folder)
    yield from _shares(parts, timed, suffix)


def _rates(runs: Sequence[Carried], how: str, suffix: str) -> Iterator[Figure]:
    spread = " ".join(f"{run.per_s:.1f}" for run in runs)
    run = sorted(runs, key=lambda one: one.per_s)[len(runs) // 2]
    yield Figure(
        name=f"service_sealed{suffix}_per_s", value=run.per_s, unit="1/s",
        against=f"{how}, 8 clients, approve to sealed, SQLite, SoftHSM; {len(runs)} x {run.count}: {spread}",
    )  # fmt: skip
    spent = {
        "web": run.web_s,
        "worker": run.worker_s,
        "sandboxes of both": run.sandbox_s,
        "the eight clients, not counted": run.client_s,
    }
    told_cpu = ", ".join(f"{name} {seconds / run.count * 1e3:.1f}" for name, seconds in spent.items())
    python = f"Python {platform.python_version()} of {sys.base_prefix}"  # how it was built is up to a tenth of all
    yield Figure(
        name=f"service{suffix}_cpu_ms", value=run.cpu_ms, unit="ms", against=f"CPU per document: {told_cpu}; {python}"
    )  # fmt: skip


def _shares(told: Mapping[str, Mapping[str, Mapping[str, float]]], run: Carried, suffix: str) -> Iterator[Figure]:
    """The web process by CPU, for its threads share a lock; the worker by wall time, for it does one thing at a time:
    while it waits for a file or a writer before it, nothing else is sealed."""
    for process, unit in (("web", "cpu_s"), ("worker", "wall_s")):
        parts = {part: spent[unit] for part, spent in told[process].items()}
        whole = parts.pop("process") - parts.pop("idle", 0.0)
        parts["http" if process == "web" else "the_rest"] = whole - sum(parts.values())
        for part, spent in sorted(parts.items(), key=lambda one: -one[1]):
            yield Figure(
                name=f"service{suffix}_{process}_{part}", value=spent / whole, unit="share",
                against=f"{spent / run.count * 1e3:.2f} of {whole / run.count * 1e3:.1f} ms {unit[:-2]} a document",
            )  # fmt: skip


def _papers(place: Place, count: int) -> list[str]:
    print(f"    making {count} papers", file=sys.stderr, flush=True)
    return [place.paper().id for _ in range(count)]
