"""Two administrators and an auditor, for the tests that change the institution."""

from datetime import UTC, datetime

import httpx

from api import accounts
from tests.api.serving import PASSWORD, Running, hashed_once

ADMINISTRATORS = {"administrator": ("quan-tri", "Đinh Văn Mẫu"), "second": ("quan-tri-2", "Bùi Thị Mẫu")}
AUDITOR = ("kiem-tra", "Vũ Thị Mẫu")


@hashed_once()
def add_administrators(office: Running) -> None:
    """Their accounts, with the password of everybody else."""
    for name, shown in (*ADMINISTRATORS.values(), AUDITOR):
        accounts.create(
            office.place.desk.engine,
            name=name,
            password=PASSWORD,
            roles=["auditor" if name == AUDITOR[0] else "administrator"],
            now=datetime.now(UTC),
            display_name=shown,
        )


def caller(office: Running, role: str) -> httpx.Client:
    """A connection of someone of that role: one of theirs, a desk's, `program` or `nobody`; one session each."""
    if role == "nobody":
        return office.client()
    if role == "program":
        return office.program("documents:read", "documents:write", "approvals")
    if role in {"clerk", "officer", "custodian"}:
        return office.signed_in(role)
    name = AUDITOR[0] if role == "auditor" else ADMINISTRATORS[role][0]
    client = office.client()
    if role not in office.sessions:
        assert client.post("/api/v1/session", json={"name": name, "password": PASSWORD}).status_code == 201
        office.sessions[role] = client.cookies
    client.cookies.update(office.sessions[role])
    return client
