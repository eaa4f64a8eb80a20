"""Documents of one list in a worker's hands together: each sealed once, and what befalls one is its own (0088)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from office import Seal
from register import AlreadyRegistered, audit, outgoing, seal_log
from signer import Level
from stamping import KeyUnavailable, Worker, documents, in_hand, passage, turns
from stamping.tables import confirmation_documents, key_waits
from store import StoreAway, database_now, read, write
from tests.stamping.deaths import Died, NthFiles, NthKey, dying_at_row
from tests.stamping.office_desk import Place, PlaceMaker
from tests.stamping.switched_key import GONE
from tests.stamping.test_attachments import MAP

Listed = Callable[..., tuple[Place, list[str]]]


@pytest.fixture
def listed(desk_with: PlaceMaker) -> Listed:
    """Makes an office with one confirmed list."""

    def make(papers: int = 3, **kind: Any) -> tuple[Place, list[str]]:
        place = desk_with(level=Level.B_B, **kind)
        ids = [place.paper().id for _ in range(papers)]
        place.approve(*ids)
        place.confirm(*ids)
        return place, ids

    return make


def states(place: Place, ids: Sequence[str]) -> list[str]:
    return [documents.view(place.desk, one).state for one in ids]


def entries(place: Place, document_id: str) -> list[tuple[str, bool]]:
    """The document's lines of the seal register: event, and whether the key was or may have been used."""
    with read(place.desk.engine) as connection:
        return [(row.event, row.key_operation) for row in seal_log.entries_of(connection, document_id)]


def attempts(place: Place) -> list[int]:
    with read(place.desk.engine) as connection:
        return list(
            connection.scalars(select(confirmation_documents.c.attempt).order_by(confirmation_documents.c.position))
        )


def intact(place: Place) -> bool:
    with read(place.desk.engine) as connection:
        return audit(connection, place.desk.files, None).intact


def all_sealed_once(place: Place, ids: Sequence[str]) -> bool:
    """In whatever turns it takes; the audit finds nothing."""
    while passage.serve(place.worker, place.keys):
        continue
    once = all(entries(place, one)[-1] == ("conclude", True) for one in ids)
    concluded = [event for one in ids for event, _ in entries(place, one)].count("conclude")
    return states(place, ids) == ["sealed"] * len(ids) and once and concluded == len(ids) and intact(place)


SEALED = [("reserve", False), ("conclude", True)]


def test_a_list_is_reserved_together_and_concluded_together(listed: Listed) -> None:
    """One key operation each; the list's order is the register's."""
    place, ids = listed()
    used = place.seal_key.operations
    assert passage.serve(place.worker, place.keys, most=2)
    assert states(place, ids) == ["sealed", "sealed", "confirmed"]
    assert place.seal_key.operations == used + 2
    with read(place.desk.engine) as connection:
        lines = sorted((row.seq, row.event, one) for one in ids for row in seal_log.entries_of(connection, one))
    assert [(kind, one) for _, kind, one in lines] == [
        (kind, one) for kind in ("reserve", "conclude") for one in ids[:2]
    ]
    assert passage.serve(place.worker, place.keys)
    assert not passage.serve(place.worker, place.keys)
    assert all_sealed_once(place, ids)


def test_a_refusal_is_one_documents_own(listed: Listed) -> None:
    """Its bytes were changed on the disk: it alone goes back to the custodian."""
    place, ids = listed()
    bad = place.desk.files.place(documents.view(place.desk, ids[1]).revisions["approved"])
    bad.chmod(0o600)
    bad.write_bytes(b"x")
    assert passage.serve(place.worker, place.keys)
    assert states(place, ids) == ["sealed", "approved", "sealed"]
    problem = documents.view(place.desk, ids[1]).problem
    assert problem is not None
    assert problem.code == "bytes-changed"
    assert entries(place, ids[1]) == []


def test_the_daily_limit_lets_as_many_through_as_are_left(listed: Listed) -> None:
    place, ids = listed()
    place.rewrite_office(('id = "x1-2"\n', 'id = "x1-2"\ndaily_limit = 2\n'))
    assert passage.serve(place.worker, place.keys)
    assert states(place, ids) == ["sealed", "sealed", "approved"]
    assert entries(place, ids[2]) == []


DEATHS = {
    "before the second key operation": (2, True, 0),
    "after the last key operation": (3, False, 0),
    "with the second file kept": (0, False, 2),
}


@pytest.mark.parametrize(("operation", "before", "file"), DEATHS.values(), ids=DEATHS)
def test_what_a_worker_died_over_is_taken_up_alone(
    listed: Listed, tmp_path: Path, operation: int, before: bool, file: int
) -> None:
    """All entries are interrupted, nothing was released; each document is then sealed once, one at a time."""
    files = NthFiles(tmp_path / "files")
    place, ids = listed(files=files)
    files.left, files.before = file, False
    key = NthKey(place.seal_key, operation, Died(), before=before)
    with pytest.raises(Died):
        passage.serve(place.worker, lambda _seal: key)
    place.restart_worker()
    assert states(place, ids) == ["confirmed"] * 3
    assert [entries(place, one) for one in ids] == [[("reserve", False), ("interrupted", True)]] * 3
    assert attempts(place) == [1, 1, 1]
    for done in range(1, 4):
        assert passage.serve(place.worker, place.keys)
        assert states(place, ids).count("sealed") == done
    assert all_sealed_once(place, ids)


def test_a_worker_dies_at_rows_it_writes_for_the_second_of_two(listed: Listed) -> None:
    """From the first reservation to the last row of the conclusion: never is one of the two released alone."""
    place, _ = listed(1)
    assert passage.serve(place.worker, place.keys)
    deaths = 0
    for at in (1, 4, 8, 12):
        ids = [place.paper().id for _ in range(2)]
        place.approve(*ids)
        place.confirm(*ids)
        try:
            with dying_at_row(place.worker.engine, at):
                passage.serve(place.worker, place.keys)
        except Died:
            deaths += 1
        assert states(place, ids) in (["confirmed"] * 2, ["sealed"] * 2)
        place.restart_worker()
        assert all_sealed_once(place, ids)
    assert deaths == 4


def test_a_document_that_kills_every_worker_takes_no_other_with_it(listed: Listed) -> None:
    """It is given up after three deaths; those that were in hand with it are sealed."""
    place, ids = listed()
    bad = documents.view(place.desk, ids[1]).number

    def die(_c: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO register_seal_log") and bad in str(values):
            raise Died

    event.listen(place.worker.engine, "before_cursor_execute", die)
    deaths = 0
    try:
        while deaths < passage.ATTEMPTS:
            try:
                assert passage.serve(place.worker, place.keys)
            except Died:
                deaths += 1
                place.restart_worker()
        while passage.serve(place.worker, place.keys):
            continue
    finally:
        event.remove(place.worker.engine, "before_cursor_execute", die)
    assert states(place, ids) == ["sealed", "approved", "sealed"]
    problem = documents.view(place.desk, ids[1]).problem
    assert problem is not None
    assert problem.code == "internal"
    assert intact(place)


def test_a_key_that_fails_at_one_is_used_for_none_after_it(listed: Listed) -> None:
    """What was signed before is released; the others wait with it, and the first to try the key again is alone."""
    place, ids = listed()
    key = NthKey(place.seal_key, 2, GONE, before=False)
    assert passage.serve(place.worker, lambda _seal: key)
    assert states(place, ids) == ["sealed", "confirmed", "confirmed"]
    assert [entries(place, one) for one in ids] == [
        SEALED,
        [("reserve", False), ("failed", True)],
        [("reserve", False), ("failed", False)],
    ]
    assert attempts(place) == [1, 0, 0]
    with write(place.desk.engine) as connection:
        (wait,) = connection.execute(select(key_waits)).mappings()
        assert (wait["state"], wait["faults"]) == ("away", 1), "one good signature was between"
        connection.execute(key_waits.update().values(state="trying"))
    assert passage.serve(place.worker, place.keys)
    assert states(place, ids) == ["sealed", "sealed", "confirmed"]
    assert all_sealed_once(place, ids)


class Watch:
    """A clock that stands still but for what takes longer than is waited for."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def takes_long(self) -> None:
        self.now += in_hand.LONGEST_S + 1


@pytest.mark.parametrize("slow", ["checking", "signing"])
def test_what_takes_long_is_not_waited_for_by_what_is_ready(listed: Listed, slow: str) -> None:
    """Authorities that answer slowly: the first is sealed, the others stay where they were, one after the other."""
    place, ids = listed()
    watch = Watch()

    class Slow(NthKey):
        def sign(self, digest: bytes, scheme: Any) -> bytes:
            if slow == "signing":
                watch.takes_long()
            return super().sign(digest, scheme)

    def keys(_seal: Seal) -> Slow:
        if slow == "checking":
            watch.takes_long()
        return Slow(place.seal_key, 0, Died(), before=True)

    assert passage.serve(place.worker, keys, clock=watch)
    assert states(place, ids) == ["sealed", "confirmed", "confirmed"]
    reserved = [] if slow == "checking" else [("reserve", False), ("failed", False)]
    assert [entries(place, one) for one in ids] == [SEALED, reserved, reserved]
    assert attempts(place) == [1, 0, 0]
    assert all_sealed_once(place, ids)


def test_refusals_that_take_long_do_not_add_up(listed: Listed) -> None:
    """The lease and the watchdog wait for one call: whatever became of the first, no more is begun once it is late."""
    place, ids = listed()
    bad = place.desk.files.place(documents.view(place.desk, ids[0]).revisions["approved"])
    bad.chmod(0o600)
    bad.write_bytes(b"x")
    late = count(step=in_hand.LONGEST_S + 1)
    assert passage.serve(place.worker, place.keys, clock=lambda: next(late))
    assert states(place, ids) == ["approved", "confirmed", "confirmed"]
    assert attempts(place) == [1, 0, 0]
    while passage.serve(place.worker, place.keys):
        continue
    assert states(place, ids) == ["approved", "sealed", "sealed"]


def test_where_a_person_must_act_all_of_the_list_goes_back(listed: Listed) -> None:
    """Those in hand as well as those queued; what is sealed stays sealed."""
    place, ids = listed()
    locked = KeyUnavailable(GONE.problem)
    assert passage.serve(place.worker, lambda _seal: NthKey(place.seal_key, 2, locked, before=True))
    assert states(place, ids) == ["sealed", "approved", "approved"]
    assert [entries(place, one) for one in ids[1:]] == [[("reserve", False), ("failed", False)]] * 2
    assert intact(place)


def test_a_key_that_is_away_takes_no_entry_for_any(listed: Listed) -> None:
    place, ids = listed()

    def away(_seal: object) -> Any:
        raise GONE

    assert passage.serve(place.worker, away)
    assert states(place, ids) == ["confirmed"] * 3
    assert [entries(place, one) for one in ids] == [[]] * 3
    assert attempts(place) == [0, 0, 0]


def test_files_that_cannot_be_kept_release_nothing_from_there_on(listed: Listed, tmp_path: Path) -> None:
    """The first was kept, and is sealed; those after it are sealed anew, alone."""
    files = NthFiles(tmp_path / "files")
    place, ids = listed(files=files)
    files.left, files.error = 2, StoreAway("disk full")
    assert not passage.serve(place.worker, place.keys)
    assert states(place, ids) == ["sealed", "confirmed", "confirmed"]
    assert [entries(place, one)[-1] for one in ids] == [("conclude", True), ("failed", True), ("failed", True)]
    assert attempts(place) == [1, 1, 1]
    assert all_sealed_once(place, ids)


def test_one_the_register_refuses_is_not_concluded_and_the_others_are(listed: Listed) -> None:
    """It was issued by nobody we know of: that ends the worker, which has released the others first."""
    place, ids = listed()
    with write(place.desk.engine) as connection:
        now = place.clock()
        outgoing.mark_issued(connection, ids[1], issued_at=now, issue_by=now)
    with pytest.raises(AlreadyRegistered):
        passage.serve(place.worker, place.keys)
    assert states(place, ids) == ["sealed", "confirmed", "sealed"]
    assert [entries(place, one)[-1] for one in ids] == [("conclude", True), ("failed", True), ("conclude", True)]


def test_an_institution_changed_meanwhile_is_asked_again(listed: Listed) -> None:
    """The seal is suspended while the key is being asked: nothing is reserved, and the next turn refuses them all."""
    place, ids = listed()
    used = place.seal_key.operations
    limit = ('id = "x1-2"\n', 'id = "x1-2"\ndaily_limit = 1\n')

    class Asked(NthKey):
        def reach(self) -> None:
            super().reach()
            place.rewrite_office(limit)

    assert passage.serve(place.worker, lambda _seal: Asked(place.seal_key, 0, Died(), before=True))
    assert states(place, ids) == ["confirmed"] * 3
    assert attempts(place) == [0, 0, 0]
    assert [entries(place, one) for one in ids] == [[]] * 3
    assert passage.serve(place.worker, place.keys)
    assert states(place, ids) == ["sealed", "approved", "approved"]
    assert place.seal_key.operations == used + 1


def test_a_lease_that_ends_ends_for_all_in_hand(listed: Listed) -> None:
    """None is released by the late one, though nobody else took them; they are taken up again."""
    place, ids = listed()

    class Late(NthKey):
        def sign(self, digest: bytes, scheme: Any) -> bytes:
            with write(place.desk.engine) as connection:
                over = database_now(connection)
                connection.execute(confirmation_documents.update().values(lease_until=over))
            return super().sign(digest, scheme)

    assert passage.serve(place.worker, lambda _seal: Late(place.seal_key, 0, Died(), before=True))
    assert states(place, ids) == ["confirmed"] * 3
    assert [entries(place, one) for one in ids] == [[("reserve", False), ("interrupted", True)]] * 3
    assert all_sealed_once(place, ids)


def test_two_workers_share_a_list(listed: Listed) -> None:
    """Each takes what the other has not in hand."""
    place, ids = listed(4)
    one, other = (replace(place.desk, worker=Worker(name=name)) for name in ("a", "b"))
    taken = [[turn.document_id for turn in turns.claim(desk, 2)] for desk in (one, other)]
    assert taken == [ids[:2], ids[2:]]
    assert turns.claim(one, 2) == ()


def test_what_has_attachments_is_taken_alone(listed: Listed) -> None:
    place, _ = listed(1)
    assert passage.serve(place.worker, place.keys)
    made = [place.paper().id, place.paper(attached=[MAP]).id, place.paper().id, place.paper().id]
    place.approve(*made)
    place.confirm(*made)
    taken = [len(turns.claim(place.desk, 8)) for _ in range(3)]
    assert taken == [1, 1, 2]
