"""Errors are RFC 9457, in the caller's language, and say nothing about our insides."""

import json
import logging
import re

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import OperationalError

from api import problems
from api.bodies import Body
from stamping import STATUS, Refusal
from store import FileMissing, StoreAway, WriterBusy
from tests.api.serving import Running

FIXED = """
not-approved officer-not-authorised certificate-revoked certificate-expired seal-not-active confirmation-required
bytes-changed unsealable token-missing pin-wrong pin-locked time-authority-unreachable idempotency-conflict
paper-data-invalid glyph-missing not-found forbidden
"""


def test_every_problem_of_the_contract_and_of_the_stage_has_its_titles() -> None:
    assert set(FIXED.split()) <= set(problems.TITLES)
    assert set(STATUS) <= set(problems.TITLES)
    for code, (vietnamese, english) in problems.TITLES.items():
        assert vietnamese, code
        assert english, code


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_problem_has_the_members_of_rfc_9457(service: Running, language: str) -> None:
    answer = service.client(language=language).get("/api/v1/documents/none")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == language
    assert answer.headers["www-authenticate"] == "Bearer"
    body = answer.json()
    assert body["type"] == "urn:secondseal:problem:unauthenticated"
    assert body["status"] == 401
    assert body["title"] == problems.TITLES["unauthenticated"][0 if language == "vi" else 1]
    assert body["detail"]


def test_unknown_addresses_and_methods_are_problems_too(service: Running) -> None:
    client = service.client()
    assert client.get("/api/v1/nothing").json()["type"].endswith(":not-found")
    assert client.put("/api/v1/verifications").json()["type"].endswith(":method-not-allowed")
    page = client.get("/nothing")
    assert page.status_code == 404
    assert "Không có trang này" in page.text


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (Refusal("bytes-changed", "vi", "en"), "bytes-changed", 409),
        (OperationalError("secret statement", {}, Exception("secret place")), "storage-unavailable", 503),
        (OSError(28, "No space left on device", "/secret/place"), "storage-unavailable", 503),
        (StoreAway("s3://secret-place: GenericError"), "storage-unavailable", 503),
        (WriterBusy(30_000), "storage-unavailable", 503),
        (FileMissing("0" * 64), "internal", 500),
        (ZeroDivisionError("secret"), "internal", 500),
    ],
)
def test_each_error_has_one_problem_and_keeps_its_secrets(error: Exception, code: str, status: int) -> None:
    problem = problems.of(error)
    assert (problem.code, problem.status) == (code, status)
    assert "secret" not in problem.text_vi + problem.text_en + str(problem.more)


def test_a_fault_becomes_a_reference_and_a_line_in_the_log(service: Running, caplog: pytest.LogCaptureFixture) -> None:
    """A stored file that is gone: 500 with a reference for people, the fault itself only in our log."""
    document = service.place.paper()
    stored = service.place.desk.files.folder / document.revisions["generated"][:2] / document.revisions["generated"]
    aside = stored.with_suffix(".aside")
    stored.rename(aside)
    try:
        with caplog.at_level(logging.ERROR, logger="secondseal.web"):
            answer = service.program("documents:read").get(f"/api/v1/documents/{document.id}/file")
            page = service.signed_in("clerk").get(f"/desk/documents/{document.id}/file")
    finally:
        aside.rename(stored)
    assert answer.status_code == 500
    reference = answer.json()["instance"].removeprefix("urn:secondseal:fault:")
    assert "Traceback" not in answer.text
    assert reference in caplog.text
    assert page.status_code == 500
    assert "Lỗi của chúng tôi" in page.text
    assert page.headers["content-security-policy"]


def test_validation_says_where_and_never_repeats_what_was_sent(service: Running) -> None:
    answer = service.client().post("/api/v1/session", json={"name": "x", "password": 12345, "more": "hush"})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":request-invalid")
    assert {one["at"] for one in answer.json()["errors"]} == {"body.password", "body.more"}
    assert "12345" not in answer.text
    assert "hush" not in answer.text


def test_a_method_an_address_does_not_take_is_told_those_it_takes(service: Running) -> None:
    """RFC 9110, 10.2.1. Measured before: `Allow` named the methods of one route of the address only."""
    caller = service.client()
    described = caller.get("/api/v1/openapi.json").json()["paths"]
    for path in described:
        # .../documents/batch is the address of a document of that name, too
        fitting = [one for one in described if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path)]
        verbs = {verb for one in fitting for verb in described[one]}
        answer = caller.options(path)
        assert answer.status_code == 405
        assert answer.json()["type"] == "urn:secondseal:problem:method-not-allowed"
        assert set(answer.headers["allow"].split(", ")) == {verb.upper() for verb in verbs}, path
    ours = caller.delete("/static/style.css")
    assert (ours.status_code, ours.headers["allow"]) == (405, "GET, HEAD")


def test_a_day_is_written_never_a_number(service: Running) -> None:
    """Measured before: `0` was 1970-01-01, on a decision and in a period. Every day and time of every body."""
    program = service.program("documents:write", "documents:read")
    for query in ({"from": "0"}, {"until": "86400"}):
        assert program.get("/api/v1/statistics", params=query).status_code == 422
    found = 0
    for model in _below(Body):
        for name, described in model.model_json_schema()["properties"].items():
            if '"format": "date' not in json.dumps(described):
                continue
            found += 1
            for number in (0, "0", 86400.0):
                with pytest.raises(ValidationError) as refused:
                    model.model_validate({name: number})
                assert (name,) in [one["loc"][:1] for one in refused.value.errors()], (model, name)
    assert found >= 10


def _below(model: type[BaseModel]) -> set[type[BaseModel]]:
    return {one for child in model.__subclasses__() for one in (child, *_below(child))}
