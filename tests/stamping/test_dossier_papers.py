"""A paper of a dossier received here has the dossier's facts, and the dossier goes where its papers go."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, select

from register.tables import receipts
from stamping import (
    Applicant,
    DocumentView,
    HandOver,
    NewDocument,
    NewReception,
    Refusal,
    documents,
    dossiers,
    endings,
    receiving,
)
from store import read
from tests.stamping.office_desk import OFFICER, ORGANISATION, PROCEDURE, Place, PlaceMaker
from tests.stamping.test_at_once import at_once
from tests.templates.examples import sample_data

CODE = "000.00.16.H05-261118-7001"
WHO = Applicant(name="Nguyễn Thị Mẫu", id_number="001099000001", phone="0900000000", address="Thôn Mẫu")
NEW = NewReception(code=CODE, procedure=PROCEDURE, organisation=ORGANISATION, applicant=WHO)
_codes: Iterator[int] = count(7300)


@pytest.fixture(scope="module")
def place(desk_with: PlaceMaker) -> Place:
    """One office; each test receives a dossier of its own."""
    return desk_with()


def appraised(place: Place, code: str) -> str:
    """A dossier ready for its paper."""
    dossiers.receive(place.desk, replace(NEW, code=code), "mot-cua")
    dossiers.appraise(place.desk, code, "tham-dinh")
    return code


def paper(place: Place, code: str) -> DocumentView:
    """Its paper, by the code alone."""
    data = sample_data()
    new = NewDocument(dossier=code, organisation=ORGANISATION, data=data, officer_id=OFFICER)
    return receiving.create(place.desk, new, "mot-cua")


def stands(place: Place, code: str) -> tuple[str, str]:
    """Stage and standing."""
    found = dossiers.view(place.desk, code)
    return found.stage, found.standing


def test_a_dossier_passes_the_five_stages_with_its_paper(desk_with: PlaceMaker, both: Engine) -> None:
    """Received here, approved, sealed and returned with its paper; a paper's facts are the dossier's."""
    place = desk_with(engine=both)
    code = appraised(place, CODE)
    made = paper(place, code)
    dossier = dossiers.view(place.desk, code)
    passed = {stage.name: (stage.at, stage.who) for stage in made.stages}
    assert passed["received"] == (dossier.received_at, "mot-cua")
    assert passed["appraised"] == (dossier.appraised_at, "tham-dinh")
    assert (made.due_at, made.dossier, made.holder_id) == (dossier.due_at, code, WHO.id_number)
    seen = [stands(place, code)]
    place.approve(made.id)
    seen.append(stands(place, code))
    place.confirm(made.id)
    seen.append(stands(place, code))
    place.stamp()
    seen.append(stands(place, code))
    endings.return_to_citizen(place.desk, made.id, "mot-cua", WHO.name)
    seen.append(stands(place, code))
    assert seen == [
        ("appraised", "under_way"),
        ("approved", "under_way"),
        ("approved", "under_way"),
        ("stamped", "ready"),
        ("returned", "completed"),
    ]
    late = replace(place.desk, clock=lambda: dossier.due_at + timedelta(days=30))
    assert dossiers.list_dossiers(late, overdue=True) == ()


def test_withdrawn_while_its_paper_is_made_one_of_both_happens(desk_with: PlaceMaker, both: Engine) -> None:
    """Four papers asked for and four withdrawals at the same moment: no withdrawn dossier with a living paper."""
    place = desk_with(engine=both)
    code = appraised(place, CODE)

    def make() -> object:
        return paper(place, code)

    def withdraw() -> object:
        return dossiers.withdraw(place.desk, code, "Đổi ý", "mot-cua")

    answers = at_once(*[make, withdraw] * 4)
    refused = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert set(refused) == {"wrong-state"}
    found = dossiers.view(place.desk, code)
    assert (found.state == "withdrawn") == (found.papers == ())
    assert len(answers) - len(refused) == (len(found.papers) or 1)


def test_what_the_officer_decides_moves_the_dossier(place: Place) -> None:
    code = appraised(place, "000.00.16.H05-261118-7002")
    first = paper(place, code)
    with pytest.raises(Refusal, match="wrong-state"):
        dossiers.request_supplement(place.desk, code, "Đơn", "mot-cua")
    endings.decline(place.desk, first.id, "amendment_requested", "Sai địa chỉ", "can-bo")
    assert stands(place, code) == ("appraised", "under_way")
    dossiers.request_supplement(place.desk, code, "Đơn", "mot-cua")
    with pytest.raises(Refusal, match="wrong-state"):
        paper(place, code)
    dossiers.supplement_received(place.desk, code, "mot-cua")
    with pytest.raises(Refusal, match="wrong-state"):
        paper(place, code)
    dossiers.appraise(place.desk, code, "tham-dinh")
    second = paper(place, code)
    endings.decline(place.desk, second.id, "refused", "Không đủ điều kiện", "can-bo")
    assert stands(place, code) == ("appraised", "refused")
    paper(place, code)
    assert stands(place, code) == ("appraised", "under_way")
    assert [one.state for one in dossiers.view(place.desk, code).papers] == [
        "amendment_requested",
        "refused",
        "awaiting_approval",
    ]


def test_the_list_of_the_overdue_says_what_each_dossier_says(place: Place) -> None:
    codes = [appraised(place, f"000.00.16.H05-261118-71{number:02d}") for number in range(5)]
    for code, kind in zip(codes[1:], ("amendment_requested", "refused", "withdrawn"), strict=False):
        endings.decline(place.desk, paper(place, code).id, kind, "x", "can-bo")  # type: ignore[arg-type]
    paper(place, codes[4])
    late = replace(place.desk, clock=lambda: place.clock() + timedelta(days=60))
    listed = {one.code for one in dossiers.list_dossiers(late, overdue=True)}
    assert listed & set(codes) == {codes[0], codes[1], codes[3], codes[4]}
    others = dossiers.list_dossiers(late, overdue=False)
    assert not any(one.overdue for one in others)
    assert all(dossiers.view(late, code).overdue for code in listed)


def test_one_code_is_one_dossier(place: Place) -> None:
    """Facts beside the code of a dossier received here are refused; a code a paper carries is not received again."""
    code = appraised(place, "000.00.16.H05-261118-7003")
    with pytest.raises(Refusal, match="code alone"):
        place.paper(dossier=replace(place.dossier(), code=code))
    carried = place.paper()
    with pytest.raises(Refusal, match="wrong-state"):
        dossiers.receive(place.desk, replace(NEW, code=carried.dossier), "mot-cua")
    with pytest.raises(Refusal, match="not received here"):
        paper(place, "000.00.16.H05-261118-9999")
    assert documents.list_documents(place.desk, dossier=code) == ()


def test_a_result_leaves_by_post_or_online(place: Place) -> None:
    """Carrier, item number and time of sending stand in the dossier, and on the register's receipt in words."""
    code = appraised(place, "000.00.16.H05-261118-7004")
    made = paper(place, code)
    place.approve(made.id)
    place.confirm(made.id)
    place.stamp()
    posted = HandOver(way="post", carrier="Bưu điện Mẫu", item_number="EA000000001VN", sent_at=place.clock())
    endings.return_to_citizen(place.desk, made.id, "mot-cua", "Bưu cục xã Mẫu", how=posted)
    (left,) = dossiers.view(place.desk, code).papers
    assert left.handed == posted
    with read(place.desk.engine) as connection:
        receipt = connection.execute(select(receipts).where(receipts.c.document_id == made.id)).one()
    assert receipt.received_by == "Bưu cục xã Mẫu"
    assert receipt.note.startswith("bưu chính: Bưu điện Mẫu, số hiệu EA000000001VN, gửi lúc ")
    online = place.sealed()
    endings.return_to_citizen(place.desk, online.id, "mot-cua", "Cổng dịch vụ công", how=HandOver(way="online"))
    assert documents.view(place.desk, online.id).history[-1].detail == {
        "received_by": "Cổng dịch vụ công",
        "way": "online",
    }


def test_a_hand_over_that_cannot_be_is_refused(place: Place) -> None:
    sealed = place.sealed()
    early, late = place.clock() - timedelta(days=1), place.clock() + timedelta(days=1)
    good = {"carrier": "Bưu điện Mẫu", "item_number": "EA1"}
    for wrong in (
        HandOver(way="post", carrier="Bưu điện Mẫu"),
        HandOver(way="post", **good, sent_at=early),
        HandOver(way="post", **good, sent_at=late),
        HandOver(way="post", carrier="a" * 101, item_number="EA1"),
        HandOver(way="post", carrier="Bưu\u202eđiện", item_number="EA1"),
        HandOver(way="online", **good),
        HandOver(sent_at=place.clock()),
    ):
        with pytest.raises(Refusal, match="paper-data-invalid"):
            endings.return_to_citizen(place.desk, sealed.id, "mot-cua", "Bưu cục", how=wrong)
    with pytest.raises(Refusal, match="paper-data-invalid"):
        endings.return_to_citizen(place.desk, sealed.id, "mot-cua", "a" * 161)
    assert documents.view(place.desk, sealed.id).state == "sealed"


def test_lists_by_standing_say_what_each_dossier_says(place: Place) -> None:
    """Every dossier is in one of the four lists; what ended comes with the latest deadline first."""
    desk, codes = place.desk, [appraised(place, f"000.00.16.H05-261118-72{number:02d}") for number in range(7)]
    dossiers.request_supplement(desk, codes[0], "Đơn", "mot-cua")
    dossiers.withdraw(desk, codes[1], "Đổi ý", "mot-cua")
    endings.decline(desk, paper(place, codes[2]).id, "refused", "x", "can-bo")
    ready, given, recalled = (paper(place, code).id for code in codes[3:6])
    place.approve(ready, given, recalled)
    place.confirm(ready, given, recalled)
    for _ in range(3):
        place.stamp()
    endings.return_to_citizen(desk, given, "mot-cua", "Nguyễn Thị Mẫu")
    endings.recall(desk, recalled, "12/QĐ-UBND", place.today(), "x", "mot-cua")
    every = dossiers.list_dossiers(desk, limit=200)
    named: tuple[dossiers.Course, ...] = ("under_way", "supplement_requested", "ready")
    assert {one.standing for one in every if one.code in codes} >= {*named, "completed", "recalled", "refused"}
    told = {one.code: one.standing if one.standing in named else "ended" for one in every}
    courses: tuple[dossiers.Course, ...] = (*named, "ended")
    lists = {course: dossiers.list_dossiers(desk, course=course, limit=200) for course in courses}
    assert {one.code: course for course, found in lists.items() for one in found} == told
    assert sum(map(len, lists.values())) == len(every)
    ended = [(one.due_at, one.code) for one in lists["ended"]]
    assert ended == sorted(ended, reverse=True)
    assert dossiers.list_dossiers(desk, course="ended", after=ended[0], limit=200) == lists["ended"][1:]


@pytest.mark.parametrize("at", ["received", "appraised", "supplement_requested", "refused", "paper"])
def test_the_acts_that_are_open_are_those_that_go_through(place: Place, at: str) -> None:
    """Each act on a dossier of its own: offered and done, or neither."""
    acts: dict[str, Callable[[str], object]] = {
        "appraised": lambda code: dossiers.appraise(place.desk, code, "a"),
        "supplement_requested": lambda code: dossiers.request_supplement(place.desk, code, "Đơn", "a"),
        "received": lambda code: dossiers.supplement_received(place.desk, code, "a"),
        "return_chosen": lambda code: dossiers.choose_return(place.desk, code, "online", "a"),
        "refused": lambda code: dossiers.refuse(place.desk, code, "x", "a"),
        "withdrawn": lambda code: dossiers.withdraw(place.desk, code, "x", "a"),
    }
    done, offered = set(), set()
    for name, do in acts.items():
        code = f"000.00.16.H05-261118-{next(_codes)}"
        dossiers.receive(place.desk, replace(NEW, code=code), "mot-cua")
        if at in {"appraised", "paper"}:
            acts["appraised"](code)
        elif at != "received":
            acts[at](code)
        if at == "paper":
            paper(place, code)
        if name in dossiers.acts_open(dossiers.view(place.desk, code)):
            offered.add(name)
        try:
            do(code)
        except Refusal as refusal:
            assert refusal.code == "wrong-state"  # noqa: PT017
        else:
            done.add(name)
    assert offered == done
    assert done or at == "refused"
