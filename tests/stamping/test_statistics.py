"""The figures, against examples counted by hand. Times are Viet Nam's; the demo office works 08:00 to 17:00."""

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from office import Office, demo_office_text
from stamping import figures, published, statistics, statistics_sheet
from stamping.figures import Deadlines, Period, PeriodInvalid, Spread
from stamping.statistics import Paper
from store import write
from tests.stamping.figures_data import add_document, add_line, moment, plausible_year

HOUR = 3600
MARCH = Period(since=date(2026, 3, 1), until=date(2026, 4, 1))
AT = moment("2026-04-10 09:00")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The demo office: 30 April, 1 May and 2 September 2026 are days off."""
    path = tmp_path_factory.mktemp("office") / "office.toml"
    path.write_text(demo_office_text(), "utf-8")
    return Office.load(path)


def paper(**given: object) -> Paper:
    """A paper received on Monday 2 March at 08:00, due on Thursday at 17:00, waiting for its officer."""
    plain = Paper(
        procedure="1.001612",
        procedure_name="Đăng ký thành lập hộ kinh doanh",
        officer_id="pho-chu-tich",
        officer_name="Trần Thị Mẫu",
        state="awaiting_approval",
        due_at=moment("2026-03-05 17:00"),
        received_at=moment("2026-03-02 08:00"),
        appraised_at=moment("2026-03-02 09:00"),
        approved_at=None,
        stamped_at=None,
        returned_at=None,
    )
    return plain._replace(**given)  # type: ignore[arg-type]


def sealed(at: str, **given: object) -> Paper:
    """Sealed at that moment, approved an hour earlier."""
    when = moment(at)
    return paper(state="sealed", approved_at=when - timedelta(hours=1), stamped_at=when, **given)


@pytest.mark.parametrize(
    ("one", "at", "standing"),
    [
        (sealed("2026-03-05 17:00"), "2026-04-10 09:00", "on_time"),
        (sealed("2026-03-05 17:01"), "2026-04-10 09:00", "late"),
        (paper(), "2026-03-05 17:00", "running"),
        (paper(), "2026-03-05 17:01", "overdue"),
        (paper(due_at=None), "2026-04-10 09:00", "without"),
        (sealed("2026-03-09 10:00", due_at=None), "2026-04-10 09:00", "without"),
        (paper(state="refused"), "2026-04-10 09:00", "stopped"),
        (paper(state="withdrawn"), "2026-03-02 10:00", "stopped"),
        (paper(state="amendment_requested", due_at=None), "2026-04-10 09:00", "stopped"),
        (sealed("2026-03-05 10:00", returned_at=moment("2026-03-20 10:00")), "2026-04-10 09:00", "on_time"),
        (paper(returned_at=moment("2026-03-05 17:00")), "2026-04-10 09:00", "on_time"),
        (sealed("2026-03-04 10:00")._replace(state="recalled"), "2026-04-10 09:00", "on_time"),
    ],
    ids=[
        "sealed at the very deadline",
        "a minute after it",
        "open at the very deadline",
        "open a minute after it",
        "open without a deadline",
        "sealed without a deadline",
        "refused",
        "withdrawn at once",
        "sent back",
        "sealed in time and fetched late",
        "returned without a stamp in the books",
        "recalled after it was issued in time",
    ],
)
def test_each_paper_stands_in_one_place(one: Paper, at: str, standing: str, office: Office) -> None:
    assert one.standing(moment(at)) == standing
    counted = statistics.count([one], office=office, period=MARCH, at=moment(at)).deadlines
    assert (counted.papers, getattr(counted, standing)) == (1, 1)


def test_the_rate_leaves_out_what_is_not_finished_and_what_had_no_deadline(office: Office) -> None:
    papers = [sealed("2026-03-05 10:00")] * 3 + [sealed("2026-03-06 10:00"), paper(), paper(due_at=None)]
    found = statistics.count(papers, office=office, period=MARCH, at=AT)
    assert found.deadlines == Deadlines(on_time=3, late=1, overdue=1, without=1)
    assert found.deadlines.rate == 0.75
    assert (found.papers, found.settled) == (6, 4)
    assert found.states == {"sealed": 4, "awaiting_approval": 2}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([], Spread(count=0, median=None, p90=None, mean=None)),
        ([60], Spread(count=1, median=60, p90=60, mean=60)),
        ([0, 1], Spread(count=2, median=1, p90=1, mean=1)),
        ([30, 10, 20], Spread(count=3, median=20, p90=30, mean=20)),
        ([4, 1, 3, 2], Spread(count=4, median=3, p90=4, mean=3)),
        (list(range(1, 11)), Spread(count=10, median=6, p90=9, mean=6)),
        (list(range(1, 12)), Spread(count=11, median=6, p90=10, mean=6)),
    ],
)
def test_median_percentile_and_mean(seconds: list[int], expected: Spread) -> None:
    """Halves go up: the median of 1..10 is 5.5, told as 6 seconds."""
    assert statistics.spread(seconds) == expected


def test_time_in_each_stage_is_counted_twice(office: Office) -> None:
    """Friday 15:00 to Monday 10:00 is four hours of work and 67 hours on the clock."""
    one = paper(
        state="returned",
        received_at=moment("2026-03-06 15:00"),
        appraised_at=moment("2026-03-09 10:00"),
        approved_at=moment("2026-03-09 18:30"),
        stamped_at=moment("2026-03-10 07:30"),
        returned_at=moment("2026-03-10 08:45"),
    )
    found = statistics.count([one], office=office, period=MARCH, at=AT)
    times = {name: (one.working.median, one.elapsed.median) for name, one in found.passages.items()}
    assert times == {
        "appraisal": (4 * HOUR, 67 * HOUR),
        "approval": (7 * HOUR, int(8.5 * HOUR)),
        "stamping": (0, 13 * HOUR),
        "return": (2700, 4500),
    }
    assert found.settling.working.median == 11 * HOUR
    assert found.settling.elapsed.median == int(88.5 * HOUR)
    assert found.day_s == 9 * HOUR


def test_a_paper_counts_in_the_month_of_viet_nam_it_was_received_in(office: Office) -> None:
    """Midnight of 1 April in Ha Noi is 17:00 UTC of 31 March."""
    period = Period(since=date(2026, 3, 1), until=date(2026, 5, 1))
    last, first = moment("2026-03-31 23:59"), moment("2026-04-01 00:00")
    papers = [paper(received_at=last, appraised_at=last), paper(received_at=first, appraised_at=first)]
    found = statistics.count(papers, office=office, period=period, at=moment("2026-05-20 08:00"))
    assert [(f"{one.month:%Y-%m}", one.deadlines.papers) for one in found.months] == [("2026-03", 1), ("2026-04", 1)]


def test_an_empty_period_has_its_months_and_no_figures(office: Office) -> None:
    period = Period(since=date(2026, 1, 15), until=date(2026, 12, 1))
    found = statistics.count([], office=office, period=period, at=moment("2026-03-10 08:00"))
    assert [one.month.month for one in found.months] == [1, 2, 3], "months still to come are left out"
    assert (found.papers, found.deadlines.rate, found.electronic) == (0, None, None)
    assert found.settling.working == Spread(count=0, median=None, p90=None, mean=None)
    ahead = Period(since=date(2027, 1, 1), until=date(2028, 1, 1))
    assert statistics.count([], office=office, period=ahead, at=moment("2026-03-10 08:00")).months == ()


def test_officers_count_what_they_approved(office: Office) -> None:
    """From appraisal (Monday 09:00); a paper nobody approved is nobody's."""
    papers = [
        sealed("2026-03-02 12:00"),
        sealed("2026-03-02 14:00"),
        sealed("2026-03-02 11:00", officer_id="chu-tich", officer_name="Nguyễn Văn Mẫu"),
        paper(officer_id="chu-tich", officer_name="Nguyễn Văn Mẫu"),
    ]
    found = statistics.count(papers, office=office, period=MARCH, at=AT)
    assert [(one.name, one.approving.working.count, one.approving.working.median) for one in found.officers] == [
        ("Trần Thị Mẫu", 2, 3 * HOUR),
        ("Nguyễn Văn Mẫu", 1, HOUR),
    ]


@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2026, 3, 1), date(2026, 3, 1)), (date(2026, 3, 2), date(2026, 3, 1)), (date(2000, 1, 1), date(2026, 1, 1))],
)
def test_a_period_that_cannot_be(since: date, until: date) -> None:
    with pytest.raises(PeriodInvalid):
        Period(since=since, until=until)


def test_the_database_gives_the_period_and_the_organisation(both: Engine, office: Office) -> None:
    """First and last instant of the period, another organisation, a wet stamp known to the seal register alone."""
    with write(both) as connection:
        for number, at in enumerate(("2026-02-28 23:59", "2026-03-01 00:00", "2026-03-31 23:59", "2026-04-01 00:00")):
            when = moment(at)
            add_document(connection, number + 1, received_at=when, appraised_at=when)
        add_document(connection, 5, organisation="M01")
        due = moment("2026-03-05 17:00")
        wet = moment("2026-03-04 10:00")
        add_document(connection, 6, due_at=due, approved_at=moment("2026-03-04 09:00"), state="approved")
        add_line(connection, 6, at=wet, ways=("file", "wet"))
    found = statistics.of_period(both, office, MARCH, at=AT, organisation="M01.X1")
    assert found.papers == 3
    assert found.deadlines == Deadlines(on_time=1, without=2)
    assert found.passages["stamping"].elapsed.median == HOUR
    assert statistics.of_period(both, office, MARCH, at=AT).papers == 4
    assert statistics.of_period(both, office, MARCH, at=AT, organisation="nobody").papers == 0


def test_how_papers_were_stamped_is_read_from_the_registers(both: Engine, office: Office) -> None:
    """AC-12: a paper is counted once, by the way it was stamped; the share leaves out what has no stamp yet."""
    at = moment("2026-03-10 09:00")
    given = [
        ("file", "sealed"),
        ("file", "sealed", "wet"),
        ("file", "sealed"),
        ("file", "wet"),
        ("wet",),
        (),
        ("file",),
        ("file", "cancelled"),
    ]
    with write(both) as connection:
        for number, ways in enumerate(given):
            add_line(connection, number, at=at, ways=ways)
        add_line(connection, 90, at=moment("2026-04-01 00:00"), ways=("file", "sealed"))
        add_line(connection, 91, at=at, ways=("file", "sealed"), organisation="M01")
    found = statistics.of_period(both, office, MARCH, at=AT, organisation="M01.X1")
    assert found.ways == {"electronic": 3, "wet": 1, "paper": 2, "pending": 1, "cancelled": 1}
    assert found.electronic == 0.5
    assert statistics.of_period(both, office, MARCH, at=AT).ways["electronic"] == 4


def test_both_databases_count_a_year_alike(both: Engine, office: Office) -> None:
    """Whatever is counted apart adds up to the whole."""
    until = moment("2026-11-20 12:00")
    plausible_year(both, office, until=until, papers=150)
    period = Period(since=date(2025, 11, 1), until=date(2026, 12, 1))
    found = statistics.of_period(both, office, period, at=until)
    assert found.papers == sum(found.states.values()) == sum(one.deadlines.papers for one in found.months)
    assert found.papers == sum(one.deadlines.papers for one in found.procedures)
    assert found.settled == sum(one.settling.working.count for one in found.procedures)
    assert sum(one.approving.working.count for one in found.officers) == found.passages["approval"].working.count
    assert found.deadlines.rate is not None
    assert 0.6 < found.deadlines.rate < 1


def test_the_sheet_has_a_figure_a_line_and_no_formula(office: Office) -> None:
    """A procedure's name from the office's file cannot become a spreadsheet's formula; nobody is named."""
    papers = [sealed("2026-03-03 10:00", procedure_name='=HYPERLINK("http://x")'), paper()]
    text = statistics_sheet.as_csv(statistics.count(papers, office=office, period=MARCH, at=AT))
    assert text.startswith(b"\xef\xbb\xbfpart,item,name,figure,unit,value\r\n")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert ["all", "", "", "papers", "papers", "2"] in rows
    assert ["all", "", "", "rate", "share", "1.0000"] in rows
    assert ["passage", "appraisal", "", "working_median", "seconds", "3600"] in rows
    assert ["passage", "return", "", "elapsed_p90", "seconds", ""] in rows
    assert ["month", "2026-03", "", "overdue", "papers", "1"] in rows
    assert "Trần Thị Mẫu" not in text.decode()


def _of(procedure: str, number: int) -> list[Paper]:
    return [sealed("2026-03-03 10:00", procedure=procedure, procedure_name=procedure)] * number


@pytest.mark.parametrize(
    ("sizes", "named", "others"),
    [
        ({"a": 9, "b": 5}, ["a", "b"], 0),
        ({"a": 9, "b": 6, "c": 4}, ["a"], 10),
        ({"a": 9, "b": 6, "c": 3, "d": 2}, ["a", "b"], 5),
        ({"a": 9, "b": 4}, [], 13),
        ({"a": 3, "b": 1}, [], 0),
    ],
    ids=["enough of each", "one too small", "two too small are enough together", "nothing can be named", "too few"],
)
def test_what_is_published_cannot_be_one_persons(
    sizes: dict[str, int], named: list[str], others: int, office: Office
) -> None:
    """Fewer than five papers are not told apart, nor found by taking what is told from the whole."""
    papers = [one for procedure, number in sizes.items() for one in _of(procedure, number)]
    shown = published.published(statistics.count(papers, office=office, period=MARCH, at=AT))
    assert ([one.name for one in shown.procedures], shown.others) == (named, others)
    assert (shown.rate is None) == (len(papers) < figures.SMALLEST_SHARE)
    assert (shown.median_s is None) == (len(papers) < figures.SMALLEST_SHARE)


def test_years_are_published_to_the_end_of_last_month() -> None:
    march = published.years(moment("2026-03-01 00:00"))
    assert [(one.since, one.until) for one in march] == [
        (date(2026, 1, 1), date(2026, 3, 1)),
        (date(2025, 1, 1), date(2026, 1, 1)),
        (date(2024, 1, 1), date(2025, 1, 1)),
    ]
    assert [one.since.year for one in published.years(moment("2026-01-31 23:59"))] == [2025, 2024]
