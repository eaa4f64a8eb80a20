"""How the officer's program takes a message apart: strictly, each member once; and how a problem is told.

Everything is JSON (UTF-8, snake_case); base64 is RFC 4648 with padding; hashes are lower-case hex; times are RFC 3339
with offset. A missing, unknown or ill-typed member raises `MessageInvalid`.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

VISIBLE = re.compile("[!-~]+")
"""Printable ASCII without the space."""


class MessageInvalid(ValueError):
    """A message is not what the protocol says; `member` names where (a dotted path, "" for the whole)."""

    def __init__(self, member: str, why: str) -> None:
        super().__init__(f"{member or 'message'}: {why}")
        self.member = member


def decode(body: bytes) -> dict[str, Any]:
    """JSON object from bytes. Raises `MessageInvalid` for anything else, doubled members included."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise MessageInvalid("", "not JSON") from error
    if not isinstance(value, dict):
        raise MessageInvalid("", "not an object")
    return value


def encode(value: Mapping[str, Any]) -> bytes:
    """JSON bytes of a message's `as_json()`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise MessageInvalid("", "a member occurs twice")
    return value


class Members:
    """Takes the members of one object, each once; `end()` refuses what is left over."""

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise MessageInvalid(path, "not an object")
        self._left = dict(value)
        self._path = f"{path}." if path else ""

    def take(self, name: str) -> Any:
        if name not in self._left:
            raise MessageInvalid(self._path + name, "missing")
        return self._left.pop(name)

    def text(self, name: str, longest: int = 2000, *, shortest: int = 1) -> str:
        value = self.take(name)
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            raise MessageInvalid(self._path + name, "not a text of fitting length")
        return value

    def count(self, name: str) -> int:
        value = self.take(name)
        if type(value) is not int or value < 0:
            raise MessageInvalid(self._path + name, "not a count")
        return value

    def octets(self, name: str) -> bytes:
        value = self.take(name)
        try:
            return base64.b64decode(value.encode("ascii"), validate=True)
        except (AttributeError, UnicodeEncodeError, binascii.Error) as error:
            raise MessageInvalid(self._path + name, "not base64") from error

    def digest(self, name: str, sizes: tuple[int, ...] = (32,)) -> bytes:
        value = self.text(name, 128)
        try:
            digest = bytes.fromhex(value)
        except ValueError as error:
            raise MessageInvalid(self._path + name, "not a hash in hex") from error
        if len(digest) not in sizes or value != digest.hex():
            raise MessageInvalid(self._path + name, "not a hash in lower-case hex")
        return digest

    def time(self, name: str) -> datetime:
        value = self.text(name, 40)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise MessageInvalid(self._path + name, "not a time") from error
        if moment.tzinfo is None:
            raise MessageInvalid(self._path + name, "a time without its offset")
        return moment

    def choice(self, name: str, choices: tuple[Any, ...]) -> Any:
        value = self.take(name)
        if value not in choices:
            raise MessageInvalid(self._path + name, f"not one of {', '.join(map(str, choices))}")
        return value

    def rows(self, name: str, longest: int) -> list[Any]:
        value = self.take(name)
        if not isinstance(value, list) or len(value) > longest:
            raise MessageInvalid(self._path + name, "not a list of fitting length")
        return value

    def end(self) -> None:
        if self._left:
            raise MessageInvalid(self._path + min(self._left), "unknown")


def base64_text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """RFC 9457. `type` is `urn:secondseal:problem:<name>`; `title` and `detail` are for people."""

    type: str
    title: str
    status: int
    detail: str = ""

    @classmethod
    def from_json(cls, value: object) -> "Problem":
        """Lenient, as RFC 9457 asks: unknown members are passed over and missing ones get defaults."""
        given = value if isinstance(value, dict) else {}
        status = given.get("status")
        return cls(
            type=str(given.get("type", "about:blank"))[:200],
            title=str(given.get("title", ""))[:500],
            status=status if type(status) is int else 0,
            detail=str(given.get("detail", ""))[:2000],
        )

    def as_json(self) -> dict[str, Any]:
        return {"type": self.type, "title": self.title, "status": self.status, "detail": self.detail}
