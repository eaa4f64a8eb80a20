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
from .members import Problem
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
    return _problem(name, say(language, word, **values), status)


def problem_of(
    error: TokenError | ServiceProblem | ServiceUnreachable | DocumentRefused | BatchStopped, language: Language
) -> Problem:
    """The one table from errors to problems. Where people cannot act, `detail` adds in brackets what support needs."""
    match error:
        case ServiceProblem() | BatchStopped():
            return error.problem
        case DocumentRefused():
            shown = error.document.number or error.document.title or error.document.id
            title = say(language, "check-failed", number=shown, step=error.step)
            return _problem("agent-refused", title, 409, str(error))
        case ServiceUnreachable():
            title = say(language, "unreachable")
            return _problem("service-unreachable", title, 502, str(error))
        case TokenError():
            name = next((name for kind, name in _TOKEN if isinstance(error, kind)), "token-fault")
            title = error.text_vi if language == "vi" else error.text_en
            return _problem(name, title, 409)


def words_of(problem: Problem) -> str:
    """What to show a person: the particular sentence, else the general one."""
    return problem.detail or problem.title


def _problem(name: str, text: str, status: int, support: str = "") -> Problem:
    return Problem(type=PREFIX + name, title=text, status=status, detail=f"{text} ({support})" if support else text)
