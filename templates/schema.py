"""What data a paper takes: a JSON Schema (draft 2020-12), and its complaints turned into sentences for people.

Texts are composed (NFC) and their spaces single before they are looked at; nothing else is converted. What a schema
lists and the data leave out is given as the schema's `default`, or as null: a markup then never meets a missing name.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jsonschema_rs

from templates.errors import PaperDataInvalid, Problem
from templates.typeface import check, clean

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_DEEPEST: Final = 20
_MOST_VALUES: Final = 50_000

_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "required": ("còn thiếu", "is missing"),
    "additionalProperties": ("không có trong mẫu này", "is not part of this paper"),
    "unevaluatedProperties": ("không có trong mẫu này", "is not part of this paper"),
    "minLength": ("ngắn hơn {limit} ký tự", "is shorter than {limit} characters"),
    "maxLength": ("dài quá {limit} ký tự", "is longer than {limit} characters"),
    "pattern": ("không đúng dạng", "does not have the right form"),
    "exclusiveMinimum": ("phải lớn hơn {limit}", "must be greater than {limit}"),
    "minimum": ("phải từ {limit} trở lên", "must be at least {limit}"),
    "exclusiveMaximum": ("phải nhỏ hơn {limit}", "must be less than {limit}"),
    "maximum": ("không được quá {limit}", "must be at most {limit}"),
    "multipleOf": ("không đúng bước", "is not one of the steps allowed"),
    "minItems": ("có quá ít mục (ít nhất {limit})", "has too few items (at least {limit})"),
    "maxItems": ("có quá nhiều mục (tối đa {limit})", "has too many items (at most {limit})"),
    "uniqueItems": ("có mục lặp lại", "has an item twice"),
}
_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "string": ("phải là chữ", "must be text"),
    "integer": ("phải là số nguyên", "must be a whole number"),
    "number": ("phải là số", "must be a number"),
    "boolean": ("phải là đúng hoặc sai (true, false)", "must be true or false"),
    "object": ("phải là một nhóm thông tin", "must be an object"),
    "array": ("phải là một danh sách", "must be a list"),
}
_FORMATS: Final[Mapping[str, tuple[str, str]]] = {
    "date": ("phải là ngày có trong lịch, dạng 2026-11-20", "must be a day of the calendar such as 2026-11-20"),
    "date-time": (
        "phải là thời điểm kèm múi giờ, dạng 2026-11-20T08:05:00+07:00",
        "must be a moment with its zone such as 2026-11-20T08:05:00+07:00",
    ),
}


class SchemaInvalid(ValueError):
    """A schema that cannot be used. `path` leads to the place ("properties.name.type"); the message is English."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path


class DataSchema:
    """One paper's schema, ready to check data."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """Raises SchemaInvalid."""
        self.written: Final = schema
        _only_here(schema)
        try:
            self._validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
        except jsonschema_rs.ValidationError as error:
            raise SchemaInvalid(".".join(str(part) for part in error.instance_path), error.message) from None
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise SchemaInvalid("", str(error)) from None

    def lists(self, name: str) -> bool:
        """Whether the data may have a value of this name at their top."""
        return name in self.written.get("properties", {})

    def checked(self, data: object) -> dict[str, Any]:
        """The data as a paper takes them. Raises PaperDataInvalid (no value is repeated) or GlyphMissing."""
        values = _Cleaning().cleaned(data, 0)
        problems = tuple(dict.fromkeys(_problems(self._validator.iter_errors(values))))
        if problems:
            raise PaperDataInvalid(problems)
        _check_letters(values, "data")
        completed = self._completed(values, self.written)
        assert isinstance(completed, dict)
        return completed

    def _completed(self, value: Any, schema: Mapping[str, Any]) -> Any:
        schema = self._referred(schema)
        if isinstance(value, dict):
            known: Mapping[str, Any] = schema.get("properties", {})
            missing = {name: part.get("default") for name, part in known.items() if name not in value}
            given = {name: self._completed(part, known.get(name, {})) for name, part in value.items()}
            return missing | given
        if isinstance(value, list):
            return [self._completed(part, schema.get("items", {})) for part in value]
        return value

    def _referred(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while isinstance(reference := schema.get("$ref"), str):
            found: Any = self.written
            for step in reference.removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return schema


def _only_here(schema: object, path: str = "", depth: int = 0) -> None:
    """No schema leads out of its own file."""
    if depth > 2 * _DEEPEST:
        raise SchemaInvalid(path, "is nested too deeply")
    if isinstance(schema, Mapping):
        if depth == 0 and schema.get("type") != "object":
            raise SchemaInvalid("type", 'a paper\'s data are an object: "type" must be "object"')
        if schema.get("type") == "array" and "maxItems" not in schema:
            raise SchemaInvalid(f"{path}.type", 'a list needs "maxItems"')
        for name, part in schema.items():
            below = f"{path}.{name}" if path else str(name)
            if name in {"$ref", "$dynamicRef", "$recursiveRef"} and not (
                isinstance(part, str) and re.fullmatch(r"#/\$defs/[A-Za-z0-9_]+", part)
            ):
                raise SchemaInvalid(below, "may only point at #/$defs/… of the same file")
            if name == "$schema" and part != DIALECT:
                raise SchemaInvalid(below, f"must be {DIALECT}")
            _only_here(part, below, depth + 1)
    elif isinstance(schema, list):
        for index, part in enumerate(schema):
            _only_here(part, f"{path}.{index}", depth + 1)


class _Cleaning:
    """Texts as they are drawn; refuses what no JSON holds and what is out of all measure."""

    def __init__(self) -> None:
        self._count = 0

    def cleaned(self, value: object, depth: int, path: str = "data") -> Any:
        self._count += 1
        if depth > _DEEPEST or self._count > _MOST_VALUES:
            raise PaperDataInvalid(((path, "có quá nhiều thông tin", "holds too much"),))
        match value:
            case str():
                return clean(value)
            case None | bool():
                return value
            case int():
                # beyond this the checks could not tell one number from the next
                if abs(value) > 2**63:
                    raise PaperDataInvalid(((path, "là số quá lớn", "is too large a number"),))
                return value
            case float():
                if not math.isfinite(value):
                    raise PaperDataInvalid(((path, "không phải là số", "is not a number"),))
                return value
            case Mapping():
                return {
                    clean(name): self.cleaned(part, depth + 1, f"{path}.{name}".removeprefix("data."))
                    for name, part in value.items()
                    if isinstance(name, str)
                }
            case list() | tuple():
                return [
                    self.cleaned(part, depth + 1, f"{path}.{index}".removeprefix("data."))
                    for index, part in enumerate(value)
                ]
        raise PaperDataInvalid(((path, "không phải dữ liệu JSON", "is nothing that JSON holds"),))


def _problems(errors: Iterator[jsonschema_rs.ValidationError]) -> Iterator[Problem]:
    for error in errors:
        kind = error.kind.as_dict()
        path = [str(part) for part in error.instance_path]
        match error.kind.name:
            case "required":
                yield (".".join([*path, kind["property"]]), *_SENTENCES["required"])
            case "additionalProperties" | "unevaluatedProperties":
                for name in kind["unexpected"]:
                    # the name is the sender's own: cut, it might be a value put in the wrong place
                    yield (".".join([*path, name[:60]]), *_SENTENCES["additionalProperties"])
            case "anyOf" | "oneOf" if branches := kind.get("context"):
                # of what it may be, the branch of its own type says best what is wrong with it
                fitting = [one for one in branches if all(found.kind.name != "type" for found in one)]
                yield from _problems(iter((fitting or branches)[-1]))
            case name:
                yield (".".join(path) or "data", *_sentence(name, kind))


def _sentence(name: str, kind: Mapping[str, Any]) -> tuple[str, str]:
    match name:
        case "minLength" if kind.get("limit") == 1:
            return "còn trống", "is empty"
        case "type":
            wanted = next((one for one in kind["types"] if one in _TYPES), "object")
            return _TYPES[wanted]
        case "format" if kind.get("format") in _FORMATS:
            return _FORMATS[kind["format"]]
        case "enum":
            allowed = ", ".join(f"“{one}”" for one in kind["options"] if one is not None)
            return f"phải là một trong: {allowed}", f"must be one of: {allowed}"
        case _ if name in _SENTENCES:
            vi, en = _SENTENCES[name]
            return vi.format(**kind), en.format(**kind)
    return "không hợp lệ", "is not valid"


def _check_letters(value: object, where: str) -> None:
    if isinstance(value, str):
        check(value, where)
    elif isinstance(value, dict):
        for key, part in value.items():
            _check_letters(part, f"{where}.{key}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _check_letters(part, f"{where}.{index}")
