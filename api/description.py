"""The interface described (OpenAPI): who may call what, and that every refusal is RFC 9457."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

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
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    refusal = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            answers = operation["responses"]
            for status in [status for status in answers if status.startswith(("4", "5"))]:
                answers[status] = {"description": "Refused", "content": refusal}
            answers["default"] = {"description": "Refused", "content": refusal}
            operation["security"] = [] if (path, verb) in _OPEN else _who(path)
    return schema


def _who(path: str) -> list[dict[str, list[str]]]:
    person: dict[str, list[str]] = {"person": []}
    return [person] if path.startswith(_PERSONS) else [{"program": []}, person]
