"""What one revision did to a signed one: pyHanko's difference analysis, with a narrower rule on top.

pyHanko's standard policy also lets ordinary form fields be filled after signing, which is enough for a "replace" attack
(house trap; EU DSS sample dss-2236/replace.pdf). Here only signature fields may change, so anything else is suspicious.
"""

import io
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.metadata import xmp_xml
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
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from verifier.facts import Change
from verifier.pdf.entries import dictionary, get, items

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
        return _classify(old, new), str(reason)[:400]
    except Exception as reason:  # noqa: BLE001 - the comparison of a hostile revision fails in undocumented ways
        return "other", f"{type(reason).__name__}: {reason}"[:400]
    if moved is not None:
        return "metadata", moved
    return _level(level, fields, signed, permission, locks)


def _classify(old: Any, new: Any) -> Change:
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
    drawn = [d for d in dictionaries if "/Subtype" in d and "/Rect" in d and get(d, "/Subtype") != "/Widget"]
    return "annotation" if drawn else "other"


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
