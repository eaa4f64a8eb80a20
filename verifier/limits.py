"""How much of a file is looked at before it is called over the limits."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds for one file. The slowest honest paper stays far below all of them.

    `bytes`: size of the file; `pages`, `signatures`, `revisions`, `evidence` (certificates, OCSP responses and CRLs,
    each): counts; `wall_seconds`, `cpu_seconds`,
    `memory_bytes` (address space), `reply_bytes` (facts as JSON): enforced by the sandbox around `gather`.
    """

    bytes: int = 100 * 1024 * 1024
    pages: int = 5000
    signatures: int = 50
    revisions: int = 150
    evidence: int = 300
    wall_seconds: float = 20.0
    cpu_seconds: int = 15
    memory_bytes: int = 2 * 1024 * 1024 * 1024
    reply_bytes: int = 32 * 1024 * 1024

    @property
    def patient_seconds(self) -> float:
        """`wall_seconds` for a reader that gives way to others: on a busy machine it needs no more CPU, but longer."""
        return 3 * self.wall_seconds


def write_limits(limits: Limits) -> list[str]:
    """The limits as arguments of a sandbox's program."""
    return [f"{name}={value}" for name, value in vars(limits).items()]


def read_limits(arguments: list[str]) -> Limits:
    """What `write_limits` wrote."""
    values = dict(argument.split("=", 1) for argument in arguments)
    wall = float(values.pop("wall_seconds"))
    return Limits(wall_seconds=wall, **{name: int(value) for name, value in values.items()})


class OverLimits(Exception):
    """A count or size beyond `Limits`; the text says which, with both numbers."""

    def __init__(self, what: str, found: int, limit: int) -> None:
        super().__init__(f"{what}: {found} > {limit}")
        self.what = what
        self.found = found
        self.limit = limit
