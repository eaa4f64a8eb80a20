"""Answers about events and their receivers, as documented models."""

from pydantic import Field

from api.answers import Answer, Moment
from stamping import State


class EventDataJson(Answer):
    """Which document, and what became of it. Nothing personal."""

    document_id: str
    code: str
    state: State
    link: str


class DossierEventDataJson(Answer):
    """Which dossier was late for which deadline, and the day appointed for it since. Nothing personal."""

    dossier: str
    due_at: Moment
    appointed_at: Moment | None
    link: str


class EventJson(Answer):
    """A document came into a state, or a dossier is late: as it is sent to webhooks, and given to who asks."""

    id: str = Field(description="The same at every repetition")
    type: str = Field(description="document.<state>, dossier.overdue or dossier.apologised")
    timestamp: Moment
    number: int = Field(description="Of two events the one with the higher number is the later one")
    data: EventDataJson | DossierEventDataJson


class EventsJson(Answer):
    """Events, oldest first."""

    events: list[EventJson]
    next: str = Field(description="`after` of the next question")
    more: bool


class WebhookLinksJson(Answer):
    """Where a receiver is; a path on this service."""

    self: str


class WebhookJson(Answer):
    """A receiver, and how many events wait for it, were delivered, and failed for good."""

    id: str
    url: str
    events: list[str]
    active: bool
    why: str | None = Field(description="Why it is silenced, where it is")
    created_at: Moment
    created_by: str
    delivered: int
    attempts_refused: int
    pending: int
    failed: int
    links: WebhookLinksJson


class NewWebhookJson(WebhookJson):
    """A receiver as it was registered, with its secret: shown this once."""

    secret: str


class WebhooksJson(Answer):
    """Receivers."""

    webhooks: list[WebhookJson]


class SecretJson(Answer):
    """A receiver's new secret: shown this once."""

    id: str
    secret: str


class RepeatedJson(Answer):
    """How many events wait now."""

    id: str
    pending: int
