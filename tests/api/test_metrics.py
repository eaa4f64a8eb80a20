"""/metrics, read as Prometheus reads it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from api.outbox import WebhookKey, receivers
from api.pace import BUCKETS_S, Pace
from stamping import pace
from tests.api.serving import Running, serving
from tests.stamping.office_desk import PlaceMaker
from trust import WebhookPolicy

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker) -> Iterator[Running]:
    with serving(desk_with()) as running:
        yield running


def scraped(office: Running) -> Samples:
    """Every sample by name and labels; no sample twice, every family of a known kind."""
    text = office.client().get("/metrics").text
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        assert family.type in {"counter", "gauge", "histogram"}, family
        for sample in family.samples:
            key = (sample.name.removeprefix("secondseal_"), frozenset(sample.labels.items()))
            assert key not in found, key
            found[key] = sample.value
    return found


def grown(before: Samples, after: Samples, name: str, **labels: str) -> float:
    key = (name, frozenset(labels.items()))
    return after.get(key, 0) - before.get(key, 0)


def test_a_paper_through_the_stages_is_counted_once(office: Running) -> None:
    place = office.place
    before = scraped(office)
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    during = scraped(office)
    assert during["queue_documents", frozenset()] == 1
    place.stamp()
    after = scraped(office)
    for state in ("generated", "awaiting_approval", "approved", "confirmed", "sealed"):
        assert grown(before, after, "documents_total", state=state) == 1, state
    assert after["queue_documents", frozenset()] == after["queue_oldest_seconds", frozenset()] == 0
    for stage, seconds in (("appraised", 4 * 3600), ("approved", 3600), ("stamped", 0)):
        assert grown(before, after, "stage_seconds_count", stage=stage) == 1, stage
        assert seconds <= grown(before, after, "stage_seconds_sum", stage=stage) < seconds + 300, stage
        assert grown(before, after, "stage_seconds_bucket", stage=stage, le="+Inf") == 1
    assert grown(before, after, "stage_seconds_bucket", stage="appraised", le="3600") == 0
    assert grown(before, after, "stage_seconds_bucket", stage="appraised", le="14400") == 1
    assert (
        scraped(office)["documents_total", frozenset({("state", "sealed")})]
        == after["documents_total", frozenset({("state", "sealed")})]
    ), "a second scrape counts nothing twice"


def test_refusals_are_counted_by_reason(office: Running) -> None:
    before = scraped(office)
    caller = office.program("documents:read")
    assert caller.get("/api/v1/documents/nothing").status_code == 404
    assert caller.post("/api/v1/documents", json={}).status_code == 403
    assert office.client().get("/api/v1/documents").status_code == 401
    after = scraped(office)
    for problem in ("not-found", "forbidden", "unauthenticated"):
        assert grown(before, after, "refusals_total", problem=problem) == 1, problem


def test_a_stamping_that_failed_has_its_reason(office: Running) -> None:
    place = office.place
    document = place.confirmed()
    before = scraped(office)
    sha256 = office.program("documents:read").get(f"/api/v1/documents/{document}").json()["revisions"]["approved"]
    file = place.desk.home / "files" / sha256[:2] / sha256
    kept = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(kept + b"%")
    place.stamp()
    file.write_bytes(kept)
    after = scraped(office)
    assert grown(before, after, "stampings_failed_total", problem="bytes-changed") == 1
    assert grown(before, after, "documents_total", state="approved") == 0, "it was approved before"
    assert grown(before, after, "stage_seconds_count", stage="approved") == 0


def test_what_receivers_are_still_to_be_told_has_an_age(office: Running) -> None:
    engine = office.place.desk.engine
    key = WebhookKey.load_or_create(office.place.desk.home / "webhook.key")
    url, now = "https://motcua.example.gov.vn/", datetime.now(UTC)
    made, _ = receivers.register(engine, key, WebhookPolicy(), url=url, events=(), client_id=None, by="thử", now=now)
    assert scraped(office)["events_oldest_seconds", frozenset()] == 0
    office.place.paper()
    found = scraped(office)
    assert found["events_oldest_seconds", frozenset()] > 0
    assert found["webhook_active", frozenset({("receiver", made.id)})] == 1
    delivered = frozenset({("receiver", made.id), ("outcome", "delivered")})
    assert found["webhook_deliveries_total", delivered] == 0
    receivers.remove(engine, made.id, None)


def test_a_scrape_reads_what_happened_since_the_last(office: Running) -> None:
    """The history is asked by its number, and the worker's queue by its index: no table is walked through."""
    engine = office.place.desk.engine
    asked: list[tuple[str, Any]] = []

    def keep(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append((statement, parameters))

    scraped(office)
    event.listen(engine, "before_cursor_execute", keep)
    try:
        scraped(office)
    finally:
        event.remove(engine, "before_cursor_execute", keep)
    walked = []
    with engine.connect() as connection:
        for statement, parameters in asked:
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
                walked += [row[3]] if re.match(r"SCAN (stamping_(?!key_|seal_worker)|api_deliveries)", row[3]) else []
    assert len(asked) > 8
    assert walked == []


def test_buckets_hold_what_is_below_them() -> None:
    counted = Pace()
    for seconds in (0.0, 1.0, 1.5, 10**9):
        counted._count(pace.Step(number=1, state="sealed", problem=None, stage="stamped", seconds=seconds))
    found = {labels["le"]: value for labels, value in counted.stage_samples() if "le" in labels}
    assert (found["1"], found["5"], found[str(BUCKETS_S[-1])], found["+Inf"]) == (2, 3, 3, 4)
