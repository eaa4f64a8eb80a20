"""The form a clerk fills in for a paper made from a template: which fields, and how they become the paper's data.

A paper has a form when its fields are listed here; any paper can be made through the api.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from templates import Catalogue, PaperTemplate

Kind = Literal["text", "date", "number", "choice", "lines"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field: where its value stands in the data (dotted), what it is, and the words of its label."""

    path: str
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def name(self) -> str:
        """Name of the form's control."""
        return "data." + self.path

    @property
    def label(self) -> str:
        """Key of its label in the catalogue."""
        return "form." + self.path.replace(".", "_")


HOUSEHOLD: Final = (
    FormField(path="household_name"),
    FormField(path="business_line"),
    FormField(path="capital_vnd", kind="number"),
    FormField(path="address"),
    FormField(path="representative.name"),
    FormField(path="representative.birth_date", kind="date"),
    FormField(path="representative.gender", kind="choice", choices=("Nữ", "Nam")),
    FormField(path="representative.ethnicity"),
    FormField(path="representative.nationality"),
    FormField(path="registered_on", kind="date"),
    FormField(path="members", kind="lines", optional=True),
)

FORMS: Final[Mapping[str, tuple[FormField, ...]]] = {"dang-ky-ho-kinh-doanh": HOUSEHOLD}


def paper_with_form(papers: Catalogue) -> PaperTemplate:
    """The paper whose form the desk shows, in its newest version."""
    return next(paper for paper in reversed(papers.papers) if paper.name in FORMS)


def data_of(fields: tuple[FormField, ...], given: Mapping[str, str]) -> dict[str, Any]:
    """The paper's data from what was typed. Empty fields are left out: the paper itself says what is missing."""
    data: dict[str, Any] = {}
    for field in fields:
        typed = given.get(field.name, "").strip()
        if typed:
            _put(data, field.path.split("."), _value(field, typed))
    return data


def typed_of(fields: tuple[FormField, ...], data: Mapping[str, Any]) -> dict[str, str]:
    """The other way round: sample data as it would be typed."""
    return {field.name: _typed(field, _get(data, field.path.split("."))) for field in fields}


def _value(field: FormField, typed: str) -> Any:
    if field.kind == "number":
        digits = typed.replace(".", "").replace(" ", "")
        return int(digits) if digits.isdigit() and len(digits) < 20 else typed
    if field.kind == "lines":
        return [_member(line) for line in typed.splitlines() if line.strip()]
    return typed


def _member(line: str) -> dict[str, Any]:
    """One member of the household a line: name, or name; share in per cent."""
    name, _, share = line.partition(";")
    number = share.strip().removesuffix("%").strip().replace(",", ".")
    member: dict[str, Any] = {"name": name.strip()}
    if number:
        try:
            member["share_percent"] = float(number) if "." in number else int(number)
        except ValueError:
            member["share_percent"] = number
    return member


def _typed(field: FormField, value: Any) -> str:
    if value is None:
        return ""
    if field.kind == "lines":
        return "\n".join(
            one["name"] + (f"; {one['share_percent']}" if one.get("share_percent") is not None else "") for one in value
        )
    return str(value)


def _put(data: dict[str, Any], path: list[str], value: Any) -> None:
    for step in path[:-1]:
        data = data.setdefault(step, {})
    data[path[-1]] = value


def _get(data: Mapping[str, Any], path: list[str]) -> Any:
    value: Any = data
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
