"""The evidence, /DSS (ISO 32000-2, 12.8.4.3): it may come and grow; what /VRI says of a signature stays."""

import re
from typing import Any

from pyhanko.pdf_utils import generic

from verifier.pdf.step import Step, is_plain, refuse
from verifier.pdf.views import is_dictionary, ref_of, same

_ARRAYS = ("/Certs", "/OCSPs", "/CRLs")
_VRI_ARRAYS = ("/Cert", "/OCSP", "/CRL")
_VRI_KEY = re.compile(r"/[A-Z0-9]{40}")


def check_dss(step: Step) -> None:
    """Streams, arrays of streams and nothing else; every one new, or already in the signed file."""
    old, new = step.entry(step.old.root, step.new.root, "/DSS", lambda use: use == (step.new.root_ref, ("/DSS",)))
    if new is None or (new is old and not step.touches(new)):
        return
    if not is_dictionary(new) or not (old is None or is_dictionary(old)):
        refuse("/DSS is no dictionary")
    unexpected = set(dict.keys(new)) - {"/Type", "/VRI", *_ARRAYS}
    if unexpected or not isinstance(dict.get(new, "/Type", generic.NameObject("/DSS")), generic.NameObject):
        refuse(f"unexpected entries in /DSS: {sorted(unexpected)}")
    for key in _ARRAYS:
        if key in new:
            kept = old if old is not None and key in old else None
            # an array that is an object of its own is not written again: it could be the contents of a page as well
            _check_array(step, step.entry(kept, new, key, lambda _: False)[1])
    before, after = step.entry(old, new, "/VRI")
    if after is None or (after is before and not step.touches(after)):
        return
    if not is_dictionary(after) or not (before is None or is_dictionary(before)):
        refuse("/VRI is no dictionary")
    for key, value in dict.items(before) if before is not None else ():
        if key not in after or not same(value, dict.get(after, key)):
            refuse(f"/VRI of {key} was changed")
    for key in dict.keys(after) - (dict.keys(before) if before is not None else set()):
        _check_related(step, key, dict.get(after, key))


def _check_related(step: Step, key: str, value: Any) -> None:
    if not _VRI_KEY.fullmatch(key):
        refuse("/VRI has an entry that is no hash")
    ref = ref_of(value)
    if ref is not None and not step.is_new(ref):
        refuse(f"/VRI of {key} is an older object")
    related = step.new.resolve(value)
    if not is_dictionary(related) or not set(dict.keys(related)) <= {"/Type", "/TU", "/TS", *_VRI_ARRAYS}:
        refuse(f"/VRI of {key} is not what it should be")
    if ref is not None:
        step.accounted.add(ref)
    for name, entry in dict.items(related):
        if name in _VRI_ARRAYS:
            _check_array(step, step.entry(None, related, name)[1])
        elif name == "/TS":
            step.stream(entry)
        elif not is_plain(entry):
            refuse(f"/VRI of {key} is not what it should be")


def _check_array(step: Step, array: Any) -> None:
    if not isinstance(array, generic.ArrayObject):
        refuse("evidence is no array")
    for item in list.__iter__(array):
        step.stream(item)
