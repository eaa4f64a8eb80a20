"""Who asks for codes nobody was given waits, at their own address and nowhere else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest

from api import throttle
from register import new_code
from stamping import DocumentView
from tests.api.serving import Running

NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)
WAIT = {"vi": "Đã thử sai nhiều lần", "en": "Too many failed attempts"}


def at_address(service: Running, address: str) -> httpx.Client:
    """Nobody, calling from there."""
    return httpx.Client(base_url=service.url, transport=httpx.HTTPTransport(local_address=address), timeout=30)


@pytest.fixture(scope="module")
def guesser(service: Running) -> Iterator[httpx.Client]:
    """At an address of its own that has used up its tries; every other page may be reached from it."""
    with at_address(service, "127.0.0.9") as client:
        for number in range(throttle.CODES_PER_ADDRESS):
            answer = client.get(f"/{'vt'[number % 2]}/{new_code()}")
            assert answer.status_code == 404
        yield client


@pytest.mark.parametrize("language", ["vi", "en"])
def test_after_many_codes_that_do_not_exist_an_address_waits(
    guesser: httpx.Client, sealed: DocumentView, language: str
) -> None:
    for path in ("/v/{}", "/t/{}", "/v/{}/results/AAAAAAAAAAAAAAAAAAAAAA", "/v/{}/proof"):
        answer = guesser.get(path.format(new_code()), headers={"accept-language": language})
        assert answer.status_code == 429, path
        assert WAIT[language] in unescape(answer.text)
        assert 0 < int(answer.headers["retry-after"]) <= throttle.WINDOW.total_seconds()
    compared = guesser.post(f"/v/{new_code()}/compare", data={"sha256": "0" * 64})
    assert compared.status_code == 429


def test_a_code_somebody_was_given_is_answered_at_that_address_too(
    service: Running, guesser: httpx.Client, sealed: DocumentView
) -> None:
    """A telephone network shares one address: one caller shuts nobody out."""
    page, elsewhere = guesser.get(f"/v/{sealed.code}"), service.client().get(f"/v/{sealed.code}")
    assert (page.status_code, elsewhere.status_code) == (200, 200)
    proof, elsewhere = guesser.get(f"/v/{sealed.code}/proof"), service.client().get(f"/v/{sealed.code}/proof")
    assert (proof.status_code, proof.headers["content-type"]) == (
        elsewhere.status_code,
        elsewhere.headers["content-type"],
    )
    compared = guesser.post(f"/v/{sealed.code}/compare", data={"sha256": "0" * 64})
    assert compared.status_code == 303
    assert guesser.get(f"/v/{new_code()}").status_code == 429, "and the wait goes on"


def test_nobody_else_waits_and_nothing_else_is_closed(
    service: Running, guesser: httpx.Client, sealed: DocumentView
) -> None:
    assert service.client().get(f"/v/{sealed.code}").status_code == 200
    assert guesser.get("/verify").status_code == 200
    refused = guesser.post("/api/v1/session", json={"name": "mot-cua", "password": "không đúng đâu"})
    assert refused.status_code == 401, "passwords are counted apart"


def test_a_mistyped_code_is_not_counted(service: Running, sealed: DocumentView) -> None:
    mistyped = ("0" if sealed.code[0] != "0" else "1") + sealed.code[1:]
    with at_address(service, "127.0.0.10") as client:
        for _ in range(throttle.CODES_PER_ADDRESS + 1):
            assert client.get(f"/v/{mistyped}").status_code == 404
        assert client.get(f"/v/{sealed.code}").status_code == 200


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::7", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.3", "192.0.2.3", True),
    ],
)
def test_a_whole_network_of_one_household_is_one_address_and_the_wait_ends(
    service: Running, first: str, second: str, together: bool
) -> None:
    engine = service.place.desk.engine
    for second_of in range(throttle.CODES_PER_ADDRESS):
        throttle.code_missed(engine, first, NOW + timedelta(seconds=second_of))
    last = NOW + timedelta(seconds=throttle.CODES_PER_ADDRESS - 1)
    assert throttle.wait_for_codes(engine, second, last) == (throttle.WINDOW if together else None)
    assert throttle.wait_for_codes(engine, first, last + throttle.WINDOW) is None
    throttle.code_missed(engine, "203.0.113.9", last + throttle.WINDOW)  # and what is over is forgotten
