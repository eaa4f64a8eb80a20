"""The history of a dossier: one line an act, in the act's own transaction."""

from datetime import datetime

from sqlalchemy import Connection

from stamping.dossier_tables import dossier_events


def record(connection: Connection, code: str, event: str, at: datetime, actor: str, reason: str) -> None:
    """Append the line `dossier.<event>`."""
    connection.execute(
        dossier_events.insert().values(dossier=code, event=f"dossier.{event}", at=at, actor=actor[:200], reason=reason)
    )
