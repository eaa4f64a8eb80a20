"""From what went wrong to the problem the page and the person are shown."""

from hsm import (
    KeyMissing,
    ModuleMissing,
    PinError,
    PinLocked,
    TokenAmbiguous,
    TokenError,
    TokenMissing,
)

from .check import DocumentRefused
from .messages import Problem
from .service import ServiceProblem, ServiceUnreachable
from .words import Language, say

PREFIX = "urn:secondseal:problem:"
_TOKEN: tuple[tuple[type[TokenError], str], ...] = (
    (PinLocked, "pin-locked"),
    (PinError, "pin-wrong"),
    (TokenMissing, "token-missing"),
    (TokenAmbiguous, "token-missing"),
    (ModuleMissing, "token-missing"),
    (KeyMissing, "token-missing"),
)


class BatchStopped(Exception):
    """The agent itself stops before anything is signed; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


def own_problem(language: Language, name: str, word: str, status: int = 409, **values: object) -> Problem:
    """A problem in the agent's own words."""
    return Problem(type=PREFIX + name, title=say(language, word, **values), status=status)


def problem_of(
    error: TokenError | ServiceProblem | ServiceUnreachable | DocumentRefused | BatchStopped, language: Language
) -> Problem:
    """The one table from errors to problems. `detail` is for support and holds no secret."""
    match error:
        case ServiceProblem() | BatchStopped():
            return error.problem
        case DocumentRefused():
            shown = error.document.number or error.document.title or error.document.id
            title = say(language, "check-failed", number=shown, step=error.step)
            return Problem(type=PREFIX + "agent-refused", title=title, status=409, detail=str(error))
        case ServiceUnreachable():
            title = say(language, "unreachable")
            return Problem(type=PREFIX + "service-unreachable", title=title, status=502, detail=str(error))
        case TokenError():
            name = next((name for kind, name in _TOKEN if isinstance(error, kind)), "token-fault")
            title = error.text_vi if language == "vi" else error.text_en
            return Problem(type=PREFIX + name, title=title, status=409, detail=str(error))
