"""kill -9 after every single step of approving and sealing, with 1,000 papers in flight.

The steps are those of `drill.kill_points`, taken down while one paper, or list, goes through. All papers wait for the
officer while approving is ended at each of its steps, and all wait for the seal while sealing is. The people go on as
people do: the officer opens a list anew or the agent sends the same signature again, the custodian looks whether the
list is confirmed; a worker that starts takes up what the one before it left.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from drill.ended_acts import (
    TAKE_DOWN,
    Signature,
    Trouble,
    confirm,
    killed_at,
    prepare,
    recover,
    seal,
    submit,
    taken_down,
)
from drill.forked import Ended
from drill.kill_points import KillPoint, thinned
from drill.outcome import DrillFailed, Outcome
from drill.progress import Progress, say
from drill.sealed_once import counted
from drill.standing_office import StandingOffice
from tests.tokens.faults import FaultModule

PAPERS: Final = 1000
TOGETHER: Final = 2
"""Papers in a worker's hands together: the second takes every step that a third would."""
LIST: Final = 5
"""Papers of one approval list, and of one confirmed list."""

Named = tuple[str, Trouble]
"""A trouble and how it is called."""


def kills(most: int | None) -> Callable[[Sequence[KillPoint]], Sequence[Named]]:
    """kill -9 at each step, or at so many of them, evenly spread."""
    return lambda steps: [(str(one), killed_at(one)) for one in thinned(steps, most)]


@dataclass(kw_only=True)
class EveryStep:
    """Carries papers through, each act in trouble again and again: `troubles` makes them of an act's steps. `sure`:
    each must end its process; otherwise one of an act's must, for those in `ends`."""

    standing: StandingOffice
    troubles: Callable[[Sequence[KillPoint]], Sequence[Named]]
    sure: bool = True
    ends: frozenset[str] = frozenset({"prepare", "submit", "confirm", "seal", "recover"})
    """Acts of which the trouble must have ended a process."""
    met: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    took: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    _progress: dict[str, Progress] = field(default_factory=dict)

    def carry_through(self, papers: int) -> list[str]:
        """From the workflow system's order to the seal; gives their ids. Raises `DrillFailed`."""
        made = self.to_the_worker(papers)
        with self.timed("seal"):
            self._seal(papers)
        return made

    def to_the_worker(self, papers: int) -> list[str]:
        """As far as the custodian's confirmation: all are queued."""
        with self.timed("intake"):
            made = self.standing.papers(papers)
        lists = [made[first : first + LIST] for first in range(0, papers, LIST)]
        with self.timed("prepare"):
            signatures = self._prepare(lists)
        with self.timed("submit"):
            self._submit(signatures)
        with self.timed("confirm"):
            self._confirm(lists)
        return made

    def _prepare(self, lists: Sequence[Sequence[str]]) -> list[Signature]:
        steps = self._steps("prepare", prepare(self.standing, lists[0], None, TAKE_DOWN))
        signatures: list[Signature] = []
        for papers, share in zip(lists, _shared_out(steps, len(lists)), strict=True):
            opened = None
            for trouble in share:
                ended = prepare(self.standing, papers, None, trouble[1])
                self._ended("prepare", ended, trouble)
                opened = next((one for one in ended.said if isinstance(one, str)), None)
            approval, *prepared = prepare(self.standing, papers, opened, None).said
            for one in prepared:
                value = self.standing.officer.sign(one["digest"], one["scheme"])
                signatures.append(Signature(approval=approval, document=one["document"], value=value))
        return signatures

    def _submit(self, signatures: list[Signature]) -> None:
        earlier, first, *rest = signatures
        submit(self.standing, [], [earlier], None)
        steps = self._steps("submit", submit(self.standing, [earlier], [first], TAKE_DOWN))
        again = [first]
        for share in _shared_out(steps, len(rest)):
            sent = rest.pop(0)
            for trouble in share:
                ended = submit(self.standing, again, [sent], trouble[1])
                self._ended("submit", ended, trouble)
                if ended.said[: len(again)] != ["approved"] * len(again):
                    self.wrong.append(f"signatures sent again were answered {ended.said}")
                again = [sent]
            if not share:
                again.append(sent)
        submit(self.standing, again, rest, None)

    def _confirm(self, lists: Sequence[Sequence[str]]) -> None:
        first, *rest = lists
        left = deque(self._steps("confirm", confirm(self.standing, first, TAKE_DOWN)))
        for index, papers in enumerate(rest):
            # twice a list's share: an end behind the commit spends its list, so lists must be left for those
            for _ in range(min(len(left), -(-2 * len(left) // (len(rest) - index)))):
                ended = confirm(self.standing, papers, left[0][1])
                if ended.said == [["confirmed"]]:
                    break
                self._ended("confirm", ended, left.popleft())
            confirm(self.standing, papers, None)
        if left and self.sure:
            self.wrong.append(f"confirm: {len(left)} left over")

    def _seal(self, papers: int) -> None:
        ended = seal(self.standing, TAKE_DOWN)
        alone = taken_down(ended)
        steps = self._steps("seal", ended)
        if "recover" in self.ends:
            self._recover(_with_the_key_in_hand(alone))
        papers -= self._seal_together(frozenset(alone), papers - 2 * LIST - min(len(steps), papers // 2))
        # where there are more steps than papers, some papers are ended over twice
        twice = len(steps) > papers - 2 * LIST
        for number, trouble in enumerate(steps):
            ended = seal(self.standing, trouble[1], whole=0 if twice and number % 2 else 1)
            self._ended("seal", ended, trouble)
            self.wrong += ended.said[0]
        while seal(self.standing, None, whole=0, turns=papers).said[-1]:
            continue

    def _seal_together(self, alone: frozenset[KillPoint], papers: int) -> int:
        """With papers in hand together, at the steps that one alone does not take; as many as so many papers allow.
        Gives how many it took."""
        if papers < LIST:
            return 0
        ended = seal(self.standing, TAKE_DOWN, whole=0, together=TOGETHER)
        pairs = papers // LIST * (LIST // TOGETHER) - 1
        further = thinned([one for one in taken_down(ended) if one not in alone], pairs)
        steps = self.troubles(further)[:pairs]
        self._progress["together"] = Progress(_ACTS["together"], len(steps))
        for trouble in steps:
            self._ended("together", seal(self.standing, trouble[1], whole=0, together=TOGETHER), trouble)
        return -(-(len(steps) + 1) // (LIST // TOGETHER)) * LIST

    def _recover(self, middle: KillPoint) -> None:
        """The start of a worker over what was left with the key in hand."""
        self._leave(middle)
        troubles = self._steps("recover", recover(self.standing, TAKE_DOWN))
        self._leave(middle)
        for trouble in troubles:
            ended = recover(self.standing, trouble[1])
            self._ended("recover", ended, trouble)
            if not ended.killed:  # it was taken up, and nothing is left to take up
                self._leave(middle)

    def _leave(self, middle: KillPoint) -> None:
        if not seal(self.standing, killed_at(middle)).killed:
            raise DrillFailed(f"seal: never came to {middle}")

    def _steps(self, name: str, ended: Ended) -> Sequence[Named]:
        troubles = self.troubles(taken_down(ended))
        self._progress[name] = Progress(_ACTS[name], len(troubles))
        return troubles

    def _ended(self, name: str, ended: Ended, trouble: Named) -> None:
        self.met[name] += 1
        self.kills[name] += ended.killed
        self._progress[name].done()
        if self.sure and not ended.killed:
            self.wrong.append(f"{name}: never came to {trouble[0]}")

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Takes down how long the block took."""
        began = time.monotonic()
        say(f"{name} begins")
        yield
        self.took[name] = time.monotonic() - began


def _shared_out(troubles: Sequence[Named], among: int) -> list[list[Named]]:
    """As evenly as it goes, in order."""
    count = len(troubles)
    return [list(troubles[one * count // among : (one + 1) * count // among]) for one in range(among)]


def _with_the_key_in_hand(steps: Sequence[KillPoint]) -> KillPoint:
    """The last step of the passage itself before the key's operation: its entry is reserved, its end not known."""
    signing = next(index for index, one in enumerate(steps) if one.function == "SealKey.sign")
    return next(one for one in reversed(steps[:signing]) if one.function == "_sign" and not one.leaves)


def drill(
    name: str,
    standing_office: StandingOffice,
    device: FaultModule,
    acts: EveryStep,
    papers: int,
    trouble: str,
) -> Outcome:
    """Carry papers through and count. `device` stands before the seal's token; `trouble` is what they meet, in words.
    Raises `DrillFailed`."""
    began, signed = time.monotonic(), device.calls()["C_Sign"]
    made = acts.carry_through(papers)
    with acts.timed("count"):
        found = counted(standing_office, made)
    signed = device.calls()["C_Sign"] - signed
    wrong = list(acts.wrong)
    if signed > found.used:
        wrong.append(f"the device signed {signed} times, the register names {found.used} uses of the key")
    wrong += [
        f"{what}: no process was ended" for act, what in _ACTS.items() if act in acts.ends and not acts.kills[act]
    ]
    ended = ", ".join(f"{acts.kills[act]} {what}" for act, what in _ACTS.items())
    took = ", ".join(f"{act} {seconds:.0f} s" for act, seconds in acts.took.items())
    did = (
        f"{papers} papers in flight, {trouble} {acts.met.total()} times, which ended {acts.kills.total()} processes"
        f" ({ended}); {found.sealed} papers sealed once, {found.entries} entries, {found.used} uses of the key in "
        f"them, {signed} C_Sign; {took}"
    )
    return found.outcome(name, did, began=began, papers=len(made), wrong=wrong)


_ACTS: Final = {
    "prepare": "opening and preparing approval lists",
    "submit": "taking signatures",
    "confirm": "confirming",
    "seal": "sealing",
    "together": "sealing two together",
    "recover": "at a worker's start",
}
