"""Reading one table of the office file strictly: every key known, every value of its kind, every problem collected."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from store import VIETNAM, vietnam_date

from .errors import Problem
from .period import Period

_HEADER: Final = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_YEARS: Final = (1900, 2999)
"""Of moments. A year has four digits, and a zone more or less must not lead out of the calendar."""


class SourceLines:
    """Where things stand in the TOML text, as far as headers and keys at the start of a line tell."""

    def __init__(self, text: str) -> None:
        self._places: dict[str, int] = {}
        counts: dict[str, int] = {}
        path = ""
        for number, line in enumerate(text.splitlines(), start=1):
            header = _HEADER.match(line)
            if header:
                above, dot, last = header[1].rpartition(".")
                # a table inside the newest entry of an array: [seals.next] is seals[3].next
                around = f"{above}[{counts[above]}]" if above in counts else above
                name = f"{around}{dot}{last}"
                if line.lstrip().startswith("[["):
                    counts[name] = counts.get(name, 0) + 1
                path = f"{name}[{counts[name]}]" if line.lstrip().startswith("[[") else name
                self._places[path] = number
            elif key := re.match(r"^\s*([A-Za-z0-9_-]+)\s*=", line):
                self._places[f"{path}.{key[1]}" if path else key[1]] = number

    def line_of(self, where: str) -> int | None:
        """The line of `where`, or of the nearest table around it."""
        while where:
            if where in self._places:
                return self._places[where]
            where = where.rpartition(".")[0]
        return None


@dataclass(kw_only=True)
class Section:
    """A TOML table being read. Each reading method takes a key and marks it known; `finish` reports the others.

    A missing or wrong value is noted as a problem and read as an empty one; the caller goes on, so that all problems
    are found in one pass.
    """

    table: Mapping[str, Any]
    where: str
    lines: SourceLines
    problems: list[Problem]
    _known: set[str] = field(default_factory=set)

    def problem(self, key: str, text_vi: str, text_en: str) -> None:
        """Note what is wrong with a key."""
        where = f"{self.where}.{key}" if self.where and key else self.where or key
        line = self.lines.line_of(where)
        self.problems.append(Problem(where=where, line=line, text_vi=text_vi, text_en=text_en))

    def finish(self) -> None:
        """Refuse every key nobody asked for."""
        for key in self.table:
            if key not in self._known:
                self.problem(key, "mục không có trong mẫu", "unknown key")

    def optional_text(self, key: str) -> str | None:
        value = self._value(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.problem(key, "cần một chuỗi không rỗng", "needs text that is not empty")
            return None
        return unicodedata.normalize("NFC", value.strip())

    def text(self, key: str) -> str:
        value = self.optional_text(key)
        if value is None:
            self._missing(key)
        return value or ""

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.problem(key, "cần một danh sách các chuỗi", "needs a list of texts")
            return ()
        return tuple(unicodedata.normalize("NFC", item.strip()) for item in value)

    def optional_day(self, key: str) -> date | None:
        value = self._value(key)
        if value is None:
            return None
        day = _day(value)
        if day is None:
            self.problem(key, "cần ngày dạng 2026-01-31", "needs a date such as 2026-01-31")
        return day

    def day(self, key: str) -> date:
        value = self.optional_day(key)
        if value is None:
            self._missing(key)
        return value or date.min

    def days(self, key: str) -> frozenset[date]:
        value = self._value(key)
        items = value if isinstance(value, list) else []
        days = [_day(item) for item in items]
        if (value is not None and not isinstance(value, list)) or None in days:
            self.problem(key, "cần một danh sách ngày", "needs a list of dates")
        return frozenset(day for day in days if day is not None)

    def moment(self, key: str) -> datetime:
        """An instant; without a zone it is Viet Nam time."""
        value = self._value(key)
        moment = _moment(value)
        if moment is not None:
            return self._sound(key, moment)
        if value is None:
            self._missing(key)
        else:
            self.problem(key, "cần thời điểm dạng 2026-01-31T08:00:00", "needs a time such as 2026-01-31T08:00:00")
        return datetime.min.replace(tzinfo=VIETNAM)

    def beginning(self, key: str) -> datetime:
        """An instant; a day means its first moment in Viet Nam."""
        value = self._value(key)
        day = _day(value)
        return self.moment(key) if day is None else self._sound(key, datetime.combine(day, time.min, VIETNAM))

    def _sound(self, key: str, moment: datetime) -> datetime:
        """At the ends of the calendar a moment cannot be told in another zone any more."""
        if not _YEARS[0] <= moment.year <= _YEARS[1]:
            self.problem(key, "cần năm từ {} đến {}".format(*_YEARS), "needs a year from {} to {}".format(*_YEARS))
            return datetime(_YEARS[0], 1, 1, tzinfo=VIETNAM)
        return moment

    def clock_time(self, key: str, *, otherwise: time) -> time:
        value = self._value(key)
        if value is None:
            return otherwise
        try:
            return value if isinstance(value, time) else time.fromisoformat(str(value))
        except ValueError:
            self.problem(key, "cần giờ dạng 17:00", "needs a time of day such as 17:00")
            return otherwise

    def period(self, since: str, until: str, *, required: bool = False) -> Period:
        """Each end is a day, or the instant at which it begins or is over (AC-123)."""
        first, starts_at = self._edge(since, required=required)
        last, ends_at = self._edge(until, required=required)
        if ends_at is not None:
            last = vietnam_date(ends_at - timedelta(microseconds=1))
        period = Period(since=first, until=last, starts_at=starts_at, ends_at=ends_at)
        if period.begins and period.ends and period.ends <= period.begins:
            self.problem(until, "ngày cuối ở trước ngày đầu", "ends before it begins")
            return Period(since=first)
        return period

    def beginning_day(self, key: str) -> tuple[date, datetime | None]:
        """From when something holds: the day, and the instant where one is given."""
        day, at = self._edge(key, required=True)
        return day or date.min, at

    def _edge(self, key: str, *, required: bool) -> tuple[date | None, datetime | None]:
        value = self._value(key)
        day = _day(value)
        if day is not None:
            return day, None
        if value is None:
            if required:
                self._missing(key)
            return None, None
        moment = _moment(value)
        if moment is None:
            self.problem(
                key,
                "cần ngày dạng 2026-01-31 hoặc thời điểm dạng 2026-01-31T08:00:00",
                "needs a date such as 2026-01-31, or a time such as 2026-01-31T08:00:00",
            )
            return None, None
        moment = self._sound(key, moment)
        return vietnam_date(moment), moment

    def optional_number(self, key: str) -> float | None:
        value = self._value(key)
        if value is None:
            return None
        # up to a million: what is neither infinite, nor no number, nor too long for one
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1_000_000:
            self.problem(key, "cần một số dương", "needs a positive number")
            return None
        return float(value)

    def number(self, key: str) -> float:
        value = self.optional_number(key)
        if value is None:
            self._missing(key)
        return value or 0.0

    def count(self, key: str, *, otherwise: int) -> int:
        value = self._value(key)
        if value is None:
            return otherwise
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.problem(key, "cần một số nguyên từ 1", "needs a whole number from 1")
            return otherwise
        return value

    def optional_count(self, key: str) -> int | None:
        return None if self._value(key) is None else self.count(key, otherwise=1)

    def flag(self, key: str, *, otherwise: bool) -> bool:
        value = self._value(key)
        if value is None:
            return otherwise
        if not isinstance(value, bool):
            self.problem(key, "cần true hoặc false", "needs true or false")
            return otherwise
        return value

    def choice(self, key: str, allowed: Sequence[str]) -> str | None:
        value = self.optional_text(key)
        if value is not None and value not in allowed:
            shown = ", ".join(allowed)
            self.problem(key, f"chỉ nhận: {shown}", f"must be one of: {shown}")
            return None
        return value

    def mixed(self, key: str) -> list["str | Section"]:
        """A list of texts and of tables, in its order."""
        value = self._value(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(
            isinstance(item, dict) or (isinstance(item, str) and item.strip()) for item in value
        ):
            self.problem(key, "cần một danh sách các chuỗi hoặc bảng { … }", "needs a list of texts or tables { … }")
            return []
        path = f"{self.where}.{key}" if self.where else key
        return [
            self._inner(item, f"{path}[{position}]")
            if isinstance(item, dict)
            else unicodedata.normalize("NFC", item.strip())
            for position, item in enumerate(value, start=1)
        ]

    def sections(self, key: str) -> list["Section"]:
        """The tables of an array of tables."""
        value = self._value(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.problem(key, "cần các bảng [[…]]", "needs tables [[…]]")
            return []
        path = f"{self.where}.{key}" if self.where else key
        return [self._inner(item, f"{path}[{position}]") for position, item in enumerate(value, start=1)]

    def optional_section(self, key: str) -> "Section | None":
        value = self._value(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.problem(key, "cần một bảng { … }", "needs a table { … }")
            return None
        return self._inner(value, f"{self.where}.{key}" if self.where else key)

    def _inner(self, table: Mapping[str, Any], where: str) -> "Section":
        return Section(table=table, where=where, lines=self.lines, problems=self.problems)

    def _value(self, key: str) -> Any:
        self._known.add(key)
        return self.table.get(key)

    def _missing(self, key: str) -> None:
        # A wrong value was reported where it was read.
        if key not in self.table:
            self.problem(key, "thiếu mục bắt buộc", "is required")


def slug(name: str) -> str:
    """An id made of a name: "Trần Thị Mẫu" -> "tran-thi-mau"."""
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(letter for letter in plain if not unicodedata.combining(letter))).strip(
        "-"
    )


def _day(value: object) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    """Without a zone it is Viet Nam time; a day alone is no moment."""
    if isinstance(value, str) and _day(value) is None:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=VIETNAM)
