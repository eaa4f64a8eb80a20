"""Facts as JSON and back, without loss: bytes are base64, times RFC 3339, tuples arrays."""

import dataclasses
import json
import types
import typing
from base64 import b64decode, b64encode
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


class FactsInvalid(ValueError):
    """The JSON is not what `to_json` writes."""


def to_json(facts: object) -> str:
    """One line of JSON for any dataclass of `verifier.facts`."""
    return json.dumps(_plain(facts), ensure_ascii=False, separators=(",", ":"))


def from_json(kind: type[T], text: str) -> T:
    """Read `kind` back. Raises FactsInvalid when a field is missing, unknown or of another type."""
    try:
        return typing.cast(T, _build(kind, json.loads(text)))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise FactsInvalid(f"{type(error).__name__}: {error}") from error


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"no JSON form for {type(value).__name__}")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:  # noqa: PLR0911 - one line per kind of value
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _build(next(part for part in typing.get_args(kind) if part is not type(None)), value)
    if origin is typing.Literal:
        return _member(value, typing.get_args(kind))
    if origin is tuple:
        parts = typing.get_args(kind)
        items = _expect(value, list)
        if parts[-1] is Ellipsis:
            return tuple(_build(parts[0], item) for item in items)
        if len(parts) != len(items):
            raise ValueError(f"expected {len(parts)} items, found {len(items)}")
        return tuple(_build(part, item) for part, item in zip(parts, items, strict=True))
    if kind is bytes:
        return b64decode(_expect(value, str), validate=True)
    if kind is datetime:
        return datetime.fromisoformat(_expect(value, str))
    if kind is float:
        return float(_expect(value, (int, float)))
    if dataclasses.is_dataclass(kind):
        return _record(kind, _expect(value, dict))
    return _expect(value, kind)


def _record(kind: Any, value: dict[str, Any]) -> Any:
    hints = _hints(kind)
    if value.keys() != hints.keys():
        raise ValueError(f"{kind.__name__}: fields differ: {sorted(value.keys() ^ hints.keys())}")
    return kind(**{name: _build(hint, value[name]) for name, hint in hints.items()})


def _member(value: Any, members: tuple[Any, ...]) -> Any:
    if value not in members:
        raise ValueError(f"{value!r} is none of {members}")
    return value


def _expect(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"expected {kind}, found {type(value).__name__}")
    return value
