"""Where events may be sent: any public host over https, and nothing within the walls unless the operator names it."""

import ipaddress
import threading

import pytest

from tests.trust.raw_server import RawServer
from trust import Fetcher, FetchFailed, WebhookPolicy

OUTSIDE = WebhookPolicy()
WITHIN = WebhookPolicy(private_hosts=("motcua.xa-mau.example",))
LOOPBACK = WebhookPolicy(allow_loopback=True)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://motcua.example.gov.vn/su-kien?x=1", None),
        ("https://203.162.0.1:8443/", None),
        ("http://motcua.example.gov.vn/", "https"),
        ("https://motcua.example.gov.vn:22/", "port 22"),
        ("https://user:mat-khau@motcua.example.gov.vn/", "password"),
        ("https://motcua.example.gov.vn/#a", "fragment"),
        ("ftp://motcua.example.gov.vn/", "https"),
        ("https://10.1.2.3/", "private"),
        ("https://[::ffff:10.0.0.1]/", "private"),
        ("https://169.254.169.254/latest/meta-data", "private"),
        ("https://127.0.0.1/", "this machine"),
        ("https://localhost/", "this machine"),
        ("https://[::1/", "not a URL"),
        ("https:///", "must be"),
    ],
)
def test_what_may_be_registered(url: str, why: str | None) -> None:
    said = OUTSIDE.why_not(url)
    assert said is None if why is None else said is not None and why in said


def test_private_addresses_belong_to_named_hosts_alone() -> None:
    """SSRF: a name that leads within is refused when it is connected to, unless the setting names that host."""
    private, metadata, own = map(ipaddress.ip_address, ("10.20.3.4", "169.254.169.254", "127.0.0.1"))
    assert WITHIN.allows_address(private, "MotCua.xa-mau.example.")
    assert not WITHIN.allows_address(private, "other.example")
    assert not OUTSIDE.allows_address(private, "motcua.xa-mau.example")
    for policy in (OUTSIDE, WITHIN):
        assert not policy.allows_address(metadata, "motcua.xa-mau.example")
        assert not policy.allows_address(own, "motcua.xa-mau.example")


@pytest.mark.parametrize(
    ("policy", "url", "reason"),
    [
        (OUTSIDE, "https://127.0.0.1:{port}/", "no allowed address"),
        (OUTSIDE, "https://localhost:{port}/", "no allowed address"),
        (WebhookPolicy(private_hosts=("localhost",)), "https://localhost:{port}/", "no allowed address"),
    ],
)
def test_nothing_is_connected_to_that_may_not_be(policy: WebhookPolicy, url: str, reason: str) -> None:
    with RawServer(lambda path, body: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as server:
        with pytest.raises(FetchFailed, match=reason) as caught:
            Fetcher(policy).send(url.format(port=server.port), b"{}", {})
        assert caught.value.refused
        assert server.connections == 0


def test_any_success_is_one_and_a_refusal_keeps_its_status() -> None:
    got: list[bytes] = []
    statuses = iter([b"200 OK", b"204 No Content", b"202 Accepted", b"410 Gone", b"307 Temporary Redirect"])
    lock = threading.Lock()

    def respond(path: str, body: bytes) -> bytes:
        with lock:
            got.append(body)
            return b"HTTP/1.1 " + next(statuses) + b"\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:1/\r\n\r\n"

    with RawServer(respond) as server:
        fetcher = Fetcher(LOOPBACK)
        for body in (b"1", b"2", b"3"):
            fetcher.send(server.url, body, {"Content-Type": "application/json"})
        for status in (410, 307):
            with pytest.raises(FetchFailed) as caught:
                fetcher.send(server.url, b"x", {})
            assert caught.value.status == status
        fetcher.close()
    assert got == [b"1", b"2", b"3", b"x", b"x"]
