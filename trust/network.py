"""The only module of the program's rooms that opens sockets to other machines: one bounded HTTP exchange.

OCSP, CRL and time-stamping addresses come from certificates, and certificates come from strangers, so: only listed
hosts (of webhooks, any public one: who registers them names it); the name is resolved once, the address checked and
that very address connected to (a second DNS answer cannot change it); no private or loopback addresses unless allowed;
no redirects; a bound on size; one deadline over everything, kept even against a server that sends a byte a minute.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn, cast
from urllib.parse import SplitResult, urlsplit

from trust.network_policy import IpAddress, NetworkPolicy

IDLE_S = 10.0
CHUNK = 64 * 1024
MAX_POST_ANSWER = 256 * 1024


class FetchFailed(Exception):
    """An exchange gave no usable answer. `reason` is a short English text without secrets; `refused` says that our own
    policy forbade it, so that trying again is senseless; `status` is the HTTP status, where there was an answer."""

    def __init__(self, reason: str, *, refused: bool = False, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refused = refused
        self.status = status


class Fetcher:
    """Bounded exchanges under one policy. Safe to share between threads; keeps idle connections for ten seconds."""

    def __init__(self, policy: NetworkPolicy) -> None:
        self.policy = policy
        self._idle: dict[_Server, list[tuple[float, _Connection]]] = defaultdict(list)
        self._lock = threading.Lock()
        # A forgotten fetcher leaves no socket open.
        self._end = weakref.finalize(self, _close_all, self._idle)
        self._resolver = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolve")

    def get(self, url: str) -> bytes:
        """GET, up to the policy's size. Raises FetchFailed."""
        return self._exchange("GET", url, None, {}, self.policy.max_bytes)

    def post(self, url: str, body: bytes, content_type: str) -> bytes:
        """POST; the answer (one OCSP response, one time stamp) may have 256 KiB. Raises FetchFailed."""
        bound = min(self.policy.max_bytes, MAX_POST_ANSWER)
        return self._exchange("POST", url, body, {"Content-Type": content_type}, bound)

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """POST to a receiver that answers with any status of success; what else it says is of no use. Raises
        FetchFailed."""
        self._exchange("POST", url, body, dict(headers), self.policy.max_bytes, range(200, 300))

    def close(self) -> None:
        """Close idle connections."""
        with self._lock:
            _close_all(self._idle)
        self._resolver.shutdown(wait=False)

    def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: dict[str, str],
        max_bytes: int,
        wanted: range = range(200, 201),
    ) -> bytes:
        until = time.monotonic() + self.policy.total_timeout_s
        place = self._place(url, until)
        kept = self._take(place)
        try:
            if kept is not None:
                with contextlib.suppress(OSError, http.client.HTTPException):  # it may have been closed meanwhile
                    return self._ask(kept, place, method, body, headers, until, max_bytes, wanted)
            fresh = _Connection(place, self.policy.connect_timeout_s, until)
            return self._ask(fresh, place, method, body, headers, until, max_bytes, wanted)
        except TimeoutError as error:
            raise FetchFailed("no answer in time") from error
        except (OSError, http.client.HTTPException) as error:
            raise FetchFailed(str(error) or type(error).__name__) from error

    def _place(self, url: str, until: float) -> "_Place":
        parts = self._checked(url)
        host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
        address = self._address(host, port, until)
        if not address.is_loopback and port not in self.policy.allowed_ports:
            _refuse(f"port {port} is not allowed")
        if parts.scheme != "https" and not self.policy.allows_plain(address):
            _refuse("only https is allowed")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return _Place(host=host, port=port, address=address, secure=parts.scheme == "https", target=target)

    def _checked(self, url: str) -> SplitResult:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            _refuse("not a URL")
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            _refuse("not a plain http or https URL")
        renamed = dict(self.policy.renamed).get(host.lower())
        if renamed is not None:
            parts = urlsplit(parts._replace(netloc=renamed).geturl())
            host = str(parts.hostname)
        if not self.policy.allows_host(host):
            _refuse(f"host {host} is not on the list")
        return parts

    def _address(self, host: str, port: int, until: float) -> IpAddress:
        try:
            found = [ipaddress.ip_address(host)]
        except ValueError:
            found = self._resolve(host, port, until)
        allowed = [address for address in found if self.policy.allows_address(address, host)]
        if not allowed:
            _refuse(f"{host} has no allowed address")
        return allowed[0]

    def _resolve(self, host: str, port: int, until: float) -> list[IpAddress]:
        asked = self._resolver.submit(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
        try:
            answers = asked.result(max(0.0, min(self.policy.connect_timeout_s, until - time.monotonic())))
        except FutureTimeoutError as error:
            raise FetchFailed(f"the name {host} was not resolved in time") from error
        except OSError as error:
            raise FetchFailed(f"the name {host} cannot be resolved") from error
        return [ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]

    def _take(self, place: "_Place") -> "_Connection | None":
        with self._lock:
            kept = self._idle[place.server]
            while kept:
                since, connection = kept.pop()
                if time.monotonic() - since < IDLE_S:
                    return connection
                connection.close()
        return None

    def _ask(
        self,
        connection: "_Connection",
        place: "_Place",
        method: str,
        body: bytes | None,
        headers: dict[str, str],
        until: float,
        max_bytes: int,
        wanted: range,
    ) -> bytes:
        keep = False
        try:
            answer, keep = connection.ask(
                method, place.target, body, headers, until=until, max_bytes=max_bytes, wanted=wanted
            )
        finally:
            if not keep:
                connection.close()
        if keep:
            with self._lock:
                self._idle[place.server].append((time.monotonic(), connection))
        return answer


@dataclass(frozen=True, kw_only=True)
class _Place:
    host: str
    port: int
    address: IpAddress
    secure: bool
    target: str

    @property
    def server(self) -> "_Server":
        return self.host, self.port, self.address, self.secure


_Server = tuple[str, int, IpAddress, bool]


def _close_all(idle: "dict[_Server, list[tuple[float, _Connection]]]") -> None:
    for kept in idle.values():
        for _, connection in kept:
            connection.close()
    idle.clear()


class _Deadline(socket.socket):
    """A socket on which no receive outlives the exchange's deadline."""

    until = float("inf")

    def recv_into(self, *arguments: Any, **named: Any) -> int:
        self.settimeout(_left(self.until))
        return super().recv_into(*arguments, **named)


class _TlsDeadline(ssl.SSLSocket):
    """The same over TLS."""

    until = float("inf")

    def recv_into(self, *arguments: Any, **named: Any) -> int:
        self.settimeout(_left(self.until))
        return super().recv_into(*arguments, **named)


class _Connection:
    def __init__(self, place: _Place, timeout_s: float, until: float) -> None:
        family = socket.AF_INET6 if place.address.version == 6 else socket.AF_INET
        plain = _Deadline(family, socket.SOCK_STREAM)
        self._socket: _Deadline | _TlsDeadline = plain
        try:
            plain.settimeout(min(timeout_s, _left(until)))
            plain.connect((str(place.address), place.port))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if place.secure:
                plain.settimeout(_left(until))
                secured = _tls().wrap_socket(plain, server_hostname=place.host)
                self._socket = cast("_TlsDeadline", secured)
        except BaseException:
            plain.close()
            raise
        self._http = http.client.HTTPConnection(place.host, place.port)
        self._http.auto_open = 0  # it would connect by name, past every check
        self._http.sock = self._socket

    def ask(
        self,
        method: str,
        target: str,
        body: bytes | None,
        headers: dict[str, str],
        *,
        until: float,
        max_bytes: int,
        wanted: range,
    ) -> tuple[bytes, bool]:
        """One exchange: the answer's body, and whether the connection may be used again."""
        self._socket.until = until
        self._socket.settimeout(_left(until))
        self._http.request(method, target, body, {"User-Agent": "secondseal", **headers})
        response = self._http.getresponse()
        if 300 <= response.status < 400:
            raise FetchFailed(
                f"redirects are not followed (HTTP {response.status})", refused=True, status=response.status
            )
        if response.status not in wanted:
            raise FetchFailed(f"HTTP {response.status}", status=response.status)
        if (response.length or 0) > max_bytes:
            raise FetchFailed(f"the answer is larger than {max_bytes} bytes", refused=True)
        read = bytearray()
        while chunk := response.read1(CHUNK):
            read += chunk
            if len(read) > max_bytes:
                raise FetchFailed(f"the answer is larger than {max_bytes} bytes", refused=True)
        if response.length:
            raise FetchFailed("the answer ended early")
        whole = response.isclosed() or response.length == 0
        response.close()
        return bytes(read), whole and not response.will_close

    def close(self) -> None:
        self._http.close()
        self._socket.close()


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # TT 15/2025 annex I
    context.sslsocket_class = _TlsDeadline
    return context


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("no answer in time")
    return left


def _refuse(reason: str) -> NoReturn:
    raise FetchFailed(reason, refused=True)
