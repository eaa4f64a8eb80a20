"""Log lines for machines: one object each, and no person, no secret in any of them."""

import base64
import json
import logging
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from api import accounts, clients
from hsm import HsmKey
from secondseal.demo.pki import Pki
from secondseal.logs import JsonLines, TextLines
from secondseal.settings import Settings, log_form
from stamping import confirmations
from store import write
from tests.api.serving import PEOPLE
from tests.secondseal.served import Served, give_key, give_settings, serving, until
from tests.stamping.office_desk import CUSTODIAN, OFFICER, PROCEDURE, Place, PlaceMaker
from tests.tokens.fixtures import USER_PIN, softhsm_module

NAME, NUMBER, PHONE, HOME_ADDRESS = "Trịnh Quỳnh Xuyến", "038199004477", "0987612345", "ngõ Bướm Vàng"
PASSWORD, WRONG = "mat-khau-khong-ai-duoc-biet", "mat-khau-go-nham-mot-lan"


def written(record: logging.LogRecord) -> dict[str, Any]:
    """The line as a machine reads it."""
    line: dict[str, Any] = json.loads(JsonLines().format(record))
    return line


def raised(error: BaseException) -> logging.LogRecord:
    """A line about something that was raised."""
    try:
        raise error  # noqa: TRY301
    except BaseException:  # noqa: BLE001
        return logging.LogRecord("secondseal.web", logging.ERROR, __file__, 1, "fault", (), sys.exc_info())


def test_a_line_is_one_object() -> None:
    document = "0" * 31 + "a"
    record = logging.LogRecord("secondseal.passage", logging.INFO, __file__, 1, "sealed %s,\n%s", (document, "x"), None)
    line = written(record)
    assert "\n" not in JsonLines().format(record)
    assert (line["level"], line["room"], line["document"]) == ("info", "passage", document)
    assert datetime.fromisoformat(line["time"]).utcoffset() is not None
    assert line["message"] == f"sealed {document},\nx"


@pytest.mark.parametrize("form", [JsonLines(), TextLines("%(message)s")])
def test_what_was_raised_is_told_without_what_it_was_given(form: logging.Formatter, both: Engine) -> None:
    """A row's values in a database's refusal, a value in a library's sentence, a cause behind another."""
    secret = ValueError(f"cannot read {NAME}")
    outer = RuntimeError(f"for {NUMBER}")
    outer.__cause__ = secret
    refused: list[BaseException] = [secret, outer, KeyError(PHONE), PermissionError(13, "Permission denied", NAME)]
    for statement in (
        "INSERT INTO api_accounts (name, display_name) VALUES (:name, :phone)",
        "INSERT INTO api_clients (id, name, secret_sha256, scopes, active, created_at) "
        "VALUES ('1', :name, :phone, '', true, '2026-01-01'), ('1', :name, :phone, '', true, '2026-01-01')",
        "SELECT CAST(:name AS INTEGER) FROM nowhere WHERE x = :phone",
    ):
        with pytest.raises(SQLAlchemyError) as caught, write(both) as connection:
            connection.execute(text(statement), {"name": NAME, "phone": PHONE})
        refused.append(caught.value)
    for error in refused:
        line = form.format(raised(error))
        for private in (NAME, NUMBER, PHONE):
            assert private not in line, line
        assert f"{type(error).__name__}" in line
        assert "test_logs.py" in line
    assert "Permission denied" in form.format(raised(refused[3]))


def test_json_is_for_the_journal_or_for_who_asks_for_it(tmp_path: Path) -> None:
    here = os.fstat(2)
    journal = {"JOURNAL_STREAM": f"{here.st_dev}:{here.st_ino}"}
    assert log_form(Settings(home=tmp_path), journal) == "json"
    assert log_form(Settings(home=tmp_path), {"JOURNAL_STREAM": "8:1"}) == "text"
    assert log_form(Settings(home=tmp_path), {}) == "text"
    assert log_form(Settings(home=tmp_path, log="text"), journal) == "text"
    assert log_form(Settings(home=tmp_path, log="json"), {}) == "json"


def test_a_paper_through_web_and_worker_leaves_no_person_and_no_secret_in_the_log(
    desk_with: PlaceMaker, seal_key: HsmKey, pki: Pki
) -> None:
    """The applicant, passwords right and wrong, tokens, tickets, the PIN; each request and the seal have their line."""
    place = desk_with()
    give_key(place, seal_key, softhsm_module())
    give_settings(place, pki, log="json")
    token = people(place)
    with serving(place) as served:
        secrets = [token, *drive(place, served, token)]
        lines = [line for line in served.said().splitlines() if line.startswith("{")]
        said = "\n".join(lines)
    everything = served.said()
    for private in (NAME, NUMBER, PHONE, HOME_ADDRESS, PASSWORD, WRONG, USER_PIN, *secrets):
        assert private not in everything, private
    for name in ("Xuyến", "Trịnh", *(part for account in PEOPLE.values() for part in account)):
        assert name not in everything, name
    told = [json.loads(line) for line in lines]
    for line in told:
        assert {"time", "level", "room", "message"} <= set(line)
    requests = [line for line in told if line["room"] == "web.request"]
    assert any(line["request"] == "viec-so-0001" and line["route"] == "/api/v1/documents" for line in requests)
    assert len(requests) > 10
    assert {line["route"] for line in requests} >= {"/api/v1/documents/{document_id}", "/api/v1/session"}
    (refused,) = [line for line in requests if line.get("problem") == "forbidden"]
    assert refused["caller"].startswith("program:")
    assert any(line.get("caller", "").startswith("person:") for line in requests)
    (sealed,) = [line for line in told if line["room"] == "passage" and line["message"].startswith("sealed ")]
    assert any(line.get("document") == sealed["document"] for line in requests)
    assert not re.search(r"^\d{4}-\d\d-\d\d .* (INFO|WARNING|ERROR) (?!.*started, process)", everything, re.MULTILINE)
    assert said


def people(place: Place) -> str:
    """Everybody who works here, and a program; gives its token."""
    now = datetime.now(UTC)
    for role, (name, shown) in PEOPLE.items():
        accounts.create(
            place.desk.engine,
            name=name,
            password=PASSWORD,
            roles=[role],  # type: ignore[list-item]
            now=now,
            display_name=shown,
            officer_id=OFFICER if role == "officer" else None,
            custodian_id=CUSTODIAN if role == "custodian" else None,
        )
    scopes = ["documents:read", "documents:write"]
    return clients.create(place.desk.engine, name="một cửa", scopes=scopes, now=now)[1]


def drive(place: Place, served: Served, token: str) -> list[str]:
    """A paper through all stages over HTTP, with a few refusals on the way; gives the secrets that were used."""
    address = {"base_url": served.base, "timeout": 60.0}
    with httpx.Client(**address, headers={"authorization": f"Bearer {token}"}) as program:  # type: ignore[arg-type]
        body = paper()
        made = program.post("/api/v1/documents", json=body, headers={"x-request-id": "viec-so-0001"})
        assert made.status_code == 201, made.text
        assert made.headers["x-request-id"] == "viec-so-0001"
        document = made.json()["id"]
        wrong = {**body, "data": {**body["data"], "capital_vnd": NAME}}
        assert program.post("/api/v1/documents", json=wrong).status_code == 422
        assert program.get(f"/api/v1/documents/{NUMBER}").status_code == 404
        odd = program.get(f"/api/v1/documents?dossier={PHONE}", headers={"x-request-id": f"{NAME}".encode()})
        assert re.fullmatch(r"[0-9a-f]{16}", odd.headers["x-request-id"])
        assert program.post("/api/v1/approvals", json={"documents": [document]}).status_code == 403
        sessions = [token]
        with httpx.Client(**address) as officer:  # type: ignore[arg-type]
            bad = officer.post("/api/v1/session", json={"name": PEOPLE["officer"][0], "password": WRONG})
            assert bad.status_code == 401
            sessions += sign_in(officer, "officer")
            sessions.append(approve(place, officer, document))
        with httpx.Client(**address) as custodian:  # type: ignore[arg-type]
            sessions += sign_in(custodian, "custodian")
            shown = [(one["id"], one["approved_sha256"]) for one in custodian.get("/api/v1/seals").json()["documents"]]
            listed = confirmations.list_sha256(shown)
            step = {"list_sha256": listed, "password": PASSWORD}
            assert custodian.post("/api/v1/steps", json=step).status_code == 201
            confirmed = {"documents": [document], "list_sha256": listed}
            assert custodian.post("/api/v1/seals", json=confirmed).status_code == 202
        until(lambda: program.get(f"/api/v1/documents/{document}").json()["state"] == "sealed", 60, "sealed")
        given = program.post(f"/api/v1/documents/{document}/return", json={"received_by": NAME})
        assert given.status_code == 200, given.text
    return sessions


def sign_in(client: httpx.Client, role: str) -> list[str]:
    """Of this role; gives the cookie."""
    answer = client.post("/api/v1/session", json={"name": PEOPLE[role][0], "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return list(client.cookies.values())


def approve(place: Place, officer: httpx.Client, document: str) -> str:
    """The officer's token signs; gives the ticket."""
    opened = officer.post("/api/v1/approvals", json={"documents": [document]}).json()
    here, key = opened["links"]["self"], place.officer_key
    certificate = base64.b64encode(key.certificate.public_bytes(Encoding.DER)).decode()
    agent = {"authorization": f"Bearer {opened['ticket']}"}
    with httpx.Client(base_url=officer.base_url, headers=agent, timeout=60) as signing:
        assert signing.post(f"{here}/certificate", json={"certificate": certificate}).status_code == 204
        (item,) = signing.get(here).json()["documents"]
        digest = bytes.fromhex(item["digest"]) if len(item["digest"]) == 64 else base64.b64decode(item["digest"])
        value = base64.b64encode(key.sign(digest, key.scheme)).decode()
        done = signing.put(f"{here}/documents/{document}", json={"signature": value})
        assert done.status_code == 200, done.text
    return str(opened["ticket"])


def paper() -> dict[str, Any]:
    """What the workflow system sends."""
    return {
        "paper": "dang-ky-ho-kinh-doanh",
        "organisation": "M01.X1",
        "officer_id": OFFICER,
        "dossier": {
            "code": "000.00.16.H05-261118-0777",
            "procedure": PROCEDURE,
            "applicant": {"name": NAME, "id_number": NUMBER, "phone": PHONE},
            "received_at": "2026-11-18T08:05:00+07:00",
        },
        "data": {
            "household_name": "HỘ KINH DOANH CƠ KHÍ MẪU",
            "business_line": "Gia công cơ khí (2592)",
            "capital_vnd": 350_000_000,
            "address": f"{HOME_ADDRESS}, xã Mẫu, tỉnh Bắc Ninh",
            "representative": {
                "name": NAME,
                "birth_date": "1988-02-29",
                "gender": "Nữ",
                "ethnicity": "Kinh",
                "nationality": "Việt Nam",
            },
            "registered_on": "2026-11-20",
        },
    }
