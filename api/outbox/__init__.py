"""Events for other systems: who receives them, what is still to be sent, and how it is signed.

A door of its own beside the room's: the courier sends events and loads no web framework.
"""

from api.outbox import deliveries, receivers
from api.outbox.deliveries import WebhookKeyOther
from api.outbox.event_json import event_json
from api.outbox.receivers import Receiver
from api.outbox.webhook_key import WebhookKey, WebhookKeyUnsafe, signed_headers

__all__ = [
    "Receiver",
    "WebhookKey",
    "WebhookKeyOther",
    "WebhookKeyUnsafe",
    "deliveries",
    "event_json",
    "receivers",
    "signed_headers",
]
