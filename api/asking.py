"""One call that writes: under which Idempotency-Key it was sent, and for what exactly."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request
from pydantic import BaseModel

from api.callers import Caller
from api.sessions import Session
from stamping import Once, kept_keys, once_of

LONGEST_KEY: Final = 100

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=LONGEST_KEY,
        description="The caller's own name for this request. Sent again under it, the request is not done twice and "
        "gives the same answer with `Idempotent-Replayed: true`; another request under it is a conflict. It is known "
        f"for {kept_keys.KEPT.days} days, and until what it began has come to its end.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A call, and its key where it has one."""

    call: str
    key: str | None

    def once(
        self, caller: Caller, body: BaseModel | None = None, *, secret: frozenset[str] = frozenset()
    ) -> Once | None:
        """What the act is told, so that it is done once; None where no key was sent.

        `secret` members of the body (a password) are no part of what is remembered, not even as a hash.
        """
        asked = body.model_dump(mode="json", exclude=set(secret)) if body is not None else {}
        return self.once_for(caller, {"call": self.call, "body": asked})

    def once_for(self, caller: Caller, asked: Mapping[str, Any], content: bytes = b"") -> Once | None:
        """As `once`, where the same may be asked for by another call too: by what is asked for, and its file."""
        return once_of(caller.actor, None if self.key is None else caller.key(self.key), asked, content)

    def once_by_ticket(self, approval_id: str, body: BaseModel) -> Once | None:
        """As `once`, for the bearer of an approval list's ticket."""
        key = None if self.key is None else f"approval:{approval_id}/{self.key}"
        return once_of("agent", key, {"call": self.call, "body": body.model_dump(mode="json")})

    def secret_again(self, token: str) -> str | None:
        """A secret that the same request of the same `token` (bearer token or session) makes again, so that a repeated
        answer can show it without its being kept; None where no key was sent."""
        if self.key is None:
            return None
        made = hmac.digest(token.encode(), f"{self.call}\n{self.key}".encode(), "sha256")
        return base64.urlsafe_b64encode(made).decode("ascii").rstrip("=")


async def asking_of(request: Request, idempotency_key: Key = None) -> Asking:
    """A dependency of every route that writes."""
    return Asking(call=f"{request.method} {request.url.path}", key=idempotency_key)


Asked = Annotated[Asking, Depends(asking_of)]


def form_once(session: Session, key: str, asked: Mapping[str, Any], content: bytes = b"") -> Once | None:
    """What the act is told of a person's form: `key` was made with the page, so that sent twice it is done once."""
    kept = f"form:{session.account.name}/{key[:60]}" if key and key.isprintable() else None
    return once_of(session.account.display_name, kept, asked, content)


def replay_headers(once: Once | None) -> dict[str, str]:
    """How an answer says that it is an earlier one's."""
    return {"idempotent-replayed": "true"} if once is not None and once.replayed else {}


def replayed_all(items: Sequence[Once | None]) -> dict[str, str]:
    """The same of a call of many items: it is an earlier one's where each that was done is."""
    return replay_headers(items[0]) if items and all(once and once.replayed for once in items) else {}
