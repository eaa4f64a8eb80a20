"""The kinds of values papers are made of, and pydantic's complaints turned into sentences for people."""

import re
from datetime import date
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from templates.errors import PaperDataInvalid, Problem
from templates.typeface import check, clean


def clean_text(value: object) -> object:
    """A text as it is drawn; anything else as it came, for the type to refuse."""
    return clean(value) if isinstance(value, str) else value


def _day(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("không phải ngày có trong lịch", "is not a day of the calendar") from None
    return value


ShortText = Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=120)]
LongText = Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=600)]
IdNumber = Annotated[str, BeforeValidator(clean_text), Field(pattern=r"^(\d{9}|\d{12})$")]
Phone = Annotated[str, BeforeValidator(clean_text), Field(pattern=r"^\+?[0-9 .()-]{8,20}$")]
Day = Annotated[date, BeforeValidator(_day)]


class Values(BaseModel):
    """A strict set of values: nothing converted in silence, nothing unknown let through."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "missing": ("còn thiếu", "is missing"),
    "extra_forbidden": ("không có trong mẫu này", "is not part of this paper"),
    "string_type": ("phải là chữ", "must be text"),
    "string_too_short": ("còn trống", "is empty"),
    "string_too_long": ("dài quá {max_length} ký tự", "is longer than {max_length} characters"),
    "string_pattern_mismatch": ("không đúng dạng", "does not have the right form"),
    "int_type": ("phải là số nguyên", "must be a whole number"),
    "greater_than": ("phải lớn hơn {gt}", "must be greater than {gt}"),
    "less_than_equal": ("không được quá {le}", "must be at most {le}"),
    "literal_error": ("phải là một trong: {expected}", "must be one of: {expected}"),
    "date_type": ("phải là ngày dạng 2026-11-20", "must be a date such as 2026-11-20"),
    "too_long": ("có quá nhiều mục (tối đa {max_length})", "has too many items (at most {max_length})"),
    "model_type": ("phải là một nhóm thông tin", "must be an object"),
    "list_type": ("phải là một danh sách", "must be a list"),
    "tuple_type": ("phải là một danh sách", "must be a list"),
}

_ValuesT = TypeVar("_ValuesT", bound=Values)


def validated(kind: type[_ValuesT], data: object) -> _ValuesT:
    """The data as `kind`, every text NFC and drawable. Raises PaperDataInvalid or GlyphMissing."""
    try:
        values = kind.model_validate(data)
    except ValidationError as error:
        # A complaint never repeats the value itself: it may be someone's identity number.
        raise PaperDataInvalid(tuple(_problem(dict(found)) for found in error.errors(include_url=False))) from None
    _check_letters(values.model_dump(), "data")
    return values


def _problem(found: dict[str, Any]) -> Problem:
    path = ".".join(str(part) for part in found["loc"]) or "data"
    if found["type"] == "value_error":
        vi, en = found["ctx"]["error"].args
        return (path, vi, en)
    vi, en = _SENTENCES.get(found["type"], ("không hợp lệ", "is not valid"))
    context = found.get("ctx", {})
    return (path, vi.format(**context), en.format(**context))


def _check_letters(value: object, where: str) -> None:
    if isinstance(value, str):
        check(value, where)
    elif isinstance(value, dict):
        for key, part in value.items():
            _check_letters(part, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            _check_letters(part, f"{where}.{index}")
