"""Dossiers: their moves, their clock, the same act twice, what may stand on their public page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from register import normalise
from stamping import NewReception, Once, Refusal, dossiers
from stamping.desk import Desk
from stamping.dossier import Applicant
from stamping.dossier_states import DOSSIER_MOVES, Where, where
from stamping.dossier_tables import dossier_events
from stamping.states import State
from store import read, vietnam_date, write
from tests.stamping.office_desk import ORGANISATION, PROCEDURE, Place, PlaceMaker

APPLICANT = Applicant(name="Nguyễn Thị Mẫu", id_number="001099000001", phone="0900000000", address="Thôn Mẫu")
NEW = NewReception(code="", procedure=PROCEDURE, organisation=ORGANISATION, applicant=APPLICANT)
_codes: Iterator[int] = count(1)


@pytest.fixture(scope="module")
def place(desk_with: PlaceMaker) -> Place:
    """One office; each test receives dossiers of its own."""
    return desk_with()


@pytest.fixture
def new() -> NewReception:
    """A dossier nobody has received."""
    return replace(NEW, code=f"000.00.16.H05-261118-{next(_codes):04d}")


def at(desk: Desk, moment: datetime) -> Desk:
    """The same desk at another time."""
    return replace(desk, clock=lambda: moment)


def day(text: str) -> datetime:
    """A moment in Viet Nam, in UTC."""
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


def sent(key: str, asked: str) -> Once:
    """The clerk's request under a key."""
    return Once(actor="clerk", key=key, asked=asked)


def test_the_clock_stops_while_something_is_owed(place: Place, new: NewReception) -> None:
    """Received on Wednesday with three working days; asked on Thursday, come on Monday: two working days later."""
    wednesday = at(place.desk, day("2026-11-18T09:00:00"))
    made = dossiers.receive(wednesday, new, "clerk")
    assert (made.state, made.stage, made.due_at) == ("received", "received", day("2026-11-23T17:00:00"))
    assert normalise(made.receipt_code) == made.receipt_code
    assert dossiers.appraise(wednesday, new.code, "appraiser").appraised_by == "appraiser"
    thursday = at(place.desk, day("2026-11-19T10:00:00"))
    until = vietnam_date(day("2026-11-27T10:00:00"))
    waiting = dossiers.request_supplement(thursday, new.code, "Bản sao Giấy khai sinh", "appraiser", until=until)
    assert (waiting.standing, waiting.stage, waiting.overdue) == ("supplement_requested", "received", False)
    assert waiting.supplement is not None
    assert (waiting.supplement.owed, waiting.supplement.until) == ("Bản sao Giấy khai sinh", until)
    again = dossiers.supplement_received(at(place.desk, day("2026-11-23T08:00:00")), new.code, "clerk")
    assert (again.state, again.supplement, again.due_at) == ("received", None, day("2026-11-25T17:00:00"))
    assert [(line.event, line.reason) for line in again.history] == [
        ("dossier.received", ""),
        ("dossier.return_chosen", "counter"),
        ("dossier.appraised", ""),
        ("dossier.supplement_requested", "Bản sao Giấy khai sinh"),
        ("dossier.received", ""),
    ]


def test_what_comes_on_the_same_day_moves_no_deadline(place: Place, new: NewReception) -> None:
    made = dossiers.receive(at(place.desk, day("2026-11-18T09:00:00")), new, "clerk")
    dossiers.request_supplement(at(place.desk, day("2026-11-20T09:00:00")), new.code, "Đơn", "clerk")
    # over a weekend nothing is worked either
    sunday = at(place.desk, day("2026-11-22T09:00:00"))
    assert dossiers.supplement_received(sunday, new.code, "clerk").due_at == made.due_at


def test_the_same_act_twice_is_one(place: Place, new: NewReception) -> None:
    desk = place.desk
    asked = [sent(f"{new.code}/1", "received") for _ in range(2)]
    first = dossiers.receive(desk, new, "clerk", asked[0])
    assert dossiers.receive(at(desk, desk.clock() + timedelta(hours=1)), new, "clerk", asked[1]) == first
    assert [one.replayed for one in asked] == [False, True]
    dossiers.withdraw(desk, new.code, "Đổi ý", "clerk", sent(f"{new.code}/2", "Đổi ý"))
    asked = [sent(f"{new.code}/2", "Đổi ý")]
    twice = dossiers.withdraw(desk, new.code, "Đổi ý", "clerk", asked[0])
    assert (twice.state, asked[0].replayed, len(twice.history)) == ("withdrawn", True, 3)
    with pytest.raises(Refusal) as other:
        dossiers.withdraw(desk, new.code, "Lý do khác", "clerk", sent(f"{new.code}/2", "Lý do khác"))
    assert other.value.code == "idempotency-conflict"


def test_what_the_table_does_not_allow_is_refused(place: Place, new: NewReception) -> None:
    desk = place.desk
    with pytest.raises(Refusal, match="not-found"):
        dossiers.appraise(desk, new.code, "clerk")
    dossiers.receive(desk, new, "clerk")
    with pytest.raises(Refusal, match="wrong-state"):
        dossiers.receive(desk, new, "clerk")
    with pytest.raises(Refusal, match="wrong-state"):
        dossiers.supplement_received(desk, new.code, "clerk")
    assert dossiers.refuse(desk, new.code, "Không đủ điều kiện", "clerk").standing == "refused"
    assert not DOSSIER_MOVES["refused"]
    with pytest.raises(Refusal, match="wrong-state"):
        dossiers.appraise(desk, new.code, "clerk")
    with pytest.raises(Refusal, match="wrong-state"):
        dossiers.choose_return(desk, new.code, "online", "clerk")


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "không phải mã"},
        {"procedure": "9.999999"},
        {"return_way": "post", "applicant": replace(APPLICANT, address=" ")},
        {"applicant": replace(APPLICANT, name="Ẵ" * 201)},
        {"applicant": replace(APPLICANT, name=" ")},
        {"applicant": replace(APPLICANT, id_number="1" * 51)},
        {"applicant": replace(APPLICANT, phone="1" * 51)},
        {"applicant": replace(APPLICANT, address="a" * 501)},
        {"applicant": replace(APPLICANT, name="Nguyễn\u202eThị")},
    ],
)
def test_what_does_not_fit_is_refused(place: Place, new: NewReception, changes: dict[str, object]) -> None:
    """Before the database sees it: PostgreSQL would answer a text too long with a fault."""
    with pytest.raises(Refusal, match="dossier-invalid"):
        dossiers.receive(place.desk, replace(new, **changes), "clerk")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "owed",
    [
        " ",
        "a" * 2001,
        "Bản sao CCCD của NGUYEN THI MAU",
        "Sổ hộ khẩu ghi tại thôn  mẫu",
        "CCCD số 001 099 000 001",
        "Giấy tờ số 0123.456.789 của người được uỷ quyền",
    ],
)
def test_what_is_owed_names_nobody(place: Place, new: NewReception, owed: str) -> None:
    """AC-92: the words stand on a public page, so a name, an address or a person's number in them is refused."""
    dossiers.receive(place.desk, new, "clerk")
    with pytest.raises(Refusal, match="dossier-invalid"):
        dossiers.request_supplement(place.desk, new.code, owed, "clerk")
    assert dossiers.view(place.desk, new.code).state == "received"


def test_a_name_of_one_word_is_no_half_of_the_language(place: Place, new: NewReception) -> None:
    dossiers.receive(place.desk, replace(new, applicant=replace(APPLICANT, name="An")), "clerk")
    with pytest.raises(Refusal, match="dossier-invalid"):
        dossiers.request_supplement(place.desk, new.code, "Căn cước của An", "clerk")
    asked = dossiers.request_supplement(place.desk, new.code, "Bản sao giấy an toàn thực phẩm, bản án", "clerk")
    assert asked.supplement is not None


def test_a_day_gone_by_is_not_asked_for(place: Place, new: NewReception) -> None:
    dossiers.receive(place.desk, new, "clerk")
    gone = place.today() - timedelta(days=1)
    with pytest.raises(Refusal, match="dossier-invalid"):
        dossiers.request_supplement(place.desk, new.code, "Đơn", "clerk", until=gone)
    for desk in (at(place.desk, place.clock() - timedelta(days=2)), place.desk):
        asked = sent(f"{new.code}/until", "Đơn")
        dossiers.request_supplement(desk, new.code, "Đơn", "clerk", asked, until=gone)
    assert asked.replayed, "asked in time"


def test_either_code_finds_it_and_the_public_page_takes_one(place: Place, new: NewReception) -> None:
    made = dossiers.receive(place.desk, new, "clerk")
    assert dossiers.view(place.desk, made.receipt_code.lower()).code == new.code
    assert dossiers.by_receipt(place.desk, made.receipt_code).code == new.code
    with pytest.raises(ValueError, match="27 letters"):
        dossiers.by_receipt(place.desk, new.code)


def test_the_history_is_written_once(place: Place, new: NewReception) -> None:
    dossiers.receive(place.desk, new, "clerk")
    with pytest.raises(DatabaseError, match="append-only"), write(place.desk.engine) as connection:
        connection.execute(dossier_events.delete())
    with read(place.desk.engine) as connection:
        assert connection.execute(select(dossier_events).where(dossier_events.c.dossier == new.code)).first()


def paper(state: State, *, returned: bool = False) -> tuple[State, bool]:
    """A paper in a state, handed over or not."""
    return state, returned


@pytest.mark.parametrize(
    ("papers", "stage", "standing"),
    [
        ([], "appraised", "under_way"),
        ([paper("awaiting_approval")], "appraised", "under_way"),
        ([paper("approved")], "approved", "under_way"),
        ([paper("confirmed")], "approved", "under_way"),
        ([paper("sealed")], "stamped", "ready"),
        ([paper("wet_stamped")], "stamped", "ready"),
        ([paper("returned")], "returned", "completed"),
        ([paper("returned"), paper("sealed")], "stamped", "ready"),
        ([paper("sealed"), paper("approved")], "approved", "under_way"),
        ([paper("amendment_requested")], "appraised", "under_way"),
        ([paper("amendment_requested"), paper("sealed")], "stamped", "ready"),
        ([paper("withdrawn")], "appraised", "under_way"),
        ([paper("refused")], "appraised", "refused"),
        ([paper("refused"), paper("awaiting_approval")], "appraised", "under_way"),
        ([paper("refused"), paper("withdrawn")], "appraised", "under_way"),
        ([paper("recalled", returned=True)], "returned", "recalled"),
        ([paper("recalled")], "stamped", "recalled"),
        ([paper("replaced", returned=True), paper("sealed")], "stamped", "ready"),
        ([paper("replaced", returned=True)], "returned", "replaced"),
    ],
)
def test_where_its_papers_have_brought_it(papers: list[tuple[State, bool]], stage: str, standing: str) -> None:
    """The stage is worked out from the papers and stored nowhere."""
    assert where("appraised", True, papers) == Where(stage=stage, standing=standing)  # type: ignore[arg-type]
