"""Number series: no gaps, no doubles, whatever happens at the same time."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError

from register import NumberSpent, NumberUnknown, numbers, outgoing
from register.tables import counters
from register.tables import numbers as rows
from store import read, write
from tests.register.papers import SERIES, Paper, registration

ROOT = Path(__file__).parents[2]


def reserve(engine: Engine, **series: object) -> int:
    with write(engine) as connection:
        return numbers.reserve(connection, **(SERIES | series))  # type: ignore[arg-type]


def test_a_hundred_requests_at_once_get_a_hundred_consecutive_numbers(both: Engine) -> None:
    """AC-8, on SQLite and on PostgreSQL."""
    with ThreadPoolExecutor(max_workers=12) as pool:
        given = list(pool.map(lambda _: reserve(both), range(100)))
    assert sorted(given) == list(range(1, 101))


def test_processes_share_one_series_and_a_dead_one_leaves_no_gap(both: Engine) -> None:
    """AC-8: other processes count along; one dies with a number it never committed."""
    script = (
        "import os, sys\n"
        "from register import numbers\nfrom store import open_database, write\n"
        "engine = open_database(sys.argv[1])\n"
        "for step in range(10):\n"
        "    with write(engine) as connection:\n"
        "        numbers.reserve(connection, organisation='M01.X1', kind='GCN', year=2026)\n"
        "        if sys.argv[2] == 'die': os._exit(9)\n"
    )
    url = both.url.render_as_string(hide_password=False)
    children = [subprocess.Popen([sys.executable, "-c", script, url, end], cwd=ROOT) for end in ("live", "die")]
    assert [child.wait(timeout=60) for child in children] == [0, 9]
    assert reserve(both) == 11
    with read(both) as connection:
        assert connection.execute(select(func.count(), func.max(rows.c.number))).one() == (11, 11)
        assert connection.execute(select(counters.c.last)).scalars().all() == [11]


def test_each_organisation_kind_and_year_counts_for_itself(database: Engine) -> None:
    assert reserve(database) == 1
    assert reserve(database, year=2027) == 1
    assert reserve(database, kind="QĐ") == 1
    assert reserve(database, organisation="M01") == 1
    assert reserve(database) == 2


def test_a_number_of_a_failed_transaction_is_given_again(both: Engine) -> None:
    def fail() -> None:
        with write(both) as connection:
            numbers.reserve(connection, **SERIES)  # type: ignore[arg-type]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert reserve(both) == 1


def test_the_database_itself_refuses_the_same_number_twice(database: Engine) -> None:
    """PL VI: (organisation, kind, year, number) is unique, even past our own code."""
    reserve(database)
    with pytest.raises(IntegrityError), write(database) as connection:
        connection.execute(rows.insert().values(**SERIES, number=1, reserved_at=func.now()))


def test_an_unused_number_is_voided_with_its_reason(database: Engine) -> None:
    """Rules 7.3: huỷ số."""
    number = reserve(database)
    with write(database) as connection:
        numbers.void(connection, **SERIES, number=number, reason="Người dân rút hồ sơ", voided_by="van-thu")  # type: ignore[arg-type]
    assert reserve(database) == number + 1
    with pytest.raises(NumberSpent), write(database) as connection:
        outgoing.add(connection, registration(Paper(), number))


def test_voiding_needs_a_reserved_unused_number_and_a_reason(database: Engine) -> None:
    void = {**SERIES, "voided_by": "van-thu"}
    with pytest.raises(NumberUnknown), write(database) as connection:
        numbers.void(connection, **void, number=1, reason="không dùng")  # type: ignore[arg-type]
    number = reserve(database)
    with pytest.raises(ValueError, match="reason"), write(database) as connection:
        numbers.void(connection, **void, number=number, reason="  ")  # type: ignore[arg-type]
    with write(database) as connection:
        outgoing.add(connection, registration(Paper(), number))
    with pytest.raises(NumberSpent), write(database) as connection:
        numbers.void(connection, **void, number=number, reason="không dùng")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "symbol", "shown"),
    [
        (1, "GCN-UBND", "01/GCN-UBND"),
        (9, "QĐ-UBND", "09/QĐ-UBND"),
        (10, "UBND-VX", "10/UBND-VX"),
        (1234, "TB", "1234/TB"),
    ],
)
def test_number_and_symbol_as_printed(number: int, symbol: str, shown: str) -> None:
    """AC-27."""
    assert numbers.notation(number, symbol) == shown
    assert re.fullmatch(r"\d{2,}/[A-ZĐ0-9]+(-[A-ZĐ0-9]+)*", shown)


@pytest.mark.parametrize(
    ("number", "symbol"), [(0, "QĐ"), (-1, "QĐ"), (1, ""), (1, "gcn"), (1, "A B"), (1, "A-"), (1, "A\n")]
)
def test_what_is_no_number_and_symbol_is_refused(number: int, symbol: str) -> None:
    """AC-27."""
    with pytest.raises(ValueError, match="Decree 30"):
        numbers.notation(number, symbol)


def test_a_symbol_once_counted_in_a_year_stays_in_its_series(database: Engine) -> None:
    """Decision 0047: a change of the file's series never gives a number and symbol twice."""
    asked = {"organisation": "M01.X1", "year": 2026}
    with write(database) as connection:
        assert numbers.series_of(connection, **asked, symbol="GCN-UBND") == numbers.SHARED  # type: ignore[arg-type]
        numbers.reserve(connection, **SERIES, symbol="GCN-UBND")  # type: ignore[arg-type]
        assert numbers.series_of(connection, **asked, symbol="GCN-UBND") == "GCN"  # type: ignore[arg-type]
        assert numbers.series_of(connection, **asked, symbol="GCN-UBND", configured="X") == "GCN"  # type: ignore[arg-type]
        assert numbers.series_of(connection, **asked, symbol="QĐ-UBND", configured="X") == "X"  # type: ignore[arg-type]
        next_year = {**asked, "year": 2027, "symbol": "GCN-UBND"}
        assert numbers.series_of(connection, **next_year) == numbers.SHARED  # type: ignore[arg-type]


def test_a_number_reserved_for_one_symbol_stands_before_no_other(database: Engine) -> None:
    with write(database) as connection:
        number = numbers.reserve(connection, **SERIES, symbol="QĐ-UBND")  # type: ignore[arg-type]
    with pytest.raises(NumberSpent, match="QĐ-UBND"), write(database) as connection:
        outgoing.add(connection, registration(Paper(), number))


def test_open_numbers_are_those_neither_used_nor_voided(both: Engine) -> None:
    with write(both) as connection:
        given = [
            numbers.reserve(connection, **SERIES, symbol="GCN-UBND", reserved_by="một cửa", purpose="giấy")  # type: ignore[arg-type]
            for _ in range(4)
        ]
        outgoing.add(connection, registration(Paper(), given[0]))
        numbers.void(connection, **SERIES, number=given[1], reason="không dùng", voided_by="van-thu")  # type: ignore[arg-type]
    with read(both) as connection:
        left = numbers.open_numbers(connection, organisation="M01.X1", year=2026)
        assert [(one.shown, one.reserved_by, one.purpose) for one in left] == [
            ("03/GCN-UBND", "một cửa", "giấy"),
            ("04/GCN-UBND", "một cửa", "giấy"),
        ]
        assert numbers.open_numbers(connection, after=left[0].id, limit=1) == left[1:]
        assert numbers.open_numbers(connection, year=2027) == ()
