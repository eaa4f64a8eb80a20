"""The form: the field that the new revision signs, its mark and its widget, and nothing else."""

from typing import Any

from pyhanko.pdf_utils import generic

from verifier.pdf.form_looks import check_look, check_looks, check_type, is_blank, of_form
from verifier.pdf.form_tree import has_other_kids, is_field, kind_of, name_in_form, pages_of
from verifier.pdf.mark_bounds import check_border, check_bounds
from verifier.pdf.mentions import Use
from verifier.pdf.step import Step, is_plain, refuse
from verifier.pdf.views import Ref, View, changed_keys, is_dictionary, is_rounded, ref_of, same

_OF_FIELDS = {"/Fields", "/Annots", "/Kids", "/Parent", "/Obj"}
"""Keys at which a field may be mentioned: form, page, its relatives, the structure tree."""
_ALWAYS = {"/Ff", "/Type"}
_FILLED = _ALWAYS | {"/V", "/AP", "/F", "/DA", "/Q"}
VALUE_OF_A_FIELD = _FILLED | {"/AS"}
"""What filling any kind of field changes in it."""
_WIDGET_KEYS = {
    "/Type", "/Subtype", "/Rect", "/P", "/F", "/AP", "/MK", "/BS", "/Border", "/NM", "/M", "/StructParent", "/Parent",
    "/H", "/C", "/Lang", "/Contents", "/AS",
}  # fmt: skip
_FIELD_KEYS = (_WIDGET_KEYS - {"/Parent"}) | {
    "/FT", "/T", "/TU", "/TM", "/Ff", "/V", "/DA", "/Q", "/Kids", "/Lock", "/SV", "/DR",
}  # fmt: skip
_LEADING = {"/AP", "/P", "/V", "/Kids", "/Lock", "/SV", "/Parent", "/DR"}
"""Entries that lead to other objects; what /DR leads to must belong to the mark."""
_VALUE_KEYS = {
    "/Type", "/Filter", "/SubFilter", "/Contents", "/Cert", "/ByteRange", "/Reference", "/Changes", "/Name", "/M",
    "/Location", "/Reason", "/ContactInfo", "/R", "/V", "/Prop_Build", "/Prop_AuthTime", "/Prop_AuthType",
}  # fmt: skip
_PAGE_BOXES = {"/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox"}
_INHERITED = {"/MediaBox", "/CropBox", "/Rotate", "/Resources"}
_DEEP = 50


def check_form(step: Step) -> None:
    """Compare the form dictionary, every field written since, and the pages that new widgets stand on."""
    root_ref = step.new.root_ref
    old, new = step.entry(step.old.root, step.new.root, "/AcroForm", lambda use: use == (root_ref, ("/AcroForm",)))
    if not is_dictionary(old) or not is_dictionary(new):
        refuse("the form is no dictionary")
    before, after = step.entry(old, new, "/Fields", of_form(step, "/Fields"))
    if not isinstance(before, generic.ArrayObject) or not isinstance(after, generic.ArrayObject):
        refuse("the form has no fields")
    earlier, later = [list(map(ref_of, list.__iter__(fields))) for fields in (before, after)]
    if None in later or later[: len(earlier)] != earlier or len(set(later)) != len(later):
        refuse("fields were taken away or moved")
    added = [ref for ref in later[len(earlier) :] if ref is not None]
    check_looks(step, old, new, has_others=any(kind_of(step.old, ref) != "/Sig" for ref in earlier))
    for ref in sorted(step.written):
        if step.old.version(ref) is not None and step.is_changed(ref) and is_field(step.old.get(ref)):
            _check_old_field(step, ref)
    if not added:
        return
    names = [_partial_name(step.new, ref) for ref in later]
    if len(set(names)) != len(names):
        refuse("two fields share one name")
    widgets = {widget for ref in added for widget in _check_new_field(step, ref)}
    _check_pages(step, widgets)


# --- fields ---------------------------------------------------------------------------------------------------------


def _partial_name(view: View, ref: Ref | None) -> str:
    field: Any = view.get(ref) if ref is not None else None
    name = dict.get(field, "/T") if is_dictionary(field) else None
    if not isinstance(name, generic.TextStringObject | generic.ByteStringObject):
        refuse("a field has no name")
    return str(name)


def _is_known_use(step: Step, use: Use) -> bool:
    holder, path = use
    keys = [key for key in path if key != "*"]
    if keys:
        return keys[-1] in _OF_FIELDS
    # an array that is an object of its own: what is it used as?
    uses = step.mentions.uses(holder, step.old, step.end) if holder is not None else None
    return uses is not None and all(path[-1:] and path[-1] in _OF_FIELDS for _, path in uses)


def _check_old_field(step: Step, ref: Ref) -> None:
    """A field that was there: signed ones stay, the one signed now gets its value and its mark."""
    old, new = step.old.get(ref), step.new.get(ref)
    name = name_in_form(step.old, ref)
    if name is None or not is_dictionary(new):
        refuse("a field that the form does not lead to was changed")
    changed = changed_keys(old, new)
    if not changed:
        return
    if kind_of(step.old, ref) != "/Sig":
        refuse(f"the field {name} was changed")
    if has_other_kids(step.old, old):
        refuse(f"the field {name} was changed, and others below it")
    for key in _FILLED:
        check_type(key, dict.get(new, key))
    if "/Type" in changed and ("/Type" in old or dict.get(new, "/Type") != "/Annot"):
        refuse(f"the type of the field {name} was changed")
    filled = "/V" in new and "/V" not in old
    if not changed <= (_FILLED if filled else _ALWAYS):
        refuse(f"the field {name} was changed: {sorted(changed)}")
    step.rewritten(ref, lambda use: _is_known_use(step, use))
    if filled:
        check_bounds(step, new)
        look = ref_of(dict.get(old, "/AP"))
        if "/AP" in changed or (look is not None and step.is_changed(look)):
            if "/AP" in old and "/AP" not in new:
                refuse(f"the look of the field {name} was taken away")
            check_look(step, step.entry(old, new, "/AP", lambda use: use == (ref, ("/AP",)))[1])
            step.visible = True
            step.fields.add(name)
        _check_value(step, name, new, seen=_is_seen(step.new, new))


def _check_new_field(step: Step, ref: Ref) -> list[Ref]:
    """A field that was not there: a signature's, at the top of the form. Returns its widgets."""
    field = step.new.get(ref)
    if not step.is_new(ref) or not is_dictionary(field) or dict.get(field, "/FT") != "/Sig":
        refuse("a new field is no signature field")
    name = _partial_name(step.new, ref)
    if "." in name:
        refuse("a new field's name has a full stop")
    step.accounted.add(ref)
    _check_entries(step, field, _FIELD_KEYS)
    for key in ("/Lock", "/SV"):
        step.reach(dict.get(field, key))
    widgets = [ref]
    if "/Kids" in field:
        _, kids = step.entry(None, field, "/Kids")
        if not isinstance(kids, generic.ArrayObject):
            refuse("the kids of a new field are no array")
        widgets = []
        for kid in map(ref_of, list.__iter__(kids)):
            widget: Any = step.new.get(kid) if kid is not None else None
            if kid is None or not step.is_new(kid) or not is_dictionary(widget):
                refuse("a new field's kid is no widget")
            if ref_of(dict.get(widget, "/Parent")) not in (None, ref):
                refuse("a new field's kid has another parent")
            _check_entries(step, widget, _WIDGET_KEYS)
            step.accounted.add(kid)
            widgets.append(kid)
    seen = _is_seen(step.new, field)
    if seen or not {"/Lock", "/SV"}.isdisjoint(dict.keys(field)) or not is_blank(step.new, field):
        step.visible = True
        step.fields.add(name)
    step.added_visibly |= seen
    if "/V" in field:
        _check_value(step, name, field, seen=seen)
    return widgets


def _check_entries(step: Step, widget: Any, keys: set[str]) -> None:
    unexpected = set(dict.keys(widget)) - keys
    if unexpected:
        refuse(f"unexpected entries in a new field: {sorted(unexpected)}")
    for key, value in dict.items(widget):
        if key not in _LEADING and not is_plain(value):
            refuse(f"{key} of a new field leads elsewhere")
    page = ref_of(dict.get(widget, "/P"))
    if "/P" in widget and (page is None or step.old.version(page) is None):
        refuse("a new field stands on no page")
    if dict.get(widget, "/Type", "/Annot") != "/Annot" or dict.get(widget, "/Subtype", "/Widget") != "/Widget":
        refuse("a new field is no widget")
    check_border(step, widget)
    if "/AP" in widget:
        check_look(step, step.entry(None, widget, "/AP")[1])
        check_bounds(step, widget)


def _check_value(step: Step, name: str, field: Any, *, seen: bool) -> None:
    """The signature dictionary."""
    ref = ref_of(dict.get(field, "/V"))
    if ref is None or not step.is_new(ref):
        refuse(f"the value of {name} is no new object")
    value = step.new.get(ref)
    if not is_dictionary(value):
        refuse(f"the value of {name} is no signature")
    for key, entry in dict.items(value):
        if key not in _VALUE_KEYS and not is_plain(entry):  # programs have entries of their own; nobody draws them
            refuse(f"{key} in the value of {name} leads elsewhere")
    step.accounted.add(ref)
    for item in list.__iter__(references) if isinstance(references := dict.get(value, "/Reference"), list) else ():
        terms = ref_of(dict.get(item, "/TransformParams")) if is_dictionary(item) else None
        if terms is not None and step.is_new(terms) and is_plain(step.new.get(terms)):
            step.accounted.add(terms)
    if seen or step.new.entry(value, "/Type") != "/DocTimeStamp":
        step.visible = True
        step.fields.add(name)


def _is_seen(view: View, field: Any) -> bool:
    """Whether the field or one of its widgets has an area."""
    kids = view.entry(field, "/Kids")
    widgets = [field, *(map(view.resolve, list.__iter__(kids)) if isinstance(kids, generic.ArrayObject) else ())]
    return any(_has_area(view, widget) for widget in widgets)


def _has_area(view: View, widget: Any) -> bool:
    box = view.entry(widget, "/Rect")
    if box is None:
        return False
    sides = [view.resolve(side) for side in list.__iter__(box)] if isinstance(box, generic.ArrayObject) else []
    if len(sides) != 4 or not all(isinstance(side, generic.NumberObject | generic.FloatObject) for side in sides):
        refuse("a field's rectangle is none")
    return bool(sides[0] != sides[2] and sides[1] != sides[3])


# --- pages ----------------------------------------------------------------------------------------------------------


def _check_pages(step: Step, widgets: set[Ref]) -> None:
    """A page may get the widgets of the new fields, after the annotations it has, and nothing else."""
    for ref in pages_of(step.old):
        old, new = step.old.get(ref), step.new.get(ref)
        raw = ref_of(dict.get(new, "/Annots")) if is_dictionary(new) else None
        if old is new and (raw is None or not step.is_changed(raw)):
            continue
        if not is_dictionary(new) or dict.get(old, "/Type") != "/Page" or not _only_annotated(step, ref, old, new):
            refuse("a page was changed")
        before, after = step.entry(old, new, "/Annots")
        if after is None:
            continue
        if not isinstance(after, generic.ArrayObject) or not isinstance(before, generic.ArrayObject | None):
            refuse("a page's annotations are no array")
        earlier = [] if before is None else list(map(ref_of, list.__iter__(before)))
        later = list(map(ref_of, list.__iter__(after)))
        added = later[len(earlier) :]
        if (
            later[: len(earlier)] != earlier
            or None in later
            or not set(added) <= widgets
            or len(set(later)) != len(later)
        ):
            refuse("a page got something else than the new field")
        if step.is_changed(ref):
            # Pages are mentioned from all over a file. Nothing but a page looks at /Annots.
            step.accounted.add(ref)


def _only_annotated(step: Step, ref: Ref, old: Any, new: Any) -> bool:
    """Whether a page has other annotations, and no other change than numbers that a program could not hold, or what it
    inherits said once more (iText)."""
    for key in changed_keys(old, new) - {"/Annots"}:
        inherits = key in _INHERITED and key not in old
        before, after = _inherited(step.old, ref, key) if inherits else dict.get(old, key), dict.get(new, key)
        if not (inherits and same(before, after)) and not (key in _PAGE_BOXES and is_rounded(before, after)):
            return False
    return True


def _inherited(view: View, ref: Ref, key: str) -> Any:
    """What a page has from the nodes above it, unresolved; None where these do not agree that they are above it."""
    for _ in range(_DEEP):
        node: Any = view.get(ref)
        if not is_dictionary(node) or key in node:
            return dict.get(node, key) if is_dictionary(node) else None
        parent = ref_of(dict.get(node, "/Parent"))
        kids = view.entry(view.get(parent), "/Kids") if parent is not None else None
        if parent is None or not isinstance(kids, generic.ArrayObject) or ref not in map(ref_of, list.__iter__(kids)):
            return None
        ref = parent
    return None
