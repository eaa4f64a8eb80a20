"""What a run has to say."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the table. `asked`: the bound, and why it is that one."""

    name: str
    value: str
    asked: str
    holds: bool


@dataclass(frozen=True, kw_only=True)
class Size:
    """How long a run is."""

    each: int
    """Signatures of each of the threads that sign at once."""
    total: int
    """Signatures over which memory and handles are watched."""

    @property
    def step(self) -> int:
        """Signatures between two looks: a hundredth of the whole, but some work for every thread."""
        return max(self.total // 100, 40)


WHOLE = Size(each=10_000, total=100_000)
SHORT = Size(each=100, total=2_000)
