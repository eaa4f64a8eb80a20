"""A file as each of its revisions shows it. Every version of an object is parsed once, whichever revisions show it.

References found in an object carry pyHanko's newest view: they are followed by `View.resolve`, never by pyHanko.
"""

from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from verifier.pdf.syntax import read_object_at

Ref = tuple[int, int]
"""Object and generation number."""

_HOPS = 8
_ROUNDING = 0.001
_NUMBERS = (generic.NumberObject, generic.FloatObject)
_STRINGS = (generic.TextStringObject, generic.ByteStringObject)


class Objects:
    """All versions of all objects. Every method may raise whatever pyHanko raises on a hostile file."""

    def __init__(self, pdf: bytes, reader: PdfFileReader) -> None:
        self._pdf = pdf
        self.reader = reader
        self._newest: int = reader.xrefs.total_revisions - 1
        self._sections = [reader.xrefs.get_xref_data(number) for number in range(self._newest + 1)]
        self._packed = [_packed(self._parts(number)) for number in range(len(self._sections))]
        self._history: dict[Ref, list[tuple[int, Any]]] = {}
        self._named: dict[int, int] = {}
        for number in range(len(self._sections)):
            self._remember(number)
        self._parsed: dict[tuple[Ref, int], Any] = {}

    def _parts(self, revision: int) -> tuple[Any, ...]:
        """A revision's cross-reference, and the stream beside it in a hybrid file."""
        section = self._sections[revision]
        return (section,) if section.hybrid is None else (section, section.hybrid.xref_data)

    def written(self, revision: int) -> frozenset[Ref]:
        """The objects that this revision's own cross-reference names, freed ones included."""
        return frozenset(ref for part in self._parts(revision) for ref in part.explicit_refs_in_revision)

    def freed(self, revision: int) -> bool:
        """Whether this revision frees an object."""
        return any(generation > 0 for part in self._parts(revision) for generation in part.freed.values())

    def streams_of_objects(self, revision: int) -> dict[int, frozenset[int]]:
        """Object streams that this revision's cross-reference points into, with the objects it takes from each."""
        return self._packed[revision]

    def places(self, revision: int) -> tuple[tuple[int, Ref], ...]:
        """Byte offsets of the objects that this revision writes outside object streams."""
        entries = [entry for part in self._parts(revision) for entry in part.standard_xrefs.items()]
        return tuple((place, (number, generation)) for number, (generation, place) in entries)

    def names(self, number: int, revision: int) -> bool:
        """Whether a cross-reference up to `revision` says anything of this number, be it that it is free."""
        return number == 0 or self._named.get(number, revision + 1) <= revision

    def _remember(self, revision: int) -> None:
        entries: dict[Ref, Any] = {}
        for part in reversed(self._parts(revision)):  # what the table says counts before the stream beside it
            entries |= {(number, generation - 1): None for number, generation in part.freed.items()}
            entries |= {(number, generation): place for number, (generation, place) in part.standard_xrefs.items()}
            entries |= {(number, 0): place for number, place in part.xrefs_in_objstm.items()}
            for number in (*part.freed, *part.standard_xrefs, *part.xrefs_in_objstm):
                self._named.setdefault(number, revision)
        own = self.reader.xrefs.get_xref_container_info(revision).stream_ref
        if own is not None:  # a cross-reference stream need not list itself
            self._named.setdefault(own.idnum, revision)
        for ref, place in entries.items():
            self._history.setdefault(ref, []).append((revision, place))

    def version(self, ref: Ref, revision: int) -> int | None:
        """The revision whose writing of `ref` counts in `revision`; None where there is no such object."""
        for written, place in reversed(self._history.get(ref, ())):
            if written <= revision:
                return None if place is None else written
        return None

    def versions(self, ref: Ref, revision: int) -> list[Any]:
        """The object as each revision up to this one wrote it."""
        written = [(number, place) for number, place in self._history.get(ref, ()) if number <= revision]
        return [self.parsed(ref, number) for number, place in written if place is not None]

    def place(self, ref: Ref, version: int) -> Any:
        """Where revision `version` wrote it: an offset in bytes, or which object stream it lies in."""
        return dict(self._history[ref])[version]

    def parsed(self, ref: Ref, version: int) -> Any:
        """The object as revision `version` wrote it."""
        key = (ref, version)
        if key not in self._parsed:
            self._parsed[key] = self._read(ref, version)
        return self._parsed[key]

    def _read(self, ref: Ref, version: int) -> Any:
        reference = generic.Reference(ref[0], ref[1], self.reader)
        if self.version(ref, self._newest) == version:
            return self.reader.get_object(reference)  # type: ignore[no-untyped-call]
        place = self.place(ref, version)
        plain = read_object_at(self._pdf, place, reference) if isinstance(place, int) else None
        return plain if plain is not None else self.reader.get_object(reference, version)  # type: ignore[no-untyped-call]

    def view(self, revision: int) -> "View":
        return View(self, self.reader, revision)


def _packed(parts: tuple[Any, ...]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for part in parts:
        for number, place in part.xrefs_in_objstm.items():
            found.setdefault(place.obj_stream_id, set()).add(number)
    return {number: frozenset(held) for number, held in found.items()}


class View:
    """One revision's view. `size`: no object of it has this number or a higher one."""

    def __init__(self, objects: Objects, reader: PdfFileReader, revision: int) -> None:
        self.objects = objects
        self.revision = revision
        self.size: int = reader.xrefs.get_xref_container_info(revision).size
        self.trailer: Any = reader.trailer.flatten(revision)
        root = self.trailer.raw_get("/Root")
        self.root_ref = ref_of(root)
        self.root = self.resolve(root)

    def version(self, ref: Ref) -> int | None:
        return self.objects.version(ref, self.revision)

    def names(self, number: int) -> bool:
        """Whether this number is one of the revision's, or of one before it, in use or free."""
        return self.objects.names(number, self.revision)

    def get(self, ref: Ref) -> Any:
        """The object. Raises KeyError where this revision has none."""
        version = self.version(ref)
        if version is None:
            raise KeyError(f"no object {ref[0]} {ref[1]} in revision {self.revision}")
        return self.objects.parsed(ref, version)

    def resolve(self, value: Any) -> Any:
        """The value itself, or what it refers to."""
        for _ in range(_HOPS):
            if not isinstance(value, generic.IndirectObject):
                return value
            value = self.get((value.idnum, value.generation))
        raise ValueError("a reference leads to references only")

    def entry(self, holder: Any, key: str) -> Any:
        """The resolved entry of a dictionary, None where there is none. Raises TypeError for what is no dictionary."""
        if holder is None:
            return None
        if not isinstance(holder, generic.DictionaryObject):
            raise TypeError(f"{key} of what is no dictionary")
        return self.resolve(dict.get(holder, key))


def ref_of(value: Any) -> Ref | None:
    """Where a reference points; None for anything else."""
    return (value.idnum, value.generation) if isinstance(value, generic.IndirectObject) else None


def is_dictionary(value: Any) -> bool:
    """A dictionary that is no stream."""
    return isinstance(value, generic.DictionaryObject) and not isinstance(value, generic.StreamObject)


def same(one: Any, other: Any) -> bool:
    """Whether two values, unresolved, say the same. References are the same where they point to the same number.

    90.0 is not 90: Poppler takes it for no whole number, and does not turn the page.
    """
    if isinstance(one, generic.DictionaryObject) and isinstance(other, generic.DictionaryObject):
        return _same_content(one, other) and _same_entries(one, other)
    if isinstance(one, generic.ArrayObject) and isinstance(other, generic.ArrayObject):
        return len(one) == len(other) and all(map(same, list.__iter__(one), list.__iter__(other)))
    if isinstance(one, _STRINGS) and isinstance(other, _STRINGS):
        return bool(one.original_bytes == other.original_bytes)
    return type(one) is type(other) and bool(one == other)


def _same_content(one: Any, other: Any) -> bool:
    if isinstance(one, generic.StreamObject) and isinstance(other, generic.StreamObject):
        return bool(one.encoded_data == other.encoded_data)
    return is_dictionary(one) and is_dictionary(other)


def _same_entries(one: Any, other: Any) -> bool:
    return dict.keys(one) == dict.keys(other) and all(same(dict.get(one, k), dict.get(other, k)) for k in one)


def is_rounded(one: Any, other: Any) -> bool:
    """Whether two arrays hold the same numbers to a thousandth, as a program writes them that keeps 32 bits of each."""
    if not isinstance(one, generic.ArrayObject) or not isinstance(other, generic.ArrayObject):
        return False
    pairs = list(zip(list.__iter__(one), list.__iter__(other), strict=False))
    fine = all(isinstance(number, _NUMBERS) for pair in pairs for number in pair)
    return fine and len(one) == len(other) and all(abs(float(a) - float(b)) <= _ROUNDING for a, b in pairs)


def changed_keys(one: Any, other: Any) -> set[str]:
    """Keys whose unresolved values differ between two dictionaries, or that only one of them has."""
    keys = set(dict.keys(one)) | set(dict.keys(other))
    return {key for key in keys if not (key in one and key in other and same(dict.get(one, key), dict.get(other, key)))}
