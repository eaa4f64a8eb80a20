"""One call that writes: under which Idempotency-Key it was sent, and for what exactly."""

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request
from pydantic import BaseModel

from api.callers import Caller
from stamping import Once, fingerprint_of

LONGEST_KEY: Final = 100

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=LONGEST_KEY,
        description="The caller's own name for this request. Sent again under it, the request is not done twice and "
        "gives the same answer with `Idempotent-Replayed: true`; another request under it is a conflict.",
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
        return self._once(caller.actor, caller.key, body, secret)

    def once_by_ticket(self, approval_id: str, body: BaseModel) -> Once | None:
        """As `once`, for the bearer of an approval list's ticket."""
        return self._once("agent", lambda sent: f"approval:{approval_id}/{sent}", body, frozenset())

    def _once(
        self, actor: str, key: Callable[[str], str], body: BaseModel | None, secret: frozenset[str]
    ) -> Once | None:
        if self.key is None:
            return None
        asked: dict[str, Any] = body.model_dump(mode="json", exclude=set(secret)) if body is not None else {}
        return Once(actor=actor, key=key(self.key), asked=fingerprint_of({"call": self.call, "body": asked}))

    def secret_again(self, token: str) -> str | None:
        """A secret that the same request of the same `token` (bearer token or session) makes again, so that a repeated
        answer can show it without its being kept; None where no key was sent."""
        if self.key is None:
            return None
        made = hmac.digest(token.encode(), f"{self.call}\n{self.key}".encode(), "sha256")
        return base64.urlsafe_b64encode(made).decode("ascii").rstrip("=")


def asking_of(request: Request, idempotency_key: Key = None) -> Asking:
    """A dependency of every route that writes."""
    return Asking(call=f"{request.method} {request.url.path}", key=idempotency_key)


Asked = Annotated[Asking, Depends(asking_of)]


def replay_headers(once: Once | None) -> dict[str, str]:
    """How an answer says that it is an earlier one's."""
    return {"idempotent-replayed": "true"} if once is not None and once.replayed else {}
