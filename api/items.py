"""Calls of many items: each is done or refused for itself, and nothing is undone for another's sake."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from api import problems
from api.service import Service
from stamping import Refusal

T = TypeVar("T")


def each(
    service: Service,
    request: Request,
    items: Iterable[T],
    act: Callable[[int, T], dict[str, Any]],
    *,
    alone: str | None = None,
) -> list[dict[str, Any]]:
    """One answer per item, in order: what `act(position, item)` gives, positions counted from 1, or `status` and
    `problem` as it would have been answered alone, by the call `alone` where that is another. After a fault of ours the
    rest is not tried, and says so by the same problem."""
    answers: list[dict[str, Any]] = []
    fault: dict[str, Any] | None = None
    for position, item in enumerate(items, 1):
        if fault is not None:
            answers.append(fault)
            continue
        try:
            answers.append(act(position, item))
        except Exception as error:  # noqa: BLE001 - one item's problem is its answer; a fault is in the log
            answer = _refused(service, request, error, alone)
            if answer["status"] >= 500 and not isinstance(error, Refusal):
                fault = answer
            answers.append(answer)
    return answers


def _refused(service: Service, request: Request, error: Exception, alone: str | None) -> dict[str, Any]:
    problem = problems.of(error)
    if isinstance(error, RequestValidationError) and alone is not None:
        problem = problems.named_for(problem, alone)
    service.tally.add("refusals", problem.code)
    reference = problems.note(request, error, problem)
    return {"status": problem.status, "problem": problems.members(request, problem, reference)}
