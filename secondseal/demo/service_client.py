"""What the demo's workflow system and its custodian use to talk to the service: JSON over HTTP on loopback."""

import json
import time
from collections.abc import Mapping
from typing import Any

import urllib3

from signer import Unsealable, UnsealableReason


class ServiceError(Exception):
    """The service answered with a problem."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(_told(status, body))
        self.status = status


def _told(status: int, body: bytes) -> str:
    """The problem's title and sentence (RFC 9457), or what else came back."""
    text = body.decode("utf-8", "replace")[:800]
    try:
        problem = json.loads(body)
        said = f"{problem['title']}: {problem['detail']} ({status})"
        reason = problem.get("reason")
        return f"{said}\n{Unsealable(UnsealableReason(reason)).text_en}" if reason in set(UnsealableReason) else said
    except (ValueError, KeyError, TypeError):
        return f"{status}: {text}"


class ServiceClient:
    """One caller: a program with its token, or a person with a session."""

    def __init__(self, base: str, *, token: str | None = None) -> None:
        self._base = base
        self._pool = urllib3.PoolManager(retries=False, timeout=60.0)
        self._headers = {"authorization": f"Bearer {token}"} if token else {}

    def __repr__(self) -> str:
        return f"ServiceClient({self._base})"

    def sign_in(self, name: str, password: str) -> None:
        """Start a person's session."""
        answer = self._request("POST", "/api/v1/session", {"name": name, "password": password})
        self._headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]

    def get(self, path: str, **headers: str) -> Any:
        """A JSON answer."""
        return json.loads(self._request("GET", path, headers=headers).data)

    def get_file(self, path: str) -> bytes:
        """A file."""
        data: bytes = self._request("GET", path).data
        return data

    def post(self, path: str, body: Mapping[str, Any], **headers: str) -> Any:
        """Send JSON, get JSON."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return json.loads(self._request("POST", path, body, sent).data)

    def send(self, path: str, body: Mapping[str, Any]) -> None:
        """Send JSON where nothing is answered."""
        self._request("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send JSON in place of what is there, get JSON."""
        return json.loads(self._request("PUT", path, body).data)

    def post_file(self, path: str, pdf: bytes, described: Mapping[str, Any] | None = None) -> Any:
        """Send a PDF, with a description where the call wants one."""
        fields: dict[str, Any] = {"file": ("paper.pdf", pdf, "application/pdf")}
        if described is not None:
            fields["document"] = json.dumps(described, ensure_ascii=False)
        answer = self._pool.request("POST", self._base + path, fields=fields, headers=self._headers)
        return json.loads(self._checked(answer).data)

    def wait_until_ready(self, limit_s: float) -> None:
        """Wait for /readyz. Raises `TimeoutError` with the last answer."""
        end = time.monotonic() + limit_s
        last = "no answer"
        while time.monotonic() < end:
            try:
                answer = self._pool.request("GET", f"{self._base}/readyz", timeout=2.0)
            except urllib3.exceptions.HTTPError as error:
                last = str(error)
            else:
                if answer.status == 200:
                    return
                last = answer.data.decode("utf-8", "replace")
            time.sleep(0.1)
        raise TimeoutError(f"{self._base} is not ready after {limit_s:.0f} s: {last}")

    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        sent = {**self._headers, **(headers or {})}
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode()
            sent["content-type"] = "application/json"
        return self._checked(self._pool.request(method, self._base + path, body=data, headers=sent))

    def _checked(self, answer: urllib3.BaseHTTPResponse) -> urllib3.BaseHTTPResponse:
        if answer.status >= 400:
            raise ServiceError(answer.status, answer.data)
        return answer
