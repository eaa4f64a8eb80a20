"""From when until when something holds: whole days in Viet Nam, both ends included."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days from `since` to `until`, both included; None leaves that end open."""

    since: date | None = None
    until: date | None = None

    def holds(self, on: date) -> bool:
        """Whether the day lies inside."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)
