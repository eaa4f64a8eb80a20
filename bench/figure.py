"""One line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measured value. `against`: what it is compared with; for a plain value the conditions."""

    name: str
    value: float
    unit: str
    against: str
