"""/api/v1/webhooks: receivers of events. A program has its own; an administrator has the office's and sees all."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.answers import Answer, Moment
from api.callers import Caller, Serving, may
from api.document_json import moment
from api.outbox import receivers
from api.outbox.receivers import Receiver
from api.outbox.webhook_key import WebhookKey, WebhookKeyUnsafe
from api.problems import Problem
from api.service import Service

router = APIRouter(prefix="/api/v1/webhooks", tags=["events"])

Owner = Annotated[Caller, Depends(may("documents:read", "administrator"))]


class WebhookBody(BaseModel):
    """Where to send what."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://motcua.example.gov.vn/su-kien", "events": ["document.sealed"]}]
        },
    )

    url: str = Field(max_length=500, description="https only; redirects are not followed")
    events: list[str] = Field(
        default=[], max_length=20, description="document.<state>, such as document.sealed; none: every kind"
    )


class ReceiverLinksJson(Answer):
    """Where it is; a path on this service."""

    self: str


class ReceiverJson(Answer):
    """A receiver, and how its deliveries go."""

    id: str
    url: str
    events: list[str]
    active: bool
    why: str | None
    created_at: Moment
    created_by: str
    delivered: int
    attempts_refused: int
    pending: int
    failed: int
    links: ReceiverLinksJson


class NewReceiverJson(ReceiverJson):
    """A receiver just registered, with its secret."""

    secret: str


@router.post("", status_code=201, summary="Register a receiver", response_model=NewReceiverJson)
def register(service: Serving, caller: Owner, body: WebhookBody) -> Response:
    """201 with the `secret` that its signatures are checked with (Standard Webhooks): it is shown this once. It hears
    of what happens from now on; earlier events are at /api/v1/events."""
    hook, secret = receivers.register(
        service.desk.engine,
        _key(service),
        service.settings.webhook_policy,
        url=body.url,
        events=body.events,
        client_id=_who(caller),
        by=caller.actor,
        now=service.now(),
    )
    told = {**_json(hook), "secret": secret}
    return JSONResponse(told, status_code=201, headers={"location": told["links"]["self"]})


@router.get("", summary="Receivers")
def listed_webhooks(service: Serving, caller: Owner) -> dict[str, Any]:
    """With how many events wait, were delivered, and failed for good."""
    found = receivers.listed(service.desk.engine, _who(caller))
    return {"webhooks": [_json(hook) for hook in found]}


@router.get("/{webhook_id}", summary="One receiver", response_model=ReceiverJson)
def one(service: Serving, caller: Owner, webhook_id: str) -> dict[str, Any]:
    """`active` is false after the receiver answered 410 or its program lost its right; `why` says which."""
    found = receivers.find(service.desk.engine, webhook_id, _who(caller))
    return _json(found)


@router.delete("/{webhook_id}", status_code=204, summary="Remove a receiver")
def remove(service: Serving, caller: Owner, webhook_id: str) -> Response:
    """Nothing more is sent there."""
    receivers.remove(service.desk.engine, webhook_id, _who(caller))
    return Response(status_code=204)


@router.post("/{webhook_id}/secret", summary="Make a new secret")
def secret(service: Serving, caller: Owner, webhook_id: str) -> dict[str, Any]:
    """Shown this once. For a day every event is signed with the new secret and the one before."""
    made = receivers.renew_secret(
        service.desk.engine,
        _key(service),
        webhook_id,
        _who(caller),
        now=service.now(),
    )
    return {"id": webhook_id, "secret": made}


@router.post("/{webhook_id}/repeat", summary="Send again what failed")
def repeat(service: Serving, caller: Owner, webhook_id: str) -> dict[str, Any]:
    """All that is not delivered is tried anew, and a silenced receiver is spoken to again."""
    waiting = receivers.repeat(service.desk.engine, webhook_id, _who(caller), now=service.now())
    return {"id": webhook_id, "pending": waiting}


def _who(caller: Caller) -> str | None:
    return caller.client.id if caller.client else None


def _key(service: Service) -> WebhookKey:
    if service.settings.webhook_key is None:
        raise Problem(
            "storage-unavailable",
            503,
            "Dịch vụ này chưa có khóa webhook nên không đăng ký được.",
            "This service has no webhook key, so none can be registered.",
        )
    try:
        return WebhookKey.load_or_create(service.settings.webhook_key)
    except WebhookKeyUnsafe as error:
        raise Problem("storage-unavailable", 503, f"{error.text_vi}.", f"{error.text_en}.") from error


def _json(hook: Receiver) -> dict[str, Any]:
    return {
        "id": hook.id,
        "url": hook.url,
        "events": list(hook.events),
        "active": hook.active,
        "why": hook.why or None,
        "created_at": moment(hook.created_at),
        "created_by": hook.created_by,
        "delivered": hook.delivered,
        "attempts_refused": hook.refused,
        "pending": hook.pending,
        "failed": hook.failed,
        "links": {"self": f"/api/v1/webhooks/{hook.id}"},
    }
