"""Facts as JSON and back, without loss: bytes are base64, times RFC 3339, tuples arrays."""

import dataclasses
import json
import types
import typing
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class FactsInvalid(ValueError):
    """The JSON is not what `to_json` writes."""


def to_json(facts: object) -> str:
    """One line of JSON for any dataclass of `verifier.facts`."""
    return _WRITER.encode(_plain(facts))


def from_json(kind: type[T], text: str) -> T:
    """Read `kind` back. Raises FactsInvalid when a field is missing, unknown or of another type."""
    try:
        return typing.cast(T, _reader(typing.cast(Any, kind))(json.loads(text)))
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
    return {name: _plain(getattr(value, name)) for name in _names(typing.cast(Any, type(value)))}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"no JSON form for {kind.__name__}")
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:  # noqa: PLR0911 - one line per kind of value
    """What reads a value of this type. Made once a type: a paper's facts are some thousand values."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = _reader(next(part for part in parts if part is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is typing.Literal:
        return lambda value: _member(value, parts)
    if origin is tuple:
        return _tuple_reader(parts)
    if kind is bytes:
        return lambda value: a2b_base64(_expect(value, str), strict_mode=True)
    if kind is datetime:
        return _moment
    if kind is float:
        return lambda value: float(_expect(value, (int, float)))
    if dataclasses.is_dataclass(kind):
        return _record_reader(kind)
    return lambda value: _expect(value, kind)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_expect(value, str))
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment


def _tuple_reader(parts: tuple[Any, ...]) -> Callable[[Any], Any]:
    if parts[-1] is Ellipsis:
        one = _reader(parts[0])
        return lambda value: tuple(map(one, _expect(value, list)))
    each = tuple(map(_reader, parts))

    def read(value: Any) -> Any:
        items = _expect(value, list)
        if len(each) != len(items):
            raise ValueError(f"expected {len(each)} items, found {len(items)}")
        return tuple(reader(item) for reader, item in zip(each, items, strict=True))

    return read


def _record_reader(kind: Any) -> Callable[[Any], Any]:
    readers = {name: _reader(hint) for name, hint in typing.get_type_hints(kind).items()}

    def read(value: Any) -> Any:
        if _expect(value, dict).keys() != readers.keys():
            raise ValueError(f"{kind.__name__}: fields differ: {sorted(value.keys() ^ readers.keys())}")
        return kind(**{name: reader(value[name]) for name, reader in readers.items()})

    return read


def _member(value: Any, members: tuple[Any, ...]) -> Any:
    if value not in members:
        raise ValueError(f"{value!r} is none of {members}")
    return value


def _expect(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"expected {kind}, found {type(value).__name__}")
    return value
