"""How things look: what the form says of all fields, and the mark of one."""

from collections.abc import Callable
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from verifier.pdf.form_tree import kind_of, pages_of
from verifier.pdf.mentions import Use
from verifier.pdf.step import Step, refuse
from verifier.pdf.views import Ref, View, changed_keys, is_dictionary, ref_of, same

_LOOKS = {"/DR", "/DA", "/Q", "/NeedAppearances"}
_RESOURCES = {
    "/Font", "/Encoding", "/XObject", "/ProcSet", "/ColorSpace", "/Pattern", "/ExtGState", "/Shading", "/Properties",
}  # fmt: skip
_TYPES: dict[str, tuple[type, ...]] = {
    "/Ff": (generic.NumberObject,),
    "/F": (generic.NumberObject,),
    "/Q": (generic.NumberObject,),
    "/DA": (generic.TextStringObject, generic.ByteStringObject),
    "/Type": (generic.NameObject,),
}


def check_looks(step: Step, old: Any, new: Any, *, has_others: bool) -> None:
    """Default fonts and "draw the fields anew" change how filled fields look; without any, signers may touch them."""
    changed = changed_keys(old, new) - {"/Fields"}
    if _keeps_looks(old) and _keeps_looks(new):
        changed.discard("/NeedAppearances")  # TCPDF says no, and others take the no away
    resources = ref_of(dict.get(new, "/DR"))
    if resources is not None and "/DR" not in changed and not same(step.old.get(resources), step.new.get(resources)):
        changed.add("/DR")  # iText writes them again at each signature, as they were
    if not changed:
        return
    if has_others or not changed <= _LOOKS or _others_are_drawn(step.old):
        refuse(f"form entries {sorted(changed)}")
    step.visible = True
    if "/DR" in changed:
        _, fonts = step.entry(old, new, "/DR", of_form(step, "/DR"))
        if not is_dictionary(fonts) or not set(dict.keys(fonts)) <= _RESOURCES:
            refuse("the form's resources are no resources")
        step.reach(fonts)
    for key in changed - {"/DR"}:
        value = dict.get(new, key)
        if key == "/NeedAppearances" and not isinstance(value, generic.BooleanObject):
            refuse("form entry /NeedAppearances")
        check_type(key, value)


def _keeps_looks(form: Any) -> bool:
    """Whether fields are not to be drawn anew, said or unsaid."""
    value = dict.get(form, "/NeedAppearances")
    return value is None or (isinstance(value, generic.BooleanObject) and not value.value)


def _others_are_drawn(view: View) -> bool:
    """Whether anything but a signature's field may take its look from the form.

    Readers draw widgets and free texts that no list of fields leads to, and fields below others.
    """
    fields = view.entry(view.entry(view.root, "/AcroForm"), "/Fields")
    waiting = list(list.__iter__(fields)) if isinstance(fields, generic.ArrayObject) else []
    seen: set[Ref] = set()
    while waiting:
        ref = ref_of(waiting.pop())
        if ref is None or ref in seen or kind_of(view, ref) != "/Sig":
            return True
        seen.add(ref)
        kids = view.entry(view.get(ref), "/Kids")
        waiting += list.__iter__(kids) if isinstance(kids, generic.ArrayObject) else []
    for page in pages_of(view):
        annotations = view.entry(view.get(page), "/Annots")
        for raw in list.__iter__(annotations) if isinstance(annotations, generic.ArrayObject) else ():
            drawn = view.resolve(raw)
            if not is_dictionary(drawn):
                continue
            kind = view.entry(drawn, "/Subtype")
            if kind in ("/Widget", None) and kind_of(view, ref_of(raw)) != "/Sig":
                return True
            if kind == "/FreeText" or ("/DA" in drawn and kind != "/Widget"):
                return True
    return False


def of_form(step: Step, key: str) -> Callable[[Use], bool]:
    """Is a use of an object that of the form's own entry `key`, and no other's of that name?"""
    form = ref_of(dict.get(step.old.root, "/AcroForm"))
    holder = (step.old.root_ref, ("/AcroForm", key)) if form is None else (form, (key,))
    return lambda use: use == holder


def check_look(step: Step, look: Any) -> None:
    """The mark: streams of its own, drawn nowhere but here."""
    if not is_dictionary(look) or not set(dict.keys(look)) <= {"/N", "/R", "/D"}:
        refuse("the look of a field is not what it should be")
    for value in dict.values(look):
        if ref_of(value) is None or not isinstance(step.new.resolve(value), generic.StreamObject):
            refuse("the look of a field is no stream")
        step.reach(value)


def is_blank(view: View, field: Any) -> bool:
    """Whether the field has no mark, or one without content, as iText gives its document timestamps."""
    look = view.entry(field, "/AP")
    marks = [view.resolve(value) for value in dict.values(look)] if is_dictionary(look) else []
    return all(map(is_empty, marks))


def is_empty(value: Any) -> bool:
    """A stream that draws nothing, because nothing is in it."""
    return isinstance(value, generic.StreamObject) and not value.read_data(DecodePurpose.GENERIC).strip()


def check_type(key: str, value: Any) -> None:
    if key in _TYPES and value is not None and not isinstance(value, _TYPES[key]):
        refuse(f"{key} is not what it should be")
