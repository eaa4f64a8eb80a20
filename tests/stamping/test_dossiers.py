"""Dossiers before their paper exists: their moves, their clock, the same act twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from register import normalise
from stamping import Refusal, dossiers
from stamping.desk import Desk
from stamping.dossier import Applicant
from stamping.dossier_states import DOSSIER_MOVES
from stamping.dossier_tables import dossier_events
from store import read, write
from tests.stamping.office_desk import ORGANISATION, PROCEDURE, PlaceMaker

CODE = "000.00.16.H05-261118-0001"
APPLICANT = Applicant(name="Nguyễn Thị Mẫu", id_number="001099000001", phone="0900000000", address="Thôn Mẫu")


def later(desk: Desk, hours: int) -> Desk:
    """The same desk at another time."""
    now = desk.clock() + timedelta(hours=hours)
    return replace(desk, clock=lambda: now)


def test_the_clock_stops_while_something_is_owed(desk_with: PlaceMaker) -> None:
    desk = later(desk_with().desk, 0)
    made = dossiers.receive(desk, CODE, PROCEDURE, ORGANISATION, APPLICANT, "clerk")
    assert made["state"] == "received"
    assert normalise(made["receipt_code"]) == made["receipt_code"]
    assert dossiers.appraise(later(desk, 1), CODE, "appraiser")["appraised_by"] == "appraiser"
    waiting = dossiers.request_supplement(later(desk, 2), CODE, "Giấy khai sinh", "appraiser")
    assert (waiting["appraised_at"], waiting["due_at"]) == (None, made["due_at"])
    again = dossiers.supplement_received(later(desk, 52), CODE, "clerk")
    assert (again["state"], again["waiting_since"]) == ("received", None)
    assert again["due_at"] == made["due_at"] + timedelta(hours=50)
    with read(desk.engine) as connection:
        told = connection.execute(select(dossier_events.c.event, dossier_events.c.reason)).all()
    assert [tuple(line) for line in told] == [
        ("dossier.received", ""),
        ("dossier.appraised", ""),
        ("dossier.supplement_requested", "Giấy khai sinh"),
        ("dossier.received", ""),
    ]


def test_the_same_act_twice_is_one(desk_with: PlaceMaker) -> None:
    desk = desk_with().desk
    first = dossiers.receive(desk, CODE, PROCEDURE, ORGANISATION, APPLICANT, "clerk", "k1")
    assert dossiers.receive(later(desk, 1), CODE, PROCEDURE, ORGANISATION, APPLICANT, "clerk", "k1") == first
    dossiers.withdraw(desk, CODE, "Đổi ý", "clerk", "k2")
    assert dossiers.withdraw(desk, CODE, "Đổi ý", "clerk", "k2")["state"] == "withdrawn"
    with pytest.raises(Refusal) as other:
        dossiers.withdraw(desk, CODE, "Lý do khác", "clerk", "k2")
    assert other.value.code == "idempotency-conflict"
    with read(desk.engine) as connection:
        assert len(connection.execute(select(dossier_events)).all()) == 2


def test_what_the_table_does_not_allow_is_refused(desk_with: PlaceMaker) -> None:
    desk = desk_with().desk
    with pytest.raises(Refusal, match="not-found"):
        dossiers.appraise(desk, CODE, "clerk")
    with pytest.raises(Refusal, match="dossier-invalid"):
        dossiers.receive(desk, "không phải mã", PROCEDURE, ORGANISATION, APPLICANT, "clerk")
    dossiers.receive(desk, CODE, PROCEDURE, ORGANISATION, APPLICANT, "clerk")
    with pytest.raises(Refusal, match="wrong-state"):
        dossiers.receive(desk, CODE, PROCEDURE, ORGANISATION, APPLICANT, "clerk")
    with pytest.raises(Refusal, match="wrong-state"):
        dossiers.supplement_received(desk, CODE, "clerk")
    with pytest.raises(Refusal, match="dossier-invalid"):
        dossiers.refuse(desk, CODE, " ", "clerk")
    assert dossiers.refuse(desk, CODE, "Không đủ điều kiện", "clerk")["state"] == "refused"
    assert not DOSSIER_MOVES["refused"]
    with pytest.raises(Refusal, match="wrong-state"):
        dossiers.appraise(desk, CODE, "clerk")


def test_the_history_is_written_once(desk_with: PlaceMaker) -> None:
    desk = desk_with().desk
    dossiers.receive(desk, CODE, PROCEDURE, ORGANISATION, APPLICANT, "clerk")
    with pytest.raises(DatabaseError, match="append-only"), write(desk.engine) as connection:
        connection.execute(dossier_events.delete())
