"""The columns of a table of papers: what a dossier and a paper's schema ask for, by path or by Vietnamese title."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from secondseal.bulk.table import Cell
from templates import PaperTemplate

DOSSIER: Final[Mapping[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["dossier"],
    "properties": {
        "dossier": {
            "type": "object",
            "additionalProperties": False,
            "required": ["code"],
            "properties": {
                "code": {"title": "Mã hồ sơ", "type": "string", "minLength": 1, "maxLength": 60},
                "received_at": {"title": "Tiếp nhận lúc", "type": "string", "format": "date-time"},
                "received_by": {"title": "Người tiếp nhận", "type": "string", "maxLength": 200},
                "due_at": {"title": "Hẹn trả lúc", "type": "string", "format": "date-time"},
                "appraised_at": {"title": "Thẩm định lúc", "type": "string", "format": "date-time"},
                "appraised_by": {"title": "Người thẩm định", "type": "string", "maxLength": 200},
                "applicant": {
                    "title": "Người nộp hồ sơ",
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["name"],
                    "properties": {
                        "name": {"title": "Họ và tên", "type": "string", "minLength": 1, "maxLength": 200},
                        "id_number": {"title": "Số định danh", "type": "string", "maxLength": 50},
                        "phone": {"title": "Điện thoại", "type": "string", "maxLength": 50},
                        "address": {"title": "Địa chỉ", "type": "string", "maxLength": 600},
                    },
                },
            },
        }
    },
}
"""What a row says of its dossier: as `POST /api/v1/documents` takes it."""

_MOST_ITEMS: Final = 50
_MOST_COLUMNS: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A place in the data: `path` such as "members.0.name", its title with those of what it is in, its schema."""

    path: str
    title: str
    schema: Mapping[str, Any]
    of_dossier: bool

    @property
    def short(self) -> str:
        """The last part of the title."""
        return self.title.rpartition(" – ")[2]

    @property
    def lines(self) -> bool:
        """Whether it is a list of texts, one a line of the cell."""
        return kind_of(self.schema) == "array"


@dataclass(frozen=True, slots=True)
class HeaderFault:
    """A heading that names no column; `vi` and `en` say what is wrong with it."""

    heading: str
    vi: str
    en: str


def kind_of(schema: Mapping[str, Any]) -> str:
    """The type a value has beside null; empty where the schema does not say."""
    kinds = schema.get("type", [])
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind != "null":
            return str(kind)
    return ""


def columns_of(paper: PaperTemplate, *, items: Mapping[str, int] | None = None) -> tuple[Column, ...]:
    """The dossier's columns, then the paper's. `items`: how many of each list of groups by its path, where fewer than
    the schema allows are wanted."""
    found = [*_walk(DOSSIER, DOSSIER, (), (), items, of_dossier=True)]
    for column in _walk(paper.schema, paper.schema, (), (), items, of_dossier=False):
        if len(found) >= _MOST_COLUMNS:
            break
        # who asked stands with the dossier
        if column.path.partition(".")[0] != "applicant":
            found.append(column)
    return tuple(found)


def _walk(
    whole: Mapping[str, Any],
    schema: Mapping[str, Any],
    path: tuple[str, ...],
    titles: tuple[str, ...],
    items: Mapping[str, int] | None,
    *,
    of_dossier: bool,
) -> Iterator[Column]:
    schema = _referred(whole, schema)
    kind, below = kind_of(schema), schema.get("properties")
    if isinstance(below, dict) and len(path) < 8:
        for name, part in below.items():
            title = _referred(whole, part).get("title")
            # a place without a title is known by its name
            named = (*titles, str(title)) if title else (*titles, *(() if of_dossier else (name,)))
            yield from _walk(whole, part, (*path, name), named, items, of_dossier=of_dossier)
    elif kind == "array" and kind_of(item := _referred(whole, schema.get("items", {}))) == "object":
        most = min(int(schema.get("maxItems", _MOST_ITEMS)), _MOST_ITEMS)
        count = most if items is None else min(most, items.get(".".join(path), 1))
        for index in range(count):
            numbered = (*titles[:-1], f"{titles[-1]} {index + 1}") if titles else ()
            yield from _walk(whole, item, (*path, str(index)), numbered, items, of_dossier=of_dossier)
    elif kind != "object" and (kind != "array" or kind_of(item) == "string"):
        yield Column(path=".".join(path), title=" – ".join(titles), schema=schema, of_dossier=of_dossier)


def _referred(whole: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while isinstance(reference := schema.get("$ref"), str):
        found: Any = whole
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def named_columns(headings: Sequence[Cell], columns: Sequence[Column]) -> tuple[list[Column | None], list[HeaderFault]]:
    """Which column each heading names: by its path, by its whole title, or by the last part of one that no other has.
    An empty heading names none."""
    by_path = {column.path: column for column in reversed(columns)}  # the dossier's own before the paper's
    by_path |= {f"data.{column.path}": column for column in columns if not column.of_dossier}
    chosen: list[Column | None] = []
    faults: list[HeaderFault] = []
    for cell in headings:
        heading = "" if cell is None else str(cell) if isinstance(cell, str | int | float) else "?"
        found = [by_path[heading]] if heading in by_path else _titled(heading, columns) if heading else []
        if len(found) == 1 and found[0] in chosen:
            faults.append(HeaderFault(heading[:100], "có hai cột cùng tên này", "is the heading of two columns"))
        elif heading and not found:
            faults.append(HeaderFault(heading[:100], "không có trong mẫu này", "is not part of this paper"))
        elif len(found) > 1:
            paths = ", ".join(column.path for column in found[:3])
            faults.append(HeaderFault(heading, f"có thể là nhiều cột, hãy ghi rõ: {paths}", f"may be any of: {paths}"))
        chosen.append(found[0] if len(found) == 1 else None)
    return chosen, faults


def _titled(heading: str, columns: Sequence[Column]) -> list[Column]:
    wanted = _plain(heading)
    whole = [column for column in columns if _plain(column.title) == wanted]
    return whole or [column for column in columns if _plain(column.short) == wanted]


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFC", title).casefold().replace("–", "-").split())
