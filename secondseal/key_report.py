"""What is known of the seals' keys, written for the web process, and to the log where it changes."""

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from secondseal.examination import Examination
from secondseal.findings import Finding
from secondseal.keys import Which
from stamping import Desk, KeyHealth, key_health
from store import read, write

log = logging.getLogger("secondseal.canary")

_RESTART: Final = "restart"
"""The ladder's last rung, counted over the workers."""


class KeyReport:
    """Of one worker."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._introduced: set[tuple[str, Which]] = set()

    def introduce(self, seen: Examination) -> None:
        """Once per key: whose device it is, and the level its papers declare, which no driver can prove (AC-75)."""
        name = (seen.seal.id, seen.which)
        if seen.token is None or name in self._introduced:
            return
        self._introduced.add(name)
        log.info(
            "seal %s (%s key): %s %s, firmware %s, serial %s; declared level: %s",
            *name,
            seen.token.manufacturer,
            seen.token.model,
            seen.token.firmware,
            seen.token.serial,
            seen.seal.device_level or "none",
        )

    def found(
        self,
        seen: Examination,
        finding: Finding,
        *,
        canaries: int,
        due_in_s: float,
        restart: bool = False,
        survived: int | None = None,
    ) -> None:
        """A key was looked at; `finding` decides. One line in the log where state or reason changed.

        `restart`: the worker is about to start afresh for it. `survived`: the look could have ended this process and
        did not; so many workers in a row have ended over the key under suspicion.
        """
        now, token, name = self._desk.clock(), seen.token, (seen.seal.id, seen.which)
        with read(self._desk.engine) as connection:
            before = key_health.find(connection, *name)
        health = KeyHealth(
            seal_id=seen.seal.id,
            role=seen.which,
            key=seen.address,
            state=finding.state,
            code=finding.code,
            text_vi=finding.text_vi,
            text_en=finding.text_en,
            since=now,
            checked_at=now,
            due_at=now + timedelta(seconds=due_in_s),
            latency_ms=None if seen.latency_s is None else seen.latency_s * 1000,
            maker=token.manufacturer if token else "",
            model=token.model if token else "",
            serial=token.serial if token else "",
            firmware=token.firmware if token else "",
            level=seen.seal.device_level or "",
            not_after=seen.certificate.not_valid_after_utc if seen.certificate else None,
            operations=seen.operations,
            canaries=canaries,
            recoveries={**seen.recoveries, **_restarts(before, more=int(restart))},
        )
        with write(self._desk.engine) as connection:
            key_health.record(connection, health)
            if survived is not None:
                key_health.worker_examines(connection, None, now, deaths=survived, name=self._desk.worker.name)
        was = before.state if before else "good"
        if (was, before.code if before else finding.code) != (finding.state, finding.code):
            level = {"good": logging.INFO, "care": logging.WARNING, "fault": logging.ERROR}[finding.state]
            log.log(level, "seal %s (%s key) was %s, is %s: %s", *name, was, finding.state, finding.text_en)

    def unreached(
        self, connection: Connection, name: tuple[str, Which], found: Finding, *, due_in_s: float, restarts: int = 0
    ) -> None:
        """What is known of a key that was not reached: what was known before, and the finding."""
        now = self._desk.clock()
        before = key_health.find(connection, *name)
        key_health.record(
            connection,
            KeyHealth(
                seal_id=name[0],
                role=name[1],
                key=before.key if before else "",
                state=found.state,
                code=found.code,
                text_vi=found.text_vi,
                text_en=found.text_en,
                since=now,
                checked_at=now,
                due_at=now + timedelta(seconds=due_in_s),
                not_after=before.not_after if before else None,
                recoveries=_restarts(before, more=restarts),
            ),
        )


def _restarts(before: KeyHealth | None, *, more: int) -> dict[str, int]:
    times = (before.recoveries.get(_RESTART, 0) if before else 0) + more
    return {_RESTART: times} if times else {}
