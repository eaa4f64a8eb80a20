"""Where a paper's markup is filled in: Jinja2 in its sandbox, nothing of Python, of files or of the clock in reach.

Values are plain (text, numbers, lists, objects by name); texts are escaped as they are put in, so that no value becomes
markup. What the data do not have is an error, never an empty place.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from templates.errors import MarkupInvalid
from templates.frame import date_in_words
from templates.qr import VIETNAM
from templates.words import in_words, money_in_words, with_dots

LONGEST: Final = 2_000_000
"""Characters a filled markup may have: far beyond any paper, and soon reached by a loop that does not end."""

_BUILT_IN: Final = (
    *("capitalize", "default", "first", "join", "last", "length", "list", "lower", "map", "reject", "rejectattr"),
    *("round", "select", "selectattr", "sort", "sum", "trim", "unique", "upper"),
)


_WRITTEN: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Tuple, nodes.List),
    *(nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test, nodes.Keyword, nodes.CondExpr, nodes.Compare),
    *(nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div),
    *(nodes.If, nodes.For, nodes.Assign, nodes.Macro, nodes.Call),
)
"""Of Jinja2's language what a paper needs. Not: other templates, blocks, escaping switched off, text multiplied."""
_LARGEST: Final = 10**18


class _Sandbox(ImmutableSandboxedEnvironment):
    """Names lead to the data's own members and to nothing else; only macros of the markup itself can be called; only
    numbers are added and multiplied, so that no text grows of itself."""

    intercepted_binops = frozenset({"+", "-", "*", "/"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if not all(isinstance(one, int | float) and abs(one) <= _LARGEST for one in (left, right)):
            raise TypeError(f"{operator} is for numbers")
        return super().call_binop(context, operator, left, right)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if type(obj).__name__ == "LoopContext" and attribute in {"index", "index0", "first", "last", "length"}:
            return getattr(obj, attribute)
        return self.undefined(f"{attribute!r} is not in the data", obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, list | tuple) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.getattr(obj, str(argument)) if isinstance(obj, Mapping) else self.undefined(obj=obj, name=argument)

    def is_safe_callable(self, obj: Any) -> bool:
        return isinstance(obj, Macro)


@cache
def sandbox() -> ImmutableSandboxedEnvironment:
    """The one environment of this process; it holds no state of any paper."""
    environment = _Sandbox(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        loader=None,
        cache_size=0,
        keep_trailing_newline=True,
    )
    given = environment.filters
    environment.filters = {name: given[name] for name in _BUILT_IN} | dict(_FILTERS)
    environment.globals.clear()
    environment.tests = {
        name: environment.tests[name]
        for name in ("defined", "none", "equalto", "eq", "ne", "gt", "ge", "lt", "le", "in", "odd", "even")
    }
    return environment


def filled(template: Template, **values: Any) -> str:
    """The template with the values put in. Raises MarkupInvalid with the line where it stopped."""
    parts: list[str] = []
    size = 0
    try:
        for part in template.generate(**values):
            size += len(part)
            if size > LONGEST:
                raise MarkupInvalid(None, "nội dung quá dài", f"fills more than {LONGEST} characters")
            parts.append(part)
    except TemplateError as error:
        raise MarkupInvalid(line_of(error), f"không điền được: {error}", f"cannot be filled in: {error}") from None
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        text = f"{type(error).__name__}: {error}"
        raise MarkupInvalid(line_of(error), f"không tính được ({text})", f"cannot be worked out ({text})") from None
    return "".join(parts)


def holds(expression: str) -> Callable[..., Any]:
    """A question about the values ("data.to > data.since"), compiled. Raises MarkupInvalid."""
    parsed("{{ " + expression + " }}")
    return sandbox().compile_expression(expression, undefined_to_none=False)


def parsed(source: str) -> nodes.Template:
    """The syntax tree of a markup that uses no more of the language than papers need. Raises MarkupInvalid."""
    try:
        tree = sandbox().parse(source)
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, _WRITTEN):
                kind = type(node).__name__
                raise MarkupInvalid(node.lineno, f"không dùng {kind} trong mẫu", f"{kind} may not be used in a paper")
        find_undeclared_variables(tree)  # names a filter or test that there is not, too
    except TemplateSyntaxError as error:
        raise MarkupInvalid(
            error.lineno, f"sai cú pháp: {error.message}", f"is not well written: {error.message}"
        ) from None

    return tree


def line_of(error: BaseException) -> int | None:
    """The line of the markup where the error arose: Jinja2 puts its own lines into the trace."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    found = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _printed(value: Any) -> Any:
    """Only text and numbers stand on a paper: an empty value, a list or a yes would stand there as Python writes it."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | StrictUndefined):
        raise TypeError("only text and numbers can be printed; ask with {% if %} whether a value is there")
    return value


def _day(value: str) -> str:
    return f"{date.fromisoformat(value):%d/%m/%Y}"


def _day_in_words(value: str) -> str:
    return date_in_words(date.fromisoformat(value))


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(VIETNAM)


def _clock_and_day(value: str) -> str:
    return f"{_moment(value):%H:%M %d/%m/%Y}"


def _moment_in_words(value: str) -> str:
    at = _moment(value)
    return f"{at:%H giờ %M phút}, {_day_in_words(at.date().isoformat())}"


def _span(minutes: int) -> str:
    """Elapsed time as people say it, to the minute."""
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    said = [f"{number} {unit}" for number, unit in ((days, "ngày"), (hours, "giờ"), (left, "phút")) if number]
    return " ".join(said) or "dưới 1 phút"


def _decimal(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError("is not a number that can be written")
    if isinstance(value, int):
        return with_dots(value)
    whole, _, part = f"{value:.6f}".rstrip("0").partition(".")
    return with_dots(int(whole)) + (f",{part}" if part else "")


def _sentence(value: str) -> str:
    return value if value.endswith((".", "!", "?", "…")) else f"{value}."


def _same_person(value: str, other: str) -> bool:
    return value.casefold() == other.casefold()


_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "day": _day,
    "day_in_words": _day_in_words,
    "moment": _clock_and_day,
    "moment_in_words": _moment_in_words,
    "span": _span,
    "number": _decimal,
    "in_words": in_words,
    "money_in_words": money_in_words,
    "sentence": _sentence,
    "same_person": _same_person,
}
"""What a markup may do with a value, beside Jinja2's own: dates and amounts as official papers write them."""
