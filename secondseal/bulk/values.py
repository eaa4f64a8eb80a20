"""A cell as the value its column's schema asks for. What could be read in two ways is refused, with what to write."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

from secondseal.bulk.columns import Column, kind_of
from secondseal.bulk.table import Unclear
from store import VIETNAM

Written = str | int | float | bool | datetime

_DAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+(\d{1,2}):(\d{2}))?")
_WHOLE: Final = re.compile(r"-?(\d{1,18}|\d{1,3}(\.\d{3}){1,5})")
_DECIMAL: Final = re.compile(r"-?(\d{1,15}|\d{1,3}(\.\d{3}){1,4}),\d{1,9}")
_EITHER: Final = re.compile(r"-?\d{1,3}\.\d{3}")
_POINT: Final = re.compile(r"-?\d{1,15}\.(\d{1,2}|\d{4,9})")
_YES: Final = {"true": True, "có": True, "x": True, "đúng": True, "false": False, "không": False, "sai": False}

_ZEROS: Final = Unclear(
    "là số trong khi cần là chữ, có thể đã mất số 0 ở đầu: hãy định dạng cột là Văn bản (Text) rồi nhập lại",
    "is a number where text is asked for, and may have lost leading zeros: format the column as text, enter it again",
)
_SERIAL: Final = Unclear(
    "là số, không phải ngày: hãy viết như 20/11/2026", "is a number, not a day: write it as 20/11/2026"
)
_TWO_WAYS: Final = Unclear(
    "đọc được hai cách: viết 1234 hoặc 1,5 (dấu phẩy là phần thập phân)",
    "can be read in two ways: write 1234, or 1,5 with a decimal comma",
)


def value_of(cell: Written | Unclear, column: Column) -> Any:  # noqa: PLR0911
    """JSON's value for a cell that is not empty; `Unclear` where there is none. What it must be the schema says."""
    if isinstance(cell, Unclear):
        return cell
    schema, kind = column.schema, kind_of(column.schema)
    if schema.get("format") in {"date", "date-time"}:
        return _moment(cell, whole_day=schema["format"] == "date")
    if kind in {"integer", "number"}:
        return _number(cell, kind)
    if kind == "boolean":
        return cell if isinstance(cell, bool) else _YES.get(str(cell).casefold(), cell)
    if isinstance(cell, datetime):
        return Unclear("là ngày, không phải chữ", "is a day, not text")
    if isinstance(cell, int | float):
        return cell if isinstance(cell, bool) or _takes(schema, cell) else _ZEROS
    if kind == "array":
        return [line.strip() for line in cell.splitlines() if line.strip()]
    return unicodedata.normalize("NFC", cell)


def _takes(schema: Mapping[str, Any], cell: object) -> bool:
    """Whether this very number is one of the values the schema lists."""
    return any(one == cell and type(one) is type(cell) for one in schema.get("enum", ()))


def _moment(cell: Written, *, whole_day: bool) -> Any:  # noqa: PLR0911
    if isinstance(cell, bool | int | float):
        return _SERIAL
    if isinstance(cell, str):
        written = _DAY.fullmatch(cell)
        if written is None:
            return cell  # as JSON has it, or the schema says that it is none
        day, month, year, hour, minute = written.groups()
        try:
            cell = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0))  # noqa: DTZ001
        except ValueError:
            return cell
        if whole_day and hour is not None:
            return Unclear("có cả giờ, chỉ cần ngày", "has a time of day, only the day is asked for")
    if whole_day:
        if cell.time() != time():
            return Unclear("có cả giờ, chỉ cần ngày", "has a time of day, only the day is asked for")
        return cell.date().isoformat()
    # spreadsheets keep moments as parts of a day
    return cell.replace(microsecond=0, tzinfo=VIETNAM).isoformat()


def _number(cell: Written, kind: str) -> Any:  # noqa: PLR0911
    if not isinstance(cell, str):
        return cell if not isinstance(cell, datetime) else Unclear("là ngày, không phải số", "is a day, not a number")
    if kind == "integer" and _WHOLE.fullmatch(cell):
        return int(cell.replace(".", ""))
    if kind == "number":
        if _EITHER.fullmatch(cell):
            return _TWO_WAYS
        if _WHOLE.fullmatch(cell):
            return int(cell.replace(".", ""))
        if _DECIMAL.fullmatch(cell):
            return float(cell.replace(".", "").replace(",", "."))
        if _POINT.fullmatch(cell):
            return float(cell)
    return cell
