"""What a paper says of itself: `manifest.toml` in its folder, read strictly."""

import re
import tomllib
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from templates.errors import Fault
from templates.typeface import clean

FILE: Final = "manifest.toml"

_Words = Annotated[
    str, BeforeValidator(lambda value: clean(value) if isinstance(value, str) else value), Field(min_length=1)
]
_Tuple = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)


Level = Literal["commune", "province", "any"]
Frame = Literal["named", "letter"]
Signed = Literal["officer-and-seal", "seal"]
Use = Literal["result", "one-stop"]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Source(_Table):
    """Where the form comes from. `official`: its field texts are those of the text named; else the wording is ours."""

    text: Annotated[_Words, Field(max_length=600)]
    official: bool


class Check(_Table):
    """What must hold between several values: an expression over `data` and `issue`; if not, `where` is at fault."""

    where: Annotated[_Words, Field(max_length=200)]
    holds: Annotated[_Words, Field(max_length=600)]
    vi: Annotated[_Words, Field(max_length=200)]
    en: Annotated[_Words, Field(max_length=200)]


class Manifest(_Table):
    """`procedures`: codes of the national list this paper ends. `level`: who issues it. `frame`: "named" has its kind
    in capitals above the body (item 5a), "letter" is a công văn (5b). `symbol`: the kind in short as it stands in the
    number of a named paper (item 3: "QĐ"); a letter's number names none. `use`: a "one-stop" form accompanies a
    dossier, takes no number of a result's series and never becomes a document. `subject` (trích yếu) and `holder` are
    for the register, `validity` (thời hạn, phạm vi hiệu lực) for the QR where the data bear it; all three written like
    the markup. In force from `effective_from` until `effective_to`, both days included."""

    title: Annotated[_Words, Field(max_length=200)]
    effective_from: date
    effective_to: date | None = None
    procedures: Annotated[tuple[Annotated[_Words, Field(pattern=r"^[0-9A-Za-z.\-]{1,40}$")], ...], _Tuple]
    level: Level
    frame: Frame
    symbol: Annotated[_Words, Field(pattern=r"^[A-ZĐ]{1,12}$")] | None = None
    signed: Signed
    use: Use = "result"
    subject: Annotated[_Words, Field(max_length=600)]
    holder: Annotated[_Words, Field(max_length=600)]
    validity: Annotated[_Words, Field(max_length=600)] | None = None
    source: Source
    checks: Annotated[tuple[Check, ...], _Tuple, Field(max_length=50)] = ()


def read_manifest(text: str) -> Manifest | list[Fault]:
    """The manifest, or all that is wrong with it."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else None
        return [Fault(file=FILE, line=line, vi=f"không phải TOML ({error})", en=f"is no TOML ({error})")]
    try:
        manifest = Manifest.model_validate(values)
    except ValidationError as error:
        return [_fault(text, dict(found)) for found in error.errors(include_url=False)]
    if manifest.use == "one-stop" and manifest.procedures:
        line = _line(text, "procedures")
        return [Fault(file=FILE, line=line, vi="biểu mẫu một cửa không phải kết quả", en="a one-stop form ends none")]
    if manifest.effective_to and manifest.effective_to < manifest.effective_from:
        line = _line(text, "effective_to")
        return [Fault(file=FILE, line=line, vi="hết hiệu lực trước khi có hiệu lực", en="ends before it begins")]
    if manifest.symbol and manifest.frame == "letter":
        line = _line(text, "symbol")
        vi, en = "số của công văn không ghi tên loại", "a letter's number does not name its kind"
        return [Fault(file=FILE, line=line, vi=vi, en=en)]
    return manifest


def _fault(text: str, found: dict[str, Any]) -> Fault:
    path = ".".join(str(part) for part in found["loc"])
    line = _line(text, str(found["loc"][-1])) if found["loc"] else None
    return Fault(file=FILE, line=line, vi=f"{path}: chưa đúng ({found['msg']})", en=f"{path}: {found['msg']}")


def _line(text: str, name: str) -> int | None:
    """Where a name is written; None where it is missing."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.partition("=")[0].strip() == name or line.strip().strip("[]") == name:
            return number
    return None
