"""The one door to pyHanko: its strict reader and its difference analysis, with a narrower rule on top.

pyHanko's standard policy also lets ordinary form fields be filled after signing, which is enough for a "replace" attack
(house trap; EU DSS sample dss-2236/replace.pdf). Here only signature fields may change, so anything else is suspicious.
Every revision is compared with the last signed one before it, which keeps the cost linear in the number of revisions
and composes to what pyHanko would say of each earlier signature.
"""

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.metadata import xmp_xml
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import read_object_header
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    GenericFieldModificationRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, enumerate_sig_fields

from verifier.facts import Box, Change
from verifier.limits import Limits, OverLimits

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # its warnings quote hostile files into our logs

_LONG_CONTENTS = re.compile(rb"/Contents\s*<([0-9A-Fa-f]{512,})>")
_MARKER = b"second seal"
_MOVING_METADATA = ("ModifyDate", "MetadataDate", "Producer", "InstanceID")
_MOVING_INFO = ("/ModDate", "/Producer")


def _policy(*field_rules: Any, form_keys: set[str] | None = None) -> StandardDiffPolicy:
    # pyHanko's rules carry no annotations of their own
    later = ModificationLevel.LTA_UPDATES
    return StandardDiffPolicy(
        global_rules=[
            CatalogModificationRule(),  # type: ignore[no-untyped-call]
            DocInfoRule().as_qualified(later),
            XrefStreamRule().as_qualified(later),
            ObjectStreamRule().as_qualified(later),
            DSSCompareRule().as_qualified(later),
            MetadataUpdateRule().as_qualified(later),  # type: ignore[no-untyped-call]
        ],
        form_rule=FormUpdatingRule(field_rules=list(field_rules), ignored_acroform_keys=form_keys),
    )


_SIGNATURES_ONLY = _policy(SigFieldCreationRule(), SigFieldModificationRule())  # type: ignore[no-untyped-call]
# Default fonts and "draw the fields anew" change how filled fields look; where there are none, signers may touch them.
_FORM_KEPT = _policy(SigFieldCreationRule(), SigFieldModificationRule(), form_keys={"/Fields"})  # type: ignore[no-untyped-call]
_WITH_FORMS = _policy(SigFieldCreationRule(), SigFieldModificationRule(), GenericFieldModificationRule())  # type: ignore[no-untyped-call]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One signature field as the newest revision shows it; `value` is the signature dictionary, None when empty."""

    name: str
    boxes: tuple[Box, ...]
    value: "Value | None"


@dataclass(frozen=True, kw_only=True)
class Value:
    """A signature dictionary, read without judging it. `revision` is where it was last written, -1 if unknown."""

    kind: str
    subfilter: str | None
    byte_range: tuple[int, ...]
    contents: bytes
    revision: int
    modified: str | None
    name: str | None
    reason: str | None
    location: str | None
    docmdp: int | None
    locks: FieldMDPSpec | None


_BROKEN_VALUE = Value(
    kind="/Sig",
    subfilter=None,
    byte_range=(),
    contents=b"",
    revision=-1,
    modified=None,
    name=None,
    reason=None,
    location=None,
    docmdp=None,
    locks=None,
)


class Document:
    """A PDF read strictly. Construction and every method may raise whatever pyHanko raises on a hostile file."""

    def __init__(self, pdf: bytes, limits: Limits) -> None:
        self._pdf = pdf
        self._reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        self._limits = limits
        self.revisions: int = self._reader.xrefs.total_revisions
        if self.revisions > limits.revisions:
            raise OverLimits("revisions", self.revisions, limits.revisions)

    @property
    def encrypted(self) -> bool:
        """True where the trailer names an encryption dictionary, whatever the password."""
        return "/Encrypt" in self._reader.trailer

    @property
    def hybrid(self) -> bool:
        """True where two cross-reference forms describe one revision: readers disagree which one counts."""
        return bool(self._reader.xrefs.hybrid_xrefs_present)

    def xref_place(self, revision: int) -> tuple[int, int, int, bool]:
        """(declared startxref, start, end, is a stream) of a revision's cross-reference section, in bytes."""
        meta = self._reader.xrefs.get_xref_container_info(revision)
        return meta.declared_startxref, meta.start_location, meta.end_location, meta.stream_ref is not None

    def trailer_end(self, revision: int) -> int:
        """Where the trailer dictionary of a classic section ends, in bytes."""
        stream = self._reader.stream
        stream.seek(self._reader.xrefs.get_xref_container_info(revision).end_location)
        generic.DictionaryObject.read_from_stream(stream, generic.TrailerReference(self._reader))  # type: ignore[no-untyped-call]
        return int(stream.tell())

    def object_places(self, revision: int) -> tuple[int, ...]:
        """Byte offsets that a revision's cross-reference section gives for its own objects."""
        section = self._reader.xrefs.get_xref_data(revision)
        refs = self._reader.xrefs.explicit_refs_in_revision(revision)
        found = (section.try_resolve(ref) for ref in refs)
        return tuple(place for place in found if isinstance(place, int))

    def pages(self) -> tuple[Any, ...]:
        """Page dictionaries in order. Raises OverLimits, or ValueError where the tree is no tree."""
        found: list[Any] = []
        seen: set[tuple[int, int]] = set()
        stack = [self._reader.root.raw_get("/Pages")]
        while stack:
            node = stack.pop()
            if isinstance(node, generic.IndirectObject):
                key = (node.idnum, node.generation)
                if key in seen:
                    raise ValueError("page tree refers to itself")
                seen.add(key)
                node = node.get_object()  # type: ignore[no-untyped-call]
            if "/Kids" in node:
                stack.extend(reversed([node["/Kids"].raw_get(i) for i in range(len(node["/Kids"]))]))
            else:
                found.append(node)
            if len(found) + len(stack) > self._limits.pages:
                raise OverLimits("pages", len(found) + len(stack), self._limits.pages)
        return tuple(found)

    def fields(self, pages: tuple[Any, ...]) -> tuple[Field, ...]:
        """Every signature field, filled or empty, in the form's order. Raises OverLimits."""
        listed = []
        for name, _, reference in enumerate_sig_fields(self._reader):
            listed.append((str(name), reference))
            if len(listed) > self._limits.signatures:
                raise OverLimits("signatures", len(listed), self._limits.signatures)
        if not listed:
            return ()
        places = _widget_places(pages)
        return tuple(self._field(name, reference, places) for name, reference in listed)

    def _field(self, name: str, reference: Any, places: dict[tuple[int, int], list[int]]) -> Field:
        field = reference.get_object()
        boxes: list[Box] = []
        widgets = [reference]
        if "/Kids" in field:
            widgets += [field["/Kids"].raw_get(i) for i in range(len(field["/Kids"]))]
        for widget in widgets:
            rect = _rect(widget.get_object())
            if rect is not None and isinstance(widget, generic.IndirectObject):
                boxes += [Box(page=page, rect=rect) for page in places.get((widget.idnum, widget.generation), [])]
        filled = "/V" in field and not isinstance(field.raw_get("/V"), generic.NullObject)
        value = self._value_or_broken(field) if filled else None
        return Field(name=name, boxes=tuple(boxes), value=value)

    def _value_or_broken(self, field: Any) -> Value:
        """A signature that cannot even be read is still a signature: it must appear, and fail."""
        try:
            return self._value(field)
        except Exception:  # noqa: BLE001 - as in compare
            return _BROKEN_VALUE

    def _value(self, field: Any) -> Value:
        raw = field.raw_get("/V")
        revision = -1
        if isinstance(raw, generic.IndirectObject):
            revision = self._reader.xrefs.get_last_change(raw.reference)
            self._read_ahead(raw.reference)
        entry = raw.get_object()
        if not isinstance(entry, generic.DictionaryObject):
            raise PdfError("the value of a signature field is no dictionary")
        contents = entry.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
        return Value(
            kind=str(_get(entry, "/Type", "/Sig")),
            subfilter=_text(_get(entry, "/SubFilter")),
            byte_range=tuple(int(n) for n in _items(entry, "/ByteRange")),
            contents=contents.original_bytes,
            revision=revision,
            modified=_text(_get(entry, "/M")),
            name=_text(_get(entry, "/Name")),
            reason=_text(_get(entry, "/Reason")),
            location=_text(_get(entry, "/Location")),
            docmdp=_docmdp(entry, field),
            locks=_locks(entry),
        )

    def _read_ahead(self, reference: Any) -> None:
        """Put a signature dictionary into the reader's cache without its digit-by-digit reading of /Contents.

        That reading is over half of the cost of a file. The long hexadecimal string is replaced by a short one, the
        rest parsed by pyHanko, and the result kept only if the short one came back as this dictionary's own
        /Contents.
        """
        place = self._reader.xrefs[reference]
        if not isinstance(place, int) or (reference.generation, reference.idnum) in self._reader.resolved_objects:
            return
        end = self._pdf.find(b"endobj", place)
        found = _LONG_CONTENTS.findall(self._pdf, place, end) if end > 0 else []
        match = _LONG_CONTENTS.search(self._pdf, place, end) if len(found) == 1 else None
        if match is None or len(match.group(1)) % 2:
            return
        short = self._pdf[place : match.start(1)] + _MARKER.hex().encode() + self._pdf[match.end(1) : end + 6]
        stream = io.BytesIO(short)
        header = read_object_header(stream, strict=True)  # type: ignore[no-untyped-call]
        if header != (reference.idnum, reference.generation):
            return
        entry = generic.read_object(stream, generic.Reference(reference.idnum, reference.generation, self._reader))
        if not isinstance(entry, generic.DictionaryObject) or "/Contents" not in entry:
            return
        held = entry.raw_get("/Contents")
        if getattr(held, "original_bytes", None) != _MARKER or short[stream.tell() :].strip() != b"endobj":
            return
        entry[generic.pdf_name("/Contents")] = generic.pdf_string(bytes.fromhex(match.group(1).decode("ascii")))
        self._reader.resolved_objects[(reference.generation, reference.idnum)] = entry

    def filled_names(self, revision: int) -> frozenset[str]:
        """Names of the signature fields that were filled in an older revision."""
        view = self._reader.get_historical_resolver(revision)
        return frozenset(str(name) for name, _, _ in enumerate_sig_fields(view, filled_status=True))

    def loose_signatures(self, fields: tuple[Field, ...]) -> int:
        """How many signature dictionaries lie in the file that no field leads to. Reads every object."""
        attached = {field.value.contents for field in fields if field.value is not None}
        found = 0
        for revision in range(self.revisions):
            for reference in self._reader.xrefs.explicit_refs_in_revision(revision):
                try:
                    entry = self._reader.get_object(reference)  # type: ignore[no-untyped-call]
                    if isinstance(entry, generic.DictionaryObject) and "/ByteRange" in entry and "/Contents" in entry:
                        found += entry.raw_get("/Contents").original_bytes not in attached
                except Exception:  # noqa: BLE001, S112 - as in compare; what cannot be read is no signature
                    continue
        return found

    def compare(
        self, base: int, revision: int, signed: dict[str, str], mdp: int | None, locks: tuple[FieldMDPSpec, ...]
    ) -> tuple[Change, str | None]:
        """What `revision` did to `base`, its last signed predecessor.

        `signed` maps the fields this very revision signs to "signature" or "doc_timestamp"; `mdp` is the strictest
        DocMDP level and `locks` the field locks of all signatures so far. Nothing raised here escapes: what cannot be
        explained is "other" with the reason.
        """
        old = self._reader.get_historical_resolver(base)
        new = self._reader.get_historical_resolver(revision)
        permission = MDPPerm(mdp) if mdp in (1, 2, 3) else None
        try:
            policy = _FORM_KEPT if _has_other_fields(old) else _SIGNATURES_ONLY
            result = policy.apply(old, new, doc_mdp=permission)
            level, fields = result.modification_level, set(result.changed_form_fields)
            moved = _metadata_change(old, new)
        except SuspiciousModification as reason:
            return self._classify(old, new), str(reason)[:400]
        except Exception as reason:  # noqa: BLE001 - the comparison of a hostile revision fails in undocumented ways
            return "other", f"{type(reason).__name__}: {reason}"[:400]
        if moved is not None:
            return "metadata", moved
        return _level(level, fields, signed, permission, locks)

    def _classify(self, old: Any, new: Any) -> Change:
        """A word for a change that is not allowed anyway; it only chooses the sentence the reader sees."""
        try:
            _WITH_FORMS.apply(old, new)
        except SuspiciousModification:
            pass
        except Exception:  # noqa: BLE001 - as in compare; the answer stays "other"
            return "other"
        else:
            return "form_fill"
        try:
            objects = [new(ref) for ref in new.explicit_refs_in_revision()]
        except Exception:  # noqa: BLE001 - as in compare
            return "other"
        dictionaries = [o for o in objects if isinstance(o, generic.DictionaryObject)]
        drawn = [d for d in dictionaries if "/Subtype" in d and "/Rect" in d and _get(d, "/Subtype") != "/Widget"]
        return "annotation" if drawn else "other"

    def security_store(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]]:
        """(certificates, OCSP responses, CRLs) of the newest /DSS, DER."""
        store = _get(self._reader.root, "/DSS")
        if not isinstance(store, generic.DictionaryObject):
            return (), (), ()
        purposes = (
            ("/Certs", DecodePurpose.CERTIFICATE),
            ("/OCSPs", DecodePurpose.OCSP_RESPONSE),
            ("/CRLs", DecodePurpose.CRL),
        )
        found = [tuple(stream.read_data(purpose) for stream in _items(store, key)) for key, purpose in purposes]
        return found[0], found[1], found[2]

    def attached(self, name: str, limit: int = 1024 * 1024) -> bytes | None:
        """The embedded file called `name`, at most `limit` bytes, or None."""
        for spec in self._file_specs():
            if name in (_text(_get(spec, "/UF")), _text(_get(spec, "/F"))):
                content = spec["/EF"]["/F"].data
                return bytes(content) if len(content) <= limit else None
        return None

    def _file_specs(self) -> Iterator[Any]:
        root = self._reader.root
        yield from _items(root, "/AF")
        tree = _get(_dictionary(_get(root, "/Names")), "/EmbeddedFiles")
        stack, steps = [tree] if tree is not None else [], 0
        while stack and steps < 1000:
            node, steps = _dictionary(stack.pop()), steps + 1
            yield from _items(node, "/Names")[1::2]
            stack.extend(_items(node, "/Kids"))

    def active_content(self) -> tuple[str, ...]:
        """Catalogue entries through which a page may look different from what the bytes say."""
        root = self._reader.root
        form = _dictionary(_get(root, "/AcroForm"))
        names = _dictionary(_get(root, "/Names"))
        found = {
            "javascript": "/JavaScript" in names or "/AA" in root or "/JS" in _dictionary(_get(root, "/OpenAction")),
            "xfa": "/XFA" in form,
            "optional_content": "/OCProperties" in root,
        }
        return tuple(name for name, present in found.items() if present)


def _has_other_fields(view: Any) -> bool:
    """Whether the form has anything but signature fields at its top (kinds are inherited downwards)."""
    fields = _items(_dictionary(_get(view.root, "/AcroForm")), "/Fields")
    return any(_get(_dictionary(field), "/FT") != "/Sig" for field in fields)


def _level(
    level: ModificationLevel,
    fields: set[str],
    signed: dict[str, str],
    permission: MDPPerm | None,
    locks: tuple[FieldMDPSpec, ...],
) -> tuple[Change, str | None]:
    """What pyHanko's level means under our rule: a visible change is allowed only to the field this revision signs."""
    if permission is not None and level.value > permission.value:
        return "other", f"not permitted by DocMDP P={permission.value}"
    locked = sorted(name for name in fields for lock in locks if lock.is_locked(name))
    if locked:
        return "form_fill", f"locked fields changed: {locked}"
    if level.value <= ModificationLevel.LTA_UPDATES.value:
        return ("doc_timestamp" if "doc_timestamp" in signed.values() else "dss"), None
    by_hand = {name for name, kind in signed.items() if kind == "signature"}
    if level is ModificationLevel.FORM_FILLING and by_hand and fields <= by_hand:
        return "signature_added", None
    return "form_fill", f"fields changed without being signed: {sorted(fields - by_hand)}"


def _widget_places(pages: tuple[Any, ...]) -> dict[tuple[int, int], list[int]]:
    places: dict[tuple[int, int], list[int]] = {}
    for number, page in enumerate(pages):
        annotations = _get(page, "/Annots")
        for position in range(len(annotations) if isinstance(annotations, generic.ArrayObject) else 0):
            entry = annotations.raw_get(position)
            if isinstance(entry, generic.IndirectObject):
                places.setdefault((entry.idnum, entry.generation), []).append(number)
    return places


def _rect(widget: Any) -> tuple[float, float, float, float] | None:
    if "/Rect" not in widget:
        return None
    a, b, c, d = (float(n) for n in widget["/Rect"])
    left, right, bottom, top = min(a, c), max(a, c), min(b, d), max(b, d)
    return (left, bottom, right, top) if right > left and top > bottom else None


def _get(holder: Any, key: str, default: Any = None) -> Any:
    """The entry itself. pyHanko's own `.get` hands back an unresolved reference."""
    return holder[key] if key in holder else default  # noqa: SIM401 - exactly not .get


def _items(holder: Any, key: str) -> list[Any]:
    """The items of an array entry, resolved; an absent entry has none."""
    array = _get(holder, key)
    return [array[place] for place in range(len(array))] if isinstance(array, generic.ArrayObject) else []


def _dictionary(value: Any) -> Any:
    return value if isinstance(value, generic.DictionaryObject) else {}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)[:500]


def _docmdp(entry: Any, field: Any) -> int | None:
    for item in _items(entry, "/Reference"):
        if _get(item, "/TransformMethod") == "/DocMDP":
            return int(_get(_dictionary(_get(item, "/TransformParams")), "/P", 2))
    lock = _dictionary(_get(field, "/Lock"))
    return int(lock["/P"]) if "/P" in lock else None


def _locks(entry: Any) -> FieldMDPSpec | None:
    for item in _items(entry, "/Reference"):
        if _get(item, "/TransformMethod") == "/FieldMDP":
            return FieldMDPSpec.from_pdf_object(item["/TransformParams"])
    return None


def _metadata_change(old: Any, new: Any) -> str | None:
    """Title, author and the like are shown by readers; only dates and the producing program may move on."""
    before, after = _info(old), _info(new)
    if before != after:
        return f"document information changed: {sorted(set(before.items()) ^ set(after.items()))}"[:200]
    before_xmp, after_xmp = _xmp_bytes(old), _xmp_bytes(new)
    if before_xmp != after_xmp and _xmp(before_xmp) != _xmp(after_xmp):
        return "document metadata (XMP) changed"
    return None


def _info(view: Any) -> dict[str, str]:
    info = _dictionary(_get(view.trailer_view, "/Info"))
    return {str(key): str(value) for key, value in info.items() if key not in _MOVING_INFO}


def _xmp_bytes(view: Any) -> bytes:
    if "/Metadata" not in view.root:
        return b""
    return bytes(view.root["/Metadata"].read_data(DecodePurpose.XMP_METADATA))


def _xmp(content: bytes) -> dict[str, Any]:
    if not content:
        return {}
    found: dict[str, Any] = {}
    for structure in xmp_xml.parse_xmp(io.BytesIO(content)):
        found |= {str(name): value for name, value in structure if name.local_name not in _MOVING_METADATA}
    return found
