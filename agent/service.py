"""The one service the agent talks to: its base URL is pinned in the settings, and nothing else is ever called.

TLS with the system's certificate authorities; plain HTTP only to the same computer. Redirects are not followed, proxies
not used, answers bounded in size. Every call of the protocol may be repeated, so a broken connection is tried again.
"""

import http.client
import ipaddress
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from .members import MessageInvalid, Problem, decode, encode
from .messages import ApprovalList, CertificateOffer, DocumentOutcome, PreparedDocument, SignatureReply

_Message = TypeVar("_Message")
CONNECT_TRIES = 3
TIMEOUT_S = 60.0
"""Preparing a long list takes the service a while."""
MESSAGE_MAX = 16 * 2**20
FILE_MAX = 128 * 2**20


class ServiceUnreachable(Exception):
    """No answer, or one that is not the protocol's."""


class ServiceProblem(Exception):
    """The service refused; `problem` says why, in words for people."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.type}: {problem.title}")
        self.problem = problem


class ServiceAddressInvalid(ValueError):
    """Not a base URL the agent may be pinned to."""


def base_url(text: str) -> str:
    """The canonical form of a service's base URL: scheme, host and port alone. Raises `ServiceAddressInvalid`."""
    parts = urlsplit(text.strip())
    try:
        port = parts.port
    except ValueError as error:
        raise ServiceAddressInvalid(text) from error
    host = parts.hostname or ""
    extras = parts.username or parts.password or parts.query or parts.fragment or parts.path not in {"", "/"}
    if not host or extras or parts.scheme not in {"http", "https"}:
        raise ServiceAddressInvalid(f"{text!r} is not scheme://host[:port]")
    if parts.scheme == "http" and not _this_computer(host):
        raise ServiceAddressInvalid(f"{text!r}: https is needed outside this computer")
    shown = f"[{host}]" if ":" in host else host
    standard = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{shown}" + (f":{port}" if port not in {None, standard} else "")


def _this_computer(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Approval:
    """One list at the service, opened with its ticket."""

    def __init__(self, service: str, approval_id: str, ticket: str) -> None:
        self.service = base_url(service)
        self.id = approval_id
        self._ticket = ticket
        self._path = f"/api/v1/approvals/{quote(approval_id, safe='')}"
        parts = urlsplit(self.service)
        host, port = parts.hostname or "", parts.port
        self._connection = (
            http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        )

    def __repr__(self) -> str:
        return f"<Approval {self.id} at {self.service}>"

    def read(self) -> ApprovalList:
        """The list as it stands. Raises `ServiceProblem`, `ServiceUnreachable`."""
        approval = _message(ApprovalList.from_json, self._call("GET", f"{self._path}?attachments=named"))
        if approval.id != self.id:
            raise ServiceUnreachable("the service answered with another list")
        return approval

    def offer(self, certificate: bytes) -> None:
        """Have every paper prepared for this certificate (DER)."""
        self._call("POST", f"{self._path}/certificate", CertificateOffer(certificate=certificate).as_json())

    def download(self, document: PreparedDocument) -> bytes:
        """The prepared PDF."""
        return self._call("GET", document.file_url, limit=FILE_MAX)

    def reply(self, document: PreparedDocument, signature: bytes) -> DocumentOutcome:
        """Hand a signature back."""
        path = f"{self._path}/documents/{quote(document.id, safe='')}"
        return _message(
            DocumentOutcome.from_json, self._call("PUT", path, SignatureReply(signature=signature).as_json())
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _call(self, verb: str, path: str, body: Mapping[str, Any] | None = None, *, limit: int = MESSAGE_MAX) -> bytes:
        headers = {"Authorization": f"Bearer {self._ticket}", "Accept": "application/json, application/pdf"}
        payload = None
        if body is not None:
            payload = encode(body)
            headers["Content-Type"] = "application/json"
        for attempt in range(1, CONNECT_TRIES + 1):
            try:
                self._connection.request(verb, path, payload, headers)
                answer = self._connection.getresponse()
                content = answer.read(limit + 1)
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if attempt == CONNECT_TRIES:
                    raise ServiceUnreachable(f"{self.service}: {error or type(error).__name__}") from error
                time.sleep(0.2 * attempt)
                continue
            break
        if len(content) > limit:
            self._connection.close()
            raise ServiceUnreachable(f"an answer of more than {limit} bytes")
        if not 200 <= answer.status < 300:
            raise ServiceProblem(_problem(answer.status, content))
        return content


def _problem(status: int, content: bytes) -> Problem:
    try:
        given = decode(content)
    except MessageInvalid:
        given = {}
    problem = Problem.from_json(given)
    return Problem(type=problem.type, title=problem.title or f"HTTP {status}", status=status, detail=problem.detail)


def _message(read: Callable[[object], _Message], content: bytes) -> _Message:
    try:
        return read(decode(content))
    except MessageInvalid as error:
        raise ServiceUnreachable(f"the service does not speak this protocol: {error}") from error
