"""Rows of a table as papers to make, and what is wrong with each, at its column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from api.document_bodies import DocumentBody
from secondseal.bulk.columns import DOSSIER, Column, columns_of, named_columns
from secondseal.bulk.table import Cell, Table, TableUnreadable, Unclear, inside
from secondseal.bulk.values import value_of
from stamping import Desk, NewDocument, Refusal
from templates import DataSchema, GlyphMissing, PaperDataInvalid, PaperTemplate

_DOSSIER: Final = DataSchema(DOSSIER)
_WITH_FACTS: Final = ("received_at", "applicant")
"""What a dossier that was not received here is given with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong in a row: `column` is its heading, empty for the row as a whole; no value is repeated."""

    column: str
    path: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What is the same for every paper of a table; `actor` is who makes them."""

    paper: PaperTemplate
    procedure: str
    organisation: str | None
    officer: str | None
    actor: str
    schema: DataSchema


@dataclass(slots=True, kw_only=True)
class Row:
    """One paper to be made; `new` is None where a fault stands in the way. `places`: the heading of each path."""

    number: int
    dossier: str
    new: NewDocument | None = None
    faults: list[Fault] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)

    def fault(self, path: str, vi: str, en: str) -> None:
        """Add what is wrong at a path, once."""
        path = path.removeprefix("data.")
        if any(one.path == path or one.path.startswith(f"{path}.") for one in self.faults if one.path and path):
            return
        # its own column, that of the list it is in, or the first of the group
        above = [name for place, name in self.places.items() if f"{path}.".startswith(f"{place}.")]
        below = [name for place, name in self.places.items() if path and place.startswith(f"{path}.")]
        self.faults.append(Fault(column=next(iter([*above, *below]), ""), path=path, vi=vi, en=en))


def rows_of(desk: Desk, table: Table, ordered: Ordered) -> list[Row]:
    """Every row below the headings. Raises TableUnreadable where the headings name no table of this paper, Refusal and
    Problem where the organisation must be named."""
    if not table.rows:
        raise TableUnreadable("Bảng không có dòng nào.", "The table is empty.")
    (_, headings), *below = table.rows
    columns, faults = named_columns(headings, columns_of(ordered.paper))
    if faults:
        raise TableUnreadable(
            "Tiêu đề cột: " + "; ".join(f"“{one.heading}” {one.vi}" for one in faults),
            "Headings: " + "; ".join(f"“{one.heading}” {one.en}" for one in faults),
        )
    if not any(column is not None and column.of_dossier and column.path == "dossier.code" for column in columns):
        raise TableUnreadable("Bảng thiếu cột “Mã hồ sơ” (dossier.code).", "The table lacks the column dossier.code.")
    # a second line of headings, as our own empty table has it
    if below and _paths(below[0][1], columns):
        below = below[1:]
    if not below:
        raise TableUnreadable("Bảng chưa có dòng dữ liệu nào.", "The table has headings only.")
    named = [str(cell) for cell in headings]
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for number, cells in below:
        row = _row(desk, number, cells, columns, named, ordered)
        if (first := seen.setdefault(row.dossier, number)) != number and row.dossier:
            row.fault(
                "dossier.code", f"mã hồ sơ này đã có ở dòng {first}", f"this dossier stands in row {first} already"
            )
        rows.append(row)
    return rows


def _paths(cells: Sequence[Cell], columns: Sequence[Column | None]) -> bool:
    return all(column is None or cell == column.path for cell, column in zip(cells, columns, strict=False)) and len(
        cells
    ) == len(columns)


def _row(
    desk: Desk,
    number: int,
    cells: Sequence[Cell],
    columns: Sequence[Column | None],
    headings: Sequence[str],
    ordered: Ordered,
) -> Row:
    row = Row(number=number, dossier="")
    dossier: dict[str, Any] = {}
    data: dict[str, Any] = {}
    row.places = {column.path: name for column, name in zip(columns, headings, strict=True) if column is not None}
    if inside(cells[len(columns) :]):
        row.fault("", "có ô ngoài các cột có tiêu đề", "has a cell beside the columns that have a heading")
    for cell, column in zip(cells, columns, strict=False):
        if cell is None:
            continue
        if column is None:
            row.fault("", "có ô ở cột không có tiêu đề", "has a cell in a column without a heading")
            continue
        value = value_of(cell, column)
        if isinstance(value, Unclear):
            row.fault(column.path, value.vi, value.en)
        else:
            _put(dossier if column.of_dossier else data, column.path.split("."), value)
    given = dossier.setdefault("dossier", {})
    row.dossier = str(given.get("code", ""))
    data = _with_lists(row, data, "")
    _check(row, _DOSSIER, dossier)
    if given.keys() - {"code"}:
        for name in _WITH_FACTS:
            if name not in given:
                row.fault(f"dossier.{name}", "còn thiếu", "is missing")
    _check(row, ordered.schema, data)
    if not row.faults:
        body = {
            "dossier": given if given.keys() == {"code"} else {**given, "procedure": ordered.procedure},
            "organisation": ordered.organisation,
            "officer_id": ordered.officer,
            "paper": ordered.paper.name,
            "data": data,
        }
        try:
            row.new = DocumentBody.model_validate(body).document(desk, ordered.actor)
        except Refusal as refusal:  # a dossier that was to be received here
            row.fault("dossier.code", refusal.problem.text_vi, refusal.problem.text_en)
    return row


def _put(into: dict[str, Any], path: Sequence[str], value: object) -> None:
    for step in path[:-1]:
        into = into.setdefault(step, {})
    into[path[-1]] = value


def _with_lists(row: Row, value: Any, path: str) -> Any:
    """Groups that are counted become lists; one left out between others is a fault."""
    if not isinstance(value, dict):
        return value
    below = {name: _with_lists(row, part, f"{path}.{name}".removeprefix(".")) for name, part in value.items()}
    if not below or not all(name.isdigit() for name in below):
        return below
    for index in range(max(int(name) for name in below)):
        if str(index) not in below:
            row.fault(f"{path}.{index}", "để trống trong khi nhóm sau có", "is empty while one after it is not")
    return [below[name] for name in sorted(below, key=int)]


def _check(row: Row, schema: DataSchema, values: Mapping[str, Any]) -> None:
    try:
        schema.checked(values)
    except PaperDataInvalid as error:
        for path, vi, en in error.problems:
            if path.partition(".")[0] != "applicant":  # comes with the dossier
                row.fault(path, vi, en)
    except GlyphMissing as error:
        row.fault(error.where, *glyph_words(error.character))


def glyph_words(character: str) -> tuple[str, str]:
    """What is said of a character the paper cannot be written with."""
    name = f"“{character}” (U+{ord(character):04X})"
    return f"phông chữ của văn bản không có ký tự {name}", f"the paper's typeface has no glyph for {name}"
