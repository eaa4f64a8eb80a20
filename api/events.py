"""/api/v1/events: what became of documents and which dossiers are late, for systems that rather ask than listen."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.callers import Caller, Serving, may
from api.event_answers import EventsJson
from api.outbox.event_json import event_json
from stamping import feed
from store import read

router = APIRouter(prefix="/api/v1/events", tags=["events"])


@router.get("", summary="Events since the last time", response_model=EventsJson)
def listed(
    service: Serving,
    caller: Annotated[Caller, Depends(may("documents:read"))],
    after: Annotated[
        str,
        Query(
            pattern=r"^(\d{1,15}|latest)$",
            description="`next` of the last answer; 0 for all there is, `latest` for what happens from now on",
        ),
    ] = "0",
    event: Annotated[list[str] | None, Query(alias="type", max_length=20, description="of these kinds only")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Oldest first, the same events webhooks carry, under the same ids. Ask again with `after=next`: nothing is missed
    and nothing comes twice. A program gets those within its reach. `more`: there are more already."""
    with read(service.desk.engine) as connection:
        newest = feed.newest(connection)
        since = newest if after == "latest" else int(after)
        found = feed.after(connection, since, limit=limit, types=event or feed.TYPES, reach=caller.reach)
    more = len(found) == limit and found[-1].number < newest
    # all up to the newest line was looked at, unless the answer is full
    reached = found[-1].number if more else max(newest, since)
    return {
        "events": [event_json(one, service.settings.public_url) for one in found],
        "next": str(reached),
        "more": more,
    }
