"""A paper as a folder: `manifest.toml`, `schema.json`, `body.xml`, `sample.json`, read strictly into a PaperTemplate.

The folder's own name is the paper's version, its parent's the paper's name: `papers/giay-xac-nhan/2026.1/`.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, Final

from jinja2 import Template
from jinja2.meta import find_undeclared_variables

from templates.body import Body
from templates.errors import Fault, FolderInvalid, MarkupInvalid, PaperDataInvalid
from templates.flow import Unit
from templates.issue import Issue
from templates.manifest import FILE as MANIFEST
from templates.manifest import Frame, Manifest, read_manifest
from templates.markup import Element, numbered, read
from templates.paper import Content, PaperTemplate
from templates.sandbox import filled, holds, parsed, sandbox
from templates.schema import DataSchema, SchemaInvalid
from templates.setting import appendices, form_number, recipients, signatures, title_lines, units
from templates.typeface import check, clean

SCHEMA: Final = "schema.json"
BODY: Final = "body.xml"
SAMPLE: Final = "sample.json"
FILES: Final = (MANIFEST, SCHEMA, BODY, SAMPLE)

_NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
VERSION: Final = re.compile(r"\d{4}\.\d{1,3}")
_LARGEST: Final = 1024 * 1024
_VALUES: Final = frozenset({"data", "issue"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    where: str
    holds: Callable[..., Any]
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """A folder compiled: what `compose` needs."""

    frame: Frame
    schema: DataSchema
    body: Template
    subject: Template
    holder: Template
    validity: Template | None
    checks: tuple[_Check, ...]


def load(folder: Traversable, *, name: str) -> PaperTemplate:
    """The paper in this folder. Raises FolderInvalid with everything that was found to be wrong."""
    version = folder.name
    faults: list[Fault] = []
    if not _NAME.fullmatch(name):
        faults.append(
            _folder(f"tên “{name}” chỉ gồm a-z, 0-9 và gạch nối", f"“{name}” must be of a-z, 0-9 and hyphens")
        )
    if not VERSION.fullmatch(version):
        faults.append(
            _folder(f"“{version}” phải là phiên bản như 2026.1", f"“{version}” must be a version such as 2026.1")
        )
    texts = {file: _text(folder, file, faults) for file in FILES}
    if faults:
        raise FolderInvalid(f"{name}/{version}", tuple(faults))
    manifest = read_manifest(texts[MANIFEST])
    if isinstance(manifest, list):
        faults += manifest
    schema = _schema(texts[SCHEMA], faults)
    body = _template(BODY, _numbered(texts[BODY], faults), faults)
    sample = _json(SAMPLE, texts[SAMPLE], faults)
    if isinstance(manifest, Manifest):
        subject = _template(MANIFEST, manifest.subject, faults)
        holder = _template(MANIFEST, manifest.holder, faults)
        validity = _template(MANIFEST, manifest.validity, faults) if manifest.validity else None
        checks = _checks(manifest, faults)
        if not faults and schema and body and subject and holder and isinstance(sample, dict):
            parts = _Parts(
                frame=manifest.frame,
                schema=schema,
                body=body,
                subject=subject,
                holder=holder,
                validity=validity,
                checks=checks,
            )
            return _paper(name, version, manifest, sample, parts)
    raise FolderInvalid(f"{name}/{version}", tuple(faults))


def _paper(name: str, version: str, manifest: Manifest, sample: Mapping[str, Any], parts: _Parts) -> PaperTemplate:
    return PaperTemplate(
        name=name,
        title=manifest.title,
        version=version,
        effective_from=manifest.effective_from,
        effective_to=manifest.effective_to,
        procedures=manifest.procedures,
        level=manifest.level,
        frame=manifest.frame,
        symbol=manifest.symbol,
        signed=manifest.signed,
        use=manifest.use,
        source=manifest.source,
        sample_data=sample,
        compose=lambda data, issue: _compose(parts, data, issue),
        schema=parts.schema.written,
    )


def _compose(parts: _Parts, data: Mapping[str, Any], issue: Issue) -> Content:
    """Check the data, fill the markup in, read it. Raises PaperDataInvalid, GlyphMissing or MarkupInvalid."""
    # Every dossier brings its applicant along (`dossier_data`); a paper that does not ask for one is made without.
    if not parts.schema.lists("applicant"):
        data = {name: value for name, value in data.items() if name != "applicant"}
    values = parts.schema.checked(data)
    given = {"data": values, "issue": known(issue)}
    problems = tuple((one.where, one.vi, one.en) for one in parts.checks if not one.holds(**given))
    if problems:
        raise PaperDataInvalid(problems)
    paper = read(filled(parts.body, **given))
    _check_letters(paper)

    def body(text: Body) -> list[Unit]:
        return units(paper, text)

    return Content(
        title_lines=title_lines(paper, parts.frame),
        appendices=appendices(paper),
        body=body,
        recipients=recipients(paper),
        form=form_number(paper),
        signatures=signatures(paper),
        subject=clean(_plain(parts.subject, given)),
        holder=clean(_plain(parts.holder, given)),
        validity=clean(_plain(parts.validity, given)) if parts.validity else "",
        values=values,
    )


def known(issue: Issue) -> dict[str, Any]:
    """What a markup may know of its issue: what will be printed anyway, and whether it is a specimen."""
    return {
        "organisation": issue.organisation,
        "parent": issue.parent,
        "place": issue.place,
        "number": issue.number,
        "issued_on": issue.issued_on.isoformat(),
        "authority_lines": list(issue.authority_lines),
        "signer_name": issue.signer_name,
        "dossier": issue.dossier,
        "validity": issue.validity,
        "sample": issue.sample,
        "holder_id": issue.holder_id,
    }


def _check_letters(element: Element) -> None:
    """Letters of the markup's own; those of the data have been looked at with their field's name."""
    where = f"{BODY}:{element.line}" if element.line else BODY
    for part in element.parts:
        if isinstance(part, Element):
            _check_letters(part)
        else:
            check(clean(part), where)


def _plain(template: Template, given: Mapping[str, Any]) -> str:
    """Filled in for the register: text, not markup."""
    return read(f"<paper><title>{filled(template, **given)}</title></paper>").text


def _numbered(source: str, faults: list[Fault]) -> str:
    """The source with its lines in it; a fault where it cannot be taken apart."""
    try:
        parsed(source)
        return numbered(source)
    except MarkupInvalid as error:
        faults.append(Fault(file=BODY, line=error.line, vi=error.text_vi, en=error.text_en))
        return ""


def _template(file: str, source: str, faults: list[Fault]) -> Template | None:
    try:
        tree = parsed(source)
    except MarkupInvalid as error:
        faults.append(Fault(file=file, line=error.line, vi=error.text_vi, en=error.text_en))
        return None
    for name in sorted(find_undeclared_variables(tree) - _VALUES):
        line = _line(source, name)
        vi = f"không có biến “{name}”; chỉ có data và issue"
        faults.append(Fault(file=file, line=line, vi=vi, en=f"there is no “{name}”, only data and issue"))
    return sandbox().from_string(source)


def _checks(manifest: Manifest, faults: list[Fault]) -> tuple[_Check, ...]:
    found: list[_Check] = []
    for check_ in manifest.checks:
        try:
            found.append(_Check(where=check_.where, holds=holds(check_.holds), vi=check_.vi, en=check_.en))
        except MarkupInvalid as error:
            faults.append(Fault(file=MANIFEST, line=None, vi=f"{check_.holds}: {error.text_vi}", en=error.text_en))
    return tuple(found)


def _schema(text: str, faults: list[Fault]) -> DataSchema | None:
    schema = _json(SCHEMA, text, faults)
    if not isinstance(schema, dict):
        return None
    try:
        return DataSchema(schema)
    except SchemaInvalid as error:
        line = _line(text, f'"{error.path.rpartition(".")[2]}"')
        faults.append(Fault(file=SCHEMA, line=line, vi=f"{error.path}: {error}", en=f"{error.path}: {error}"))
        return None


def _json(file: str, text: str, faults: list[Fault]) -> object:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        faults.append(
            Fault(file=file, line=error.lineno, vi=f"không phải JSON ({error.msg})", en=f"is no JSON ({error.msg})")
        )
        return None
    except RecursionError:
        faults.append(Fault(file=file, line=None, vi="lồng quá sâu", en="is nested too deeply"))
        return None
    if not isinstance(value, dict):
        faults.append(Fault(file=file, line=1, vi="phải là một nhóm { }", en="must be an object { }"))
        return None
    return value


def _text(folder: Traversable, file: str, faults: list[Fault]) -> str:
    try:
        raw = (folder / file).read_bytes()
        if len(raw) > _LARGEST:
            faults.append(Fault(file=file, line=None, vi="lớn hơn 1 MiB", en="is larger than 1 MiB"))
            return ""
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        faults.append(Fault(file=file, line=None, vi="không có tệp này", en="is missing"))
    except OSError as error:
        faults.append(
            Fault(
                file=file, line=None, vi=f"không đọc được ({error.strerror})", en=f"cannot be read ({error.strerror})"
            )
        )
    except UnicodeDecodeError:
        faults.append(Fault(file=file, line=None, vi="không phải UTF-8", en="is not UTF-8"))
    return ""


def _line(text: str, word: str) -> int | None:
    return next((number for number, line in enumerate(text.splitlines(), 1) if word in line), None)


def _folder(vi: str, en: str) -> Fault:
    return Fault(file=".", line=None, vi=vi, en=en)
