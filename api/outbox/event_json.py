"""An event as other systems read it: sent to a webhook, or given to who asks. Nothing in it is personal."""

from datetime import datetime
from typing import Any

from stamping import DocumentTold, FeedEvent
from store import VIETNAM


def event_json(event: FeedEvent, public_url: str) -> dict[str, Any]:
    """Kind, time and document or dossier in the form of Standard Webhooks; `number` says which of two events is the
    later one."""
    about = event.about
    data: dict[str, Any]
    if isinstance(about, DocumentTold):
        data = {
            "document_id": about.id,
            "code": about.code,
            "state": about.state,
            "link": f"{public_url}/api/v1/documents/{about.id}",
        }
    else:
        data = {
            "dossier": about.code,
            "due_at": _moment(about.due_at),
            "appointed_at": _moment(about.appointed_at) if about.appointed_at else None,
            "link": f"{public_url}/api/v1/dossiers/{about.code}",
        }
    return {
        "id": event.id,
        "type": event.type,
        "timestamp": _moment(event.at),
        "number": event.number,
        "data": data,
    }


def _moment(at: datetime) -> str:
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")
