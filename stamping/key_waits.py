"""What is done while a seal's key does not answer: its documents wait, and go on by themselves (decision 0028).

One row a seal and worker, written by that worker alone, so that it goes on with the same wait when it is restarted and
pages can tell people. Where another worker's key answers, that one seals and nothing is given back. `away`: this worker
begins nothing of this seal. `trying`: the key answered when it was asked; the next good signature takes the row away,
another fault sends it back to `away`.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, bindparam, select

from stamping import key_health, turns
from stamping.desk import Desk
from stamping.history import problem_from_json, problem_to_json
from stamping.refusal import Refusal
from stamping.seal_keys import KeyFailed, Keys, KeyUnavailable
from stamping.tables import key_waits
from stamping.turns import Turn
from stamping.views import KeyWait
from store import read, write

log = logging.getLogger("secondseal.passage")

# Statements used for every document are built once, not per call.
_OF_WORKER: Final = (key_waits.c.seal_id == bindparam("of_seal")) & (key_waits.c.worker == bindparam("of_worker"))
_FIND: Final = select(key_waits).where(_OF_WORKER)
_END: Final = key_waits.delete().where(_OF_WORKER)
_AWAY: Final = select(key_waits).where(key_waits.c.state == "away")
_AWAY_OF_SEAL: Final = _AWAY.where(key_waits.c.seal_id == bindparam("of_seal"))

FAULTS: Final = 3
"""Signatures that failed with no good one between, each with an entry of the register, before a person must look."""
_FIRST_PAUSE: Final = timedelta(seconds=1)
_LONGEST_PAUSE: Final = timedelta(seconds=3)
"""Between two questions to a key that is away: what keeps its return under five seconds."""


def shown(connection: Connection, seal_id: str, confirmed_at: datetime, now: datetime) -> KeyWait | None:
    """What a list confirmed then waits for; None while any worker can reach the key."""
    here = _living(connection, now)
    away = {row["worker"]: row for row in _away(connection, seal_id)}
    if not away or here - away.keys():
        return None
    # of a worker that is there, if any is
    row = max((away[one] for one in here or away), key=lambda row: _until(row, confirmed_at))
    problem = problem_from_json(row["problem"])
    if problem is None:
        return None
    return KeyWait(since=row["since"], until=_until(row, confirmed_at), problem=problem)


def look(desk: Desk, keys: Keys) -> None:
    """Ask each key that is away whether it answers again; give back what has waited too long, or in vain."""
    asked_at = desk.clock()
    with read(desk.engine) as connection:
        away = [row for row in _away(connection) if row["worker"] == desk.worker.name]
    for row in away:
        # A look further ahead than any pause was set by a clock that has been put back since.
        if asked_at < row["next_look_at"] <= asked_at + _FIRST_PAUSE * 2**FAULTS:
            continue
        # signed in vain too often: a person must look, however well it answers
        error = _ask(desk, keys, row["seal_id"]) if row["faults"] < FAULTS else _told(row)
        now = desk.clock()
        lasted = max(now - row["since"], timedelta())
        with write(desk.engine) as connection:
            if error is None:
                log.warning("seal %s: its key answers again after %.0f s", row["seal_id"], lasted.total_seconds())
                _set(connection, desk, row["seal_id"], state="trying")
                continue
            pause = min(_FIRST_PAUSE + lasted / 60, _LONGEST_PAUSE)
            stored = problem_to_json(error.problem)
            # ... and neither does such a clock make the wait longer than it may be
            since = min(row["since"], now)
            _set(connection, desk, row["seal_id"], since=since, next_look_at=now + pause, problem=stored)
            _give_back(connection, desk, {**row, "since": since}, error)


def begin(desk: Desk, turn: Turn, error: KeyUnavailable, limit: timedelta) -> None:
    """The key does not answer, or a signature failed: this document is queued again and waits with the others.

    They go back to the custodian where a person must act, or when `FAULTS` signatures failed one after the other.
    """
    now = desk.clock()
    with write(desk.engine) as connection:
        turns.queue_again(connection, turn)
        before = _find(connection, desk, turn.seal_id)
        faults = (before["faults"] if before else 0) + isinstance(error, KeyFailed)
        end(connection, desk, turn.seal_id)
        row = {
            "seal_id": turn.seal_id,
            "worker": desk.worker.name,
            "state": "away",
            # the wait lasts until a signature is good: a key that comes and goes is bounded, too
            "since": before["since"] if before else now,
            "next_look_at": now + _FIRST_PAUSE * 2 ** min(faults, FAULTS),
            "limit_s": int(limit.total_seconds()),
            "faults": faults,
            "problem": problem_to_json(error.problem),
        }
        connection.execute(key_waits.insert().values(row))
        if error.passing and faults < FAULTS:
            log.warning("seal %s: its key does not answer (%s); its documents wait", turn.seal_id, error.problem.code)
        else:
            error = KeyUnavailable(error.problem)
        _give_back(connection, desk, row, error)


def end(connection: Connection, desk: Desk, seal_id: str) -> None:
    """This worker made a signature, or nothing waits any more."""
    connection.execute(_END, _own(desk, seal_id))


def end_idle(connection: Connection, desk: Desk, seal_id: str) -> None:
    """End the wait if no document of this seal waits any more."""
    if not turns.queued(connection, seal_id):
        end(connection, desk, seal_id)


def forget_gone(connection: Connection, desk: Desk) -> None:
    """Take away the waits of workers that are no more, by the names of those that were seen of late."""
    known = [*(one.name for one in key_health.workers(connection)), desk.worker.name]
    connection.execute(key_waits.delete().where(key_waits.c.worker.not_in(known)))


def _ask(desk: Desk, keys: Keys, seal_id: str) -> KeyUnavailable | None:
    try:
        seal = desk.office().seal(seal_id)
        if seal is not None:
            keys(seal).reach()
    except KeyUnavailable as error:
        return error
    except Refusal as refusal:
        # the office's file: each document's own check says so
        log.warning("seal %s: %s", seal_id, refusal.code)
    return None


def _give_back(connection: Connection, desk: Desk, row: RowMapping | dict[str, object], error: KeyUnavailable) -> None:
    """All of the seal's queued documents where a person must act, else those whose time to wait is over.

    None while another worker is there whose key is not away: they are that one's to seal.
    """
    seal_id, now = str(row["seal_id"]), desk.clock()
    away = {one["worker"] for one in _away(connection, seal_id)}
    if _living(connection, now) - away - {desk.worker.name}:
        end_idle(connection, desk, seal_id)
        return
    waiting: Sequence[RowMapping] = turns.queued(connection, seal_id)
    over = [one for one in waiting if not error.passing or now >= _until(row, one["created_at"])]
    for one in over:
        code = error.problem.code
        log.warning("not sealed %s: %s", one["document_id"], code, extra={"problem": code})
        turns.give_back(connection, desk, one["confirmation_id"], one["document_id"], error.problem)
    end_idle(connection, desk, seal_id)


def _until(row: RowMapping | dict[str, object], confirmed_at: datetime) -> datetime:
    since, limit_s = row["since"], row["limit_s"]
    assert isinstance(since, datetime)
    assert isinstance(limit_s, int)
    return max(since, confirmed_at) + timedelta(seconds=limit_s)


def _living(connection: Connection, now: datetime) -> set[str]:
    return {one.name for one in key_health.workers(connection) if one.is_there(now)}


def _away(connection: Connection, seal_id: str | None = None) -> Sequence[RowMapping]:
    found = connection.execute(_AWAY) if seal_id is None else connection.execute(_AWAY_OF_SEAL, {"of_seal": seal_id})
    return found.mappings().all()


def _told(row: RowMapping) -> KeyUnavailable:
    problem = problem_from_json(row["problem"])
    assert problem is not None
    return KeyUnavailable(problem)


def _own(desk: Desk, seal_id: str) -> dict[str, str]:
    return {"of_seal": seal_id, "of_worker": desk.worker.name}


def _find(connection: Connection, desk: Desk, seal_id: str) -> RowMapping | None:
    return connection.execute(_FIND, _own(desk, seal_id)).mappings().first()


def _set(connection: Connection, desk: Desk, seal_id: str, **columns: object) -> None:
    connection.execute(key_waits.update().where(_OF_WORKER).values(**columns), _own(desk, seal_id))
