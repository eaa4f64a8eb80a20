"""A batch whose seal's key is away: it waits, goes on by itself, each paper is sealed once (decision 0028)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from register import audit, seal_log
from stamping import ConfirmationView, confirmations, documents, key_waits, passage
from stamping.history import problem_to_json
from stamping.tables import confirmation_documents
from stamping.tables import key_waits as waits
from store import read, write
from tests.stamping.office_desk import Place, PlaceMaker
from tests.stamping.switched_key import GONE, LOCKED, Switched


@dataclass
class Scene:
    """A confirmed batch, the worker's turns at any time of day."""

    place: Place
    key: Switched
    ids: list[str]
    confirmation: str
    later: timedelta = field(default_factory=timedelta)

    def turn(self, later: timedelta | None = None) -> bool:
        """One turn of the worker; `later` sets its clock that far ahead."""
        self.later = self.later if later is None else later
        clock: Callable[[], datetime] = lambda: self.place.clock() + self.later  # noqa: E731
        return passage.serve_one(replace(self.place.worker, clock=clock), self.key)

    def seen(self) -> ConfirmationView:
        """The list as its page sees it."""
        return confirmations.view(self.place.desk, self.confirmation)

    def states(self) -> list[str]:
        """Of the turns, in order."""
        return [item.state for item in self.seen().documents]

    def entries(self) -> list[str]:
        """Events in the seal register, over all documents, in the documents' order."""
        with read(self.place.desk.engine) as connection:
            return [row.event for one in self.ids for row in seal_log.entries_of(connection, one)]

    def attempts(self) -> list[int]:
        """Counted against each document."""
        with read(self.place.desk.engine) as connection:
            return list(connection.execute(select(confirmation_documents.c.attempt)).scalars())

    def rows(self) -> list[Any]:
        """Waits on record."""
        with read(self.place.desk.engine) as connection:
            return list(connection.execute(select(waits)).mappings())

    def intact(self) -> bool:
        """The register's own audit."""
        with read(self.place.desk.engine) as connection:
            return audit(connection, self.place.desk.files, None).intact


@pytest.fixture
def scene_of(desk_with: PlaceMaker) -> Callable[..., Scene]:
    """Makes scenes."""

    def make(engine: Engine | None = None, papers: int = 2) -> Scene:
        place = desk_with(engine=engine)
        ids = [place.paper().id for _ in range(papers)]
        place.approve(*ids)
        return Scene(place=place, key=Switched(place.seal_key), ids=ids, confirmation=place.confirm(*ids))

    return make


def test_a_batch_waits_and_goes_on_by_itself(scene_of: Callable[..., Scene], both: Engine) -> None:
    """Nothing is reserved while the key is away, the page is told, and each paper is sealed once when it is back."""
    scene = scene_of(both)
    used = scene.key.operations
    scene.key.asked = GONE
    scene.turn()
    for second in range(1, 40):
        scene.turn(timedelta(seconds=second))
    assert scene.states() == ["queued", "queued"]
    assert {documents.view(scene.place.desk, one).state for one in scene.ids} == {"confirmed"}
    assert scene.entries() == []
    assert scene.attempts() == [0, 0]
    told = scene.seen().waits
    assert told is not None
    assert told.problem == GONE.problem
    assert told.until - told.since == passage.KEY_WAIT
    assert 10 < scene.key.questions <= 40, "asked every few seconds, not in every turn"

    scene.key.asked = None
    assert scene.turn(timedelta(seconds=43))
    assert scene.seen().waits is None
    assert scene.turn()
    assert not scene.turn()
    assert scene.states() == ["sealed", "sealed"]
    assert scene.entries() == ["reserve", "conclude"] * 2
    assert scene.key.operations == used + 2
    assert scene.rows() == []
    assert scene.intact()


def test_it_waits_no_longer_than_its_limit(scene_of: Callable[..., Scene], both: Engine) -> None:
    """After that the papers are the custodian's again, with the reason; a list confirmed later has its own time."""
    scene = scene_of(both, papers=1)
    late = scene.place.paper()
    scene.place.approve(late.id)
    scene.key.asked = GONE
    scene.turn()
    today = scene.place.desk
    scene.place.desk = replace(today, clock=lambda: today.clock() + timedelta(minutes=10))
    second = scene.place.confirm(late.id)
    first_goes = scene.seen().waits
    second_goes = confirmations.view(scene.place.desk, second).waits
    assert first_goes is not None
    assert second_goes is not None
    assert first_goes.until < second_goes.until

    scene.turn(second_goes.until - scene.place.clock() - timedelta(seconds=0.5))
    assert scene.states() == ["failed"]
    view = documents.view(scene.place.desk, scene.ids[0])
    assert view.state == "approved"
    assert view.problem == GONE.problem
    assert scene.seen().finished
    assert confirmations.view(scene.place.desk, second).documents[0].state == "queued"

    scene.turn(second_goes.until - scene.place.clock() + timedelta(seconds=5))
    assert confirmations.view(scene.place.desk, second).documents[0].state == "failed"
    assert scene.entries() == []
    assert scene.rows() == []
    scene.key.asked = None
    scene.place.desk = today
    scene.confirmation = scene.place.confirm(*scene.ids)
    assert scene.turn(timedelta())
    assert scene.states() == ["sealed"]


def test_what_a_person_must_do_is_said_at_once(scene_of: Callable[..., Scene], both: Engine) -> None:
    """A PIN locked meanwhile: waiting is over for all of them; the key is asked once."""
    scene = scene_of(both)
    scene.key.asked = GONE
    scene.turn()
    scene.key.asked = LOCKED
    asked = scene.key.questions
    assert not scene.turn(timedelta(seconds=5))
    assert scene.key.questions == asked + 1
    assert scene.states() == ["failed", "failed"]
    assert [documents.view(scene.place.desk, one).problem for one in scene.ids] == [LOCKED.problem] * 2
    assert scene.seen().waits is None
    assert scene.rows() == []


def test_a_signature_that_failed_is_concluded_and_tried_again(scene_of: Callable[..., Scene], both: Engine) -> None:
    """The entry is closed as failed, the key having been used; the paper is sealed under a new one."""
    scene = scene_of(both, papers=1)
    scene.key.signing = GONE
    assert scene.turn()
    assert scene.states() == ["queued"]
    assert scene.entries() == ["reserve", "failed"]
    assert not scene.turn(), "not before the pause is over"
    scene.key.signing = None
    assert scene.turn(timedelta(seconds=3))
    assert scene.states() == ["sealed"]
    assert scene.entries() == ["reserve", "failed", "reserve", "conclude"]
    with read(scene.place.desk.engine) as connection:
        assert [row.key_operation for row in seal_log.entries_of(connection, scene.ids[0])] == [
            False,
            True,
            False,
            True,
        ]
    assert scene.rows() == []
    assert scene.intact()


def test_the_register_says_how_often_the_key_was_used(scene_of: Callable[..., Scene]) -> None:
    """A device that failed and was asked again for the same paper: one entry, two uses."""
    scene = scene_of(papers=1)
    used = scene.key.operations
    scene.key.uses = 2
    assert scene.turn()
    assert scene.key.operations == used + 2
    with read(scene.place.desk.engine) as connection:
        closed = seal_log.entries_of(connection, scene.ids[0])[-1]
    assert (closed.event, closed.detail) == ("conclude", "B-LT; key used 2 times")
    assert scene.intact()


def test_a_key_that_answers_and_never_signs_takes_three_entries(scene_of: Callable[..., Scene]) -> None:
    """Then a person must look: the whole batch goes back, however long it is."""
    scene = scene_of(papers=4)
    scene.key.signing = GONE
    for minute in range(10):
        scene.turn(timedelta(minutes=minute))
    assert scene.states() == ["failed"] * 4
    assert scene.entries() == ["reserve", "failed"] * key_waits.FAULTS
    assert scene.rows() == []
    assert scene.intact()


def test_another_seals_papers_are_not_held_up(scene_of: Callable[..., Scene], both: Engine) -> None:
    """A key is away for its own seal."""
    scene = scene_of(both, papers=1)
    now = scene.place.clock()
    row = {
        "seal_id": "dau-khac",
        "worker": "",
        "state": "away",
        "since": now,
        "next_look_at": now + timedelta(minutes=1),
    }
    with write(scene.place.desk.engine) as connection:
        connection.execute(waits.insert().values(**row, limit_s=900, faults=0, problem=problem_to_json(GONE.problem)))
    assert scene.seen().waits is None
    assert scene.turn()
    assert scene.states() == ["sealed"]
    assert [one["seal_id"] for one in scene.rows()] == ["dau-khac"]


def test_a_worker_that_is_started_again_goes_on_with_the_same_wait(scene_of: Callable[..., Scene]) -> None:
    """The time it began stands in the database, so that a worker that dies does not make the wait endless."""
    scene = scene_of(papers=1)
    scene.key.asked = GONE
    scene.turn()
    before = scene.seen().waits
    scene.place.restart_worker()
    scene.turn(timedelta(minutes=5))
    assert before is not None
    after = scene.seen().waits
    assert after is not None
    assert after.since == before.since
    scene.turn(passage.KEY_WAIT + timedelta(seconds=5))
    assert scene.states() == ["failed"]


def test_a_key_that_comes_and_goes_is_bounded_too(scene_of: Callable[..., Scene]) -> None:
    """It answers the question, and is gone when it is to be used: the wait has one beginning."""
    scene = scene_of(papers=1)
    scene.key.asked, scene.key.blinks = GONE, True
    for minute in range(20):
        scene.turn(timedelta(minutes=minute))
    assert scene.states() == ["failed"]
    assert scene.entries() == []


def test_a_clock_put_back_holds_no_paper(scene_of: Callable[..., Scene]) -> None:
    """A wait begun by a clock hours ahead: the key is asked again at once, and it lasts no longer than it may."""
    scene = scene_of()
    scene.key.asked = GONE
    scene.turn(timedelta(hours=5))
    asked = scene.key.questions
    scene.turn(timedelta(seconds=0))
    assert scene.key.questions == asked + 1
    scene.turn(timedelta(seconds=0.5))
    assert scene.key.questions == asked + 1, "a pause is a pause again"
    told = scene.seen().waits
    assert told is not None
    assert told.until <= scene.place.clock() + passage.KEY_WAIT
    scene.key.asked = None
    assert scene.turn(timedelta(seconds=2))
    assert scene.turn()
    assert scene.states() == ["sealed", "sealed"]
    assert scene.intact()
