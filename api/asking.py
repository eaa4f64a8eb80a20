"""One call that writes: under which Idempotency-Key it was sent, and for what exactly."""

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
        if self.key is None:
            return None
        asked: dict[str, Any] = body.model_dump(mode="json", exclude=set(secret)) if body is not None else {}
        return Once(
            actor=caller.actor, key=caller.key(self.key), asked=fingerprint_of({"call": self.call, "body": asked})
        )


def asking_of(request: Request, idempotency_key: Key = None) -> Asking:
    """A dependency of every route that writes."""
    return Asking(call=f"{request.method} {request.url.path}", key=idempotency_key)


Asked = Annotated[Asking, Depends(asking_of)]


def replay_headers(once: Once | None) -> dict[str, str]:
    """How an answer says that it is an earlier one's."""
    return {"idempotent-replayed": "true"} if once is not None and once.replayed else {}
