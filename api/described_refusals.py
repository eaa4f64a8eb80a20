"""How refusals are described (OpenAPI): one schema for all, one answer per status, referred to by every call."""

from typing import Any, Final

from api import examples
from api.callers import unauthenticated
from api.problems import PREFIX, TITLES, Problem, busy, not_found, of, too_large

MEDIA: Final = "application/problem+json"
_REFUSALS: Final = {
    "401": ("Unauthenticated", "Nobody known is calling"),
    "403": ("Forbidden", "The caller may not do this"),
    "404": ("NotFound", "There is no such thing, or it is not for this caller to know of"),
    "409": (
        "Conflict",
        "Not as things stand: another state, a list that changed, an Idempotency-Key used for another request",
    ),
    "412": ("ChangedSince", "If-Match: it has changed since the caller read it"),
    "413": ("TooLarge", "The body is too large"),
    "422": ("Invalid", "The request is not valid"),
    "429": ("TooMany", "Too many at this moment; Retry-After says when to come again"),
    "503": ("Away", "Something this call needs is away for now; nothing was done"),
    "default": ("Fault", "Any other refusal, or a fault of ours under a reference"),
}
"""By status: the answer's name, and what it says."""
_MADE: Final = {
    "401": unauthenticated(),
    "404": not_found(),
    "413": too_large(50 * 1024 * 1024),
    "429": busy(20),
    "503": of(OSError()),
    "default": of(Exception()),
}
"""Those that no example's office comes to, as they are given."""

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457). `type` is for programs, `title` and `detail` are for people, in the language "
    "of `Accept-Language` (vi, en). Further members say what a program needs besides, such as `errors`: the places of "
    "a body that do not fit. A type is never renamed and new ones are added: what a program does not know it treats "
    "by `status`.\n\n" + "\n".join(f"- `{PREFIX}{code}`: {english}" for code, (_, english) in sorted(TITLES.items())),
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "anyOf": [
                {"type": "string", "title": "ProblemType", "enum": [PREFIX + code for code in sorted(TITLES)]},
                {"type": "string", "pattern": f"^{PREFIX}[a-z0-9-]+$", "description": "One that is added later"},
            ],
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people, in the language asked for"},
        "instance": {"type": "string", "description": "Reference of a fault of ours"},
        "errors": {
            "type": "array",
            "description": "422: the places that do not fit",
            "items": {
                "type": "object",
                "title": "Misfit",
                "required": ["at", "why"],
                "properties": {"at": {"type": "string"}, "why": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}
"""The schema `Problem`."""


def answers() -> dict[str, Any]:
    """`components.responses`: each with an example."""
    return {name: _answer(status, said) for status, (name, said) in _REFUSALS.items()}


def reference(status: str) -> dict[str, str]:
    """What a call says of a status (or `default`)."""
    return {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"}


def _answer(status: str, said: str) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    content["example"] = _english(_MADE[status]) if status in _MADE else examples.refusal(status)
    answer: dict[str, Any] = {"description": said, "content": {MEDIA: content}}
    if status in {"429", "503"}:
        answer["headers"] = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
    return answer


def _english(problem: Problem) -> dict[str, Any]:
    title = TITLES[problem.code][1]
    said = {"type": PREFIX + problem.code, "title": title, "status": problem.status, "detail": problem.text_en}
    return said | problem.more
