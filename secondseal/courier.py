"""The courier: sends each event to whoever registered for it, at least once, in order for each document.

It reads the database and listens on nothing; it loads no key of a seal and no web framework. What it must not forget
stands in the database: several may run on several machines, and each receiver is held by one of them at a time.
"""

import json
import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from api.outbox import WebhookKey, WebhookKeyOther, deliveries, event_json, signed_headers
from store import StoreError
from trust import Fetcher, FetchFailed, WebhookPolicy

log = logging.getLogger("secondseal.courier")

_IDLE_S: Final = 0.5
_TROUBLE_S: Final = 5.0
"""After the database could not be asked."""
_BATCH: Final = 20
_AT_ONCE: Final = 8
"""Receivers spoken to at the same time: one that is slow holds up no other."""
_FIRST_REST: Final = timedelta(seconds=1)
_LONGEST_REST: Final = timedelta(seconds=60)
"""A receiver that did not answer is left alone for this long, whatever waits for it."""
_BACK_AFTER: Final = 2
"""So many failures running, and the next success says that the receiver is back."""
_TIDY: Final = timedelta(hours=1)
_GONE: Final = 410


@dataclass(slots=True)
class _Mood:
    """How a receiver behaved lately: failures running, and until when it is left alone."""

    failures: int = 0
    rests_until: datetime | None = None


class Courier:
    """Carries what is due. `round` once around, for all receivers in turn; `run` until told to stop."""

    def __init__(
        self, engine: Engine, key: WebhookKey, policy: WebhookPolicy, *, public_url: str, clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._key = key
        self._public_url = public_url
        self._clock = clock
        self._fetcher = Fetcher(policy)
        self._me = secrets.token_hex(8)
        self._moods: dict[str, _Mood] = {}
        self._tidied: datetime | None = None
        self._stop = threading.Event()

    def round(self) -> int:
        """Send what is due now; gives how many events arrived."""
        self._prepare()
        return sum(self.serve(receiver) for receiver in self._waiting())

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; what is being sent then is finished first."""
        self._stop = stop
        busy: dict[str, Future[int]] = {}
        with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="courier") as pool:
            while not stop.is_set():
                try:
                    self._prepare()
                    waiting = self._waiting()
                    busy = {one: sending for one, sending in busy.items() if not self._over(one, sending)}
                except (SQLAlchemyError, StoreError) as error:
                    log.warning("the database cannot be asked (%s); nothing is lost", type(error).__name__)
                    stop.wait(_TROUBLE_S)
                    continue
                for receiver in waiting:
                    if receiver not in busy:
                        busy[receiver] = pool.submit(self.serve, receiver)
                stop.wait(_IDLE_S)
        self.close()

    def close(self) -> None:
        """Close idle connections."""
        self._fetcher.close()

    def serve(self, receiver: str) -> int:
        """Send this receiver all that is due, until something does not arrive; gives how many did."""
        if not deliveries.hold(self._engine, receiver, self._me, self._clock()):
            return 0
        sent = 0
        try:
            while not self._stop.is_set():
                batch = deliveries.due(self._engine, self._key, receiver, self._clock(), limit=_BATCH)
                for one in batch:
                    if self._stop.is_set() or not self._send(one):
                        return sent
                    sent += 1
                if not batch:
                    break
        except WebhookKeyOther:
            log.error("receiver %s: the webhook key is not the one its secret was made with; nothing is sent", receiver)  # noqa: TRY400
            self._rest(receiver)
        finally:
            deliveries.let_go(self._engine, receiver, self._me)
        return sent

    def _prepare(self) -> None:
        now = self._clock()
        deliveries.spread(self._engine, now)
        if self._tidied is None or now - self._tidied >= _TIDY:
            self._tidied = now
            deliveries.forget(self._engine, now)

    def _waiting(self) -> list[str]:
        now = self._clock()
        return [one for one in deliveries.receivers_due(self._engine, self._me, now) if not self._rests(one, now)]

    def _send(self, one: deliveries.Due) -> bool:
        """True where it arrived and the next may follow."""
        body = json.dumps(event_json(one.event, self._public_url), sort_keys=True, separators=(",", ":")).encode()
        try:
            self._fetcher.send(one.url, body, signed_headers(one.event.id, self._clock(), body, *one.secrets))
        except FetchFailed as error:
            self._not_arrived(one, error)
            return False
        if self._mood(one.webhook_id).failures >= _BACK_AFTER:
            log.info("receiver %s answers again", one.webhook_id)
            deliveries.hurry(self._engine, one.webhook_id, self._clock())
        self._moods.pop(one.webhook_id, None)
        return deliveries.arrived(self._engine, one, self._me, self._clock())

    def _not_arrived(self, one: deliveries.Due, error: FetchFailed) -> None:
        if error.status == _GONE:
            log.warning("receiver %s answered 410 and is silenced", one.webhook_id)
            deliveries.gone(self._engine, one)
            return
        self._rest(one.webhook_id)
        if deliveries.refused(self._engine, one, self._me, self._clock(), error.reason):
            log.error("event %s for receiver %s failed for good: %s", one.event.id, one.webhook_id, error.reason)
        elif self._mood(one.webhook_id).failures == 1:  # once, not at every attempt of a bad day
            log.warning("event %s did not arrive at receiver %s: %s", one.event.id, one.webhook_id, error.reason)

    def _over(self, receiver: str, sending: "Future[int]") -> bool:
        if not sending.done():
            return False
        error = sending.exception()
        if error is not None:
            self._rest(receiver)
            log.error("receiver %s: %s; tried again", receiver, type(error).__name__)
        return True

    def _mood(self, receiver: str) -> _Mood:
        return self._moods.setdefault(receiver, _Mood())

    def _rest(self, receiver: str) -> None:
        mood = self._mood(receiver)
        mood.rests_until = self._clock() + min(_FIRST_REST * 2 ** min(mood.failures, 10), _LONGEST_REST)
        mood.failures += 1

    def _rests(self, receiver: str, now: datetime) -> bool:
        until = self._moods.get(receiver, _Mood()).rests_until
        return until is not None and now < until
