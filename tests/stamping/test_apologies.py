"""Overdue dossiers: each missed deadline noticed once, one letter for it, the deadline moved with it."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, Table, func, select
from sqlalchemy.exc import DatabaseError

from office import working_days_after
from register import outgoing
from stamping import (
    Applicant,
    NewApology,
    NewDocument,
    NewReception,
    Once,
    Reach,
    Refusal,
    apologies,
    dossiers,
    feed,
    receiving,
)
from stamping.desk import Desk
from stamping.dossier_tables import apologies as letters
from stamping.dossier_tables import missed_deadlines
from store import VIETNAM, read, vietnam_date, write
from tests.stamping.office_desk import HEAD, HEAD_NAME, OFFICER_NAME, ORGANISATION, PROCEDURE, Place, PlaceMaker
from tests.templates.examples import sample_data
from tests.templates.reading import read as read_pages

APPLICANT = Applicant(name="Nguyễn Thị Mẫu", id_number="001099000001", phone="0900000000", address="Thôn Mẫu")
REASON = "Cơ quan thuế chậm trả lời"
_codes: Iterator[int] = count(1)


@pytest.fixture(scope="module")
def place(desk_with: PlaceMaker) -> Place:
    """One office; each test has dossiers of its own."""
    return desk_with()


def at(desk: Desk, days: float) -> Desk:
    """The same desk some days from now, or before."""
    moment = desk.clock() + timedelta(days=days)
    return replace(desk, clock=lambda: moment)


def overdue(place: Place, **changes: Any) -> str:
    """The code of a dossier received forty days ago."""
    code = f"000.00.16.H05-261018-{next(_codes):04d}"
    new = NewReception(code=code, procedure=PROCEDURE, organisation=ORGANISATION, applicant=APPLICANT)
    dossiers.receive(at(place.desk, -40), replace(new, **changes), "clerk")
    return code


def soon(place: Place, days: int = 3) -> date:
    """A working day to come."""
    return working_days_after(place.desk.office(), place.today(), days)


def new(place: Place, **changes: Any) -> NewApology:
    """The third working day from now."""
    return NewApology(**({"appointed_on": soon(place), "reason": REASON} | changes))


def rows(place: Place, table: Table) -> int:
    """How many the table has."""
    with read(place.desk.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def allowing(place: Place, times: int) -> Desk:
    """The desk of an office that appoints so many days anew."""
    office = replace(place.desk.office(), most_reappointments=times)
    return replace(place.desk, office=lambda: office)


def test_the_letter_moves_the_deadline(place: Place) -> None:
    """AC-96: the letter names whom it is for and what it is about; the dossier is due on the day it appoints."""
    code = overdue(place)
    before = dossiers.view(place.desk, code)
    assert before.overdue
    told = apologies.apologise(place.desk, code, new(place, officer_id=HEAD), "client:một cửa")
    appointed = datetime.combine(soon(place), place.desk.office().day_ends, VIETNAM)
    assert (told.due_at, told.overdue, told.stage, told.papers) == (appointed, False, "received", ())
    (letter,) = told.apologies
    assert (letter.n, letter.due_at, letter.appointed_at) == (1, before.due_at, appointed)
    assert (letter.reason, letter.officer_name, letter.written_by) == (REASON, HEAD_NAME, "client:một cửa")
    assert [(line.event, line.reason) for line in told.history[-2:]] == [
        ("dossier.overdue", ""),
        ("dossier.apologised", REASON),
    ]
    pdf, found = apologies.letter_of(place.desk, told.receipt_code)
    assert (found, hashlib.sha256(pdf).hexdigest()) == (letter, letter.sha256)
    text = " ".join(read_pages(pdf)[0].text.split())
    for said in (f"Số: {letter.number}", "Ông (Bà) Nguyễn Thị Mẫu", code, f"Lý do: {REASON}.", HEAD_NAME, "MẪU"):
        assert said in text, said
    assert f"ngày {appointed:%d} tháng {appointed.month:{'02' if appointed.month < 3 else ''}}" in text


@pytest.mark.parametrize(
    ("number", "addressed"),
    [
        ("001099000001", "Ông (Bà) Tên Mẫu"),
        ("123456789", "Ông (Bà) Tên Mẫu"),
        ("0101234567", "Tên Mẫu"),
        ("0101234567-001", "Tên Mẫu"),
        ("", "Tên Mẫu"),
        ("C1234567", "Tên Mẫu"),
    ],
)
def test_nobody_is_taken_for_a_person_without_a_persons_number(place: Place, number: str, addressed: str) -> None:
    code = overdue(place, applicant=replace(APPLICANT, name="Tên Mẫu", id_number=number))
    apologies.apologise(place.desk, code, new(place), "clerk")
    text = " ".join(read_pages(apologies.letter_of(place.desk, code)[0])[0].text.split())
    assert f"Kính gửi: {addressed} Địa chỉ" in text


def test_its_numbers_are_its_own_and_have_no_gap(place: Place) -> None:
    """It takes none of the outgoing register's, and one that could not be drawn takes none of its own."""
    with read(place.desk.engine) as connection:
        registered = len(outgoing.entries(connection, organisation=ORGANISATION, year=place.clock().year))
    first = apologies.apologise(place.desk, overdue(place), new(place), "clerk").apologies[0].number
    before = rows(place, missed_deadlines)
    with pytest.raises(Refusal, match="glyph-missing"):
        apologies.apologise(place.desk, overdue(place), new(place, reason="Chữ 中 không in được"), "clerk")
    assert rows(place, missed_deadlines) == before
    second = apologies.apologise(place.desk, overdue(place), new(place), "clerk").apologies[0].number
    assert int(second.partition("/")[0]) == int(first.partition("/")[0]) + 1
    assert second.endswith("/PXL-UBND")
    with read(place.desk.engine) as connection:
        after = len(outgoing.entries(connection, organisation=ORGANISATION, year=place.clock().year))
    assert after == registered


def test_a_missed_deadline_is_noticed_once(place: Place) -> None:
    """By eight at once, too; one that waits for a supplement, or was refused, is none."""
    code, waits, ended = overdue(place), overdue(place), overdue(place)
    dossiers.request_supplement(place.desk, waits, "Đơn", "clerk")
    dossiers.refuse(place.desk, ended, "x", "clerk")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: apologies.notice(place.desk), range(8)))
    assert apologies.notice(place.desk) == 0
    noticed = [
        [line.event for line in dossiers.view(place.desk, one).history].count("dossier.overdue")
        for one in (code, waits, ended)
    ]
    assert noticed == [1, 0, 0]
    told = apologies.apologise(place.desk, code, new(place), "clerk")
    assert [line.event for line in told.history].count("dossier.overdue") == 1
    # the day it appointed passes, too
    assert apologies.notice(at(place.desk, 30), limit=1) == 1
    assert apologies.notice(at(place.desk, 30)) >= 0
    assert [line.event for line in dossiers.view(place.desk, code).history].count("dossier.overdue") == 2


def test_a_supplement_moves_no_deadline_already_missed(place: Place) -> None:
    """Its clock had run out: moved to another day gone by, it would have been missed a second time."""
    code = overdue(place)
    due = dossiers.view(place.desk, code).due_at
    while apologies.notice(place.desk):
        pass
    dossiers.request_supplement(at(place.desk, -3), code, "Đơn", "clerk")
    come = dossiers.supplement_received(place.desk, code, "clerk")
    assert (come.due_at, come.overdue) == (due, True)
    assert apologies.notice(place.desk) == 0
    assert [line.event for line in come.history].count("dossier.overdue") == 1


def test_on_both_databases(desk_with: PlaceMaker, both: Engine) -> None:
    """Noticed and counted, answered, counted no more; other systems hear of both, in order."""
    there = desk_with(engine=both)
    code = overdue(there)
    assert (apologies.notice(there.desk), apologies.notice(there.desk)) == (1, 0)
    with read(both) as connection:
        assert apologies.overdue(connection, there.clock()) == (1, 0)
    told = apologies.apologise(there.desk, code, new(there), "clerk")
    assert hashlib.sha256(apologies.letter_of(there.desk, code)[0]).hexdigest() == told.apologies[0].sha256
    with read(both) as connection:
        assert apologies.overdue(connection, there.clock()) == (0, 0)
        assert apologies.overdue(connection, there.clock() + timedelta(days=30)) == (0, 0), "not noticed yet"
        limited = Reach(organisations=frozenset({ORGANISATION}))
        heard = feed.after(connection, 0, limit=9, reach=limited)
    assert [one.type for one in heard] == ["dossier.overdue", "dossier.apologised"]
    assert [one.about.code for one in heard] == [code, code]


def test_each_is_told_to_who_reaches_the_result_that_was_late_then(desk_with: PlaceMaker, both: Engine) -> None:
    """The result is another paper from the second deadline on: who reaches the first one's hears no more of it."""
    there = desk_with(engine=both)
    code, first = overdue(there), allowing(there, 2)
    apologies.apologise(first, code, new(there), "clerk")
    office = first.office()
    others = tuple(replace(one, paper="giay-khac") for one in office.procedures)
    second = replace(at(first, 30), office=lambda: replace(office, procedures=others))
    assert apologies.notice(second) == 1
    apologies.apologise(second, code, new(there, appointed_on=soon(there, 40)), "clerk")
    (paper,) = {one.paper for one in office.procedures if one.code == PROCEDURE and one.paper}
    with read(both) as connection:
        every = [one.number for one in feed.after(connection, 0, limit=9)]
        heard = [
            [one.number for one in feed.after(connection, 0, limit=9, reach=Reach(papers=frozenset(papers)))]
            for papers in ({paper}, {"giay-khac"}, {paper, "giay-khac"}, {"giay-nua"})
        ]
    assert len(every) == 4
    assert heard == [every[:2], every[2:], every, []]


def test_of_eight_at_once_one_writes_it(place: Place) -> None:
    code = overdue(place)

    def write_it(_: int) -> str:
        try:
            apologies.apologise(place.desk, code, new(place), "clerk")
        except Refusal as refused:
            return refused.code
        return "written"

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(write_it, range(8))) == ["written"] + ["wrong-state"] * 7
    assert len(dossiers.view(place.desk, code).apologies) == 1


def test_sent_again_it_is_the_same_letter(place: Place) -> None:
    code, asked = overdue(place), new(place)
    once = Once(actor="clerk", key=code, asked="a" * 64)
    first = apologies.apologise(place.desk, code, asked, "clerk", once)
    again = Once(actor="clerk", key=code, asked="a" * 64)
    assert apologies.apologise(place.desk, code, asked, "clerk", again).apologies == first.apologies
    assert (once.replayed, again.replayed) == (False, True)


def test_as_often_as_the_office_allows(place: Place) -> None:
    """Once, unless its file says otherwise; the second letter says that it is one."""
    code = overdue(place)
    apologies.apologise(at(place.desk, -20), code, new(place), "clerk")
    later = at(place.desk, 30)
    day = working_days_after(place.desk.office(), vietnam_date(later.clock()), 5)
    with pytest.raises(Refusal, match="wrong-state") as refused:
        apologies.apologise(later, code, new(place, appointed_on=day), "clerk")
    assert refused.value.detail["most"] == 1
    twice = replace(allowing(place, 2), clock=later.clock)
    told = apologies.apologise(twice, code, new(place, appointed_on=day), "clerk")
    assert [letter.n for letter in told.apologies] == [1, 2]
    assert told.apologies[0].appointed_at == told.apologies[1].due_at
    text = " ".join(read_pages(apologies.letter_of(twice, code)[0])[0].text.split())
    assert "đã hẹn lại lần trước" in text
    assert apologies.letter_of(twice, code, 1)[1] == told.apologies[0]


def test_the_result_is_no_less_late_for_it(place: Place) -> None:
    """The figures count from the deadline the law gave; a supplement moves the day appointed."""
    code = overdue(place)
    first = dossiers.view(place.desk, code).due_at
    apologies.apologise(place.desk, code, new(place), "clerk")
    dossiers.appraise(place.desk, code, "appraiser")
    data = sample_data()
    made = receiving.create(place.desk, NewDocument(dossier=code, organisation=ORGANISATION, data=data), "clerk")
    assert made.due_at == first


def test_it_takes_no_part_in_the_seals_work(place: Place) -> None:
    """No key operation, no document: nothing to approve, confirm or stamp."""
    operations = place.seal_key.operations
    told = apologies.apologise(place.desk, overdue(place), new(place), "clerk")
    assert (told.papers, place.seal_key.operations) == ((), operations)
    assert told.apologies[0].officer_name in {OFFICER_NAME, HEAD_NAME}


def test_both_tables_are_written_once(place: Place) -> None:
    apologies.apologise(place.desk, overdue(place), new(place), "clerk")
    for table in (letters, missed_deadlines):
        with pytest.raises(DatabaseError, match="append-only"), write(place.desk.engine) as connection:
            connection.execute(table.delete())


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"reason": " "}, "dossier-invalid"),
        ({"reason": "x" * 2001}, "dossier-invalid"),
        ({"reason": "đảo\u202engược"}, "dossier-invalid"),
        ({"appointed_on": date(1, 1, 1)}, "dossier-invalid"),
        ({"appointed_on": date(2026, 11, 1)}, "dossier-invalid"),
        ({"appointed_on": date(9999, 12, 31)}, "dossier-invalid"),
        ({"officer_id": "khong-co"}, "officer-not-authorised"),
    ],
)
def test_what_is_not_right_is_refused(place: Place, changes: dict[str, Any], problem: str) -> None:
    """And nothing is written."""
    code = overdue(place)
    before = rows(place, letters), dossiers.view(place.desk, code)
    with pytest.raises(Refusal, match=problem) as refused:
        apologies.apologise(place.desk, code, new(place, **changes), "clerk")
    assert all((refused.value.text_vi, refused.value.text_en))
    after = dossiers.view(place.desk, code)
    assert (rows(place, letters), after.history, after.due_at) == (before[0], before[1].history, before[1].due_at)


def test_a_day_off_is_not_appointed(place: Place) -> None:
    day = soon(place)
    while day.weekday() != 6:
        day += timedelta(days=1)
    with pytest.raises(Refusal, match="working day"):
        apologies.apologise(place.desk, overdue(place), new(place, appointed_on=day), "clerk")


def test_only_an_overdue_dossier_is_apologised_for(place: Place) -> None:
    code = "000.00.16.H05-261118-0001"
    fresh = NewReception(code=code, procedure=PROCEDURE, organisation=ORGANISATION, applicant=APPLICANT)
    dossiers.receive(place.desk, fresh, "clerk")
    waits = overdue(place)
    dossiers.request_supplement(place.desk, waits, "Đơn", "clerk")
    for one in (code, waits):
        with pytest.raises(Refusal, match="wrong-state"):
            apologies.apologise(place.desk, one, new(place), "clerk")
        with pytest.raises(Refusal, match="not-found"):
            apologies.letter_of(place.desk, one)
    with pytest.raises(Refusal, match="not-found"):
        apologies.apologise(place.desk, "000.00.16.H05-261118-9998", new(place), "clerk")


def test_the_list_of_those_without_a_letter(place: Place) -> None:
    """What is proposed to the clerk; those that missed the day appointed are another list."""
    without, written = overdue(place), overdue(place)
    apologies.apologise(place.desk, written, new(place), "clerk")

    def listed(desk: Desk, *, apologised: bool) -> set[str]:
        return {one.code for one in dossiers.list_dossiers(desk, overdue=True, apologised=apologised, limit=500)}

    assert without in listed(place.desk, apologised=False)
    assert written not in listed(place.desk, apologised=False) | listed(place.desk, apologised=True)
    later = at(place.desk, 30)
    assert written in listed(later, apologised=True)
    assert without in listed(later, apologised=False)
