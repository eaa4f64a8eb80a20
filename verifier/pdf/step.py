"""One step from a signed revision to a later one, and which of the objects that it writes have been accounted for."""

import re
from collections.abc import Callable, Collection
from itertools import pairwise
from typing import Any, NoReturn

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose

from verifier.pdf.mentions import Mentions, Use
from verifier.pdf.views import Ref, View, is_dictionary, ref_of, same

_STREAM_KEYS = frozenset({"/Length", "/Filter", "/DecodeParms"})
_NUMBERS = re.compile(rb"[0-9\0\t\n\f\r ]*")
_OBJECT_STREAM_KEYS = _STREAM_KEYS | {"/Type", "/N", "/First"}
_TRAILER_KEYS = frozenset(
    {"/Size", "/Root", "/Info", "/ID", "/Prev", "/Type", "/W", "/Index", *_STREAM_KEYS}
)  # fmt: skip


class NotAllowed(Exception):
    """The step does something that may not follow a signature; the text says what."""


def refuse(reason: str) -> NoReturn:
    raise NotAllowed(reason)


class Step:
    """`old` is the signed revision, `new` the one looked at. `end`: where the file as it was signed ends, in bytes.

    Every object that `new` writes must be accounted for by a rule: a new one because a rule reached it, an old one
    because a rule compared it and nothing else in the signed file uses it. Old ones are compared whichever revision
    since the signed one wrote them: what one plants on a page, and the next takes up, is so seen together.
    """

    def __init__(self, old: View, new: View, mentions: Mentions, end: int) -> None:
        self.old = old
        self.new = new
        self.mentions = mentions
        self.end = end
        between = range(old.revision + 1, new.revision)
        older = {ref for revision in between for ref in new.objects.written(revision) if old.version(ref) is not None}
        # What is said about the file holds text alone, was compared when it was written, and may be left behind.
        about = {ref_of(dict.get(old.trailer, "/Info")), ref_of(dict.get(old.root, "/Metadata"))}
        self.written = new.objects.written(new.revision) | (older - about)
        self.accounted: set[Ref] = set()
        self.visible = False
        """Something that can be seen has changed: more than evidence."""
        self.fields: set[str] = set()
        """Names of the fields that were filled, or added with more than a name."""
        self.added_visibly = False

    # --- the frame ----------------------------------------------------------------------------------------------------

    def check_frame(self, trailer: dict[str, Any], numbers: Collection[int] | None) -> None:
        """The cross-reference itself. `trailer`: this revision's own; `numbers`: all numbers in a classic table."""
        if self.new.objects.freed(self.new.revision):
            refuse("objects were freed")
        if numbers is not None and len(set(numbers)) != len(numbers):
            refuse("the cross-reference table names an object twice")
        if self.new.root_ref is None or self.new.root_ref != self.old.root_ref:
            refuse("another catalogue")
        for key, value in trailer.items():
            if key not in _TRAILER_KEYS and not (
                key in self.old.trailer and same(value, self.old.trailer.raw_get(key))
            ):
                refuse(f"trailer entry {key}")
        for ref in self.written:
            if self.old.version(ref) is None and not self.is_new(ref):
                refuse(f"object {ref[0]} {ref[1]} was not in use and is written now")
        new = {ref[0] for ref in self.written if self.is_new(ref)}
        if new and self.mentions.beyond(self.old, self.end, {number for number in new if number < self.old.size}):
            refuse("the signed part refers to objects that came later")

    def check_spelling(self) -> None:
        """What is written, and what it replaces: pyHanko must not be the only one to read it so."""
        for ref in self.written:
            for version in {self.old.version(ref), self.new.version(ref)} - {None}:
                if version is not None and not self.mentions.is_plain(ref, version):
                    refuse(f"object {ref[0]} {ref[1]} is spelled so that readers may differ about it")

    def account_for_streams_of_objects(self, xref_stream: Ref | None) -> None:
        """New object streams hold exactly what the cross-reference takes from them, and point to no other stream."""
        if xref_stream is not None:
            if not self.is_new(xref_stream):  # MuPDF takes it for the object of that number, listed or not
                refuse("the cross-reference stream has the number of another object")
            self.accounted.add(xref_stream)
        for revision in range(self.old.revision + 1, self.new.revision):
            for number in self.new.objects.streams_of_objects(revision):
                if self.new.version((number, 0)) != revision:
                    refuse(f"object stream {number} was written again")
        for number, taken in self.new.objects.streams_of_objects(self.new.revision).items():
            ref = (number, 0)
            if ref not in self.written or not self.is_new(ref):
                refuse(f"objects were taken from an older object stream {number}")
            stream = self.new.get(ref)
            if not isinstance(stream, generic.StreamObject) or not dict.keys(stream) <= _OBJECT_STREAM_KEYS:
                refuse(f"object stream {number} has unexpected entries")
            content = bytes(stream.read_data(DecodePurpose.OBJECT_STREAM))
            first = int(dict.__getitem__(stream, "/First"))
            words = content[:first].split()
            if not _NUMBERS.fullmatch(content, 0, first):
                refuse(f"object stream {number} has an odd list of its objects")
            held, places = ([int(word) for word in words[start::2]] for start in (0, 1))
            if any(one >= other for one, other in pairwise(places)) or content[first : first + places[0]].strip():
                refuse(f"the objects in the stream {number} do not follow one another")
            if len(held) != int(dict.__getitem__(stream, "/N")) or sorted(held) != sorted(taken):
                refuse(f"object stream {number} holds more than the cross-reference says")
            self.accounted.add(ref)
            self._check_stream(stream)

    def _check_stream(self, stream: Any) -> None:
        """The entries that say how a stream is packed lead nowhere; its length alone may be an object of its own."""
        for key, value in dict.items(stream):
            if key == "/Length" and isinstance(self.new.resolve(value), generic.NumberObject):
                self.reach(value)
            elif not is_plain(value):
                refuse(f"{key} of a stream leads elsewhere")

    # --- objects ------------------------------------------------------------------------------------------------------

    def is_new(self, ref: Ref) -> bool:
        """Whether no revision up to the signed one can have had this object.

        Some programs say a /Size that is higher than the numbers they use, and use these next time.
        """
        return ref[1] <= 1 and not self.old.names(ref[0])

    def is_changed(self, ref: Ref) -> bool:
        """Whether an object of the signed revision was written again since."""
        return self.old.version(ref) != self.new.version(ref)

    def touches(self, holder: Any) -> bool:
        """Whether an object that a dictionary refers to was written again since."""
        refs = [ref_of(value) for value in dict.values(holder)]
        return any(ref is not None and self.is_changed(ref) for ref in refs)

    def unaccounted(self) -> list[Ref]:
        """What the new revision writes and no rule knows. Signed objects written again as they were do no harm."""
        left = sorted(self.written - self.accounted)
        return [ref for ref in left if self.old.version(ref) is None or not same(self.old.get(ref), self.new.get(ref))]

    def reach(self, value: Any) -> None:
        """Account for every new object that a value leads to; signed objects stay what they are, and end the walk."""
        waiting = [value]
        seen: set[Ref] = set()
        while waiting:
            value = waiting.pop()
            if isinstance(value, generic.IndirectObject):
                ref = (value.idnum, value.generation)
                if ref in seen or self.old.version(ref) is not None:
                    continue
                if not self.is_new(ref) or self.new.version(ref) is None:
                    refuse(f"a reference to {ref[0]} {ref[1]}, which is not there")
                seen.add(ref)
                self.accounted.add(ref)
                value = self.new.get(ref)
            if isinstance(value, generic.StreamObject) and "/F" in value:
                refuse("the content of a stream lies in another file")
            if isinstance(value, generic.DictionaryObject):
                waiting.extend(dict.values(value))
            elif isinstance(value, generic.ArrayObject):
                waiting.extend(list.__iter__(value))

    def rewritten(self, ref: Ref, used: Callable[[Use], bool]) -> None:
        """Account for a signed object that a rule has compared. `used`: is this a use of it that the rule knows?"""
        if not self.is_changed(ref):
            return
        uses = self.mentions.uses(ref, self.old, self.end)
        if uses is None or not all(used(use) for use in uses):
            refuse(f"object {ref[0]} {ref[1]} was written again and is used elsewhere too")
        self.accounted.add(ref)

    def entry(
        self, old_holder: Any, new_holder: Any, key: str, used: Callable[[Use], bool] | None = None
    ) -> tuple[Any, Any]:
        """An entry of two versions of a dictionary, resolved, each None where there is none.

        It may come, but not go. Where it is an object of its own, that is new, or the old one: then `used` (if None:
        at that key) says which uses of it are known.
        """
        before, after = self.old.entry(old_holder, key), self.new.entry(new_holder, key)
        if before is not None and after is None:
            refuse(f"{key} was taken away")
        raw = dict.get(new_holder, key)
        ref = ref_of(raw)
        if ref is None:
            return before, after
        if self.is_new(ref):
            if self.new.version(ref) is None:
                refuse(f"{key} is not there")
            self.accounted.add(ref)
        elif ref != ref_of(dict.get(old_holder, key) if old_holder is not None else None):
            refuse(f"{key} points to another object of the signed revision")
        else:
            self.rewritten(ref, used or (lambda use: use[1][-1:] == (key,)))
        return before, after

    def stream(self, value: Any, *, keys: frozenset[str] = frozenset()) -> Any:
        """The stream behind a reference, with no entries but those of every stream and `keys`; accounted for if new."""
        ref = ref_of(value)
        if ref is None:
            refuse("a stream was expected")
        content = self.new.get(ref)
        if not isinstance(content, generic.StreamObject):
            refuse(f"object {ref[0]} {ref[1]} is no stream")
        if self.is_new(ref):
            if not dict.keys(content) <= _STREAM_KEYS | keys:
                refuse(f"stream {ref[0]} {ref[1]} has unexpected entries")
            self.accounted.add(ref)
            self._check_stream(content)
        elif self.old.version(ref) is None:
            refuse(f"object {ref[0]} {ref[1]} is not there")
        return content


def is_plain(value: Any) -> bool:
    """Made of names, numbers, strings and booleans only: nothing that leads anywhere."""
    if isinstance(value, generic.ArrayObject):
        return all(is_plain(item) for item in list.__iter__(value))
    if isinstance(value, generic.DictionaryObject):
        return is_dictionary(value) and all(is_plain(item) for item in dict.values(value))
    return not isinstance(value, generic.IndirectObject | generic.StreamObject)


def table_numbers(table: bytes) -> list[int]:
    """All object numbers of a classic cross-reference table, `xref` and `trailer` left out. Raises ValueError."""
    words = table.split()
    numbers: list[int] = []
    place = 0
    while place + 1 < len(words):
        start, count = int(words[place]), int(words[place + 1])
        numbers += range(start, start + min(count, len(words)))
        place += 2 + 3 * count
    return numbers
