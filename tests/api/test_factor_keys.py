"""Secrets of second factors at rest: encrypted for their account, under keys that change, and never quietly lost."""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, select

from api import accounts, second_factor, throttle
from api.factor_keys import FactorKeys, FactorKeysUnfit
from api.tables import attempts, factors, recovery_codes
from store import migrate, open_database, read, write
from tests.api.serving import PASSWORD, factor_key, serving
from tests.stamping.office_desk import PlaceMaker

NOW = datetime(2026, 11, 29, 3, 0, 5, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(f"sqlite:///{tmp_path / 'accounts.db'}")
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "second-factor.key"


def enrolled(engine: Engine, key: Path, name: str) -> tuple[str, tuple[str, ...]]:
    """Secret and recovery codes of a new person."""
    accounts.create(engine, name=name, password=PASSWORD, roles=["clerk"], now=NOW)
    secret = second_factor.begin(engine, name, NOW, key=key)
    codes = second_factor.confirm(engine, name, pyotp.TOTP(secret).at(NOW), NOW, keep_session="", key=key)
    return secret, codes


def kept(engine: Engine) -> dict[str, tuple[str, str | None]]:
    with read(engine) as connection:
        return {row.account: (row.secret, row.sealed) for row in connection.execute(select(factors))}


def as_before(engine: Engine, name: str, secret: str) -> None:
    """The row as it was kept before secrets were encrypted."""
    with write(engine) as connection:
        connection.execute(factors.update().where(factors.c.account == name).values(secret=secret, sealed=None))


def good(engine: Engine, key: Path, name: str, secret: str, steps: int) -> bool:
    at = NOW + steps * STEP
    return second_factor.use(engine, name, pyotp.TOTP(secret).at(at), at, key=key) is not None


def test_a_copy_of_the_database_holds_no_secret(engine: Engine, key: Path, tmp_path: Path) -> None:
    secret, _ = enrolled(engine, key, "mot")
    assert key.stat().st_mode & 0o777 == 0o600
    plain, sealed = kept(engine)["mot"]
    assert plain == ""
    assert sealed is not None
    assert secret not in sealed
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert secret.encode() not in (tmp_path / "accounts.db").read_bytes()
    assert good(engine, key, "mot", secret, 1)


def test_those_from_before_count_and_are_encrypted_as_the_service_starts(engine: Engine, key: Path) -> None:
    secret, _ = enrolled(engine, key, "cu")
    key.unlink()
    as_before(engine, "cu", secret)
    assert not key.exists()
    with pytest.raises(FactorKeysUnfit):
        second_factor.check_key(engine, key)
    assert second_factor.seal_all(engine, key) == 1
    assert kept(engine)["cu"][0] == ""
    assert good(engine, key, "cu", secret, 1)
    assert second_factor.seal_all(engine, key) == 0, "once"


def test_a_plain_secret_written_beside_the_key_counts_nowhere(
    engine: Engine, key: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever can write rows gives nobody a factor they know, not even by the next start of the service."""
    _, codes = enrolled(engine, key, "nan-nhan")
    other, _ = enrolled(engine, key, "nguoi-khac")
    known = pyotp.random_base32()
    as_before(engine, "nan-nhan", known)
    for _ in range(2):
        with pytest.raises(FactorKeysUnfit, match="nan-nhan's secret is not encrypted"):
            good(engine, key, "nan-nhan", known, 1)
        with pytest.raises(FactorKeysUnfit, match="nan-nhan"):
            second_factor.check_key(engine, key)  # what /readyz and the doctor ask
        assert second_factor.seal_all(engine, key) == 0
    assert "nan-nhan" in caplog.text
    assert known not in caplog.text
    assert kept(engine)["nan-nhan"] == (known, None)
    with write(engine) as connection:
        connection.execute(factors.update().where(factors.c.account == "nan-nhan").values(confirmed_at=None))
    with pytest.raises(FactorKeysUnfit, match="not encrypted"):
        second_factor.confirm(engine, "nan-nhan", pyotp.TOTP(known).at(NOW), NOW, keep_session="", key=key)
    with write(engine) as connection:
        connection.execute(factors.update().where(factors.c.account == "nan-nhan").values(confirmed_at=NOW))
    assert second_factor.use(engine, "nan-nhan", codes[0], NOW, key=key) == "password+recovery-code"
    assert good(engine, key, "nguoi-khac", other, 1), "the others' count"


def test_the_name_of_a_new_key_is_on_the_disk_before_anything_is_under_it(
    key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut after the first sign-up leaves the key: file first, then the folder that names it."""
    synced: list[tuple[str, bool]] = []
    sync = os.fsync

    def watched(handle: int) -> None:
        sync(handle)
        synced.append((str(Path(f"/proc/self/fd/{handle}").readlink()), key.exists()))

    monkeypatch.setattr(os, "fsync", watched)
    FactorKeys.create(key)
    (file, named), folder = synced
    assert (Path(file).parent, named) == (key.parent, False)
    assert folder == (str(key.parent), True)


def test_no_key_is_made_beside_secrets_that_wait_to_be_encrypted(engine: Engine, key: Path) -> None:
    """Else those would be taken for written beside it; the start of the service makes it."""
    secret, _ = enrolled(engine, key, "cu")
    key.unlink()
    as_before(engine, "cu", secret)
    accounts.create(engine, name="nguoi-moi", password=PASSWORD, roles=["clerk"], now=NOW)
    with pytest.raises(FactorKeysUnfit):
        second_factor.begin(engine, "nguoi-moi", NOW, key=key)
    assert not key.exists()
    assert second_factor.seal_all(engine, key) == 1
    assert second_factor.begin(engine, "nguoi-moi", NOW, key=key)


def test_a_new_key_takes_over_and_the_old_one_can_go(engine: Engine, key: Path) -> None:
    secret, _ = enrolled(engine, key, "doi-khoa")
    old, new = key.read_text(), Fernet.generate_key().decode()
    key.write_text(f"{new}\n{old}")
    assert good(engine, key, "doi-khoa", secret, 1), "the old one still opens"
    assert second_factor.seal_all(engine, key) == 1
    key.write_text(new)
    assert good(engine, key, "doi-khoa", secret, 2)
    second_factor.check_key(engine, key)


def test_recovery_codes_are_taken_over_with_their_secret(engine: Engine, key: Path) -> None:
    _, codes = enrolled(engine, key, "doi-khoa")
    old, new = key.read_text(), Fernet.generate_key().decode()
    key.write_text(f"{new}\n{old}")
    assert second_factor.seal_all(engine, key) == 1
    key.write_text(new)
    assert second_factor.use(engine, "doi-khoa", codes[0], NOW, key=key) == "password+recovery-code"
    assert second_factor.use(engine, "doi-khoa", codes[0], NOW, key=key) is None, "once"


def test_a_recovery_code_written_past_the_service_counts_nowhere(
    engine: Engine, key: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever can write rows: by its hash, under a key of their own, or moved from their own account. The person's own
    codes count beside it; and a guess at the app's code is none the cheaper."""
    _, mine = enrolled(engine, key, "ke-gian")
    _, theirs = enrolled(engine, key, "nan-nhan")
    digest = hashlib.sha256(f"nan-nhan/{mine[0].replace('-', '')}".encode()).hexdigest()
    with write(engine) as connection:
        moved = connection.execute(select(recovery_codes.c.sealed).where(recovery_codes.c.account == "ke-gian"))
        forged = [digest, Fernet(Fernet.generate_key()).encrypt(f"nan-nhan/recovery\n{digest}".encode()).decode()]
        rows = [*forged, *moved.scalars()]
        connection.execute(
            recovery_codes.insert(),
            [{"account": "nan-nhan", "number": 100 + n, "sealed": one} for n, one in enumerate(rows)],
        )
    for _ in range(2):
        with pytest.raises(FactorKeysUnfit):
            second_factor.use(engine, "nan-nhan", mine[0], NOW, key=key)
        assert second_factor.seal_all(engine, key) == 0
    assert "nan-nhan" in caplog.text
    assert second_factor.use(engine, "nan-nhan", "123456", NOW, key=key) is None
    assert second_factor.use(engine, "nan-nhan", theirs[0], NOW, key=key) == "password+recovery-code"


def test_who_has_no_recovery_code_left_is_named(engine: Engine, key: Path) -> None:
    enrolled(engine, key, "con-ma")
    enrolled(engine, key, "het-ma")
    with write(engine) as connection:
        connection.execute(recovery_codes.delete().where(recovery_codes.c.account == "het-ma"))
    assert second_factor.without_recovery_codes(engine) == ("het-ma",)


def test_a_secret_moved_to_another_account_opens_nothing(engine: Engine, key: Path) -> None:
    """Whoever can write rows gives nobody a factor they know the codes of."""
    mine, _ = enrolled(engine, key, "ke-gian")
    enrolled(engine, key, "nan-nhan")
    with write(engine) as connection:
        stolen = kept(engine)["ke-gian"][1]
        connection.execute(factors.update().where(factors.c.account == "nan-nhan").values(sealed=stolen))
    with pytest.raises(FactorKeysUnfit, match="another account"):
        good(engine, key, "nan-nhan", mine, 1)


@pytest.mark.parametrize(
    ("content", "mode", "why"),
    [
        (None, 0o600, "cannot be read"),
        ("", 0o600, "holds no key"),
        ("not a key", 0o600, "no key"),
        (Fernet.generate_key().decode(), 0o600, "does not open"),
        (Fernet.generate_key().decode(), 0o640, "others can read"),
    ],
    ids=["missing", "empty", "no-key", "another", "open-to-others"],  # keys in them would differ by worker
)
def test_without_its_key_no_code_counts_and_no_other_key_is_made(
    engine: Engine, key: Path, content: str | None, mode: int, why: str
) -> None:
    """Closed, not open: neither the password alone does, nor a recovery code. A reset does."""
    secret, codes = enrolled(engine, key, "mat-khoa")
    accounts.create(engine, name="nguoi-moi", password=PASSWORD, roles=["clerk"], now=NOW)
    key.unlink()
    if content is not None:
        key.write_text(content)
        key.chmod(mode)
    for act in (
        lambda: good(engine, key, "mat-khoa", secret, 1),
        lambda: second_factor.use(engine, "mat-khoa", codes[0], NOW, key=key),
        lambda: second_factor.check_key(engine, key),
        lambda: second_factor.seal_all(engine, key),
    ):
        with pytest.raises(FactorKeysUnfit, match=why) as told:
            act()
        assert "not a key" not in f"{told.value}{told.value.__cause__}"
    if content is None:
        with pytest.raises(FactorKeysUnfit):
            second_factor.begin(engine, "nguoi-moi", NOW, key=key)
        assert not key.exists()
    assert second_factor.use(engine, "mat-khoa", "123 456x", NOW, key=key) is None, "what is no code needs no key"
    assert second_factor.remove(engine, "mat-khoa", by="command:root", event="reset", now=NOW)
    second_factor.check_key(engine, None)  # nobody has one: no key is needed


def test_a_lost_key_is_said_and_costs_nobody_a_try(desk_with: PlaceMaker) -> None:
    """503 with words for who signs in, `second_factors` at /readyz for the operator; everybody else works on."""
    with serving(desk_with()) as running:
        client, engine, key = running.client(), running.place.desk.engine, factor_key(running.place)
        enrolled(engine, key, "mat-khoa")
        assert client.get("/readyz").json()["second_factors"] == "ok"
        lost = key.rename(key.with_suffix(".away"))
        with write(engine) as connection:
            connection.execute(attempts.delete())
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["second_factors"], ready.json()["status"]) == (
            200,
            "failing",
            "degraded",
        )
        body = {"name": "mat-khoa", "password": PASSWORD, "code": "123456"}
        for _ in range(throttle.PER_NAME + 1):
            refused = client.post("/api/v1/session", json=body)
            assert refused.status_code == 503
            assert refused.json()["type"] == "urn:secondseal:problem:storage-unavailable"
            assert str(key) not in refused.text
        clerk = client.post("/api/v1/session", json={"name": "mot-cua", "password": PASSWORD})
        assert clerk.status_code == 201
        lost.rename(key)
        assert client.post("/api/v1/session", json=body).status_code == 401
