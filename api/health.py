"""For operators: alive, ready, measured. Nothing here names a person or a document."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from api.callers import Serving
from api.service import Service
from api.tables import accounts
from stamping import Refusal
from store import read

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(service: Serving) -> Response:
    """The database answers with our tables, files can be kept, the office's file is read; else 503 and which is not."""
    checks = {"database": _database(service), "files": _files(service), "office": _office(service)}
    return JSONResponse(
        {name: "ok" if good else "failing" for name, good in checks.items()},
        status_code=200 if all(checks.values()) else 503,
    )


@router.get("/metrics")
def metrics(service: Serving) -> Response:
    """Counts since the start, in the Prometheus text format."""
    lines: list[str] = []
    labels = {"requests": "status", "verifications": "verdict"}
    named: dict[str, list[str]] = {}
    for (name, label), value in sorted(service.tally.snapshot().items()):
        tag = f'{{{labels[name]}="{label}"}}' if name in labels else ""
        named.setdefault(name, []).append(f"secondseal_{name}_total{tag} {value:g}")
    for name, samples in named.items():
        lines += [f"# TYPE secondseal_{name}_total counter", *samples]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _database(service: Service) -> bool:
    try:
        with read(service.desk.engine) as connection:
            connection.execute(select(accounts.c.name).limit(1)).first()
    except SQLAlchemyError:
        return False
    return True


def _files(service: Service) -> bool:
    return service.desk.files.folder.is_dir()


def _office(service: Service) -> bool:
    try:
        service.desk.office()
    except (OSError, Refusal):
        return False
    return True
