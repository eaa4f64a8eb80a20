"""Events on their way to receivers that are down, slow, gone, or lie: each arrives, in order, and nothing else does."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from standardwebhooks import Webhook, WebhookVerificationError

from api import clients
from api.outbox import WebhookKey, deliveries, receivers
from secondseal.command import main
from secondseal.courier import Courier
from secondseal.settings import write_settings
from stamping import Reach, apologies, endings
from store import VIETNAM, read
from tests.secondseal.receiver import Receiver
from tests.secondseal.served import until
from tests.stamping.office_desk import ORGANISATION, SEAL, Place, PlaceMaker
from tests.stamping.test_apologies import new, overdue
from trust import WebhookPolicy

PAPER = "dang-ky-ho-kinh-doanh"
LOOPBACK = WebhookPolicy(allow_loopback=True)


@dataclass(kw_only=True)
class Post:
    """An office's outgoing events. Its clock stands ahead of the world's by `ahead`."""

    place: Place
    key: WebhookKey
    ahead: timedelta = timedelta()
    couriers: list[Courier] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def engine(self) -> Engine:
        return self.place.desk.engine

    def courier(self, policy: WebhookPolicy = LOOPBACK) -> Courier:
        """A fresh one, which remembers nothing."""
        made = Courier(self.engine, self.key, policy, public_url="http://127.0.0.1:8000", clock=self.now)
        self.couriers.append(made)
        return made

    def receiver(self, url: str, *events: str, client_id: str | None = None) -> tuple[str, str]:
        """Register it: its id and its secret."""
        made, secret = receivers.register(
            self.engine, self.key, LOOPBACK, url=url, events=events, client_id=client_id, by="thử", now=self.now()
        )
        return made.id, secret

    def told(self, identity: str) -> receivers.Receiver:
        """What is known of it."""
        return receivers.find(self.engine, identity, None)


@pytest.fixture(scope="module")
def place(desk_with: PlaceMaker) -> Place:
    return desk_with()


@pytest.fixture
def post(place: Place) -> Iterator[Post]:
    running = Post(place=place, key=WebhookKey.load_or_create(place.desk.home / "webhook.key"))
    yield running
    for courier in running.couriers:
        courier.close()
    for one in receivers.listed(running.engine, None):
        receivers.remove(running.engine, one.id, None)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def withdrawn(place: Place) -> str:
    """A paper with three events: generated, awaiting_approval, withdrawn."""
    document = place.paper().id
    endings.decline(place.desk, document, "withdrawn", "thử nghiệm", "một cửa")
    return document


ALL = ["generated", "awaiting_approval", "withdrawn"]


def test_events_arrive_in_order_and_an_independent_receiver_believes_them(post: Post, receiver: Receiver) -> None:
    """Checked by the library of Standard Webhooks; with another secret, or a byte changed, it believes nothing."""
    identity, secret = post.receiver(receiver.url)
    document = post.place.paper()
    endings.decline(post.place.desk, document.id, "withdrawn", "lý do riêng tư", "một cửa")
    other = withdrawn(post.place)
    courier = post.courier()
    assert courier.round() == 6
    assert receiver.states(document.id) == receiver.states(other) == ALL
    for heard in receiver.heard:
        told = Webhook(secret).verify(heard.body, heard.headers)
        assert told["id"] == heard.id
        assert set(told) == {"id", "type", "timestamp", "number", "data"}
        assert set(told["data"]) == {"document_id", "code", "state", "link"}
        for private in (document.holder, document.dossier, "lý do", "một cửa", document.title):
            assert private not in heard.body.decode()
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(heard.body + b" ", heard.headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(post.key.secret("another")).verify(heard.body, heard.headers)
    assert courier.round() == 0
    assert (post.told(identity).delivered, post.told(identity).pending) == (6, 0)


def test_a_late_dossier_is_told_and_then_its_apology(post: Post, receiver: Receiver) -> None:
    """In order, with both days; nobody's name, and not why. Who is limited hears of their own alone."""
    engine, now = post.engine, post.now()
    made = {
        name: clients.create(engine, name=name, scopes=("documents:read",), now=now, reach=reach)[0].id
        for name, reach in (
            (
                "trong",
                Reach(papers=frozenset({PAPER}), seals=frozenset({SEAL}), organisations=frozenset({ORGANISATION})),
            ),
            ("giấy khác", Reach(papers=frozenset({"giay-khac"}))),
            ("dấu khác", Reach(seals=frozenset({"h1-2"}))),
            ("nơi khác", Reach(organisations=frozenset({"M01"}))),
        )
    }
    ids = {
        name: post.receiver(f"{receiver.url}?{index}", client_id=one)[0]
        for index, (name, one) in enumerate(made.items())
    }
    code = overdue(post.place)
    apologies.notice(post.place.desk)
    told = apologies.apologise(post.place.desk, code, new(post.place, reason="lý do riêng tư"), "một cửa")
    assert post.courier().round() == 2
    assert [post.told(one).delivered for one in ids.values()] == [2, 0, 0, 0]
    heard = [one.event for one in receiver.heard]
    assert [one["type"] for one in heard] == ["dossier.overdue", "dossier.apologised"]
    missed = told.apologies[0].due_at.astimezone(VIETNAM).isoformat()
    link = f"http://127.0.0.1:8000/api/v1/dossiers/{code}"
    assert [one["data"] for one in heard] == [
        {"dossier": code, "due_at": missed, "appointed_at": None, "link": link},
        {"dossier": code, "due_at": missed, "appointed_at": told.due_at.astimezone(VIETNAM).isoformat(), "link": link},
    ]
    for one in receiver.heard:
        for private in (told.applicant.name, told.receipt_code, "lý do", "một cửa"):
            assert private not in one.body.decode() + one.id


def test_on_both_databases(desk_with: PlaceMaker, both: Engine, receiver: Receiver, tmp_path: Path) -> None:
    running = Post(place=desk_with(engine=both), key=WebhookKey.load_or_create(tmp_path / "webhook.key"))
    identity, _ = running.receiver(receiver.url)
    receiver.answer = lambda heard: 500 if len(receiver.heard) == 1 else 200
    document = withdrawn(running.place)
    courier = running.courier()
    assert courier.round() == 0
    with read(both) as connection:
        assert deliveries.oldest_waiting(connection) is not None
    running.ahead = timedelta(minutes=1)
    assert courier.round() == 3
    assert receiver.states(document) == ["generated", *ALL]
    with read(both) as connection:
        assert deliveries.oldest_waiting(connection) is None
    running.ahead = timedelta(days=31)
    assert deliveries.forget(both, running.now()) == 3
    assert running.told(identity).delivered == 3
    courier.close()


def test_only_what_was_asked_for_and_only_since_then(post: Post, receiver: Receiver) -> None:
    before = withdrawn(post.place)
    post.receiver(receiver.url, "document.withdrawn")
    document = withdrawn(post.place)
    assert post.courier().round() == 1
    assert receiver.states(before) == []
    assert receiver.states(document) == ["withdrawn"]


def test_a_receiver_that_was_down_hears_everything_under_the_same_ids(post: Post, receiver: Receiver) -> None:
    """First nobody listens, then it answers with faults, then it is back: order kept, no pause kept for the others."""
    port = receiver.port
    receiver.close()
    identity, _ = post.receiver(receiver.url)
    documents = [withdrawn(post.place) for _ in range(3)]
    courier = post.courier()
    assert courier.round() == 0
    assert (post.told(identity).pending, post.told(identity).refused) == (9, 1), "one attempt, not one for each"
    with Receiver(port) as back:
        back.answer = lambda _heard: 503
        for _ in range(3):
            post.ahead += timedelta(minutes=2)
            assert courier.round() == 0
        failed = {heard.id for heard in back.heard}
        back.answer = lambda _heard: 200
        post.ahead += timedelta(minutes=2)
        assert courier.round() + courier.round() == 9
        for document in documents:
            # each may have been heard of before it could be taken, never out of order
            assert list(dict.fromkeys(back.states(document))) == ALL
        assert failed < {heard.id for heard in back.heard}
        assert len({heard.id for heard in back.heard}) == 9
    assert (post.told(identity).pending, post.told(identity).failed) == (0, 0)


def test_after_a_day_it_failed_and_a_person_may_have_it_repeated(post: Post, receiver: Receiver) -> None:
    """Pauses grow to four hours; the later events of the same document wait for the first, then go on."""
    identity, _ = post.receiver(receiver.url)
    document = withdrawn(post.place)
    receiver.answer = lambda heard: 200 if heard.event["data"]["state"] != "generated" else 500
    courier = post.courier()
    while post.told(identity).failed == 0:
        before = len(receiver.heard)
        while len(receiver.heard) == before:
            post.ahead += max(timedelta(seconds=60), post.ahead / 10)
            courier.round()
        assert post.ahead < timedelta(days=2)
    tries = receiver.states(document).count("generated")
    assert timedelta(hours=24) <= post.ahead <= timedelta(hours=29)
    assert 10 <= tries <= 16
    assert receiver.states(document) == ["generated"] * tries
    post.ahead += timedelta(minutes=2)
    courier.round()
    assert receiver.states(document)[tries:] == ["awaiting_approval", "withdrawn"]
    receiver.answer = lambda _heard: 200
    assert receivers.repeat(post.engine, identity, None, now=post.now()) == 1
    assert courier.round() == 1
    assert receiver.states(document)[-1] == "generated"
    assert len({heard.id for heard in receiver.heard}) == 3
    assert (post.told(identity).failed, post.told(identity).pending) == (0, 0)


def test_a_slow_receiver_is_not_waited_for_and_holds_up_nobody(post: Post, receiver: Receiver) -> None:
    release = threading.Event()
    with Receiver() as slow:
        slow.answer = lambda _heard: 200 if release.wait(30) else 500
        late, _ = post.receiver(slow.url)
        post.receiver(receiver.url)
        document = withdrawn(post.place)
        courier = post.courier(replace(LOOPBACK, total_timeout_s=0.3))
        stop = threading.Event()
        running = threading.Thread(target=courier.run, args=(stop,))
        running.start()
        until(lambda: receiver.states(document) == ALL, 20, "the quick one heard all")
        until(lambda: post.told(late).refused > 0, 20, "the slow one was left")
        stop.set()
        running.join()
        release.set()
    assert post.told(late).pending == 3
    assert "in time" in waiting_for(post, late)


def waiting_for(post: Post, identity: str) -> str:
    """Why the event that waits longest did not arrive."""
    with read(post.engine) as connection:
        return str(
            connection.execute(
                text("SELECT why FROM api_deliveries WHERE webhook_id = :id AND why <> '' ORDER BY number LIMIT 1"),
                {"id": identity},
            ).scalar()
        )


def test_a_receiver_that_says_gone_is_silenced_until_somebody_asks(post: Post, receiver: Receiver) -> None:
    """HTTP 410; what waits goes on waiting, and nothing that happens meanwhile is lost."""
    identity, _ = post.receiver(receiver.url)
    first = withdrawn(post.place)
    receiver.answer = lambda _heard: 410
    courier = post.courier()
    assert courier.round() == 0
    assert (post.told(identity).active, len(receiver.heard)) == (False, 1)
    assert "410" in post.told(identity).why
    receiver.answer = lambda _heard: 200
    second = withdrawn(post.place)
    post.ahead = timedelta(days=3)
    assert courier.round() == 0
    receivers.repeat(post.engine, identity, None, now=post.now())
    assert courier.round() == 6
    assert receiver.states(first) == ["generated", *ALL]
    assert receiver.states(second) == ALL


def test_a_redirect_is_not_followed(post: Post, receiver: Receiver) -> None:
    identity, _ = post.receiver(receiver.url)
    withdrawn(post.place)
    receiver.answer = lambda _heard: 302
    assert post.courier().round() == 0
    assert [heard.path for heard in receiver.heard] == ["/su-kien"]
    assert "redirect" in waiting_for(post, identity)


def test_an_address_within_the_walls_is_not_connected_to(post: Post, receiver: Receiver) -> None:
    """SSRF: what a name leads to counts when it is sent, whatever was registered before."""
    identity, _ = post.receiver(f"http://localhost:{receiver.port}/")
    withdrawn(post.place)
    assert post.courier(WebhookPolicy()).round() == 0
    assert receiver.heard == []
    assert "no allowed address" in waiting_for(post, identity)


def test_a_program_that_may_no_longer_read_is_no_longer_told(post: Post, receiver: Receiver) -> None:
    client, _ = clients.create(post.engine, name="cũ", scopes=["documents:read"], now=post.now())
    identity, _ = post.receiver(receiver.url, client_id=client.id)
    withdrawn(post.place)
    deliveries.spread(post.engine, post.now())
    clients.revoke(post.engine, client.id)
    assert post.courier().round() == 0
    assert (receiver.heard, post.told(identity).active) == ([], False)


def test_a_program_is_told_of_what_it_reaches_and_no_more(post: Post, receiver: Receiver) -> None:
    """Its limits count when an event is queued, and again when it is sent."""
    here, elsewhere = (Reach(organisations=frozenset({one})) for one in ("M01.X1", "M01.X9"))
    scopes, now = ["documents:read"], post.now()
    near, _ = clients.create(post.engine, name="gần", scopes=scopes, now=now, reach=here)
    far, _ = clients.create(post.engine, name="xa", scopes=scopes, now=now, reach=elsewhere)
    mine, _ = post.receiver(receiver.url, client_id=near.id)
    with Receiver() as other:
        theirs, _ = post.receiver(other.url, client_id=far.id)
        document = withdrawn(post.place)
        courier = post.courier()
        assert courier.round() == 3
        assert (receiver.states(document), other.heard) == (ALL, [])
        withdrawn(post.place)
        deliveries.spread(post.engine, post.now())
        assert (post.told(mine).pending, post.told(theirs).pending) == (3, 0)
        clients.limit(post.engine, near.id, elsewhere)
        while post.told(mine).pending:
            assert courier.round() == 0
        assert len(receiver.heard) == 3


def test_a_new_secret_and_the_one_before_both_sign_for_a_day(post: Post, receiver: Receiver) -> None:
    """Asking twice, because an answer was lost, does not silence the receiver that still has the first."""
    identity, first = post.receiver(receiver.url, "document.withdrawn")
    receivers.renew_secret(post.engine, post.key, identity, None, now=post.now())
    second = receivers.renew_secret(post.engine, post.key, identity, None, now=post.now())
    withdrawn(post.place)
    courier = post.courier()
    assert courier.round() == 1
    for secret in (first, second):
        Webhook(secret).verify(receiver.heard[0].body, receiver.heard[0].headers)
    post.ahead = timedelta(hours=25)
    withdrawn(post.place)
    assert courier.round() == 1
    assert receiver.heard[1].headers["webhook-signature"].count("v1,") == 1


def test_another_key_signs_nothing(post: Post, receiver: Receiver, tmp_path: Path) -> None:
    """A machine that was given another webhook key says so, and sends nothing its receivers would not believe."""
    post.receiver(receiver.url)
    withdrawn(post.place)
    wrong = replace(post, key=WebhookKey.load_or_create(tmp_path / "other.key"), couriers=post.couriers)
    assert wrong.courier().round() == 0
    assert receiver.heard == []
    assert post.courier().round() == 3


def test_two_couriers_never_speak_to_one_receiver_at_once(post: Post, receiver: Receiver) -> None:
    """The second finds it held while the first is sending; together they send each event once."""
    post.receiver(receiver.url)
    document = withdrawn(post.place)
    first, second = post.courier(), post.courier()
    seen: list[int] = []
    receiver.answer = lambda _heard: 200 if seen.append(second.round()) is None else 500
    assert first.round() == 3
    assert seen == [0, 0, 0]
    assert receiver.states(document) == ALL


def test_killed_in_the_middle_nothing_is_lost(post: Post, receiver: Receiver, tmp_path: Path) -> None:
    """kill -9 of the program while a receiver has the event and has not answered: it comes again, under its id."""
    home, desk = tmp_path / "home", post.place.desk
    home.mkdir()
    key = desk.home / "webhook.key"
    write_settings(home, {"database_url": str(desk.engine.url), "allow_loopback": True, "webhook_key": str(key)})
    post.receiver(receiver.url)
    documents = [withdrawn(post.place), withdrawn(post.place)]
    held, release = threading.Event(), threading.Event()

    def hang(_heard: object) -> int:
        if len(receiver.heard) < 3:
            return 200
        held.set()
        release.wait(60)
        return 500

    receiver.answer = hang
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSEAL_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "secondseal.command", "courier"],
        env={**environment, "SECONDSEAL_HOME": str(home)},
        stderr=subprocess.DEVNULL,
    )
    try:
        assert held.wait(60), "it sent nothing"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        release.set()
    receiver.answer = lambda _heard: 200
    heard = len(receiver.heard)
    assert post.courier().round() == 0, "the one that died held the receiver"
    post.ahead = deliveries.HOLD + timedelta(seconds=1)
    assert post.courier().round() == 4
    assert receiver.heard[heard].id == receiver.heard[heard - 1].id
    for document in documents:
        assert list(dict.fromkeys(receiver.states(document))) == ALL
    assert len(receiver.heard) == 7


def test_the_command_lists_adds_repeats_and_removes(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_settings(tmp_path, {"database_url": str(post.engine.url)})
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path))
    url = "https://motcua.example.gov.vn/su-kien"
    assert main(["webhooks", "add", url, "--event", "document.sealed"]) == 0
    identity, secret = capsys.readouterr().out.split()
    assert main(["webhooks", "add", "https://10.0.0.1/"]) == 1
    assert "private" in capsys.readouterr().err
    assert main(["webhooks", "secret", identity]) == 0
    assert capsys.readouterr().out.strip() not in {"", secret}
    assert main(["webhooks", "list"]) == 0
    listed = capsys.readouterr().out
    assert identity in listed
    assert url in listed
    assert "whsec" not in listed
    assert main(["webhooks", "repeat", identity]) == 0
    assert main(["webhooks", "remove", identity]) == 0
    assert main(["webhooks", "remove", identity]) == 1
    assert "no such receiver" in capsys.readouterr().err
