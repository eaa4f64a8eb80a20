"""Measurements of the office's work: stages, the seal's queue, late dossiers, and events on their way to others."""

from sqlalchemy import Connection

from api.metric_text import Sample, family
from api.outbox import deliveries, receivers
from api.service import Service
from stamping import apologies, pace
from store import read


def documents(service: Service) -> list[str]:
    """Counted since this process started, of the whole office: take one web process's, not the sum of several."""
    counted = service.pace
    counted.look(service.desk.engine)
    moved: list[Sample] = [({"state": state}, times) for state, times in sorted(counted.states.items())]
    failed: list[Sample] = [({"problem": code}, times) for code, times in sorted(counted.problems.items())]
    return (
        family("documents_total", "counter", moved)
        + family("stampings_failed_total", "counter", failed)
        + family("stage_seconds", "histogram", counted.stage_samples())
    )


def waiting(service: Service) -> list[str]:
    """What waits now, and for how long the oldest of it has."""
    with read(service.desk.engine) as connection:
        queue, event = pace.waiting_for_the_seal(connection), deliveries.oldest_waiting(connection)
        outgoing, now = _receivers(connection), service.now()
        late = apologies.overdue(connection, now)
    ages = [0.0 if since is None else max(0.0, (now - since).total_seconds()) for since in (queue.since, event)]
    return (
        family("queue_documents", "gauge", [({}, queue.documents)])
        + family("queue_oldest_seconds", "gauge", [({}, ages[0])])
        + family("events_oldest_seconds", "gauge", [({}, ages[1])])
        + family("dossiers_overdue", "gauge", [({"apologised": "no"}, late[0]), ({"apologised": "yes"}, late[1])])
        + outgoing
    )


def _receivers(connection: Connection) -> list[str]:
    known = receivers.all_of(connection)
    sent: list[Sample] = []
    for one in known:
        sent += [({"receiver": one.id, "outcome": "delivered"}, one.delivered)]
        sent += [({"receiver": one.id, "outcome": "refused"}, one.refused)]
    return (
        family("webhook_deliveries_total", "counter", sent)
        + family("webhook_waiting", "gauge", (({"receiver": one.id}, one.pending) for one in known))
        + family("webhook_failed", "gauge", (({"receiver": one.id}, one.failed) for one in known))
        + family("webhook_active", "gauge", (({"receiver": one.id}, float(one.active)) for one in known))
    )
