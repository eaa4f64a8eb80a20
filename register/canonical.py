"""One way to write a row as bytes, and its hash. Old hashes must stay reproducible: this file does not change."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

GENESIS: Final = "0" * 64
"""The previous hash of a chain's first row."""

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(row: Mapping[str, object]) -> bytes:
    """The row as canonical JSON in UTF-8: keys sorted, no spaces, instants in UTC with microseconds.

    Empty columns are left out, so that a column added in years to come does not change the hash of older rows.
    """
    return _ENCODER.encode({key: _plain(value) for key, value in row.items() if value is not None}).encode()


def row_hash(row: Mapping[str, object]) -> str:
    """SHA-256 of the canonical row, in hexadecimal."""
    return hashlib.sha256(canonical(row)).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int):
        return value
    raise TypeError(f"a {type(value).__name__} has no canonical form")
