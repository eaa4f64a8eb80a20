"""What a drill found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One drill's result. `wrong` lists in words what else did not hold; empty when all did."""

    name: str
    did: str
    seconds: float
    lost: int
    doubled: int
    wrong: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Nothing lost, nothing doubled, nothing else wrong."""
        return not (self.lost or self.doubled or self.wrong)

    def __str__(self) -> str:
        line = f"{self.name:18} {self.did}; {self.seconds:.1f} s; lost {self.lost}, doubled {self.doubled}"
        return "\n".join([line, *(f"{'':18} WRONG: {one}" for one in self.wrong)])


class DrillFailed(Exception):
    """The drill could not be carried out to its end; the text says where it stopped."""
