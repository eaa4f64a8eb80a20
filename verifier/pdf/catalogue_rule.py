"""The catalogue, the document information and the XMP metadata: what of them may move on after a signature."""

import io
import re
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.metadata import xmp_xml

from verifier.pdf.step import Step, is_plain, refuse
from verifier.pdf.views import changed_keys, is_dictionary, ref_of

_ELSEWHERE = {"/AcroForm", "/DSS", "/Metadata"}
"""Compared by rules of their own."""
_VERSION = re.compile(r"/\d\.\d")
_EXTENSION_KEYS = {"/Type", "/BaseVersion", "/ExtensionLevel", "/ExtensionRevision", "/URL"}
_MARK_KEYS = {"/Marked", "/UserProperties", "/Suspects"}
_METADATA_KEYS = frozenset({"/Type", "/Subtype"})
_MOVING_METADATA = ("ModifyDate", "MetadataDate", "Producer", "InstanceID")
_MOVING_INFO = {"/ModDate", "/Producer"}


def check_catalogue(step: Step) -> None:
    """Only the form, the evidence, the metadata and what programs say of the PDF version may differ."""
    old, new = step.old.root, step.new.root
    if not is_dictionary(old) or not is_dictionary(new):
        refuse("the catalogue is no dictionary")
    for key in sorted(changed_keys(old, new) - _ELSEWHERE):
        value = dict.get(new, key)
        if key == "/Version":
            allowed = isinstance(value, generic.NameObject) and _VERSION.fullmatch(value) is not None
        elif key == "/Extensions":
            allowed = _is_extensions(step.entry(old, new, key)[1])
        elif key == "/MarkInfo":
            allowed = _is_flags(step.entry(old, new, key)[1])
        else:
            allowed = False
        if not allowed:
            refuse(f"catalogue entry {key}")
    for key, is_harmless in (("/Extensions", _is_extensions), ("/MarkInfo", _is_flags)):
        ref = ref_of(dict.get(new, key))
        written = ref is not None and key not in changed_keys(old, new) and step.is_changed(ref)
        if written and not is_harmless(step.entry(old, new, key)[1]):
            refuse(f"catalogue entry {key}")
    if step.new.root_ref is not None:
        # As a list of a page's layers, say, the catalogue would have a new one called /DSS.
        step.rewritten(step.new.root_ref, lambda use: use[1][-1:] in (("/Root",), ("/Data",)))


def _is_extensions(value: Any) -> bool:
    return is_dictionary(value) and all(
        (is_dictionary(entry) and set(dict.keys(entry)) <= _EXTENSION_KEYS and is_plain(entry))
        if key != "/Type"
        else isinstance(entry, generic.NameObject)
        for key, entry in dict.items(value)
    )


def _is_flags(value: Any) -> bool:
    return (
        is_dictionary(value)
        and set(dict.keys(value)) <= _MARK_KEYS
        and all(isinstance(flag, generic.BooleanObject) for flag in dict.values(value))
    )


def check_info(step: Step) -> str | None:
    """What the document information says otherwise than before, in words; title and author are shown by readers."""
    before, after = step.entry(step.old.trailer, step.new.trailer, "/Info", lambda use: use == (None, ("/Info",)))
    if after is not None and ref_of(step.new.trailer.raw_get("/Info")) is None:
        refuse("the document information is no object of its own")
    if before is after:
        return None
    if not is_dictionary(after) or not (before is None or is_dictionary(before)):
        refuse("the document information is no dictionary")
    old = {} if before is None else {key: _said(step.old.resolve(value)) for key, value in dict.items(before)}
    new = {key: _said(value) for key, value in dict.items(after)}
    moved = {item for item in old.items() ^ new.items() if item[0] not in _MOVING_INFO}
    if moved:
        return f"document information changed: {sorted(moved)}"[:200]
    return None


def _said(value: Any) -> str:
    if not isinstance(value, generic.TextStringObject | generic.ByteStringObject | generic.NameObject):
        refuse("the document information holds more than text")
    return str(value)


def check_metadata(step: Step) -> str | None:
    """What the XMP metadata says otherwise than before, in words."""
    before = step.old.entry(step.old.root, "/Metadata")
    after = step.new.entry(step.new.root, "/Metadata")
    if after is not None and ref_of(dict.get(step.new.root, "/Metadata")) is None:
        refuse("/Metadata is no object of its own")
    if before is after:
        return None
    if after is not None:
        step.stream(dict.get(step.new.root, "/Metadata"), keys=_METADATA_KEYS)
        step.entry(step.old.root, step.new.root, "/Metadata", lambda use: use == (step.new.root_ref, ("/Metadata",)))
        if not set(dict.keys(after)) <= _METADATA_KEYS | {"/Length", "/Filter", "/DecodeParms"}:
            refuse("/Metadata has unexpected entries")
        if dict.get(after, "/Subtype") != "/XML":
            refuse("/Metadata is no XML")
    return None if _xmp(before) == _xmp(after) else "document metadata (XMP) changed"


def _xmp(stream: Any) -> dict[str, Any]:
    content = bytes(stream.read_data(DecodePurpose.XMP_METADATA)) if isinstance(stream, generic.StreamObject) else b""
    found: dict[str, Any] = {}
    for structure in xmp_xml.parse_xmp(io.BytesIO(content)) if content else ():
        found |= {str(name): value for name, value in structure if name.local_name not in _MOVING_METADATA}
    return found
