"""How often a seal's key was used, from the seal register."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from register import SealUse, seal_log, seal_uses
from store import VIETNAM, read, vietnam_date, write
from tests.register.papers import NOON, Paper, seal_use

DAY = vietnam_date(NOON)
MIDNIGHT = datetime.combine(DAY, datetime.min.time(), VIETNAM).astimezone(UTC)


def put(engine: Engine, at: datetime, ending: str | None, *, used: bool = True, seal: str = "x1-2") -> SealUse:
    """One entry reserved at a moment, and how it ended a second later."""
    use = replace(seal_use(Paper()), seal_id=seal)
    with write(engine) as connection:
        seal_log.reserve(connection, use, at=at)
        after = at + timedelta(seconds=1)
        if ending == "conclude":
            seal_log.conclude(connection, use.entry_id, hash_after="af" * 32, at=after)
        elif ending == "failed":
            seal_log.failed(connection, use.entry_id, key_operation=used, detail="x", at=after)
        elif ending == "interrupted":
            # concluded by the next worker, whenever that starts
            seal_log.interrupted(connection, use.entry_id, key_operation=True, detail="x", at=at + timedelta(days=2))
    return use


def test_what_counts_on_a_day(both: Engine) -> None:
    """Concluded, interrupted and open entries, failed ones whose key was used; by the day they were reserved."""
    put(both, MIDNIGHT - timedelta(seconds=1), "conclude")
    put(both, MIDNIGHT, "conclude")
    put(both, NOON, "failed", used=True)
    put(both, NOON, "failed", used=False)
    put(both, NOON, "interrupted")
    put(both, NOON, "conclude", seal="h1-2")
    put(both, NOON, None)
    put(both, MIDNIGHT + timedelta(days=1), "conclude")
    with read(both) as connection:
        assert seal_uses.uses_on(connection, "x1-2", DAY) == 4
        assert seal_uses.uses_on(connection, "h1-2", DAY) == 1
        assert seal_uses.uses_on(connection, "none", DAY) == 0
        found = seal_uses.days(connection, since=DAY, until=DAY)
        week = seal_uses.days(connection, since=DAY - timedelta(days=1), until=DAY + timedelta(days=1))
    assert [(day.seal_id, day.uses, day.concluded, day.failed, day.interrupted, day.open) for day in found] == [
        ("h1-2", 1, 1, 0, 0, 0),
        ("x1-2", 4, 1, 2, 1, 1),
    ]
    assert [(day.day, day.uses) for day in week if day.seal_id == "x1-2"] == [
        (DAY - timedelta(days=1), 1),
        (DAY, 4),
        (DAY + timedelta(days=1), 1),
    ]


def test_a_clock_set_back_hides_no_use(database: Engine) -> None:
    """Rows are searched by number; an entry that is dated before its neighbours is still found."""
    for hours in (0, 5, 2, 9, 1, 23):
        put(database, MIDNIGHT + timedelta(hours=hours), "conclude")
    with read(database) as connection:
        assert seal_uses.uses_on(connection, "x1-2", DAY) == 6
