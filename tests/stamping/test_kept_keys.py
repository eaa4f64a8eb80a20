"""Idempotency-Keys are known for a documented time, and longer while what they began is under way."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from stamping import NewNumber, Once, Refusal, kept_keys, numbering, office_acts
from stamping.tables import requests
from store import read, write
from tests.stamping.office_desk import FIRST, ORGANISATION, PROCEDURE, Place, PlaceMaker


def keep(engine: Engine, at: datetime, answers: dict[str, dict[str, object]]) -> None:
    """These keys of one program, used at that time."""
    with write(engine) as connection:
        for key, answer in answers.items():
            Once(actor="một cửa", key=key, asked="ab" * 32).keep(connection, at, answer)


def kept(engine: Engine) -> set[str]:
    with read(engine) as connection:
        return set(connection.execute(select(requests.c.key)).scalars())


def work(place: Place) -> tuple[dict[str, dict[str, object]], dict[str, dict[str, object]]]:
    """What was kept of acts that are under way, and of others that came to their end."""
    desk = place.desk
    waiting, sealed = place.paper().id, place.sealed().id
    confirmed = place.paper().id
    place.approve(confirmed)
    queued = place.confirm(confirmed)
    asked = NewNumber(organisation=ORGANISATION, procedure=PROCEDURE)
    unused, void = (numbering.reserve(desk, asked, "một cửa").id for _ in range(2))
    numbering.void(desk, void, "Không dùng", "một cửa")
    proposed, withdrawn = (
        office_acts.propose(desk, f"{place.office_text}\n# {n}\n", {}, base=1, why="thử", by=FIRST).id for n in (1, 2)
    )
    office_acts.withdraw(desk, withdrawn, by=FIRST)
    going: dict[str, dict[str, object]] = {
        "giấy đang chờ": {"document": waiting},
        "giấy đã xác nhận": {"document": confirmed},
        "danh sách": {"confirmation": queued},
        "số để ngỏ": {"number_id": unused},
        "đề nghị": {"proposal": proposed},
    }
    over: dict[str, dict[str, object]] = {
        "giấy đã đóng dấu": {"document": sealed},
        "số đã huỷ": {"number_id": void},
        "đề nghị đã rút": {"proposal": withdrawn},
        "việc khác": {},
    }
    return going, over


def test_old_keys_go_and_those_of_acts_under_way_stay(desk_with: PlaceMaker, both: Engine) -> None:
    """On both databases; more than one batch, so that those passed over do not hide the ones behind them."""
    place = desk_with(engine=both)
    going, over = work(place)
    used = place.clock()
    keep(both, used, going)
    keep(both, used + timedelta(days=1), over | {f"k{n}": {} for n in range(450)})
    keep(both, used + timedelta(days=2), {"mới": {}})
    at = used + kept_keys.KEPT + timedelta(days=1, hours=1)
    assert kept_keys.forget(both, at - timedelta(hours=2)) == 0, "none is old enough"
    assert kept_keys.forget(both, at) == len(over) + 450
    assert kept(both) == {*going, "mới"}
    place.stamp()
    assert kept_keys.forget(both, at) == 2
    assert kept(both) == {*going, "mới"} - {"giấy đã xác nhận", "danh sách"}


def test_a_key_still_known_makes_nothing_twice_and_one_forgotten_is_new(desk_with: PlaceMaker) -> None:
    """The paper's key holds while it waits, whatever its age; the number's is free when the number is void."""
    place = desk_with()
    asked = NewNumber(organisation=ORGANISATION, procedure=PROCEDURE)

    def reserve() -> int:
        return numbering.reserve(place.desk, asked, "một cửa", Once(actor="một cửa", key="số", asked="ab")).id

    first = reserve()
    paper = place.paper()
    keep(place.desk.engine, place.clock(), {"giấy": {"document": paper.id}})
    later = place.clock() + 2 * kept_keys.KEPT
    assert kept_keys.forget(place.desk.engine, later) == 0
    assert reserve() == first
    numbering.void(place.desk, first, "Không dùng", "một cửa")
    assert kept_keys.forget(place.desk.engine, later) == 1
    assert reserve() != first
    with read(place.desk.engine) as connection, pytest.raises(Refusal, match="idempotency-conflict"):
        Once(actor="một cửa", key="giấy", asked="cd").earlier(connection)
