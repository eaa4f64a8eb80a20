"""The guard that keeps tests on loopback does refuse, and does let loopback through."""

import socket

import pytest

from tests.loopback import LeavesLoopbackError, is_local, refused_addresses


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST", b"localhost", None])
def test_loopback_is_local(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "0.0.0.0", "::", "", "example.org", "10.0.0.1", "fe80::1%eth0"])
def test_everything_else_is_not(host: object) -> None:
    assert not is_local(host)


def test_another_machine_is_refused_before_a_packet_leaves() -> None:
    with socket.socket() as sock, pytest.raises(LeavesLoopbackError):
        sock.connect(("192.0.2.1", 80))
    with socket.socket() as sock, pytest.raises(LeavesLoopbackError):
        sock.bind(("0.0.0.0", 0))
    with pytest.raises(LeavesLoopbackError):
        socket.getaddrinfo("example.org", 80)
    assert len(refused_addresses) == 3
    refused_addresses.clear()


def test_loopback_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        connection, _ = server.accept()
        with connection:
            client.sendall(b"x")
            assert connection.recv(1) == b"x"
