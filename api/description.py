"""The interface described (OpenAPI): who may call what, and that every refusal is RFC 9457."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api import described_refusals, examples
from api.document_form import SCHEMAS
from api.operations import GROUPS, NAMES
from api.settings import WebSettings

_ABOUT: Final = """Carries a dossier through received, appraised, approved, stamped and returned.

- Times are RFC 3339 with an offset; JSON is snake_case; what is not described is refused in a body.
- Every write takes an `Idempotency-Key`: sent again under it, a request is done once and answered alike.
- Documents and dossiers have an `ETag`; an act sent with `If-Match` is done on that version or not at all (412).
- Lists have `limit` and `cursor`; an answer's `next` is the cursor of the page behind it, null on the last.
- A refusal is `application/problem+json` (schema `Problem`); branch on its `type`, and on the status where it is new.
"""
_SCHEMES: Final[dict[str, Any]] = {
    "program": {
        "type": "http",
        "scheme": "bearer",
        "description": "A workflow system's token, made by the operator (`secondseal account add-program`). Its scopes "
        "are some of documents:read, documents:write, approvals; never seals. It may be limited to papers, seals and "
        "organisations: of others it learns nothing.",
    },
    "ticket": {
        "type": "http",
        "scheme": "bearer",
        "description": "The ticket of one approval list, for the officer's own program: good for that list alone.",
    },
    "person": {
        "type": "apiKey",
        "in": "cookie",
        "name": "secondseal",
        "description": "A person's session, from POST /api/v1/session. Over TLS the cookie is __Host-secondseal.",
    },
}
_OPEN: Final = frozenset({("/api/v1/verifications", "post"), ("/api/v1/session", "post")})
_PERSONS: Final = ("/api/v1/seals", "/api/v1/session", "/api/v1/steps", "/api/v1/office")
_TICKETS: Final = "/api/v1/approvals/{approval_id}"
_LOCATED: Final = frozenset(
    {
        ("/api/v1/approvals", "post"),
        ("/api/v1/documents", "post"),
        ("/api/v1/dossiers", "post"),
        ("/api/v1/dossiers/{dossier_code}/apology", "post"),
        ("/api/v1/office/proposals", "post"),
        ("/api/v1/seals", "post"),
        ("/api/v1/webhooks", "post"),
    }
)
"""Calls that say where what they made is."""
_BOUNDED: Final = frozenset(
    {
        ("/api/v1/verifications", "post"),
        ("/api/v1/session", "post"),
        ("/api/v1/steps", "post"),
        ("/api/v1/statistics", "get"),
        ("/api/v1/statistics.csv", "get"),
        ("/api/v1/register/exchange.{form}", "get"),
        ("/api/v1/register/{book}.{form}", "get"),
    }
)
"""Calls that answer 429 where as many run as fit, or too many attempts failed."""
_HEADERS: Final[dict[str, Any]] = {
    "ETag": {
        "description": "The version that is shown, for If-Match and If-None-Match",
        "required": True,
        "schema": {"type": "string"},
        "example": '"b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"',
    },
    "IdempotentReplayed": {
        "description": "`true` where this is an earlier request's answer and nothing was done now",
        "schema": {"const": "true"},
    },
    "Location": {
        "description": "Where what was made is; a path",
        "required": True,
        "schema": {"type": "string"},
        "example": "/api/v1/approvals/5b1f0e9c2d7a4c5e8f60718293a4b5c6",
    },
    "RetryAfter": {"description": "Seconds", "schema": {"type": "integer"}, "example": 60},
}


def files(*media: str) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that answers with a file of one of these kinds."""
    whole = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"description": "The file", "content": {kind.partition(";")[0]: whole for kind in media}}}


PDF: Final = files("application/pdf")


def exchange_of(schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that answers with metadata for exchange: XML, or JSON of this `schema`."""
    answers = files("application/xml")
    answers[200]["content"]["application/json"] = {"schema": schema}
    return answers


def name_of(route: APIRoute) -> str:
    """An operation's id. One that has none in the table is named after its tag and function, and fails a test."""
    call = f"{min(route.methods or {''})} {route.path_format}"
    return NAMES.get(call) or "_".join([*map(str, route.tags[:1]), route.name])


def describer(app: FastAPI, settings: WebSettings) -> Callable[[], dict[str, Any]]:
    """What `app.openapi` becomes: FastAPI's own description, completed once."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=_ABOUT,
                routes=app.routes,
                tags=[{"name": name, "description": said} for name, said in GROUPS.items()],
                servers=[{"url": settings.public_url, "description": settings.office_en}],
                contact={"name": settings.counter_en or settings.office_en, "url": settings.public_url},
                license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            )
            app.openapi_schema = _completed(schema)
        return app.openapi_schema

    return describe


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    components["headers"] = _HEADERS
    components["responses"] = described_refusals.answers()
    schemas = components.setdefault("schemas", {})
    schemas |= {"Problem": described_refusals.PROBLEM, **SCHEMAS}
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            operation["security"] = _who(path, verb)
            answers = operation["responses"]
            for status in (*_refused(path, verb, operation), "default"):
                answers[status] = described_refusals.reference(status)
            _parameters(operation)
            _headers(path, verb, operation)
            examples.put_into(operation)
    for fastapis_own in ("HTTPValidationError", "ValidationError"):  # its answers are problems here
        schemas.pop(fastapis_own, None)
    return schema


def _parameters(operation: dict[str, Any]) -> None:
    """What may be left out of a request line or its headers cannot be null there."""
    for one in operation.get("parameters", []):
        if "anyOf" not in one["schema"]:
            continue
        kinds = [kind for kind in one["schema"].pop("anyOf") if kind != {"type": "null"}]
        one["schema"] |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _headers(path: str, verb: str, operation: dict[str, Any]) -> None:
    """Those of its good answers that a program acts on."""
    takes = {one["name"].lower() for one in operation.get("parameters", [])}
    for status, answer in operation["responses"].items():
        told = {
            "ETag": "if-none-match" in takes and verb == "get",
            "Idempotent-Replayed": "idempotency-key" in takes and status < "300",
            "Location": status < "300" and (path, verb) in _LOCATED,
        }
        if "$ref" not in answer and any(told.values()):
            answer["headers"] = {
                name: {"$ref": f"#/components/headers/{name.replace('-', '')}"} for name, it_is in told.items() if it_is
            }


def _refused(path: str, verb: str, operation: dict[str, Any]) -> list[str]:
    """Which refusals this call has, beside a fault of ours."""
    parameters = operation.get("parameters", [])
    asked = {
        "401": bool(_who(path, verb)) or path == "/api/v1/session",
        "403": bool(_who(path, verb)) or path == "/api/v1/session",
        "404": "{" in path
        or path == "/api/v1/documents"
        or path.startswith(("/log", "/api/v1/statistics", "/api/v1/office"))
        or verb != "get",
        "409": (verb != "get" and (path, verb) not in _OPEN) or path.endswith("/file"),
        "412": any(one["name"].lower() == "if-match" for one in parameters),
        "413": "requestBody" in operation,
        "422": bool(parameters) or "requestBody" in operation,
        "429": (path, verb) in _BOUNDED,
        "503": True,
    }
    return [status for status, it_has in asked.items() if it_has]


def _who(path: str, verb: str) -> list[dict[str, list[str]]]:
    """Who may call: one of these."""
    if (path, verb) in _OPEN or path.startswith("/log/"):
        return []
    person: dict[str, list[str]] = {"person": []}
    if path.startswith(_PERSONS):
        return [person]
    ticket: list[dict[str, list[str]]] = [{"ticket": []}] if path.startswith(_TICKETS) else []
    return [{"program": []}, person, *ticket]
