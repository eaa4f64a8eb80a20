"""AC-8 under load and under the knife: four processes at one series, and processes killed at any point."""

import os
import random
import signal
import subprocess
import sys
import time
from itertools import chain
from pathlib import Path

from sqlalchemy import Engine, func, select

from register import numbers
from register.tables import counters, outgoing
from register.tables import numbers as rows
from store import read, write

ROOT = Path(__file__).parents[2]
SERIES = {"organisation": "M01.X1", "kind": numbers.SHARED, "year": 2026}

RESERVING = """
import sys
from register import numbers
from store import open_database, write
engine = open_database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(25):
    with write(engine) as connection:
        print(numbers.reserve(connection, organisation="M01.X1", kind=numbers.SHARED, year=2026, symbol="QĐ-UBND"))
"""

WORKING = """
import secrets, sys
from register import new_code, numbers, outgoing, Registration
from datetime import date
from store import open_database, write
engine = open_database(sys.argv[1])
print("ready", flush=True)
while True:
    with write(engine) as connection:  # as POST /api/v1/numbers: the number is used later, or never
        early = numbers.reserve(connection, organisation="M01.X1", kind="", year=2026, symbol="GCN-UBND")
    for number in (early, None):  # ... and as a paper that takes its number in its own transaction
        with write(engine) as connection:
            if number is None:
                number = numbers.reserve(connection, organisation="M01.X1", kind="", year=2026, symbol="GCN-UBND")
            outgoing.add(connection, Registration(
                document_id=secrets.token_hex(16), organisation="M01.X1", kind="", year=2026, number=number,
                symbol="GCN-UBND", dated=date(2026, 11, 22), type_name="GCN", subject="m", signer="m",
                recipients="m", keeper="VT", copies=1, code=new_code()))
"""


def child(engine: Engine, script: str) -> subprocess.Popen[str]:
    """A process at this database, as far as its first line."""
    url = engine.url.render_as_string(hide_password=False)
    started = subprocess.Popen(
        [sys.executable, "-c", script, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if script is WORKING else None,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def test_a_hundred_requests_of_four_processes_get_a_hundred_consecutive_numbers(both: Engine) -> None:
    """AC-8, on SQLite and on PostgreSQL."""
    children = [child(both, RESERVING) for _ in range(4)]
    for one in children:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    given = [[int(line) for line in one.communicate(timeout=60)[0].split()] for one in children]
    assert [one.returncode for one in children] == [0, 0, 0, 0]
    assert [len(one) for one in given] == [25, 25, 25, 25]
    assert sorted(chain.from_iterable(given)) == list(range(1, 101))


def test_a_process_killed_anywhere_leaves_no_gap_that_nothing_explains(both: Engine) -> None:
    """AC-8: what was given back is given again; what was committed and orphaned is open, and can be voided."""
    chance = random.Random(20261122)
    for _ in range(5):
        one = child(both, WORKING)
        time.sleep(chance.uniform(0.01, 0.25))
        os.kill(one.pid, signal.SIGKILL)
        one.wait()
        one.communicate()
    with read(both) as connection:
        given = list(connection.execute(select(rows.c.number).order_by(rows.c.number)).scalars())
        last = connection.execute(select(counters.c.last)).scalar_one()
        used = connection.execute(select(func.count()).select_from(outgoing)).scalar_one()
        left = numbers.open_numbers(connection)
    assert used > 5, "the processes were killed before they did anything"
    assert given == list(range(1, last + 1))
    assert used + len(left) == last
    assert len(left) <= 5, "at most the one number each dead process had in hand"
    with write(both) as connection:
        for one_left in left:
            assert one_left.shown == f"{one_left.number:02d}/GCN-UBND"
            numbers.void(
                connection,
                organisation=one_left.organisation,
                kind=one_left.kind,
                year=one_left.year,
                number=one_left.number,
                reason="tiến trình dừng giữa chừng",
                voided_by="van-thu",
            )
    with write(both) as connection:
        assert numbers.open_numbers(connection) == ()
        assert numbers.reserve(connection, **SERIES) == last + 1  # type: ignore[arg-type]
