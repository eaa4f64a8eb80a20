"""kill -9 after every single step of approving and sealing, with 1,000 papers in flight.

The steps are those of `drill.kill_points`, taken down while one paper, or list, goes through. All papers wait for the
officer while approving is ended at each of its steps, and all wait for the seal while sealing is. The people go on as
people do: the officer opens a list anew or the agent sends the same signature again, the custodian looks whether the
list is confirmed; a worker that starts takes up what the one before it left.
"""

import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from drill.ended_acts import (
    TAKE_DOWN,
    Signature,
    confirm,
    prepare,
    recover,
    seal,
    submit,
    taken_down,
)
from drill.forked import Ended
from drill.kill_points import KillPoint, thinned
from drill.outcome import Outcome
from drill.sealed_once import counted
from drill.standing_office import StandingOffice, standing
from secondseal.demo.office import DemoOffice
from tests.tokens.faults import FaultModule

PAPERS: Final = 1000
LIST: Final = 5
"""Papers of one approval list, and of one confirmed list."""
_TOKEN: Final = "con-dau-2"
_LONGEST_S: Final = 1500.0


@dataclass(kw_only=True)
class EveryStep:
    """Carries papers through, ended at each step of each act. `most`: so many steps of an act at most; None: all."""

    standing: StandingOffice
    most: int | None = None
    kills: Counter[str] = field(default_factory=Counter)
    took: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def carry_through(self, papers: int) -> list[str]:
        """From the workflow system's order to the seal; gives their ids. Raises `DrillFailed`."""
        with self.timed("intake"):
            made = self.standing.papers(papers)
        lists = [made[first : first + LIST] for first in range(0, papers, LIST)]
        with self.timed("prepare"):
            signatures = self._prepare(lists)
        with self.timed("submit"):
            self._submit(signatures)
        with self.timed("confirm"):
            self._confirm(lists)
        with self.timed("seal"):
            self._seal(papers)
        return made

    def _prepare(self, lists: Sequence[Sequence[str]]) -> list[Signature]:
        steps = self._steps(prepare(self.standing, lists[0], None, TAKE_DOWN))
        signatures: list[Signature] = []
        for papers, share in zip(lists, _shared_out(steps, len(lists)), strict=True):
            opened = None
            for point in share:
                ended = prepare(self.standing, papers, None, point)
                self._ended("prepare", ended, point)
                opened = next((one for one in ended.said if isinstance(one, str)), None)
            approval, *prepared = prepare(self.standing, papers, opened, None).said
            for one in prepared:
                value = self.standing.officer.sign(one["digest"], one["scheme"])
                signatures.append(Signature(approval=approval, document=one["document"], value=value))
        return signatures

    def _submit(self, signatures: list[Signature]) -> None:
        earlier, first, *rest = signatures
        submit(self.standing, [], [earlier], None)
        steps = self._steps(submit(self.standing, [earlier], [first], TAKE_DOWN))
        again = [first]
        for share in _shared_out(steps, len(rest)):
            sent = rest.pop(0)
            for point in share:
                ended = submit(self.standing, again, [sent], point)
                self._ended("submit", ended, point)
                if ended.said[: len(again)] != ["approved"] * len(again):
                    self.wrong.append(f"signatures sent again were answered {ended.said}")
                again = [sent]
            if not share:
                again.append(sent)
        submit(self.standing, again, rest, None)

    def _confirm(self, lists: Sequence[Sequence[str]]) -> None:
        first, *rest = lists
        points = deque(self._steps(confirm(self.standing, first, TAKE_DOWN)))
        for index, papers in enumerate(rest):
            for _ in range(-(-len(points) // (len(rest) - index))):
                ended = confirm(self.standing, papers, points[0])
                if ended.said == [["confirmed"]]:
                    break
                self._ended("confirm", ended, points.popleft())
            confirm(self.standing, papers, None)
        if points:
            self.wrong.append(f"confirm: {len(points)} steps left over")

    def _seal(self, papers: int) -> None:
        ended = seal(self.standing, TAKE_DOWN)
        steps = self._steps(ended)
        self._recover(_with_the_key_in_hand(taken_down(ended)))
        # where there are more steps than papers, some papers are ended over twice
        twice = len(steps) > papers - 2 * LIST
        for number, point in enumerate(steps):
            ended = seal(self.standing, point, whole=0 if twice and number % 2 else 1)
            self._ended("seal", ended, point)
            self.wrong += ended.said[0]
        while seal(self.standing, None, whole=0, turns=papers).said[-1]:
            continue

    def _recover(self, middle: KillPoint) -> None:
        """The start of a worker over what was left with the key in hand."""
        self._ended("seal", seal(self.standing, middle), middle)
        points = self._steps(recover(self.standing, TAKE_DOWN))
        self._ended("seal", seal(self.standing, middle), middle)
        for point in points:
            ended = recover(self.standing, point)
            self._ended("recover", ended, point)

    def _steps(self, ended: Ended) -> list[KillPoint]:
        return thinned(taken_down(ended), self.most)

    def _ended(self, name: str, ended: Ended, point: KillPoint) -> None:
        if ended.killed:
            self.kills[name] += 1
        else:
            self.wrong.append(f"{name}: never came to {point}")

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Takes down how long the block took."""
        began = time.monotonic()
        yield
        self.took[name] = time.monotonic() - began


def _shared_out(points: Sequence[KillPoint], among: int) -> list[list[KillPoint]]:
    """As evenly as it goes, in order."""
    return [list(points[one * len(points) // among : (one + 1) * len(points) // among]) for one in range(among)]


def _with_the_key_in_hand(steps: Sequence[KillPoint]) -> KillPoint:
    """The last step of the passage itself before the key's operation: its entry is reserved, its end not known."""
    signing = next(index for index, one in enumerate(steps) if one.function == "SealKey.sign")
    return next(one for one in reversed(steps[:signing]) if one.function == "_seal" and not one.leaves)


def drill(
    office: DemoOffice,
    folder: Path,
    database: str,
    device: FaultModule,
    *,
    papers: int = PAPERS,
    most: int | None = None,
) -> Outcome:
    """All of it on one database; `folder` is made and removed, `device` stands before the seal's token. Raises
    `DrillFailed`."""
    began, signed = time.monotonic(), device.calls()["C_Sign"]
    with standing(office, folder, database) as standing_office:
        acts = EveryStep(standing=standing_office, most=most)
        made = acts.carry_through(papers)
        with acts.timed("count"):
            found = counted(standing_office, made)
    signed = device.calls()["C_Sign"] - signed
    wrong = [*acts.wrong, *found.wrong]
    if found.sealed != len(made):
        wrong.append(f"{len(made) - found.sealed} papers are not sealed, and nothing stands in their way any more")
    if signed > found.used:
        wrong.append(f"the device signed {signed} times, the register names {found.used} uses of the key")
    kills = ", ".join(f"{acts.kills[act]} {what}" for act, what in _ACTS.items())
    took = ", ".join(f"{act} {seconds:.0f} s" for act, seconds in acts.took.items())
    return Outcome(
        name=f"steps-{database.partition(':')[0]}",
        did=f"{papers} papers in flight, kill -9 at {acts.kills.total()} steps ({kills}); {found.sealed} papers sealed "
        f"once, {found.entries} entries, {found.used} uses of the key in them, {signed} C_Sign; {took}",
        seconds=time.monotonic() - began,
        lost=found.lost,
        doubled=found.doubled,
        wrong=tuple(wrong),
    )


_ACTS: Final = {
    "prepare": "opening and preparing approval lists",
    "submit": "taking signatures",
    "confirm": "confirming",
    "seal": "sealing",
    "recover": "at a worker's start",
}
