"""The register's checkpoints from day to day: signed, stamped, put out of reach, again after a failure."""

import json
import shutil
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from register import check_proof, last_checkpoint, last_exports, last_time, load_public_key, read_notes
from secondseal.command import main
from secondseal.demo.pki import Pki
from secondseal.exports import Destination
from secondseal.keeper import Keeper
from secondseal.settings import Settings, load_settings
from stamping import Desk, DossierTold, FeedEvent, Once, dossiers, feed
from stamping.kept_keys import KEPT
from store import VIETNAM, now, read, vietnam_date, write
from tests.secondseal.served import give_settings, serving, until
from tests.secondseal.test_keys import give_seal_its_key
from tests.stamping.office_desk import Place, PlaceMaker
from tests.stamping.test_apologies import overdue

Said = Callable[..., tuple[int, str, str]]


def this_evening() -> datetime:
    """Half past eleven in the evening in Viet Nam, of the day the time authority stamps."""
    return datetime.combine(vietnam_date(now()), time(23, 30), VIETNAM).astimezone(UTC)


@dataclass
class Clock:
    now: datetime = field(default_factory=this_evening)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Kept:
    """An office with one sealed paper and a folder for its checkpoints; `at` makes a keeper at a time."""

    place: Place
    share: Path
    settings: Settings
    clock: Clock

    def keeper(self) -> Keeper:
        return Keeper(self.settings, self.desk)

    @property
    def desk(self) -> Desk:
        return replace(self.place.desk, clock=self.clock)

    def notes(self) -> list[str]:
        return sorted(one.stem for one in self.share.glob("*.note"))


@pytest.fixture
def kept(desk_with: PlaceMaker, pki: Pki, tmp_path: Path) -> Kept:
    place = desk_with()
    place.sealed()
    share = tmp_path / "share"
    share.mkdir()
    give_settings(place, pki, checkpoint_exports=[f"file://{share}"])
    return Kept(place, share, load_settings({}, place.desk.home), Clock())


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], kept: Kept, monkeypatch: pytest.MonkeyPatch) -> Said:
    monkeypatch.setenv("SECONDSEAL_HOME", str(kept.place.desk.home))

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([*words])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def test_once_a_day_by_the_calendar_of_viet_nam(kept: Kept) -> None:
    keeper = kept.keeper()
    for _ in range(3):
        keeper.look()
    with read(kept.desk.engine) as connection:
        size = log_size(connection)
        assert last_time(connection) is not None
    today = vietnam_date(kept.clock.now)
    assert kept.notes() == [f"{today}-{size:010d}"]
    kept.clock.now += timedelta(hours=1)  # past midnight: another day, though nothing was written
    keeper.look()
    assert kept.notes() == [f"{today}-{size:010d}", f"{today + timedelta(days=1)}-{size:010d}"]


def test_old_idempotency_keys_are_forgotten_though_the_checkpoint_s_work_fails(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    with write(kept.desk.engine) as connection:
        for key, age in (("cũ", KEPT + timedelta(minutes=1)), ("mới", timedelta(0))):
            Once(actor="một cửa", key=key, asked="ab" * 32).keep(connection, kept.clock.now - age)
    kept.settings.checkpoint_key.write_text("no key")

    def keys() -> list[str]:
        with read(kept.desk.engine) as connection:
            return list(connection.execute(text("SELECT key FROM stamping_requests")).scalars())

    keeper = kept.keeper()
    keeper.begin()
    try:
        until(lambda: keys() == ["mới"], 60)
    finally:
        keeper.end()
    assert "the daily work failed" in caplog.text
    assert "not forgotten" not in caplog.text


def test_overdue_dossiers_are_noticed_once(kept: Kept) -> None:
    """At the first look all there are, then those that passed since; once a day what nobody noted."""
    late, keeper = {overdue(kept.place) for _ in range(3)}, kept.keeper()
    kept.clock.now = kept.place.clock()
    assert (keeper.notice(), keeper.notice(), kept.keeper().notice()) == (3, 0, 0)
    told = {line.about.code for line in feed_of(kept) if isinstance(line.about, DossierTold)}
    assert told == late
    passed = overdue(kept.place)
    assert keeper.notice() == 0, "long past, and not looked at again today"
    kept.clock.now += timedelta(days=1)
    assert keeper.notice() == 1
    assert [line.event for line in dossiers.view(kept.desk, passed).history][-1] == "dossier.overdue"


def feed_of(kept: Kept) -> tuple[FeedEvent, ...]:
    """All that other systems may hear."""
    with read(kept.desk.engine) as connection:
        return feed.after(connection, 0, limit=500)


class Counted(Keeper):
    """Counts how often the daily work was done."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        super().__init__(settings, desk)
        self.kept: list[int] = []

    def keep(self, places: list[Destination] | None = None) -> list[str]:
        self.kept.append(len(self._places if places is None else places))
        return super().keep(places)


def test_a_quiet_day_s_work_is_done_once(kept: Kept) -> None:
    """The log does not grow: yesterday's stamp says all there is, and nothing is due again every half minute."""
    keeper = Counted(kept.settings, kept.desk)
    keeper.look()
    kept.clock.now += timedelta(days=1)
    keeper.look()
    keeper.look()
    assert keeper.kept == [1, 1]
    replace(kept.place, desk=kept.desk).sealed()  # the log grows later that day: that is stamped
    keeper.look()
    assert keeper.kept == [1, 1, 0]
    with read(kept.desk.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM register_checkpoint_times")).scalar_one() == 2


def log_size(connection: object) -> int:
    point = last_checkpoint(connection)  # type: ignore[arg-type]
    assert point is not None
    return point.size


def test_a_place_that_fails_in_its_own_way_keeps_no_other_waiting(
    kept: Kept, pki: Pki, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where the notes beside the database cannot be written: the worker goes on, and tries again."""
    exports = ["mailto:luu%0Atru@tinh.example", f"file://{kept.share}"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=greeted, args=(server,), daemon=True).start()
        mail = f"smtp://127.0.0.1:{server.getsockname()[1]}"
        give_settings(kept.place, pki, checkpoint_exports=exports, mail_server=mail, mail_from="may@xa.example")
        settings = load_settings({}, kept.desk.home)
        settings.checkpoint_notes.unlink(missing_ok=True)
        settings.checkpoint_notes.mkdir(parents=True)
        (why,) = Keeper(settings, kept.desk).keep()
    assert why.endswith("ValueError")
    assert len(kept.notes()) == 1
    assert "not beside the database" in caplog.text
    settings.checkpoint_notes.rmdir()
    Keeper(settings, kept.desk).sign()
    assert len(read_notes(settings.checkpoint_notes)) == 1


def greeted(server: socket.socket) -> None:
    """As much of a mail server as it takes to begin a mail."""
    connection, _ = server.accept()
    with connection:
        connection.sendall(b"220 mau\r\n")
        connection.recv(1024)


def test_a_share_that_is_away_is_tried_again_and_the_stamp_is_not_made_twice(kept: Kept) -> None:
    kept.share.rename(kept.share.with_name("away"))
    keeper = kept.keeper()
    (why,) = keeper.keep()
    assert "mounted" in why
    keeper.look()  # rests after a failure
    kept.share.with_name("away").rename(kept.share)
    keeper.look()
    assert kept.notes() == []
    assert kept.keeper().keep() == []
    assert len(kept.notes()) == 1
    with read(kept.desk.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM register_checkpoint_times")).scalar_one() == 1
        assert list(last_exports(connection)) == [f"file://{kept.share}"]


def test_a_time_authority_that_is_away_keeps_no_checkpoint_from_leaving(kept: Kept, pki: Pki) -> None:
    with pki.down("tsa"):
        (why,) = kept.keeper().keep()
    assert why.startswith("time stamp: ")
    assert [one.suffix for one in sorted(kept.share.iterdir())] == [".note", ".key"]
    assert kept.keeper().keep() == []
    assert sorted(one.suffix for one in kept.share.iterdir()) == [".key", ".note", ".tst"]


def test_a_rewritten_log_is_not_signed_and_said(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    keeper = kept.keeper()
    assert keeper.sign() is not None
    with write(kept.desk.engine) as connection:
        connection.execute(text("DROP TRIGGER register_log_no_update"))
        connection.execute(text("UPDATE register_log SET commitment = salt WHERE leaf = 2"))
    assert keeper.sign() is None
    assert keeper.keep() == ["nothing was signed: the log was rewritten"]
    assert kept.notes() == []
    assert "cut or rewritten" in caplog.text
    assert len(read_notes(kept.settings.checkpoint_notes)) == 1


def test_a_paper_s_proof_by_command_and_its_check_with_nothing_of_the_office(
    kept: Kept, said: Said, tmp_path: Path
) -> None:
    document = kept.place.sealed()
    pdf = tmp_path / "giay.pdf"
    with read(kept.desk.engine) as connection:
        sealed = connection.execute(
            text("SELECT sealed_sha256 FROM stamping_documents WHERE id = :id"), {"id": document.id}
        ).scalar_one()
    pdf.write_bytes(kept.desk.files.get(sealed))
    status, _, err = said("register", "proof", str(pdf))
    assert (status, "chưa gồm" in err or "does not cover" in err) == (1, True)
    status, out, err = said("register", "checkpoint")
    assert (status, err) == (0, "")
    assert out.startswith("127.0.0.1:8000/log\n")
    status, out, _ = said("register", "log-key")
    (tmp_path / "log.key").write_text(out, encoding="utf-8")
    assert said("register", "proof", str(pdf))[:2] == (0, f"{pdf.with_suffix('.tlog-proof')}\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("giay.pdf", "giay.tlog-proof", "log.key"):
        shutil.copy(tmp_path / name, elsewhere)
    check = ("register", "check-proof", str(elsewhere / "giay.pdf"), str(elsewhere / "giay.tlog-proof"))
    status, out, _ = said(*check, "--public-key", str(elsewhere / "log.key"))
    assert status == 0
    assert "stands in the register's log" in out
    assert "UTC" in out.splitlines()[-1], "the time authority's stamp came along"
    (elsewhere / "giay.pdf").write_bytes(b"another file")
    status, _, err = said(*check, "--public-key", str(elsewhere / "log.key"))
    assert (status, "This proof is for another file." in err) == (1, True)
    assert said("register", "proof", str(pdf))[0] == 1, "a proof that is there is not written over"
    proof = (tmp_path / "giay.tlog-proof").read_text(encoding="utf-8")
    assert check_proof(proof, load_public_key(tmp_path / "log.key"), sealed).proven_at is not None


def test_an_audit_by_command_with_checkpoints_kept_elsewhere(kept: Kept, said: Said) -> None:
    assert said("register", "checkpoint")[0] == 0
    status, out, _ = said("register", "audit", "--kept", str(kept.share), "--public-key", str(kept.share / "log.key"))
    assert status == 0
    assert "Sổ nguyên vẹn" in out
    assert "leaves/s" in out
    report = json.loads(said("register", "audit", "--json")[1])
    assert (report["intact"], report["checkpoints"]) == (True, 1)
    assert report["proven"]
    status, _, err = said("register", "audit", "--kept", str(kept.share / "nothing"))
    assert (status, "holds no checkpoint" in err) == (1, True)


def test_a_file_sealed_past_the_register_is_found(kept: Kept, said: Said) -> None:
    """A use of the key without an entry: the file lies in the store, the register knows nothing of it."""
    place = kept.place
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    before = set(place.desk.files)
    place.stamp()
    (sealed,) = set(place.desk.files) - before
    rows = {
        "register_seal_log": (
            "seq",
            "hash_after = :sealed OR entry_id IN (SELECT entry_id FROM register_seal_log WHERE hash_after = :sealed)",
        ),
        "register_revisions": ("id", "sha256 = :sealed"),
    }
    with write(place.desk.engine) as connection:
        connection.execute(text("DROP TRIGGER register_log_no_delete"))
        for table, (key, which) in rows.items():
            connection.execute(text(f"DROP TRIGGER {table}_no_delete"))
            connection.execute(text(f"DELETE FROM {table} WHERE {which}"), {"sealed": sealed})
            left = f"SELECT CAST({key} AS TEXT) FROM {table}"
            connection.execute(text(f"DELETE FROM register_log WHERE source = '{table}' AND key NOT IN ({left})"))
    status, out, _ = said("register", "audit")
    assert status == 1
    assert f"Stored file {sealed} bears the seal's signature, and the seal log has no entry for it." in out


def test_the_service_signs_stamps_and_exports_by_itself(kept: Kept, pki: Pki, farm: object) -> None:
    place = kept.place
    give_seal_its_key(place, place.seal_key)
    give_settings(place, pki, checkpoint_exports=[f"file://{kept.share}"])
    with serving(place) as served:
        until(lambda: kept.notes() != [], 30, "a note in the share")
        measured = until(lambda: "secondseal_register_stamped_timestamp_seconds" in served.metrics(), 10)
        assert measured < 10
        metrics = served.metrics()
        assert metrics["secondseal_register_checkpoint_entries"] == metrics["secondseal_register_log_entries"]
        assert 'secondseal_register_export_timestamp_seconds{to="file 1"}' in metrics
