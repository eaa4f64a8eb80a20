"""Whoever only asks waits while the office is at work, and never for long (decision 0054)."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import select
from starlette.types import Message, Receive, Scope, Send

from api.limits import Gate
from api.precedence import PATIENCE_S, OfficeFirst, Precedence
from stamping import tables, turns
from store import write
from tests.stamping.office_desk import PlaceMaker


class Time:
    """A clock that only `sleep` moves; `later` happens at its moment."""

    def __init__(self) -> None:
        self.now = 100.0
        self.later: list[tuple[float, Callable[[], object]]] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for one in [one for one in self.later if one[0] <= self.now]:
            self.later.remove(one)
            one[1]()

    def waited(self, precedence: Precedence) -> float:
        before = self.now
        precedence.give_way()
        return round(self.now - before, 3)


@pytest.fixture
def time() -> Time:
    return Time()


def quiet(time: Time, sealing: Callable[[], bool] = lambda: False) -> Precedence:
    return Precedence(sealing, clock=time, sleep=time.sleep)


def test_nobody_waits_in_a_quiet_office(time: Time) -> None:
    assert time.waited(quiet(time)) == 0


def test_an_act_is_waited_for_and_a_moment_after_it(time: Time) -> None:
    precedence = quiet(time)
    act = precedence.act()
    act.__enter__()
    time.later.append((time.now + 0.2, lambda: act.__exit__(None, None, None)))
    assert 0.3 <= time.waited(precedence) < 0.35
    assert time.waited(precedence) == 0


def test_an_office_that_never_rests_is_waited_for_no_longer_than_this(time: Time) -> None:
    precedence = quiet(time)
    with precedence.act():
        assert time.waited(precedence) == PATIENCE_S
    assert precedence.office_at_work


def test_what_is_being_sealed_is_waited_for_and_asked_about_rarely(time: Time) -> None:
    asked: list[float] = []
    end = time.now + 0.3

    def sealing() -> bool:
        asked.append(time.now)
        return time.now < end

    precedence = quiet(time, sealing)
    assert 0.3 <= time.waited(precedence) < PATIENCE_S
    assert len(asked) <= 5


def test_who_waits_holds_a_place_and_no_turn(time: Time) -> None:
    order: list[str] = []
    gate = Gate(2, at_work=1, first=lambda: order.append("waits"))
    with gate.passing():
        order.append("works")
    assert order == ["waits", "works"]


@pytest.mark.parametrize(
    ("path", "headers", "counted"),
    [
        ("/api/v1/documents/x/approval", [], True),
        ("/api/v1/seals", [], True),
        ("/desk/inbox", [], True),
        ("/sign-in", [], True),
        ("/api/v1/seals/1", [(b"prefer", b"wait=30")], False),
        ("/api/v1/verifications", [], False),
        ("/verify", [], False),
        ("/v/K7Q2-9F4M", [], False),
        ("/readyz", [], False),
    ],
)
@pytest.mark.parametrize("fails", [False, True])
def test_whose_requests_count(
    time: Time, path: str, headers: list[tuple[bytes, bytes]], counted: bool, fails: bool
) -> None:
    precedence = quiet(time)
    seen: list[bool] = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(precedence.office_at_work)
        if fails:
            raise ConnectionError

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def nowhere(_message: Message) -> None:
        pass

    async def ask() -> None:
        scope = {"type": "http", "path": path, "headers": headers}
        with suppress(ConnectionError):
            await OfficeFirst(app, precedence=precedence)(scope, nothing, nowhere)

    asyncio.run(ask())
    assert seen == [counted]
    time.sleep(1)
    assert not precedence.office_at_work


def test_the_worker_is_at_work_while_a_list_waits_for_it_and_its_key_is_there(desk_with: PlaceMaker) -> None:
    place = desk_with()
    assert not turns.under_way(place.desk)
    place.confirmed()
    assert turns.under_way(place.desk)
    row = {"worker": "", "state": "away", "since": place.clock(), "next_look_at": place.clock()}
    with write(place.desk.engine) as connection:
        seal = connection.execute(select(tables.confirmations.c.seal_id)).scalar_one()
        connection.execute(
            tables.key_waits.insert(), row | {"seal_id": seal, "limit_s": 900, "faults": 0, "problem": "{}"}
        )
    assert not turns.under_way(place.desk)  # it may be minutes: nobody is kept for that
