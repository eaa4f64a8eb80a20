"""What a paper takes from its dossier: facts handed over with it, or those of a dossier received here."""

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from stamping.desk import BookDesk
from stamping.dossier import Applicant, NewDossier
from stamping.dossier_views import applicant_of, row_or_none
from stamping.refusal import Refusal
from store import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What of a dossier received here never changes."""

    organisation: str
    applicant: Applicant


def registered(desk: BookDesk, code: str) -> Registered | None:
    """The dossier received here under this code; None where there is none."""
    with read(desk.engine) as connection:
        row = row_or_none(connection, code)
    return Registered(organisation=row["organisation"], applicant=applicant_of(row)) if row else None


def facts_of(desk: BookDesk, given: NewDossier | str) -> NewDossier:
    """The facts as given, or by the code alone those of the dossier received here.

    Raises `Refusal` dossier-invalid where none was received, wrong-state before it is appraised.
    """
    if isinstance(given, NewDossier):
        return given
    with read(desk.engine) as connection:
        row = row_or_none(connection, given)
    if row is None:
        raise not_received(given)
    return _facts(row)


def check_facts(connection: Connection, dossier: NewDossier) -> None:
    """In the transaction that makes the paper: a dossier received here is appraised, and the paper has its facts and no
    others. Raises `Refusal` wrong-state."""
    row = row_or_none(connection, dossier.code)
    if row is not None and _facts(row) != dossier:
        raise Refusal(
            "wrong-state",
            f"Hồ sơ {dossier.code} đã được tiếp nhận tại đây: chỉ gửi mã hồ sơ, không gửi kèm dữ liệu khác của hồ sơ.",
            f"Dossier {dossier.code} was received here: send its code alone, with no other facts of the dossier.",
            dossier=dossier.code,
        )


def not_received(code: str) -> Refusal:
    """A code alone names a dossier received here."""
    return Refusal(
        "dossier-invalid",
        f"Hồ sơ {code} chưa được tiếp nhận tại đây. Hãy tiếp nhận trước, hoặc gửi kèm thủ tục, người nộp và thời điểm.",
        f"Dossier {code} was not received here. Receive it first, or send procedure, applicant and times with it.",
        dossier=code,
    )


def _facts(row: RowMapping) -> NewDossier:
    if row["state"] != "appraised":
        raise Refusal(
            "wrong-state",
            f"Hồ sơ {row['code']} chưa thẩm định xong nên chưa lập được văn bản.",
            f"Dossier {row['code']} is not appraised, so its paper cannot be made yet.",
            dossier=row["code"],
            state=row["state"],
        )
    return NewDossier(
        code=row["code"],
        procedure=row["procedure"],
        applicant=applicant_of(row),
        received_at=row["received_at"],
        received_by=row["received_by"],
        # another day appointed with an apology makes no result less late
        due_at=row["first_due_at"] or row["due_at"],
        appraised_at=row["appraised_at"],
        appraised_by=row["appraised_by"],
    )
