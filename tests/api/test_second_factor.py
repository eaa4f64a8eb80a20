"""The second factor: real codes by pyotp, each taken once; at the sign-in, at the fresh authentication, by role."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api import accounts, second_factor, throttle
from api.identity import CodeNeeded, Proven, SignInRefused
from api.local_accounts import HALF_LIFE, LocalAccounts, Password
from api.second_factor import CodeWrong, FactorInForce
from api.tables import factor_events, recovery_codes
from store import read, write
from tests.api.serving import PASSWORD, Running, factor_key, serving
from tests.stamping.office_desk import PlaceMaker

NOW = datetime(2026, 11, 29, 3, 0, 5, tzinfo=UTC)
STEP = timedelta(seconds=30)
LIST = "ab" * 32


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker) -> Iterator[Running]:
    """An office whose auditors must have a second factor."""
    with serving(desk_with(), second_factor_roles=frozenset({"auditor"})) as running:
        yield running


def test_a_code_counts_once_within_its_minute_and_a_half(office: Running) -> None:
    people, name, secret, _ = _enrolled(office, "mot-lan")
    code = pyotp.TOTP(secret).at(NOW)
    with pytest.raises(SignInRefused):
        _prove(people, name, pyotp.TOTP(secret).at(NOW - STEP), NOW)
    with pytest.raises(SignInRefused, match="refused"):
        _prove(people, name, code, NOW)
    later = NOW + STEP
    assert _prove(people, name, pyotp.TOTP(secret).at(later), later).how == "password+code"
    with pytest.raises(SignInRefused):
        _prove(people, name, pyotp.TOTP(secret).at(later), later + timedelta(seconds=1))
    old = later + 4 * STEP
    for away in (-2, 2):
        with pytest.raises(SignInRefused):
            _prove(people, name, pyotp.TOTP(secret).at(old + away * STEP), old)
    assert _prove(people, name, pyotp.TOTP(secret).at(old + STEP), old).how == "password+code", "a clock ahead"


def test_one_code_sent_by_many_at_once_opens_one_session(office: Running) -> None:
    people, name, secret, _ = _enrolled(office, "nhieu-tay")
    at = NOW + 2 * STEP
    code = pyotp.TOTP(secret).at(at)

    def use(_: int) -> bool:
        return second_factor.use(office.place.desk.engine, name, code, at, key=factor_key(office.place)) is not None

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(use, range(8))) == 1
    assert people.half("khong-co", NOW) is None


def test_a_recovery_code_serves_once_and_stands_nowhere_as_it_is(office: Running) -> None:
    people, name, _, codes = _enrolled(office, "mat-may")
    engine = office.place.desk.engine
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    with read(engine) as connection:
        kept = str(connection.execute(select(recovery_codes)).all())
    assert not [code for code in codes if code.replace("-", "") in kept]
    assert _prove(people, name, codes[0], NOW).how == "password+recovery-code"
    with pytest.raises(SignInRefused):
        _prove(people, name, codes[0], NOW)
    assert _prove(people, name, codes[1].replace("-", " "), NOW).how == "password+recovery-code"
    assert second_factor.recovery_left(engine, name) == second_factor.RECOVERY_CODES - 2


def test_guessing_codes_is_slowed_like_guessing_passwords(office: Running) -> None:
    """Who knows the password does not clear the count with it."""
    people, name, secret, _ = _enrolled(office, "bi-doan")
    for number in range(throttle.PER_NAME):
        with pytest.raises(CodeNeeded):
            _prove(people, name, "", NOW)
        with pytest.raises(SignInRefused) as refusal:
            _prove(people, name, f"{number:06d}x", NOW)
        assert refusal.value.wait is None
    at = NOW + 2 * STEP
    with pytest.raises(SignInRefused) as refusal:
        _prove(people, name, pyotp.TOTP(secret).at(at), at)
    assert refusal.value.wait is not None
    half = people.begin_half(name, at)
    with pytest.raises(SignInRefused) as refusal:
        people.finish(half, pyotp.TOTP(secret).at(at), address="here", now=at)
    assert refusal.value.wait is not None, "nor at the second question"


def test_the_second_question_is_for_five_minutes_and_one_sign_in(office: Running) -> None:
    people, name, secret, _ = _enrolled(office, "hai-buoc")
    half = people.begin_half(name, NOW)
    with pytest.raises(SignInRefused):
        people.finish(half, pyotp.TOTP(secret).at(NOW + HALF_LIFE), address="here", now=NOW + HALF_LIFE)
    at = NOW + 2 * STEP
    assert people.finish(half, pyotp.TOTP(secret).at(at), address="here", now=at).account == name
    assert people.half(half, at) is None
    again = people.begin_half(name, at)
    accounts.set_password(office.place.desk.engine, name, "mot-mat-khau-moi")
    assert people.half(again, at) is None, "a new password ends what the old one began"


def test_it_is_not_in_force_before_its_first_code(office: Running) -> None:
    engine, name = office.place.desk.engine, _another(office, "chua-xong")
    secret = second_factor.begin(engine, name, NOW, key=factor_key(office.place))
    assert not second_factor.in_force(engine, name)
    assert second_factor.begin(engine, name, NOW, key=factor_key(office.place)) != secret, (
        "begun again, the first secret is gone"
    )
    first = pyotp.TOTP(secret).at(NOW)
    with pytest.raises(CodeWrong):
        second_factor.confirm(engine, name, first, NOW, keep_session="", key=factor_key(office.place))
    assert _prove(LocalAccounts(engine), name, "", NOW).how == "password"
    _, confirmed, _, _ = _enrolled(office, "da-xong")
    with pytest.raises(FactorInForce):
        second_factor.begin(engine, confirmed, NOW, key=factor_key(office.place))


def test_an_operator_resets_a_lost_one_on_record(office: Running) -> None:
    people, name, secret, codes = _enrolled(office, "lam-mat")
    engine = office.place.desk.engine
    assert second_factor.remove(engine, name, by="command:root", event="reset", now=NOW)
    assert not second_factor.remove(engine, name, by="command:root", event="reset", now=NOW)
    assert _prove(people, name, "", NOW).how == "password"
    assert second_factor.use(engine, name, codes[0], NOW, key=factor_key(office.place)) is None
    with read(engine) as connection:
        rows = connection.execute(select(factor_events).where(factor_events.c.account == name)).all()
    assert [(row.event, row.actor) for row in rows] == [
        ("begun", name),
        ("confirmed", name),
        ("reset", "command:root"),
    ]
    assert secret not in str(rows)
    with pytest.raises(IntegrityError, match="append-only"), write(engine) as connection:
        connection.execute(factor_events.delete())


def test_programs_of_a_person_send_the_code_at_sign_in_and_for_a_list(office: Running) -> None:
    """AC-63: with a second factor no session begins and no list is authenticated by the password alone."""
    _, name, secret, codes = _enrolled(office, "qua-api", at=datetime.now(UTC) - 4 * STEP)
    client = office.client()
    body = {"name": name, "password": PASSWORD}
    bare = client.post("/api/v1/session", json=body)
    assert (bare.status_code, bare.json()["type"]) == (401, "urn:secondseal:problem:second-factor-required")
    assert client.post("/api/v1/session", json=body | {"code": codes[0] + "1"}).status_code == 401
    begun = client.post("/api/v1/session", json=body | {"code": pyotp.TOTP(secret).now()})
    assert begun.status_code == 201, begun.text
    assert (begun.json()["how"], begun.json()["second_factor"]) == ("password+code", True)
    step = {"list_sha256": LIST, "password": PASSWORD}
    bare = client.post("/api/v1/steps", json=step)
    assert (bare.status_code, bare.json()["type"]) == (401, "urn:secondseal:problem:second-factor-required")
    assert client.post("/api/v1/steps", json=step | {"code": codes[1]}).status_code == 201
    assert client.post("/api/v1/steps", json=step | {"code": codes[1]}).status_code == 401


def test_a_role_that_must_have_one_does_nothing_before(office: Running) -> None:
    """Neither by pages nor by calls; it can look at itself, set the factor up, and leave."""
    name = _another(office, "kiem-tra-vien", role="auditor")
    client = office.client()
    assert client.post("/api/v1/session", json={"name": name, "password": PASSWORD}).status_code == 201
    for path in ("/api/v1/documents", "/api/v1/statistics"):
        refused = client.get(path)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:secondseal:problem:second-factor-required")
    refused = client.post("/api/v1/steps", json={"list_sha256": LIST, "password": PASSWORD})
    assert refused.status_code == 403
    assert client.get("/api/v1/session").json()["second_factor"] is False
    led = client.get("/desk/documents")
    assert (led.status_code, led.headers["location"]) == (303, "/desk/second-factor")
    assert client.get("/desk/second-factor").status_code == 200
    secret = second_factor.begin(office.place.desk.engine, name, datetime.now(UTC), key=factor_key(office.place))
    answer = _send(client, "/desk/second-factor/confirm", code=pyotp.TOTP(secret).now())
    assert answer.status_code == 200, answer.text
    assert client.get("/api/v1/documents").status_code == 200
    other = _another(office, "mot-cua-2")
    clerk = office.client()
    assert clerk.post("/api/v1/session", json={"name": other, "password": PASSWORD}).status_code == 201
    assert clerk.get("/api/v1/documents").status_code == 200


def _send(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """A form of the page of the second factor, with the token that page gave it."""
    shown = client.get("/desk/second-factor").text
    token = shown.partition('name="form_token" value="')[2].partition('"')[0]
    return client.post(path, data={"form_token": token, **fields})


def _prove(people: LocalAccounts, name: str, code: str, at: datetime) -> Proven:
    return people.prove(Password(name=name, password=PASSWORD, code=code), address="here", now=at)


def _enrolled(office: Running, name: str, at: datetime = NOW) -> tuple[LocalAccounts, str, str, tuple[str, ...]]:
    """A person with a second factor confirmed at that moment: who proves them, their secret and recovery codes."""
    engine, key = office.place.desk.engine, factor_key(office.place)
    _another(office, name)
    secret = second_factor.begin(engine, name, at, key=key)
    codes = second_factor.confirm(engine, name, pyotp.TOTP(secret).at(at), at, keep_session="", key=key)
    return LocalAccounts(engine, key), name, secret, codes


def _another(office: Running, name: str, role: accounts.Role = "clerk") -> str:
    accounts.create(office.place.desk.engine, name=name, password=PASSWORD, roles=[role], now=NOW)
    return name
