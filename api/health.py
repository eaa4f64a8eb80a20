"""For operators: alive, ready. Nothing here names a person or a document."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from api import second_factor
from api.callers import Serving
from api.factor_keys import FactorKeysUnfit
from api.key_state import KeyState, key_state
from api.service import Service
from api.tables import accounts
from stamping import Refusal
from store import StoreAway, read

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(service: Serving, keys: Annotated[Literal["required", ""], Query()] = "") -> Response:
    """503 where this process cannot serve: the database answers with our tables, files can be kept, the office's file
    is read. The seal worker and the keys are told beside it; with `?keys=required` they decide, too. Second factors
    whose key is missing or another are told as well: their holders cannot sign in, everybody else can. And a list of
    authorities that was not taken up: what counted before goes on counting; and papers of the office's own folder that
    are no longer those this process has read.

    A key that is away closes no page: papers are taken in, approved and verified without it (decision 0073).
    """
    checks = {"database": _database(service), "files": _files(service), "office": _office(service)}
    body: dict[str, Any] = {name: "ok" if good else "failing" for name, good in checks.items()}
    if checks["database"]:
        body["second_factors"] = "ok" if _second_factors(service) else "failing"
    body["trust_list"] = "ok" if service.relied is None or service.relied.problem is None else "failing"
    body["papers"] = "ok" if _papers(service) else "failing"
    state = _keys(service) if checks["database"] and checks["office"] else None
    serving = all(checks.values())
    files_good = body.get("second_factors") == body["trust_list"] == body["papers"] == "ok"
    whole = state is not None and state.whole and files_good
    body["status"] = "not-ready" if not serving else "ready" if whole else "degraded"
    body |= _told(state)
    good = serving and (keys != "required" or (state is not None and state.can_seal))
    return JSONResponse(body, status_code=200 if good else 503)


def _told(state: KeyState | None) -> dict[str, Any]:
    """The worker and the keys: state, code and age in seconds; the words are for the custodian and the doctor."""
    if state is None:
        return {"worker": {"state": "unknown", "age_s": None}, "keys": []}
    seen = state.worker
    return {
        "worker": {
            "state": "good" if state.worker_there else "fault",
            "age_s": None if seen is None else round((state.at - seen.seen_at).total_seconds(), 1),
        },
        "keys": [
            {
                "seal": one.seal_id,
                "which": one.role,
                "state": one.state,
                "code": one.code,
                "age_s": round((state.at - one.checked_at).total_seconds(), 1),
            }
            for one in state.keys
        ],
    }


def _keys(service: Service) -> KeyState | None:
    try:
        return key_state(service)
    except (SQLAlchemyError, OSError, Refusal):
        return None


def _database(service: Service) -> bool:
    try:
        with read(service.desk.engine) as connection:
            connection.execute(select(accounts.c.name).limit(1)).first()
    except SQLAlchemyError:
        return False
    return True


def _second_factors(service: Service) -> bool:
    try:
        second_factor.check_key(service.desk.engine, service.settings.second_factor_key)
    except FactorKeysUnfit:
        return False
    return True


def _files(service: Service) -> bool:
    try:
        service.desk.files.reach()
    except StoreAway:
        return False
    return True


def _papers(service: Service) -> bool:
    try:
        return service.desk.papers.is_current()
    except OSError:
        return False


def _office(service: Service) -> bool:
    try:
        service.desk.office()
    except (OSError, Refusal):
        return False
    return True
