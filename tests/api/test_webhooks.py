"""Who registers receivers of events, what they are told about them, and events for who rather asks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import text

from api import clients
from store import metadata, read
from tests.api.administrators import add_administrators, caller
from tests.api.serving import Running, serving
from tests.stamping.office_desk import PlaceMaker
from trust import WebhookPolicy

URL = "https://motcua.example.gov.vn/su-kien"


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker) -> Iterator[Running]:
    place = desk_with()
    with serving(place, webhook_key=place.desk.home / "webhook.key", webhook_policy=WebhookPolicy()) as running:
        add_administrators(running)
        yield running


@pytest.fixture
def program(office: Running) -> httpx.Client:
    return office.program("documents:read")


def registered(client: httpx.Client, url: str = URL, *events: str) -> dict[str, object]:
    answer = client.post("/api/v1/webhooks", json={"url": url, "events": list(events)})
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_a_secret_is_shown_once_and_kept_nowhere(office: Running, program: httpx.Client) -> None:
    """Nor is the key they are made of anywhere but in its file, which nobody else can read."""
    made = registered(program, URL, "document.sealed")
    secret, path = str(made.pop("secret")), f"/api/v1/webhooks/{made['id']}"
    assert secret.startswith("whsec_")
    assert program.get(path).json() == made
    renewed = program.post(f"{path}/secret").json()["secret"]
    assert renewed != secret
    with read(office.place.desk.engine) as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(text(f"SELECT * FROM {table.name}")):
                assert secret not in str(row)
                assert renewed not in str(row)
    assert (office.place.desk.home / "webhook.key").stat().st_mode & 0o777 == 0o600


def test_a_program_has_its_own_and_an_administrator_sees_all(office: Running, program: httpx.Client) -> None:
    mine = registered(program)["id"]
    other, administrator = office.program("documents:read"), caller(office, "administrator")
    theirs = registered(other)["id"]
    offices = registered(administrator, "https://tinh.example.gov.vn/")["id"]
    assert [hook["id"] for hook in program.get("/api/v1/webhooks").json()["webhooks"]] == [mine]
    assert {mine, theirs, offices} <= {hook["id"] for hook in administrator.get("/api/v1/webhooks").json()["webhooks"]}
    for path in (f"/api/v1/webhooks/{theirs}", f"/api/v1/webhooks/{offices}"):
        assert program.get(path).status_code == 404
        assert program.delete(path).status_code == 404
        assert program.post(f"{path}/secret").status_code == 404
        assert program.post(f"{path}/repeat").status_code == 404
    assert administrator.delete(f"/api/v1/webhooks/{theirs}").status_code == 204
    assert other.get("/api/v1/webhooks").json() == {"webhooks": []}


def test_one_address_is_registered_once(program: httpx.Client) -> None:
    """Whoever lost the answer does not hear everything twice."""
    registered(program)
    again = program.post("/api/v1/webhooks", json={"url": URL})
    assert (again.status_code, again.json()["type"]) == (409, "urn:secondseal:problem:wrong-state")


@pytest.mark.parametrize(
    ("url", "events"),
    [
        ("http://motcua.example.gov.vn/", []),
        ("https://10.0.0.1/", []),
        ("https://127.0.0.1/", []),
        ("https://a:b@motcua.example.gov.vn/", []),
        (URL, ["document.eaten"]),
        (URL, ["document.corrected"]),
    ],
)
def test_what_cannot_be_meant_is_refused(program: httpx.Client, url: str, events: list[str]) -> None:
    answer = program.post("/api/v1/webhooks", json={"url": url, "events": events})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:secondseal:problem:webhook-invalid")


def test_events_come_once_each_in_order_and_say_nothing_personal(office: Running, program: httpx.Client) -> None:
    """The same paper, read page by page with `next`."""
    start = program.get("/api/v1/events", params={"after": "latest"}).json()
    assert start["events"] == []
    document = office.place.sealed()
    other = office.place.paper()
    events, after, more = [], start["next"], True
    while more:
        page = program.get("/api/v1/events", params={"after": after, "limit": 2})
        assert document.holder not in page.text
        events += page.json()["events"]
        after, more = page.json()["next"], page.json()["more"]
    states = ["generated", "awaiting_approval", "approved", "confirmed", "sealed"]
    ours = [one for one in events if one["data"]["document_id"] == document.id]
    assert [one["data"]["state"] for one in ours] == states
    assert len({one["id"] for one in events}) == len(events) == 7
    assert [one["number"] for one in events] == sorted(one["number"] for one in events)
    assert ours[-1] == {
        "id": f"evt_{document.id}_{ours[-1]['number']}",
        "type": "document.sealed",
        "timestamp": ours[-1]["timestamp"],
        "number": ours[-1]["number"],
        "data": {
            "document_id": document.id,
            "code": document.code,
            "state": "sealed",
            "link": f"{office.url}/api/v1/documents/{document.id}",
        },
    }
    again = program.get("/api/v1/events", params={"after": after}).json()
    assert again == {"events": [], "next": after, "more": False}
    only = program.get("/api/v1/events", params={"after": start["next"], "type": "document.awaiting_approval"}).json()
    assert [one["data"]["document_id"] for one in only["events"]] == [document.id, other.id]
    assert program.get("/api/v1/events", params={"after": "-1"}).status_code == 422


def test_without_a_key_none_is_registered(office: Running) -> None:
    service = office.app.state.service
    office.app.state.service = replace(service, settings=replace(service.settings, webhook_key=None))
    try:
        answer = office.program("documents:read").post("/api/v1/webhooks", json={"url": URL})
    finally:
        office.app.state.service = service
    assert answer.status_code == 503


def test_a_program_that_is_no_longer_welcome_registers_nothing(office: Running) -> None:
    engine = office.place.desk.engine
    client, token = clients.create(engine, name="cũ", scopes=["documents:read"], now=datetime.now(UTC))
    clients.revoke(engine, client.id)
    assert office.client(token=token).post("/api/v1/webhooks", json={"url": URL}).status_code == 401
