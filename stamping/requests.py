"""The same request twice is one document: Idempotency-Key, and the fingerprint of what was asked."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from stamping.history import to_json
from stamping.refusal import Refusal
from stamping.tables import idempotency, requests


def fingerprint_of(asked: Mapping[str, Any], content: bytes = b"") -> str:
    """SHA-256 (hex) of a request's values and of the file that came with it."""
    return hashlib.sha256(to_json(_plain(asked)).encode() + hashlib.sha256(content).digest()).hexdigest()


def remember(
    connection: Connection, actor: str, key: str | None, fingerprint: str, document_id: str, at: datetime
) -> None:
    """Keep what this key was used for."""
    if key is not None:
        connection.execute(
            idempotency.insert().values(
                actor=actor, key=key, request_sha256=fingerprint, document_id=document_id, created_at=at
            )
        )


def answered_before(connection: Connection, actor: str, key: str | None, fingerprint: str) -> str | None:
    """The document this very request made earlier. Raises `Refusal` idempotency-conflict for another request."""
    if key is None:
        return None
    row = connection.execute(select(idempotency).where(idempotency.c.actor == actor, idempotency.c.key == key)).first()
    if row is None:
        _unused(connection, requests, actor, key)
        return None
    if row.request_sha256 != fingerprint:
        raise _other_request(document=row.document_id)
    return str(row.document_id)


def remember_answer(
    connection: Connection, actor: str, key: str | None, fingerprint: str, answer: Mapping[str, Any], at: datetime
) -> None:
    """Keep what this key was answered with, where the answer is no document."""
    if key is not None:
        connection.execute(
            requests.insert().values(
                actor=actor, key=key, request_sha256=fingerprint, answer=to_json(dict(answer)), created_at=at
            )
        )


def answer_before(connection: Connection, actor: str, key: str | None, fingerprint: str) -> dict[str, Any] | None:
    """What this very request was answered with earlier. Raises `Refusal` idempotency-conflict for another request."""
    if key is None:
        return None
    row = connection.execute(select(requests).where(requests.c.actor == actor, requests.c.key == key)).first()
    if row is None:
        _unused(connection, idempotency, actor, key)
        return None
    if row.request_sha256 != fingerprint:
        raise _other_request()
    answer: dict[str, Any] = json.loads(row.answer)
    return answer


def _unused(connection: Connection, table: Table, actor: str, key: str) -> None:
    """One key is one request, in whichever of the two tables its answer is kept."""
    if connection.execute(select(table.c.key).where(table.c.actor == actor, table.c.key == key)).first() is not None:
        raise _other_request()


def _other_request(**detail: object) -> Refusal:
    return Refusal(
        "idempotency-conflict",
        "Khóa Idempotency-Key này đã dùng cho một yêu cầu khác.",
        "This Idempotency-Key was used for a different request.",
        **detail,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # and moments
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value
