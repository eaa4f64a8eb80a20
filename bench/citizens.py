"""Sealing while citizens upload: how much longer a paper takes from the officer's approval to the seal.

One paper after another is approved, confirmed and sealed, as in a quiet office; then the same while eight citizens
send files to be verified, each at once again when answered (`bench.uploads`), in turns. Two processes, SQLite, SoftHSM,
B-B. The office's latency is what the figure is about: whoever only asks waits, or is told to come back.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from bench.figure import Figure
from bench.served_office import Served, configure, founding, served
from signer import Level
from stamping import documents
from tests.stamping.office_desk import Place

CITIZENS: Final = 8
WARM: Final = 6
COUNT: Final = 20
TURNS: Final = 3
LIMIT: Final = 1.5


def figures() -> Iterator[Figure]:
    """The ratio of the medians and of the 95th percentiles, and what the citizens got meanwhile."""
    with founding() as made, ExitStack() as running:
        place = made.maker(level=Level.B_B)
        token = configure(place, made.pki, made.key)
        upload = made.folder / "upload.pdf"
        upload.write_bytes(documents.file(place.desk, place.sealed().id)[0])
        office = running.enter_context(served(place, token, made.folder))
        office.carry_singly(_papers(place, WARM))
        alone: list[float] = []
        beside: list[float] = []
        answers: list[dict[str, float]] = []
        for _ in range(TURNS):
            papers = _papers(place, 2 * COUNT)
            alone += office.carry_singly(papers[:COUNT])
            with citizens(office, upload) as told:
                beside += office.carry_singly(papers[COUNT:])
            answers.append(told)
    yield from _ratios(alone, beside)
    yield from _answers(answers)


@contextmanager
def citizens(office: Served, upload: Path) -> Iterator[dict[str, float]]:
    """A crowd at work; what it counted is there when it has gone."""
    told: dict[str, float] = {}
    command = [sys.executable, "-m", "bench.uploads", office.base, str(upload), str(CITIZENS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as crowd:
        time.sleep(3)  # until all of them are there
        try:
            yield told
        finally:
            counts = crowd.communicate()[0]
        told.update(json.loads(counts))


def _papers(place: Place, count: int) -> list[str]:
    return [place.paper().id for _ in range(count)]


def _ratios(alone: Sequence[float], beside: Sequence[float]) -> Iterator[Figure]:
    for name, part in (("", 50), ("_p95", 95)):
        quiet, busy = (statistics.quantiles(one, n=100, method="inclusive")[part - 1] for one in (alone, beside))
        yield Figure(
            name=f"citizens_sealing_latency{name}_x", value=busy / quiet, unit="x",
            against=f"at most {LIMIT}: {busy * 1e3:.0f} ms beside {CITIZENS} citizens, {quiet * 1e3:.0f} ms alone; "
            f"approve to sealed, one at a time, {len(alone)} papers each",
        )  # fmt: skip


def _answers(answers: Sequence[dict[str, float]]) -> Iterator[Figure]:
    seconds = sum(one["seconds"] for one in answers)
    away = sum(one.get("turned_away", 0) for one in answers)
    words = sorted({word for one in answers for word in one} - {"seconds", "turned_away"})
    judged = {word: sum(one.get(word, 0) for one in answers) for word in words}
    yield Figure(
        name="citizens_verdicts_per_s", value=sum(judged.values()) / seconds, unit="1/s",
        against=f"{', '.join(f'{word} {count:.0f}' for word, count in judged.items())}; told to come back {away:.0f}",
    )  # fmt: skip
