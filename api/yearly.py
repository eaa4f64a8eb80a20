"""The public figures of each year, counted at most once an hour: anyone may ask for them, as often as they like."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from stamping import figures, published

_LIFE: Final = timedelta(hours=1)


class Yearly:
    """Remembers what was counted; whoever asks meanwhile waits for the one counting."""

    def __init__(self) -> None:
        self._kept: dict[figures.Period, tuple[datetime, published.Published]] = {}
        self._one = threading.Lock()

    def of(
        self, period: figures.Period, now: datetime, counted: Callable[[], published.Published]
    ) -> published.Published:
        """The figures of a period, counted anew by `counted` when they are older than an hour."""
        with self._one:
            kept = self._kept.get(period)
            if kept is not None and kept[0] <= now < kept[0] + _LIFE:
                return kept[1]
            found = counted()
            self._kept = {one: entry for one, entry in self._kept.items() if now < entry[0] + _LIFE}
            self._kept[period] = (now, found)
            return found
