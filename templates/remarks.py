"""What is not wrong with a paper's folder but may become a trap: told by `secondseal paper check`."""

import json
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from templates.errors import Fault
from templates.folder import BODY, SCHEMA, known
from templates.issue import Issue
from templates.paper import PaperTemplate
from templates.sandbox import sandbox
from templates.trial import line_of


def remarks(folder: Traversable, paper: PaperTemplate, issue: Issue) -> tuple[Fault, ...]:
    """Values that the sample never prints, texts without a longest length, groups that take what they do not list.
    `paper` is this folder's, and its sample comes out."""
    body, schema = (folder / BODY).read_text("utf-8-sig"), (folder / SCHEMA).read_text("utf-8-sig")
    values = paper.compose(paper.sample_data, issue).values
    unprinted = (
        Fault(
            file=BODY,
            line=line,
            vi="dữ liệu mẫu không in đến chỗ này, nên chưa được thử",
            en="the sample never prints this, so it has not been tried",
        )
        for line in _unprinted(body, data=values, issue=known(issue))
    )
    return *unprinted, *_of_schema(json.loads(schema), schema, ())


def _unprinted(body: str, **values: Any) -> list[int]:
    """Lines with a {{ }} that is not reached."""
    reached: set[int] = set()

    @pass_context  # else it is worked out while the template is compiled
    def reach(_context: Context, number: int) -> str:
        reached.add(number)
        return ""

    environment = sandbox().overlay()
    environment.filters = environment.filters | {"reach": reach}
    lines: list[int] = []
    parts: list[str] = []
    for line, kind, value in sandbox().lex(body):
        if kind == "variable_begin":
            parts.append(f"{{{{ {len(lines)} | reach }}}}")
            lines.append(line)
        parts.append(value)
    for _ in environment.from_string("".join(parts)).generate(**values):
        pass
    return sorted({line for number, line in enumerate(lines) if number not in reached})


def _of_schema(schema: object, text: str, path: tuple[str, ...]) -> Iterator[Fault]:
    if not isinstance(schema, Mapping):
        return
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "string" in kinds and not schema.keys() & {"maxLength", "enum", "const", "format", "pattern"}:
        yield _remark(text, path, "chữ dài bao nhiêu cũng nhận; hãy ghi maxLength", "takes any length: set maxLength")
    if "properties" in schema and schema.get("additionalProperties") is not False:
        vi = 'nhận cả trường viết sai tên; hãy ghi "additionalProperties": false'
        yield _remark(text, path, vi, 'takes misspelt names: set "additionalProperties": false')
    for name, part in schema.get("properties", {}).items():
        yield from _of_schema(part, text, (*path, name))
    for name, part in schema.get("$defs", {}).items():
        yield from _of_schema(part, text, ("$defs", name))
    yield from _of_schema(schema.get("items"), text, path)


def _remark(text: str, path: tuple[str, ...], vi: str, en: str) -> Fault:
    where = ".".join(path)
    line = line_of(text, where) if path else 1
    return Fault(file=SCHEMA, line=line, vi=f"{where or 'data'}: {vi}", en=f"{where or 'data'}: {en}")
