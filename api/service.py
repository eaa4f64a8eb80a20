"""What every route works with, brought together once in `create_app`."""

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from starlette.requests import Request

from api.limits import Gate
from api.local_accounts import LocalAccounts
from api.pace import Pace
from api.receipts import Receipts
from api.results import Results
from api.settings import WebSettings
from api.yearly import Yearly
from stamping import Desk
from verifier import KnownFiles


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts since the process started, for the operator's metrics. Labels never hold personal data."""

    counts: dict[tuple[str, str], float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, label: str, amount: float = 1) -> None:
        """Count one more."""
        with self.lock:
            self.counts[name, label] = self.counts.get((name, label), 0) + amount

    def snapshot(self) -> dict[tuple[str, str], float]:
        """All counts now."""
        with self.lock:
            return dict(self.counts)


class Relied(Protocol):
    """Whose certificates are relied on, in a process that outlives a change of it."""

    @property
    def problem(self) -> str | None:
        """Why a change was not taken up; None where nothing is wrong."""

    def desk(self, desk: Desk) -> Desk:
        """`desk` with the authorities that count now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The desk, the settings, and what the web process holds in memory. `relied` None: the desk's own authorities."""

    made_with: Desk
    relied: Relied | None = None
    settings: WebSettings
    results: Results[object]
    pictures: Results[object]
    verifications: Gate
    previews: Gate
    waiters: Gate
    tally: Tally
    countings: Gate = field(default_factory=lambda: Gate(2))
    yearly: Yearly = field(default_factory=Yearly)
    pace: Pace = field(default_factory=Pace)
    known: KnownFiles = field(default_factory=KnownFiles)
    receipts: Receipts = field(default_factory=Receipts)
    _for_citizens: Desk = field(init=False)

    def __post_init__(self) -> None:
        desk = replace(self.made_with, sandbox=self.made_with.sandbox.patient)
        object.__setattr__(self, "_for_citizens", desk)

    @property
    def desk(self) -> Desk:
        """The desk, with the authorities that count now. An act takes it once."""
        return self._now(self.made_with)

    @property
    def citizens_desk(self) -> Desk:
        """The desk as anyone from outside is served at it: what they send is read when nothing else wants to run."""
        return self._now(self._for_citizens)

    def _now(self, desk: Desk) -> Desk:
        return desk if self.relied is None else self.relied.desk(desk)

    @property
    def people(self) -> LocalAccounts:
        """Who says who a person is."""
        return LocalAccounts(self.desk.engine, self.settings.second_factor_key)

    def now(self) -> datetime:
        """The office's clock, UTC."""
        return self.desk.clock()


def service_of(request: Request) -> Service:
    """The service behind this request."""
    service: Service = request.app.state.service
    return service
