"""Examples of the description: one day of an office, as the service was asked and answered.

`examples.json` is written by a test that walks through that day (tests/api/passage_of_examples.py) and held against
the service by every run of it; nobody edits it. Long texts in it end with an ellipsis, long lists after two items.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("examples.json")


@cache
def recorded() -> dict[str, Any]:
    """`operations`: by name `status`, and where there are any `path`, `request` and `answer`; `refusals` by status."""
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found


def put_into(operation: dict[str, Any]) -> None:
    """Into its request, its good answer and its path, where there are examples."""
    example = recorded()["operations"].get(operation["operationId"])
    if example is None:
        return
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path" and parameter["name"] in example.get("path", {}):
            parameter["example"] = example["path"][parameter["name"]]
    if "request" in example:
        operation["requestBody"]["content"]["application/json"]["example"] = example["request"]
    if "answer" in example:
        operation["responses"][example["status"]]["content"]["application/json"]["example"] = example["answer"]


def refusal(status: str) -> dict[str, Any] | None:
    """A problem that was answered with this status, if one was."""
    found: dict[str, Any] | None = recorded()["refusals"].get(status)
    return found
