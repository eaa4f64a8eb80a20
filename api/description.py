"""The interface described (OpenAPI): who may call what, and that every refusal is RFC 9457."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.document_form import SCHEMAS
from api.problems import PREFIX, TITLES

_SCHEMES: Final[dict[str, Any]] = {
    "program": {
        "type": "http",
        "scheme": "bearer",
        "description": "A workflow system's token (scopes documents:read, documents:write, approvals; never seals), "
        "or the ticket of one approval list for the officer's agent.",
    },
    "person": {
        "type": "apiKey",
        "in": "cookie",
        "name": "secondseal",
        "description": "A person's session: POST /api/v1/session. Over TLS the cookie is __Host-secondseal.",
    },
}
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "enum": [PREFIX + code for code in sorted(TITLES)]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people, in the language asked for"},
        "instance": {"type": "string", "description": "Reference of a fault of ours"},
    },
}
_OPEN: Final = frozenset({("/api/v1/verifications", "post"), ("/api/v1/session", "post")})
_PERSONS: Final = ("/api/v1/seals", "/api/v1/session", "/api/v1/steps", "/api/v1/office")
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
_REFUSALS: Final = {
    "401": "Nobody known is calling",
    "403": "The caller may not do this",
    "404": "There is no such thing, or it is not for this caller to know of",
    "409": "Not as things stand: another state, a list that changed, an Idempotency-Key used for another request",
    "412": "If-Match: it has changed since the caller read it",
    "413": "The body is too large",
    "422": "The request is not valid",
    "429": "Too many at this moment; Retry-After says when to come again",
    "503": "Something this call needs is away for now; nothing was done",
}
_FAULT: Final = "Any other refusal, or a fault of ours under a reference"


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
    """An operation's id, for clients that are generated: its tag and the name of its function."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def describer(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What `app.openapi` becomes: FastAPI's own description, completed once."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            app.openapi_schema = _completed(schema)
        return app.openapi_schema

    return describe


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    schemas |= {"Problem": _PROBLEM, **SCHEMAS}
    refusal = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            answers = operation["responses"]
            for status in _refused(path, verb, operation):
                answers[status] = {"description": _REFUSALS[status], "content": refusal}
            answers["default"] = {"description": _FAULT, "content": refusal}
            operation["security"] = _who(path, verb)
    for fastapis_own in ("HTTPValidationError", "ValidationError"):  # its answers are problems here
        schemas.pop(fastapis_own, None)
    return schema


def _refused(path: str, verb: str, operation: dict[str, Any]) -> list[str]:
    """Which refusals this call has, beside a fault of ours."""
    parameters = operation.get("parameters", [])
    asked = {
        "401": bool(_who(path, verb)) or path == "/api/v1/session",
        "403": bool(_who(path, verb)) or path == "/api/v1/session",
        "404": "{" in path or path.startswith(("/log", "/api/v1/statistics", "/api/v1/office")) or verb != "get",
        "409": (verb != "get" and (path, verb) not in _OPEN) or path.endswith("/file"),
        "412": any(one["name"].lower() == "if-match" for one in parameters),
        "413": "requestBody" in operation,
        "422": bool(parameters) or "requestBody" in operation,
        "429": (path, verb) in _BOUNDED,
        "503": True,
    }
    return [status for status, it_has in asked.items() if it_has]


def _who(path: str, verb: str) -> list[dict[str, list[str]]]:
    if (path, verb) in _OPEN or path.startswith("/log/"):
        return []
    person: dict[str, list[str]] = {"person": []}
    return [person] if path.startswith(_PERSONS) else [{"program": []}, person]
