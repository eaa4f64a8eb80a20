"""An event as other systems read it: sent to a webhook, or given to who asks. Nothing in it is personal."""

from typing import Any

from stamping import FeedEvent
from store import VIETNAM


def event_json(event: FeedEvent, public_url: str) -> dict[str, Any]:
    """Kind, time and document in the form of Standard Webhooks; `number` says which of two events is the later one."""
    return {
        "id": event.id,
        "type": event.type,
        "timestamp": event.at.astimezone(VIETNAM).isoformat(timespec="seconds"),
        "number": event.number,
        "data": {
            "document_id": event.document_id,
            "code": event.code,
            "state": event.state,
            "link": f"{public_url}/api/v1/documents/{event.document_id}",
        },
    }
