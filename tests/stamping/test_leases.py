"""Several seal workers on one database: no document is two workers' at once, and one that is late releases nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from register import audit, seal_log
from signer import Scheme
from stamping import Desk, Refusal, Worker, WorkerSeen, confirmations, documents, key_health, passage
from stamping.tables import confirmation_documents, key_waits
from store import database_now, read, write
from tests.stamping.office_desk import Place, PlaceMaker
from tests.stamping.switched_key import GONE, LOCKED, Switched

LEASE = timedelta(minutes=5)
"""Ended by the tests themselves, where it is to end."""
several = pytest.mark.parametrize("both", ["postgresql"], indirect=True)


@dataclass
class Slow(Switched):
    """The office's key, in whose call something else happens: before the signature is made, or when it was."""

    before: Callable[[], object] = lambda: None
    after: Callable[[], object] = lambda: None

    def sign(self, digest: bytes, scheme: Scheme) -> bytes:
        """Sign; take its time."""
        self.before()
        try:
            return super().sign(digest, scheme)
        finally:
            self.after()


@dataclass
class Two:
    """Two workers of one office, and one confirmed paper."""

    place: Place
    one: Desk
    other: Desk
    document: str

    def lapse(self) -> None:
        """The first worker has stood still for longer than its lease."""
        with write(self.place.desk.engine) as connection:
            late = database_now(connection) - timedelta(seconds=1)
            mine = confirmation_documents.c.owner == self.one.worker.name
            connection.execute(confirmation_documents.update().where(mine).values(lease_until=late))

    def other_seals(self) -> None:
        """The second worker's turn."""
        assert passage.serve_one(self.other, self.place.keys)
        assert self.state() == "sealed"

    def overtaken(self) -> None:
        """It stood still, and the second worker has done its work."""
        self.lapse()
        self.other_seals()

    def state(self) -> str:
        """Of the paper."""
        return documents.view(self.place.desk, self.document).state

    def entries(self) -> list[tuple[str, bool]]:
        """The seal register's lines: event, and whether the key was or may have been used."""
        with read(self.place.desk.engine) as connection:
            return [(row.event, row.key_operation) for row in seal_log.entries_of(connection, self.document)]

    def intact(self) -> bool:
        """The audit finds nothing."""
        with read(self.place.desk.engine) as connection:
            return audit(connection, self.place.desk.files, None).intact


SealedByTheOther = [("reserve", False), ("interrupted", True), ("reserve", False), ("conclude", True)]


@pytest.fixture
def two(desk_with: PlaceMaker, both: Engine) -> Two:
    """On both databases: the rule is the same, though SQLite is served by one worker."""
    place = desk_with(engine=both)
    one, other = (
        replace(place.desk, sources=place.fresh_sources(), worker=Worker(name=name, lease=LEASE))
        for name in ("máy-1/a", "máy-2/b")
    )
    return Two(place=place, one=one, other=other, document=place.confirmed())


def test_what_one_worker_has_in_hand_the_other_leaves_alone(two: Two) -> None:
    """Nor does it take it for an orphan's when it starts: it recovers its own turns, and those nobody has."""
    seen: list[object] = []

    def meanwhile() -> None:
        seen.append(passage.recover(two.other))
        seen.append(passage.serve_one(two.other, two.place.keys))

    assert passage.serve_one(two.one, Slow(two.place.seal_key, before=meanwhile))
    assert seen == [0, False]
    assert two.entries() == [("reserve", False), ("conclude", True)]
    assert two.state() == "sealed"


@pytest.mark.parametrize("late", ["before", "after"])
def test_a_worker_that_stood_still_past_its_lease_releases_nothing(two: Two, late: str) -> None:
    """Before or after it used the key: its entry is interrupted, the other's paper is the one that is released."""
    released = documents.view(two.place.desk, two.document).revisions
    before = two.place.seal_key.operations
    assert passage.serve_one(two.one, Slow(two.place.seal_key, **{late: two.overtaken}))
    assert two.place.seal_key.operations == before + 2
    assert two.entries() == SealedByTheOther
    revisions = documents.view(two.place.desk, two.document).revisions
    assert set(revisions) - set(released) == {"sealed"}
    assert two.intact()
    assert not passage.serve_one(two.one, two.place.keys)


@several
def test_a_late_worker_whose_key_fails_takes_nothing_back(two: Two) -> None:
    """Neither into the queue nor to the custodian: the paper is sealed."""
    key = Slow(two.place.seal_key, signing=GONE, before=two.overtaken)
    assert passage.serve_one(two.one, key)
    assert two.entries() == SealedByTheOther
    assert two.state() == "sealed"
    with read(two.place.desk.engine) as connection:
        assert connection.execute(select(key_waits)).all() == []


@several
def test_a_late_worker_that_would_refuse_gives_nothing_back(two: Two) -> None:
    """What decision 0075 left open: the paper went back to the custodian while the successor sealed it."""

    def refuse(_seal: object) -> Switched:
        two.overtaken()
        raise Refusal("unsealable", "Không được.", "No.")

    assert passage.serve_one(two.one, refuse)
    assert two.entries() == [("reserve", False), ("conclude", True)], "it reserved nothing"
    assert two.state() == "sealed"
    assert documents.view(two.place.desk, two.document).problem is None


@several
def test_a_late_worker_does_not_begin_with_the_key(two: Two) -> None:
    """Late before it reserves: no entry, no key operation."""
    before = two.place.seal_key.operations

    def late(_seal: object) -> Switched:
        two.overtaken()
        return Switched(two.place.seal_key)

    assert passage.serve_one(two.one, late)
    assert two.place.seal_key.operations == before + 1
    assert two.entries() == [("reserve", False), ("conclude", True)]


def test_a_late_worker_whom_nobody_replaced_begins_anew(two: Two) -> None:
    """Its lease had ended, so it may not release; it closes its own entry and takes the paper from the queue again."""
    assert passage.serve_one(two.one, Slow(two.place.seal_key, after=two.lapse))
    assert two.entries() == [("reserve", False), ("interrupted", True)]
    assert two.state() == "confirmed"
    assert passage.serve_one(two.one, two.place.keys)
    assert two.entries() == SealedByTheOther
    assert two.intact()


def test_the_lease_is_renewed_while_the_work_lasts(two: Two) -> None:
    """Work longer than a lease is nobody else's."""
    one = replace(two.one, worker=replace(two.one.worker, lease=timedelta(seconds=3)))

    def lease_until() -> object:
        with read(two.place.desk.engine) as connection:
            return connection.execute(select(confirmation_documents.c.lease_until)).scalar_one()

    def until_renewed() -> None:
        for _ in range(2):
            first, begun = lease_until(), time.monotonic()
            while lease_until() == first:
                assert time.monotonic() - begun < 20
                time.sleep(0.02)

    assert passage.serve_one(one, Slow(two.place.seal_key, before=until_renewed))
    assert two.entries() == [("reserve", False), ("conclude", True)]
    assert lease_until() is None


@several
def test_while_another_workers_key_answers_nothing_is_given_back(two: Two) -> None:
    """One machine's PIN or driver is its own trouble; once no worker reaches the key, the custodian is told."""
    now = two.place.clock()
    with write(two.place.desk.engine) as connection:
        for desk in (two.one, two.other):
            seen = WorkerSeen(name=desk.worker.name, started_at=now, seen_at=now)
            key_health.worker_started(connection, seen)
    locked = Switched(two.place.seal_key, asked=LOCKED)
    confirmation = two.place.confirm(second := _approved(two.place))
    assert passage.serve_one(two.one, locked)
    assert confirmations.view(two.place.desk, confirmation).waits is None
    assert not passage.serve_one(two.one, locked), "it leaves this seal to the other"
    two.other_seals()

    assert passage.serve_one(two.other, locked)
    view = documents.view(two.place.desk, second)
    assert (view.state, view.problem) == ("approved", LOCKED.problem)


@several
def test_the_daily_limit_holds_for_workers_that_ask_at_once(two: Two) -> None:
    """Both were told that one use is left: the second to reserve is refused."""
    two.place.rewrite_office(('id = "x1-2"\n', 'id = "x1-2"\ndaily_limit = 1\n'))
    two.place.confirm(second := _approved(two.place))
    before = two.place.seal_key.operations

    def cleared(_seal: object) -> Switched:
        assert passage.serve_one(two.other, two.place.keys)
        return Switched(two.place.seal_key)

    assert passage.serve_one(two.one, cleared)
    assert two.place.seal_key.operations == before + 1
    first, last = (documents.view(two.place.desk, one) for one in (two.document, second))
    assert (first.state, last.state) == ("approved", "sealed")
    assert first.problem is not None
    assert first.problem.code == "seal-daily-limit"


def _approved(place: Place) -> str:
    document = place.paper().id
    place.approve(document)
    return document
