"""What one revision did to a signed one, by our own strict rule (docs/decisions/0030, 0034).

Everything that may follow a signature is enumerated: `step` accounts for the objects, `catalogue_rule`, `dss_rule` and
`form_rule` say which changes are known. What is left over is a change.
"""

from collections.abc import Collection
from typing import Any

from pyhanko.sign.fields import FieldMDPSpec

from verifier.facts import Change
from verifier.pdf.catalogue_rule import check_catalogue, check_info, check_metadata
from verifier.pdf.dss_rule import check_dss
from verifier.pdf.form_looks import is_empty
from verifier.pdf.form_rule import VALUE_OF_A_FIELD, check_form
from verifier.pdf.form_tree import is_field
from verifier.pdf.step import NotAllowed, Step, is_plain
from verifier.pdf.views import Ref, changed_keys, is_dictionary, ref_of

_NAMED_FONT = {"/Type", "/Subtype", "/BaseFont", "/Name", "/Encoding"}


def compare(
    step: Step,
    trailer: dict[str, Any],
    numbers: Collection[int] | None,
    xref_stream: Ref | None,
    signed: dict[str, str],
    mdp: int | None,
    locks: tuple[FieldMDPSpec, ...],
) -> tuple[Change, str | None]:
    """What `step.new` did to `step.old`, its last signed predecessor.

    `trailer`, `numbers` (of a classic table, each as often as it is there) and `xref_stream` are the newer revision's
    own. `signed` maps the fields it signs to "signature" or "doc_timestamp"; `mdp` is the strictest DocMDP level and
    `locks` the field locks of all signatures so far. Nothing raised here escapes: what cannot be explained is "other"
    with the reason.
    """
    try:
        step.check_frame(trailer, numbers)
        step.check_spelling()
        step.account_for_streams_of_objects(xref_stream)
        check_catalogue(step)
        check_form(step)
        check_dss(step)
        told = (check_info(step), check_metadata(step))
        moved = next(filter(None, told), None)
        unknown = [ref for ref in step.unaccounted() if not (step.is_new(ref) and _is_left_behind(step.new.get(ref)))]
        if unknown:
            return _word(step), f"objects that nothing accounts for: {unknown[:20]}"
    except NotAllowed as reason:
        return _word(step), str(reason)[:400]
    except Exception as reason:  # noqa: BLE001 - the comparison of a hostile revision fails in undocumented ways
        return "other", f"{type(reason).__name__}: {reason}"[:400]
    if moved is not None:
        return "metadata", moved
    return _permitted(step, signed, mdp, locks)


def _is_left_behind(value: Any) -> bool:
    """Whether a new object that nobody uses is of a kind that programs leave behind: poppler its empty marks, iText
    two fonts by name for a form that has its own."""
    by_name = is_dictionary(value) and dict.keys(value) <= _NAMED_FONT and dict.get(value, "/Type") == "/Font"
    return is_empty(value) or (by_name and is_plain(value))


def _permitted(
    step: Step, signed: dict[str, str], mdp: int | None, locks: tuple[FieldMDPSpec, ...]
) -> tuple[Change, str | None]:
    """What is allowed in general, under the permissions of the signatures so far and for the field signed now."""
    if mdp in (1, 2, 3) and (step.added_visibly or (step.visible and mdp == 1)):
        return "other", f"not permitted by DocMDP P={mdp}"
    locked = sorted(name for name in step.fields for lock in locks if lock.is_locked(name))
    if locked:
        return "form_fill", f"locked fields changed: {locked}"
    if not step.visible:
        return ("doc_timestamp" if "doc_timestamp" in signed.values() else "dss"), None
    by_hand = {name for name, kind in signed.items() if kind == "signature"}
    if by_hand and step.fields <= by_hand:
        return "signature_added", None
    return "form_fill", f"fields changed without being signed: {sorted(step.fields - by_hand)}"


def _word(step: Step) -> Change:
    """A word for a change that is not allowed anyway; it only chooses the sentence the reader sees."""
    try:
        about = {ref_of(dict.get(step.old.trailer, "/Info")), ref_of(dict.get(step.old.root, "/Metadata"))}
        own = step.new.objects.written(step.new.revision)
        left = [ref for ref in step.unaccounted() if ref in own and ref not in about]
        signed = [(step.old.get(ref), step.new.get(ref)) for ref in left if step.old.version(ref) is not None]
        filled = [
            is_field(old) and is_dictionary(new) and changed_keys(old, new) <= VALUE_OF_A_FIELD for old, new in signed
        ]
        objects = [step.new.get(ref) for ref in step.written]
    except Exception:  # noqa: BLE001 - as in compare
        return "other"
    if filled and all(filled):
        return "form_fill"
    drawn = [
        o for o in objects if is_dictionary(o) and "/Rect" in o and dict.get(o, "/Subtype", "/Widget") != "/Widget"
    ]
    return "annotation" if drawn else "other"
