"""One way to write a row as bytes, and its hash. Old hashes must stay reproducible: what this gives does not change."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from json.encoder import encode_basestring
from typing import Any, Final

GENESIS: Final = "0" * 64
"""The previous hash of a chain's first row."""
CHAINED: Final = "row_hash"
"""The column in which a chained table keeps the hash of its row; it is no part of what is hashed."""


def canonical(row: Mapping[str, object]) -> bytes:
    """The row as canonical JSON in UTF-8: keys sorted, no spaces, instants in UTC with microseconds.

    Empty columns are left out, so that a column added in years to come does not change the hash of older rows. Raises
    TypeError for a value that is no text, whole number, truth value, date or instant.
    """
    # Written here and not by `json`: an audit does this for every row the office ever wrote.
    fields = [
        f'"{key}":{_AS_JSON.get(type(row[key]), _inherited)(row[key])}' for key in sorted(row) if row[key] is not None
    ]
    return f"{{{','.join(fields)}}}".encode()


def row_hash(row: Mapping[str, object]) -> str:
    """SHA-256 of the canonical row, in hexadecimal."""
    return hashlib.sha256(canonical(row)).hexdigest()


def content_hash(row: Mapping[str, object]) -> bytes:
    """SHA-256 of the canonical row as the log takes it: without the column that holds the row's own hash."""
    return hash_of_canonical(canonical({name: row[name] for name in row if name != CHAINED}))


def hash_of_canonical(content: bytes) -> bytes:
    """SHA-256 of a row already written as bytes."""
    return hashlib.sha256(content).digest()


def _instant(value: datetime) -> str:
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return f'"{value.isoformat(timespec="microseconds")[:26]}Z"'


def _day(value: date) -> str:
    return f'"{value.isoformat()}"'


def _inherited(value: object) -> str:
    """A value of a type derived from one of these, such as a database library's own text."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, datetime):
        return _instant(value)
    raise TypeError(f"a {type(value).__name__} has no canonical form")


_AS_JSON: Final[dict[type, Callable[[Any], str]]] = {
    str: encode_basestring,
    int: int.__repr__,
    bool: lambda value: "true" if value else "false",
    datetime: _instant,
    date: _day,
}
