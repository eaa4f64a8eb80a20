"""pyHanko's own opinion of what later revisions did: the oracle beside `verifier.pdf.changes`.

Its standard policy, narrowed so that only signature fields may change and titles stay: what the verifier itself used
before it had a comparison of its own.
"""

import io
from typing import Any

from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.metadata import xmp_xml
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from verifier.facts import Change, DocumentFacts
from verifier.gather import gather
from verifier.limits import Limits
from verifier.pdf import Document
from verifier.pdf.entries import dictionary, get, items

ALLOWED = {"dss", "doc_timestamp", "signature_added"}

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


def compare(
    old: Any, new: Any, signed: dict[str, str], mdp: int | None, locks: tuple[FieldMDPSpec, ...]
) -> tuple[Change, str | None]:
    """What the revision seen by `new` did to `old`, its last signed predecessor (pyHanko's historical views).

    `signed` maps the fields the newer revision signs to "signature" or "doc_timestamp"; `mdp` is the strictest
    DocMDP level and `locks` the field locks of all signatures so far. Nothing raised here escapes: what cannot be
    explained is "other" with the reason.
    """
    permission = MDPPerm(mdp) if mdp in (1, 2, 3) else None
    try:
        policy = _FORM_KEPT if _has_other_fields(old) else _SIGNATURES_ONLY
        result = policy.apply(old, new, doc_mdp=permission)
        level, fields = result.modification_level, set(result.changed_form_fields)
        moved = _metadata_change(old, new)
    except SuspiciousModification as reason:
        return "other", str(reason)[:400]
    except Exception as reason:  # noqa: BLE001 - the comparison of a hostile revision fails in undocumented ways
        return "other", f"{type(reason).__name__}: {reason}"[:400]
    if moved is not None:
        return "metadata", moved
    return _level(level, fields, signed, permission, locks)


def _has_other_fields(view: Any) -> bool:
    """Whether the form has anything but signature fields at its top (kinds are inherited downwards)."""
    fields = items(dictionary(get(view.root, "/AcroForm")), "/Fields")
    return any(get(dictionary(field), "/FT") != "/Sig" for field in fields)


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
    info = dictionary(get(view.trailer_view, "/Info"))
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


def opinions(pdf: bytes, facts: DocumentFacts) -> dict[int, tuple[Change, str | None]]:
    """pyHanko's word for each revision after the first signature, by revision number, against the same base as ours."""
    document = Document(pdf, Limits())
    values = {field.name: field.value for field in document.fields(document.pages()) if field.value is not None}
    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    found: dict[int, tuple[Change, str | None]] = {}
    base: int | None = None
    levels: list[int] = []
    locks: list[FieldMDPSpec] = []
    for revision in facts.revisions:
        here = {s.field: s.kind for s in facts.signatures if s.revision == revision.number}
        if base is not None:
            old = reader.get_historical_resolver(base)
            new = reader.get_historical_resolver(revision.number)
            found[revision.number] = compare(old, new, here, min(levels, default=None), tuple(locks))
        if here:
            base = revision.number
            levels += [values[name].docmdp for name in here if values[name].docmdp is not None]
            locks += [values[name].locks for name in here if values[name].locks is not None]
    return found


def assert_as_strict(pdf: bytes) -> None:
    """What pyHanko suspects, our own comparison never allows; what ours allows, pyHanko calls by the same word."""
    facts = gather(pdf)
    if facts.problem is not None or not facts.signatures:
        return
    theirs = opinions(pdf, facts)
    ours = {r.number: r for r in facts.revisions if r.change != "base"}
    assert ours.keys() == theirs.keys()
    for number, revision in ours.items():
        if revision.change in ALLOWED:
            assert theirs[number][0] == revision.change, (number, theirs[number])
