"""Step 1: may this PDF be signed or sealed at all?

What is sealed must show the same to everyone, for ever: nothing in it may run, switch, load or be edited. qpdf writes
every object out with its names in one spelling, so one search tells whether anything forbidden can be in the file, and
only then is the whole graph taken as JSON and looked through: qpdf hands that out in thousands of small pieces, each a
call of Python (1.3 ms for a paper of ours against 0.7).
"""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pikepdf

from verifier.fields import SEAL_FIELD

from .errors import Unsealable, UnsealableReason
from .fields import Field, fields, placement_of
from .order import Placement
from .source import Source, open_source, reading, refuse_warnings

MAX_PAGES = 20_000

Stage = Literal["signing", "intake"]
"""At intake what `add_fields` is about to mend is accepted: editable fields are locked, an unsigned hybrid file
rewritten."""

_ACTIONS: dict[str, UnsealableReason] = {
    "/JavaScript": UnsealableReason.JAVASCRIPT,
    "/Launch": UnsealableReason.EXTERNAL_REFERENCE,
    "/GoToR": UnsealableReason.EXTERNAL_REFERENCE,
    "/GoToE": UnsealableReason.EXTERNAL_REFERENCE,
    "/Thread": UnsealableReason.EXTERNAL_REFERENCE,
    "/ImportData": UnsealableReason.EXTERNAL_REFERENCE,
    "/SubmitForm": UnsealableReason.EXTERNAL_REFERENCE,
    "/ResetForm": UnsealableReason.ACTIVE_CONTENT,
    "/Hide": UnsealableReason.ACTIVE_CONTENT,
    "/SetOCGState": UnsealableReason.ACTIVE_CONTENT,
    "/Rendition": UnsealableReason.ACTIVE_CONTENT,
    "/Movie": UnsealableReason.ACTIVE_CONTENT,
    "/Sound": UnsealableReason.ACTIVE_CONTENT,
    "/GoTo3DView": UnsealableReason.ACTIVE_CONTENT,
    "/RichMediaExecute": UnsealableReason.ACTIVE_CONTENT,
}
"""Action types (/S) that run, switch or load; a plain link (/URI, /GoTo, /Named) changes nothing that is shown."""

_ANNOTATIONS = {"/Movie", "/Sound", "/Screen", "/3D", "/RichMedia", "/Projection"}
"""Annotation types (/Subtype) whose look is a player's."""

_KEYS: dict[str, UnsealableReason] = {
    "/JS": UnsealableReason.JAVASCRIPT,
    "/XFA": UnsealableReason.XFA,
    "/OCProperties": UnsealableReason.OPTIONAL_CONTENT,
    "/OPI": UnsealableReason.EXTERNAL_REFERENCE,
    "/FFilter": UnsealableReason.EXTERNAL_REFERENCE,
    "/Alternates": UnsealableReason.ACTIVE_CONTENT,
}
"""Dictionary keys that are enough by themselves. /Alternates: another image is printed than is shown."""

_TELLING = ("/S", "/Subtype", "/Type", "/NeedAppearances")
"""Entries whose value decides, wherever it is kept."""
_REFERENCE = re.compile(r"\d+ \d+ R")

_SUSPECT = re.compile(
    b"/(?:"
    + b"|".join(
        re.escape(name[1:].encode())
        for name in sorted(
            {*_ACTIONS, *_ANNOTATIONS, *_KEYS, "/Ref", "/PS", "/NeedAppearances", "/DocMDP", "/FieldMDP"}
        )
    )
    + rb")(?![A-Za-z0-9])"  # a string that holds one of them costs the closer look, no more
)


@dataclass(frozen=True, kw_only=True)
class FieldFact:
    """One form field: `kind` as /FT without the slash; `placement` None when it stands on no page."""

    name: str
    kind: str
    filled: bool
    changeable: bool
    placement: Placement | None


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What preflight saw. `certified`: the DocMDP permission (2 or 3) of a certifying signature, else None."""

    size: int
    pages: int
    pdf_version: str
    cross_reference: Literal["table", "stream"]
    fields: tuple[FieldFact, ...]
    certified: int | None

    def field(self, name: str) -> FieldFact | None:
        """The field of this name."""
        return next((f for f in self.fields if f.name == name), None)

    @property
    def signatures(self) -> int:
        """Filled signature fields."""
        return sum(1 for f in self.fields if f.kind == "Sig" and f.filled)


@dataclass(frozen=True, kw_only=True, eq=False)
class Examination:
    """What the next steps need of an open PDF: the DocMDP permission of a certifying signature, and the fields."""

    certified: int | None
    fields: list[Field]

    def named(self, name: str) -> Field | None:
        """The field with this fully qualified name."""
        return next((field for field in self.fields if field.name == name), None)


def preflight(pdf: bytes, *, stage: Stage = "signing") -> Inspection:
    """Raises `Unsealable` with the first reason found; `detail` names the page, object or field."""
    with open_source(pdf) as source:
        return inspection(source, examine(source, stage))


def inspection(source: Source, seen: Examination) -> Inspection:
    """What there is to tell of an open PDF that was examined."""
    with reading():
        facts = tuple(_fact(source, field) for field in seen.fields)
    return Inspection(
        size=len(source.data),
        pages=len(source.pdf.pages),
        pdf_version=source.pdf.pdf_version,
        cross_reference="stream" if source.xref_stream else "table",
        fields=facts,
        certified=seen.certified,
    )


def examine(source: Source, stage: Stage) -> Examination:
    """`preflight` on a PDF that is open."""
    with reading():
        return _examined(source, stage)


def _examined(source: Source, stage: Stage) -> Examination:
    pages = len(source.pdf.pages)
    refuse_warnings(source.pdf)
    if pages == 0:
        raise Unsealable(UnsealableReason.NO_PAGES)
    if pages > MAX_PAGES:
        raise Unsealable(UnsealableReason.TOO_LARGE, f"{pages} pages > {MAX_PAGES}")
    if source.hybrid and stage == "signing":
        raise Unsealable(UnsealableReason.HYBRID)
    suspect = _suspect(source.pdf)
    refuse_warnings(source.pdf)
    certified: int | None = None
    found = list(fields(source.pdf))
    names = [field.name for field in found if field.kind == "/Sig"]
    if len(names) != len(set(names)):
        raise Unsealable(UnsealableReason.BROKEN, "two signature fields of one name")
    if suspect:
        objects = _objects(_graph(source.pdf))
        refuse_warnings(source.pdf)
        for where, node in _dictionaries(objects):
            _refuse_node(source, where, node)
        certified = _certified(objects)
        _refuse_locks(objects, found)
    for field in found:
        if field.name == SEAL_FIELD and field.filled:
            raise Unsealable(UnsealableReason.ALREADY_SEALED, field.name)
        if field.changeable and stage == "signing":
            raise Unsealable(UnsealableReason.CHANGEABLE_FIELDS, field.name)
    return Examination(certified=certified, fields=found)


def _fact(source: Source, field: Field) -> FieldFact:
    return FieldFact(
        name=field.name,
        kind=field.kind.removeprefix("/"),
        filled=field.filled,
        changeable=field.changeable,
        placement=placement_of(source, field),
    )


def _suspect(pdf: pikepdf.Pdf) -> bool:
    """Whether any object, of those that qpdf's JSON has, holds a name that matters, or is a stream in another file."""
    found = [pdf.trailer.unparse(resolved=True)]
    for one in pdf.objects:
        if not isinstance(one, pikepdf.Object):
            continue  # a number or a truth value
        if isinstance(one, pikepdf.Stream):
            if "/F" in one.stream_dict:
                return True
            found.append(one.stream_dict.unparse(resolved=True))
        else:
            found.append(one.unparse(resolved=True))
    return _SUSPECT.search(b"\n".join(found)) is not None


def _graph(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    try:
        pdf.write_qpdf_json(
            out, decode_level=pikepdf.StreamDecodeLevel.none, json_stream_data=pikepdf.JSONStreamData.none
        )
    except (pikepdf.PdfError, RuntimeError, ValueError) as error:
        raise Unsealable(UnsealableReason.BROKEN, str(error)) from error
    return out.getvalue()


def _objects(graph: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(graph)["qpdf"][1]
    return found


def _dictionaries(objects: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dictionary of the file with the name of the object it stands in; a stream's has the extra key `stream`."""
    for name, content in objects.items():
        where = name.removeprefix("obj:").removesuffix(" R")
        waiting: list[Any] = [content.get("value")]
        if "stream" in content:
            waiting = [{**content["stream"]["dict"], "stream": True}]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict):
                yield where, {**node, **{key: _named(objects, node[key]) for key in _TELLING if key in node}}
                waiting += [value for value in node.values() if isinstance(value, dict | list)]
            elif isinstance(node, list):
                waiting += [value for value in node if isinstance(value, dict | list)]


def _named(objects: dict[str, Any], value: Any) -> Any:
    """A name or a boolean that is an object of its own, as it is read; anything else as it stands."""
    for _ in range(8):
        if not isinstance(value, str) or _REFERENCE.fullmatch(value) is None:
            break
        value = objects.get(f"obj:{value}", {}).get("value")
    return value


def _refuse_node(source: Source, where: str, node: dict[str, Any]) -> None:
    reason = _reason(node)
    if reason is not None:
        page = _page_of(source, where)
        raise Unsealable(reason, f"{page}object {where}")


def _reason(node: dict[str, Any]) -> UnsealableReason | None:  # noqa: PLR0911  one question per line
    for key, reason in _KEYS.items():
        if key in node:
            return reason
    action = node.get("/S")
    # /S is the type of an action, but also of a transition, a structure element, a mask, an output intent: those
    # that carry a name of ours without being an action always have another telling entry.
    if isinstance(action, str) and action in _ACTIONS and node.get("/Type", "/Action") == "/Action":
        return _ACTIONS[action]
    if node.get("/Subtype") in _ANNOTATIONS and "/Rect" in node:
        return UnsealableReason.ACTIVE_CONTENT
    if "stream" in node and "/F" in node:
        return UnsealableReason.EXTERNAL_REFERENCE
    if node.get("/Subtype") == "/Form" and "/Ref" in node:
        return UnsealableReason.EXTERNAL_REFERENCE
    if node.get("/Subtype") == "/PS" and "stream" in node:
        return UnsealableReason.ACTIVE_CONTENT
    if "/JavaScript" in node and ("/EmbeddedFiles" in node or "/Names" in node or "/Dests" in node or len(node) == 1):
        return UnsealableReason.JAVASCRIPT
    if node.get("/NeedAppearances") is True:
        return UnsealableReason.CHANGEABLE_FIELDS
    return None


def _page_of(source: Source, where: str) -> str:
    """`page 3, ` when the object is a page or an annotation of one."""
    for index, page in enumerate(source.pdf.pages, start=1):
        names = [page.obj.objgen]
        annotations = page.obj.get("/Annots")
        if isinstance(annotations, pikepdf.Array):
            names += [a.objgen for a in annotations if isinstance(a, pikepdf.Object)]
        if where in {f"{number} {generation}" for number, generation in names}:
            return f"page {index}, "
    return ""


def _certified(objects: dict[str, Any]) -> int | None:
    """The strictest DocMDP permission of any signature reference. Raises `Unsealable(certified)` for 1 (no changes)."""
    found: int | None = None
    for where, node in _dictionaries(objects):
        if node.get("/TransformMethod") != "/DocMDP":
            continue
        parameters = _resolved(objects, node.get("/TransformParams"))
        permission = parameters.get("/P", 2) if isinstance(parameters, dict) else 2
        if not isinstance(permission, int) or permission not in {2, 3}:
            raise Unsealable(UnsealableReason.CERTIFIED, f"DocMDP P={permission}, object {where}")
        found = permission if found is None else min(found, permission)
    return found


def _refuse_locks(objects: dict[str, Any], found: list[Field]) -> None:
    """A FieldMDP of a signature that forbids changing a still empty signature field."""
    empty = [field.name for field in found if field.kind == "/Sig" and not field.filled]
    for _, node in _dictionaries(objects):
        if node.get("/TransformMethod") != "/FieldMDP":
            continue
        parameters = _resolved(objects, node.get("/TransformParams"))
        if not isinstance(parameters, dict):
            continue
        listed = _resolved(objects, parameters.get("/Fields")) or []
        names = [n[2:] for n in listed if isinstance(n, str) and n.startswith("u:")]
        action = parameters.get("/Action")
        for name in empty:
            inside = any(name == n or name.startswith(n + ".") for n in names)
            if action == "/All" or (action == "/Include" and inside) or (action == "/Exclude" and not inside):
                raise Unsealable(UnsealableReason.FIELD_LOCKED, name)


def _resolved(objects: dict[str, Any], value: Any) -> Any:
    """A value, or what its `12 0 R` stands for."""
    if isinstance(value, str) and value.endswith(" R"):
        return objects.get(f"obj:{value}", {}).get("value")
    return value
