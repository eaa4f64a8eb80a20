"""One bounded exchange: what is refused, and what ends in time."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from secondseal.demo.pki import Pki
from tests.trust.raw_server import RawServer, ok
from tests.trust.scene import LOOPBACK
from trust import VIETNAMESE_HOSTS, Fetcher, FetchFailed, NetworkPolicy

PUBLIC = NetworkPolicy(allowed_hosts=VIETNAMESE_HOSTS)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("ocsp.ca.gov.vn", True),
        ("CA.gov.vn.", True),
        ("ocsp.vnpt-ca.vn", True),
        ("evilca.gov.vn", False),
        ("ca.gov.vn.evil.example", False),
        ("127.0.0.1", False),
        ("", False),
    ],
)
def test_only_listed_hosts(host: str, allowed: bool) -> None:
    """Exact names, or everything below a name; a look-alike is not below it."""
    assert PUBLIC.allows_host(host) is allowed


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "2002:a9fe:a9fe::1",
        "2001:0:a00:1::",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "::",
        "fec0::1",
        "ff02::1",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
def test_no_private_address(address: str) -> None:
    """SSRF: neither directly nor wrapped into an IPv6 address."""
    assert not PUBLIC.allows_address(ipaddress.ip_address(address))


def test_what_may_be_reached() -> None:
    """Public addresses; loopback and named private networks only where the operator says so."""
    assert PUBLIC.allows_address(ipaddress.ip_address("203.162.0.1"))
    assert LOOPBACK.allows_address(ipaddress.ip_address("127.0.0.1"))
    assert not LOOPBACK.allows_address(ipaddress.ip_address("10.0.0.1"))
    inside = replace(PUBLIC, allowed_networks=("10.20.0.0/16",))
    assert inside.allows_address(ipaddress.ip_address("10.20.3.4"))
    assert not inside.allows_address(ipaddress.ip_address("10.21.3.4"))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://user@127.0.0.1/x",
        "http://127.0.0.1:99999/x",
        "http:///x",
        "http://[::1/x",
        "http://localhost/x",
        "ldap://127.0.0.1/x",
        "http://127.0.0.1@evil.example/x",
        "http://evil.example#@127.0.0.1/x",
        "http://evil.example\\@127.0.0.1/x",
        "http://127.0.0.1.evil.example/x",
        "http://127.1/x",
        "http://2130706433/x",
        "http://0x7f000001/x",
        "http://0177.0.0.1/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://[::1]/x",
        "http://127.0.0.1%2f@evil.example/x",
        "//127.0.0.1/x",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    """Refused by our own policy, before any socket is opened."""
    with pytest.raises(FetchFailed) as caught:
        Fetcher(LOOPBACK).get(url)
    assert caught.value.refused


def test_a_listed_name_with_a_private_address_is_refused() -> None:
    """DNS rebinding: the name is on the list, its address is loopback, and the address is what counts."""
    with RawServer(lambda path, body: ok(b"secret")) as server:
        policy = NetworkPolicy(allowed_hosts=("localhost",), allowed_ports=(server.port,))
        with pytest.raises(FetchFailed, match="no allowed address") as caught:
            Fetcher(policy).get(f"http://localhost:{server.port}/")
        assert caught.value.refused
        assert server.connections == 0
        allowed = replace(policy, allow_loopback=True)
        assert Fetcher(allowed).get(f"http://localhost:{server.port}/") == b"secret"


@pytest.mark.parametrize("port", [21, 25, 443 + 8000, 5432, 8080])
def test_only_the_ports_of_the_web(port: int) -> None:
    """A listed host is no door to its other services."""
    policy = NetworkPolicy(allowed_hosts=("203.162.0.1",))
    with pytest.raises(FetchFailed, match="port") as caught:
        Fetcher(policy).get(f"http://203.162.0.1:{port}/")
    assert caught.value.refused


@pytest.mark.parametrize(
    ("addresses", "private"),
    [
        (["10.0.0.1"], True),
        (["::ffff:10.0.0.1"], True),
        (["fd00::1", "192.168.0.1"], True),
        (["10.0.0.1", "203.162.0.1"], False),
    ],
)
def test_what_a_name_leads_to_is_asked_once(
    addresses: list[str], private: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One look-up; private answers are never used, also beside a public one, and a second answer has no say."""
    asked: list[str] = []

    def answer(host: str, port: int, *_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        said = addresses if len(asked) == 1 else ["127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port)) for address in said]

    reached: list[str] = []

    def connect(_: socket.socket, place: tuple[object, ...]) -> None:
        reached.append(str(place[0]))
        raise OSError("not on this machine")

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(FetchFailed) as caught:
        Fetcher(NetworkPolicy(allowed_hosts=("ocsp.example",))).get("http://ocsp.example/")
    assert caught.value.refused is private
    assert reached == ([] if private else ["203.162.0.1"])
    assert asked == ["ocsp.example"]


def test_old_names_are_asked_under_their_new_one() -> None:
    """Certificates of the first generation name a host that is gone."""
    with RawServer(lambda path, body: ok(path.encode())) as server:
        policy = replace(LOOPBACK, renamed=(("ocsp.old.example", f"127.0.0.1:{server.port}"),))
        assert Fetcher(policy).get("http://ocsp.old.example/a?b=c") == b"/a?b=c"


def test_redirects_are_not_followed() -> None:
    """Not to other hosts, not at all."""
    with RawServer(
        lambda path, body: b"HTTP/1.1 302 F\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
    ) as one:
        with pytest.raises(FetchFailed, match="redirect"):
            Fetcher(LOOPBACK).get(one.url)
        assert one.asked == ["/"]


def test_too_large_answers_are_cut_off() -> None:
    """Whether the size is declared, hidden in chunks, or simply goes on."""
    policy = replace(LOOPBACK, max_bytes=100_000)
    head = b"HTTP/1.1 200 OK\r\n"
    declared = head + b"Content-Length: 100001\r\n\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n" + (b"8000\r\n" + b"x" * 0x8000 + b"\r\n") * 4

    def endless(path: str, body: bytes) -> Iterator[bytes | float]:
        yield head + b"\r\n"
        for _ in range(100):
            yield b"x" * 10_000

    for respond in (lambda p, b: declared, lambda p, b: chunked, endless):
        with RawServer(respond) as server, pytest.raises(FetchFailed, match="larger"):
            Fetcher(policy).get(server.url)
    with RawServer(lambda p, b: ok(b"x" * 100_000)) as server:
        assert len(Fetcher(policy).get(server.url)) == 100_000
    with RawServer(lambda p, b: ok(b"x" * 300_000)) as server, pytest.raises(FetchFailed, match="larger"):
        Fetcher(LOOPBACK).post(server.url, b"", "application/ocsp-request")


def test_every_kind_of_slowness_ends() -> None:
    """Silence, a byte now and then in the head, a byte now and then in the body: one deadline over all."""
    policy = replace(LOOPBACK, total_timeout_s=0.5)

    def silent(path: str, body: bytes) -> Iterator[bytes | float]:
        yield 5.0

    def dripping_head(path: str, body: bytes) -> Iterator[bytes | float]:
        yield b"HTTP/1.1 200 OK\r\nX: "
        for _ in range(50):
            yield from (b"x", 0.1)

    def dripping_body(path: str, body: bytes) -> Iterator[bytes | float]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"
        for _ in range(50):
            yield from (b"x", 0.1)

    for respond in (silent, dripping_head, dripping_body):
        with RawServer(respond) as server:
            started = time.monotonic()
            with pytest.raises(FetchFailed, match="in time") as caught:
                Fetcher(policy).get(server.url)
            assert time.monotonic() - started < 1.5
            assert not caught.value.refused


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "HTTP 500"),
        (b"HTTP/1.1 404 N\r\nContent-Length: 0\r\n\r\n", "HTTP 404"),
        (b"garbage\r\n\r\n", "garbage"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\nshort", "early"),
    ],
)
def test_broken_answers_are_named(raw: bytes, said: str) -> None:
    """A typed failure with its reason, never an exception of the HTTP library."""

    def once(path: str, body: bytes) -> Iterator[bytes | float]:
        yield raw

    with RawServer(once) as server, pytest.raises(FetchFailed, match=said):
        Fetcher(LOOPBACK).get(server.url)


def test_nobody_there() -> None:
    """A closed port."""
    with RawServer(lambda p, b: None) as server:
        url = server.url
        with pytest.raises(FetchFailed):
            Fetcher(LOOPBACK).get(url)
    with pytest.raises(FetchFailed):
        Fetcher(LOOPBACK).get(url)


def test_connections_are_kept_and_replaced() -> None:
    """A second question uses the same connection; a connection the server has closed is replaced without a word."""
    keep = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with RawServer(lambda path, body: keep) as server:
        fetcher = Fetcher(LOOPBACK)
        assert [fetcher.get(server.url) for _ in range(3)] == [b"ok"] * 3
        assert server.connections == 1
        fetcher.close()
    answers = iter([keep, None, keep])
    with RawServer(lambda path, body: next(answers)) as server:
        fetcher = Fetcher(LOOPBACK)
        assert [fetcher.get(server.url) for _ in range(2)] == [b"ok"] * 2
        assert server.connections == 2
        fetcher.close()


def test_an_unknown_certificate_ends_a_secure_connection(pki: Pki, tmp_path: Path) -> None:
    """https means a certificate that the system trusts, for that name."""
    import threading

    key = ec.generate_private_key(ec.SECP256R1())
    certificate = pki.issue_person("tls", "127.0.0.1", key.public_key(), organisation="x")
    (tmp_path / "c.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "k.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, pytest.raises(ssl.SSLError):
                context.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(FetchFailed, match=r"(?i)certificate"):
            Fetcher(LOOPBACK).get(f"https://127.0.0.1:{listening.getsockname()[1]}/")
        thread.join(2)
