"""Which dossiers a caller reaches: those of its organisations whose procedure ends in one of its papers.

No seal is put on a dossier, so it is outside of whoever is limited to seals.
"""

from sqlalchemy import ColumnElement, false, select

from stamping.desk import BookDesk
from stamping.dossier_tables import dossiers
from stamping.dossier_views import find_row
from stamping.reach import Reach
from stamping.refusal import not_found
from store import read


def admit(desk: BookDesk, reach: Reach, *, organisation: str, procedure: str) -> None:
    """May a dossier of this kind be received? Raises `Refusal` forbidden, the limit named."""
    known = desk.office().procedure(procedure)
    reach.admit(organisation=organisation, paper=known.paper if known else None)


def require(desk: BookDesk, reach: Reach, code: str) -> None:
    """The dossier is within `reach`. Raises `Refusal` not-found, as for one nobody knows."""
    if reach.everything:
        return
    with read(desk.engine) as connection:
        row = find_row(connection, code)
        within = select(dossiers.c.code).where(dossiers.c.code == row["code"], *conditions(desk, reach))
        if connection.execute(within).first() is None:
            raise not_found("hồ sơ", "dossier", code)


def conditions(desk: BookDesk, reach: Reach) -> list[ColumnElement[bool]]:
    """The same as conditions on rows of `stamping_dossiers`."""
    found: list[ColumnElement[bool]] = []
    if reach.organisations is not None:
        found.append(dossiers.c.organisation.in_(sorted(reach.organisations)))
    if reach.papers is not None:
        ending = [one.code for one in desk.office().procedures if one.paper in reach.papers]
        found.append(dossiers.c.procedure.in_(ending))
    if reach.seals is not None:
        found.append(false())
    return found
