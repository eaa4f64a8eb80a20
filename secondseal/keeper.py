"""Keeps the register's checkpoints: signed after each batch, stamped and put out of reach once a day. Notices, too,
which dossiers have become overdue, and forgets the Idempotency-Keys that have been kept for long enough.

Runs beside the seal worker's loop in a thread of its own, because a time authority or a mail server may take its time;
it touches no token. What fails is tried again and said in the log; sealing does not wait for it.
"""

import logging
import threading
import time
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from register import (
    Checkpoint,
    CheckpointKey,
    LogRewritten,
    LogTorn,
    keep_export,
    keep_note,
    keep_time,
    last_checkpoint,
    last_exports,
    last_time,
    note_digest,
    sign_checkpoint,
    times_of,
)
from register import log as register_log
from secondseal.checkpoint_bundle import Bundle
from secondseal.exports import Destination, ExportFailed, destinations
from secondseal.settings import Settings
from stamping import Desk, apologies, kept_keys
from store import only_here, read, vietnam_date, write
from trust import TimeAuthorityUnreachable, TimestampRejected

log = logging.getLogger("secondseal.keeper")

_TIME: Final = "time stamp"
_KEYS: Final = "keys"
_LOOK_S: Final = 30.0
_LOOK_AGAIN: Final = timedelta(minutes=5)
"""Deadlines are looked at for so long after they passed: other machines' clocks and longer transactions."""
_AGAIN_S: Final = 600.0
"""After a destination or the time authority failed."""
_KEYS_S: Final = 3600.0


class Keeper:
    """Signs, stamps and exports. `begin` starts the daily thread, `end` stops it."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        self._settings = settings
        self._desk = desk
        self._places = destinations(settings)
        self._not_before: dict[str, float] = {}
        self._noticed: datetime | None = None
        self._swept: date | None = None
        self._signing = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def begin(self) -> None:
        """Start looking after what is due each day."""
        self._thread.start()

    def end(self) -> None:
        """Stop; what is under way is left to its time limits."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def sign(self) -> Checkpoint | None:
        """Sign where the log stands now and keep the note beside the database; None, and a line in the log, where the
        log no longer fits what was signed before."""
        settings = self._settings
        try:
            with write(self._desk.engine) as connection:
                point = sign_checkpoint(
                    connection, key_file=settings.checkpoint_key, origin=settings.log_origin, at=self._desk.clock()
                )
        except (LogRewritten, LogTorn) as error:
            log.critical("%s", error.text_en)
            return None
        # outside the database: who cuts the register's end would have to cut this file too
        try:
            with self._signing:
                keep_note(settings.checkpoint_notes, point)
        except OSError as error:  # tried again with the next one; sealing does not wait for it
            log.error("the checkpoint at %d is not beside the database: %s", point.size, error)  # noqa: TRY400
        return point

    def look(self) -> None:
        """Do what is due today and was not done yet; of several workers on one database one does it."""
        if any(self._due_now()):
            with only_here(self._desk.engine, "keeper") as mine:
                due, stamp = self._due_now() if mine else ([], False)  # another may just have done it
                if due or stamp:
                    self.keep(due)

    def forget(self) -> None:
        """Once an hour forget the Idempotency-Keys that were kept for long enough."""
        if time.monotonic() >= self._not_before.get(_KEYS, 0.0):
            self._not_before[_KEYS] = time.monotonic() + _KEYS_S
            if gone := kept_keys.forget(self._desk.engine, self._desk.clock()):
                log.info("%d idempotency keys older than %d days forgotten", gone, kept_keys.KEPT.days)

    def notice(self) -> int:
        """Note the deadlines of dossiers that passed since the last look, and once a day all that nobody noted; gives
        how many."""
        now = self._desk.clock()
        whole = self._swept != vietnam_date(now)
        found = apologies.notice(self._desk, since=None if whole else self._noticed)
        if found < apologies.AT_ONCE:  # else there may be more: the next look asks the same again
            self._swept, self._noticed = vietnam_date(now), now - _LOOK_AGAIN
        return found

    def _due_now(self) -> tuple[list[Destination], bool]:
        today = vietnam_date(self._desk.clock())
        with read(self._desk.engine) as connection:
            exported = last_exports(connection)
            timed = self._desk.sources.time is not None and self._due(_TIME, last_time(connection), today)
            stamp = timed and _unstamped(connection)
        due = [place for place in self._places if self._due(place.url, exported.get(place.url[:300]), today)]
        return due, stamp

    def keep(self, places: list[Destination] | None = None) -> list[str]:
        """Sign, stamp, and put the checkpoint in these places (None: all); gives what failed, in words."""
        point = self.sign()
        if point is None:
            return ["nothing was signed: the log was rewritten"]
        failed = self._stamp(point)
        bundle = self._bundle(point)
        for place in self._places if places is None else places:
            try:
                place.put(bundle)
            except ExportFailed as error:
                self._rest(place.url)
                log.warning("checkpoint not exported to %s: %s", place.url, error)
                failed.append(f"{place.url}: {error}")
            except Exception as error:  # noqa: BLE001 - a library's own failure must not keep the other places waiting
                self._rest(place.url)
                kind = type(error).__name__  # its text may repeat what was sent
                log.error("checkpoint not exported to %s: %s", place.url, kind)  # noqa: TRY400
                failed.append(f"{place.url}: {kind}")
            else:
                with write(self._desk.engine) as connection:
                    keep_export(connection, point, place.url, at=self._desk.clock())
                log.info("checkpoint %s exported to %s", bundle.name, place.url)
        return failed

    def _stamp(self, point: Checkpoint) -> list[str]:
        """A time stamp over the note, once per checkpoint."""
        authority = self._desk.sources.time
        with read(self._desk.engine) as connection:
            stamped = bool(times_of(connection, point.id or 0))
        if authority is None or stamped:
            return []
        try:
            token = authority.timestamp(note_digest(point.note))
        except (TimeAuthorityUnreachable, TimestampRejected) as error:
            self._rest(_TIME)
            log.warning("checkpoint at %d not stamped: %s", point.size, error)
            return [f"time stamp: {error}"]
        with write(self._desk.engine) as connection:
            keep_time(connection, point, token)
        return []

    def _bundle(self, point: Checkpoint) -> Bundle:
        key = CheckpointKey.load_or_create(self._settings.checkpoint_key, origin=self._settings.log_origin)
        with read(self._desk.engine) as connection:
            times = times_of(connection, point.id or 0)
        return Bundle(
            checkpoint=point,
            day=vietnam_date(self._desk.clock()),
            verifier=key.verifier,
            token=times[0].token if times else None,
            proven_at=times[0].gen_time if times else None,
        )

    def _due(self, what: str, last: datetime | None, today: date) -> bool:
        rested = time.monotonic() >= self._not_before.get(what, 0.0)
        return rested and (last is None or vietnam_date(last) < today)

    def _rest(self, what: str) -> None:
        self._not_before[what] = time.monotonic() + _AGAIN_S

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except Exception:
                log.exception("the daily work failed; it is tried again")
            try:
                self.notice()
            except Exception:
                log.exception("overdue dossiers were not noticed; it is tried again")
            try:
                self.forget()
            except Exception:
                log.exception("old idempotency keys were not forgotten; it is tried again in an hour")
            self._stop.wait(_LOOK_S)


def _unstamped(connection: Connection) -> bool:
    """Whether a stamp would cover anything new: on a day when the log does not grow, yesterday's says all there is."""
    point = last_checkpoint(connection)
    return point is None or point.size < register_log.size(connection) or not times_of(connection, point.id or 0)
