"""The empty table of a paper: its columns with their titles, and on a second sheet an example that is never read."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from secondseal.bulk.columns import Column, columns_of, kind_of
from templates import PaperTemplate

_LONGEST_LIST: Final = 255
"""Characters a spreadsheet takes for the choices of a cell."""
_EXAMPLE: Final[Mapping[str, str]] = {
    "dossier.code": "000.00.16.H05-261118-0001",
    "dossier.received_at": "18/11/2026 08:05",
    "dossier.received_by": "Phạm Văn Mẫu",
    "dossier.due_at": "24/11/2026 17:00",
    "dossier.appraised_at": "19/11/2026 15:30",
    "dossier.appraised_by": "Đỗ Thị Mẫu",
    "dossier.applicant.name": "Đặng Thị Mẫu",
    "dossier.applicant.id_number": "000000000002",
    "dossier.applicant.phone": "0200000002",
    "dossier.applicant.address": "Thôn Mẫu, xã Mẫu",
}


def write_blank(paper: PaperTemplate, file: Path) -> None:
    """Write it. The sheet to fill in is the first, its cells are text where the paper wants text. Raises OSError."""
    columns = columns_of(paper, items=_items(paper.sample_data, ""))
    book = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    book.set_properties({"title": paper.title, "created": datetime.datetime(2026, 1, 1)})  # noqa: DTZ001
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "num_format": "@"})
    path = book.add_format({"font_color": "#666666", "font_size": 8, "num_format": "@"})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for name in ("Danh sách", "Ví dụ"):
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(2, 1)
        for index, column in enumerate(columns):
            number = kind_of(column.schema) in {"integer", "number"}
            sheet.set_column(index, index, 22, None if number else text)
            sheet.write_string(0, index, column.title, head)
            sheet.write_string(1, index, column.path, path)
            choices = [str(one) for one in column.schema.get("enum", ()) if one is not None]
            if choices and len(",".join(choices)) <= _LONGEST_LIST:
                sheet.data_validation(2, index, 5001, index, {"validate": "list", "source": choices})
            if name == "Ví dụ":
                value = _example(paper, column)
                if number and value is not None:
                    sheet.write_number(2, index, value)
                elif value is not None:
                    sheet.write_string(2, index, _written(value), text)
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from error


def _example(paper: PaperTemplate, column: Column) -> Any:
    if not column.of_dossier:
        return _at(paper.sample_data, column.path)
    # the sample's own applicant: a paper may compare who asked with whom it is for
    return _at(paper.sample_data, column.path.removeprefix("dossier.")) or _EXAMPLE.get(column.path)


def _at(data: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(data, list):
            data = data[int(step)] if int(step) < len(data) else None
        else:
            data = data.get(step) if isinstance(data, Mapping) else None
    return data


def _written(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    return {True: "có", False: "không"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _items(data: Any, path: str) -> dict[str, int]:
    """How many groups each list of the sample has."""
    found: dict[str, int] = {}
    pairs = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list) else ()
    if isinstance(data, list):
        found[path] = len(data)
    for name, part in pairs:
        found |= _items(part, f"{path}.{name}".removeprefix("."))
    return found
