"""Which dossiers a limited program may know of: those whose result it could make (organisation, paper, seal)."""

from sqlalchemy import ColumnElement, and_, false, or_

from office import Office, which_seal
from stamping.desk import BookDesk
from stamping.dossier_tables import dossiers
from stamping.dossier_views import find_row
from stamping.reach import Reach
from stamping.refusal import not_found
from store import read


def admit_reception(desk: BookDesk, reach: Reach, organisation: str, procedure: str) -> None:
    """May a dossier of this procedure be received there? Raises `Refusal` forbidden, the limit named."""
    paper, seal = result_of(desk, desk.office(), organisation, procedure)
    reach.admit(organisation=organisation, paper=paper, seal=seal)


def require_dossier(desk: BookDesk, reach: Reach, code: str) -> None:
    """This dossier, by either code, is within `reach`. Raises `Refusal` not-found, as for one nobody knows."""
    if reach.everything:
        return
    if "\0" in code:  # PostgreSQL holds none
        raise not_found("hồ sơ", "dossier", "")
    with read(desk.engine) as connection:
        row = find_row(connection, code)
    paper, seal = result_of(desk, desk.office(), row["organisation"], row["procedure"])
    if not reach.covers(organisation=row["organisation"], paper=paper, seal=seal):
        raise not_found("hồ sơ", "dossier", code)


def dossier_clause(desk: BookDesk, reach: Reach) -> ColumnElement[bool] | None:
    """The same as a condition on rows of `stamping_dossiers`; None: every one."""
    if reach.everything:
        return None
    office = desk.office()
    within = []
    for organisation in office.organisations:
        for procedure in office.procedures:
            paper, seal = result_of(desk, office, organisation.code, procedure.code)
            if reach.covers(organisation=organisation.code, paper=paper, seal=seal):
                same = and_(dossiers.c.organisation == organisation.code, dossiers.c.procedure == procedure.code)
                within.append(same)
    return or_(false(), *within)


def result_of(desk: BookDesk, office: Office, organisation: str, procedure: str) -> tuple[str | None, str]:
    """The paper and the seal of the procedure's result there, now; no seal where it has no stamping stage."""
    known = office.procedure(procedure)
    if known is None:
        return None, ""
    seal = which_seal(office, organisation=organisation, procedure=procedure, on=desk.clock()).seal
    return known.paper, seal.id if seal and known.stamped else ""
