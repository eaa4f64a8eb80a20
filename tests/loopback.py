"""Tests open sockets on loopback only: the interpreter itself refuses any other address.

An audit hook sees every connect, bind, send and name look-up of this process, whatever library makes it. It cannot be
taken off again, so it is set once, by the root conftest. Programs that tests start are not covered.
"""

import ipaddress
import sys
from typing import Any

refused_addresses: list[str] = []
"""Every refusal since the running test began, as `event host`."""

_LOCAL_NAMES = {"localhost", "ip6-localhost", "localhost.localdomain"}


class LeavesLoopbackError(RuntimeError):
    """A test's code tried to reach, or to be reachable from, another machine."""


def is_local(host: object) -> bool:
    """True for a loopback address or name, and for no host at all (a look-up of a port)."""
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return name.lower() in _LOCAL_NAMES


def _host(event: str, arguments: tuple[Any, ...]) -> object:
    if event == "socket.getaddrinfo":
        return arguments[0]
    address = arguments[1]
    # AF_INET and AF_INET6 addresses are tuples led by the host; a path (AF_UNIX) stays on this machine by nature,
    # and so does a netlink address, led by a number.
    return address[0] if isinstance(address, tuple) and isinstance(address[0], str | bytes) else None


def _refuse_other_machines(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"}:
        host = _host(event, arguments)
        if not is_local(host):
            refused_addresses.append(f"{event} {host!r}")
            raise LeavesLoopbackError(f"{event} to {host!r}: tests stay on loopback")


def stay_on_loopback() -> None:
    """Refuse every other address from now on, in this process, for good. Call once."""
    sys.addaudithook(_refuse_other_machines)
