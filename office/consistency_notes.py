"""What the cross-checks of an office file are given, and where they note what does not fit."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from .errors import Problem
from .organisation import Organisation
from .patterns import Patterns
from .person import Custodian, Handover, Officer
from .procedure import NumberSeries, Procedure
from .seal import Seal
from .section import SourceLines

T = TypeVar("T")


class Parts(Protocol):
    """What is checked: the parts of an office that name each other."""

    @property
    def organisations(self) -> tuple[Organisation, ...]: ...
    @property
    def seals(self) -> tuple[Seal, ...]: ...
    @property
    def officers(self) -> tuple[Officer, ...]: ...
    @property
    def custodians(self) -> tuple[Custodian, ...]: ...
    @property
    def handovers(self) -> tuple[Handover, ...]: ...
    @property
    def procedures(self) -> tuple[Procedure, ...]: ...
    @property
    def series(self) -> tuple[NumberSeries, ...]: ...
    @property
    def patterns(self) -> Patterns: ...


class Notes:
    """Collects problems, each with the line it stands on."""

    def __init__(self, lines: SourceLines, problems: list[Problem]) -> None:
        self._lines = lines
        self._problems = problems

    def say(self, where: str, text_vi: str, text_en: str) -> None:
        """Something does not fit."""
        line = self._lines.line_of(where)
        self._problems.append(Problem(where=where, line=line, text_vi=text_vi, text_en=text_en))

    def unique(self, kind: str, key: str, values: Iterable[str]) -> None:
        """Each value stands once."""
        seen: Counter[str] = Counter()
        for position, value in enumerate(values, start=1):
            seen[value] += 1
            if seen[value] == 2:
                self.say(f"{kind}[{position}].{key}", f"“{value}” đã có ở trên", f"{value!r} stands above already")

    def refer(self, where: str, value: str | None, known: Iterable[str]) -> None:
        """The value, if there is one, names something in the file."""
        if value is not None and value not in known:
            self.say(where, f"không có “{value}” trong tệp", f"there is no {value!r} in this file")


def numbered(kind: str, items: Sequence[T]) -> Iterator[tuple[str, T]]:
    """Each table with its place, counted from 1."""
    return ((f"{kind}[{position}]", item) for position, item in enumerate(items, start=1))
