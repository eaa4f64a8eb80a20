"""A seal's daily limit: refused before the key is touched, counted from the register, a new day starts afresh."""

import logging
from datetime import date, datetime, timedelta

import pytest

from office import Seal
from register import seal_log
from stamping import SealUsage, documents, passage, seal_usage
from stamping.limits import check_daily_limit
from store import VIETNAM, read, write
from tests.register.papers import Paper, seal_use
from tests.stamping.deaths import Died
from tests.stamping.office_desk import SEAL, Place, PlaceMaker
from tests.stamping.test_recovery import die


def limit(place: Place, number: int) -> Seal:
    """Set the limit in the office's file."""
    place.rewrite_office((f'id = "{SEAL}"\n', f'id = "{SEAL}"\ndaily_limit = {number}\n'))
    seal = place.desk.office().seal(SEAL)
    assert seal is not None
    return seal


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the limit itself has said, by level."""
    return [record.levelname for record in caplog.records if record.name == "secondseal.limits"]


def test_the_paper_over_the_limit_is_refused_with_the_numbers(
    desk_with: PlaceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    """An interrupted entry counts: its key may have been used. The refusal costs no key operation and no entry."""
    place = desk_with()
    seal = limit(place, 2)
    first, second = place.confirmed(), place.confirmed()
    with pytest.raises(Died):
        passage.serve_one(place.worker, die(place, True))
    place.restart_worker()
    with caplog.at_level(logging.WARNING, "secondseal.limits"):
        place.stamp()
        assert documents.view(place.desk, first).state == "sealed"
        assert not alarms(caplog), "1 of 2 is not yet 80 %"
        before = place.seal_key.operations
        place.stamp()
    view = documents.view(place.desk, second)
    assert view.state == "approved"
    assert view.problem is not None
    assert view.problem.code == "seal-daily-limit"
    today = place.today()
    assert view.problem.detail == {"seal": SEAL, "day": today.isoformat(), "used": 2, "limit": 2}
    assert "2 lần" in view.problem.text_vi
    assert "2 times" in view.problem.text_en
    assert alarms(caplog) == ["ERROR"]
    assert place.seal_key.operations == before
    with read(place.desk.engine) as connection:
        assert seal_log.entries_of(connection, second) == ()
    assert seal_usage(place.desk, seal, place.clock()) == SealUsage(seal=SEAL, day=today, used=2, limit=2)

    place.rewrite_office(("daily_limit = 2", "daily_limit = 3"))
    place.confirm(second)
    place.stamp()
    assert documents.view(place.desk, second).state == "sealed", "a raised limit holds from the next paper on"


def test_a_new_day_in_viet_nam_starts_afresh(desk_with: PlaceMaker) -> None:
    place = desk_with()
    seal = limit(place, 1)
    document = place.confirmed()
    place.stamp()
    assert documents.view(place.desk, document).state == "sealed"
    today = place.today()
    midnight = datetime.combine(today + timedelta(days=1), datetime.min.time(), VIETNAM)
    for at, used in ((midnight - timedelta(microseconds=1), 1), (midnight, 0)):
        assert seal_usage(place.desk, seal, at).used == used
    check_daily_limit(place.desk, seal, midnight)


@pytest.mark.parametrize(
    ("used", "limit", "state"),
    [(0, None, "good"), (900, None, "good"), (7, 10, "good"), (8, 10, "care"), (10, 10, "fault"), (11, 10, "fault")],
)
def test_the_alarm_begins_at_four_fifths(used: int, limit: int | None, state: str) -> None:
    assert SealUsage(seal="x", day=date(2026, 11, 22), used=used, limit=limit).state == state


def test_the_alarm_is_logged_before_the_limit_is_reached(
    desk_with: PlaceMaker, caplog: pytest.LogCaptureFixture
) -> None:
    """At 4 of 5 the next use is still allowed, and said."""
    place = desk_with()
    seal = limit(place, 5)
    now = place.clock()
    with write(place.desk.engine) as connection:
        for _ in range(4):
            seal_log.reserve(connection, seal_use(Paper()), at=now)
    with caplog.at_level(logging.WARNING, "secondseal.limits"):
        check_daily_limit(place.desk, seal, now)
    assert alarms(caplog) == ["WARNING"]
    assert "4 of 5" in caplog.text
