"""How documents came by their stamp: sealed electronically, stamped wet on a print, or on paper alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Subquery, case, exists, func, literal, select

from . import tables

Way = Literal["electronic", "wet", "paper", "pending", "cancelled"]
"""`pending`: registered with a file, and not stamped yet. `cancelled`: its number was cancelled (huỷ số)."""


def ways(
    connection: Connection, *, begin: datetime, end: datetime, organisation: str | None = None
) -> Mapping[Way, int]:
    """Lines registered from `begin` until before `end`, by the way they were stamped; each counts once.

    `electronic`: the seal register has a concluded entry that issued it. `paper`: the register of revisions holds no
    file of it. `wet`: it has a file, and the seal register says it was printed and stamped by hand (AC-12).
    """
    outgoing, log, revisions, voids = tables.outgoing, tables.seal_log, tables.revisions, tables.voids
    of_document = log.c.document_id == outgoing.c.document_id
    sealed = exists().where(of_document, log.c.event == "conclude", log.c.purpose == "issue")
    wet = exists().where(of_document, log.c.event == "wet")
    kept = exists().where(revisions.c.document_id == outgoing.c.document_id)
    cancelled = exists().where(voids.c.number_id == outgoing.c.number_id)
    way = case(
        (sealed, literal("electronic")),
        (cancelled, literal("cancelled")),
        (~kept, literal("paper")),
        (wet, literal("wet")),
        else_=literal("pending"),
    ).label("way")
    lines = select(way).where(outgoing.c.registered_at >= begin, outgoing.c.registered_at < end)
    if organisation is not None:
        lines = lines.where(outgoing.c.organisation == organisation)
    counted = lines.subquery()
    found = connection.execute(select(counted.c.way, func.count().label("papers")).group_by(counted.c.way))
    return {row.way: row.papers for row in found}


def wet_times() -> Subquery:
    """`document_id` and `at`, the first time each was stamped by hand: to join to other rooms' rows."""
    log = tables.seal_log
    return (
        select(log.c.document_id, func.min(log.c.time).label("at"))
        .where(log.c.event == "wet")
        .group_by(log.c.document_id)
        .subquery("wet")
    )
