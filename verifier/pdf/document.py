"""One PDF, read strictly: revisions, pages, signature fields, evidence, attachments.

Every revision is compared with the last signed one before it, which keeps the cost linear in the number of revisions
and composes to what pyHanko would say of each earlier signature.
"""

import logging
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.xref import XRefSectionType, read_object_header
from pyhanko.sign.fields import FieldMDPSpec, enumerate_sig_fields

from verifier.facts import Box, Change
from verifier.limits import Limits, OverLimits
from verifier.pdf.changes import compare
from verifier.pdf.endings import open_ended
from verifier.pdf.entries import dictionary, get, items, text
from verifier.pdf.generations import read_strictly
from verifier.pdf.mentions import Mentions
from verifier.pdf.packing import packing_problem
from verifier.pdf.signature_fields import BROKEN_VALUE, Field, Value, docmdp, locks, rect, widget_places
from verifier.pdf.spelling import is_plain_object, value_end
from verifier.pdf.step import Step, table_numbers
from verifier.pdf.syntax import PlainObjects, read_value
from verifier.pdf.tables import is_table_of_odd_rows, stream_problem, table_problem, trailer_problem
from verifier.pdf.tiling import Section, tiling_problem
from verifier.pdf.views import Objects

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # its warnings quote hostile files into our logs

_MANY_OBJECTS = 1_000_000
"""From four millions on MuPDF, PDFium, Poppler and Ghostscript give up one after another, and search the bytes."""


class Document:
    """A PDF read strictly. Construction and every method may raise whatever pyHanko raises on a hostile file."""

    def __init__(self, pdf: bytes, limits: Limits) -> None:
        self._pdf = pdf
        self._reader = read_strictly(pdf)
        self._limits = limits
        if not self.encrypted:
            self._reader.resolved_objects = PlainObjects(pdf, self._reader)
        self.revisions: int = self._reader.xrefs.total_revisions
        if self.revisions > limits.revisions:
            raise OverLimits("revisions", self.revisions, limits.revisions)

    @property
    def encrypted(self) -> bool:
        """True where the trailer names an encryption dictionary, whatever the password."""
        return "/Encrypt" in self._reader.trailer

    def open_ended(self) -> bool:
        """Whether an object is still open where the next one begins: then what follows the file would be part of it."""
        revisions = range(self.revisions)
        places = [place for number in revisions for place in self.object_places(number)]
        others = [self.xref_place(number)[1] for number in revisions]
        return open_ended(self._pdf, places, (*others, len(self._pdf))) is not None

    def hybrid_problem(self, first_signed: int) -> str | None:
        """Why two forms of cross-reference for one revision leave open what is shown; None where readers must agree.

        Word writes such revisions. They may lie below the first signature, and add what older readers take for
        nothing, but speak of no object that a classic table up to there speaks of.
        """
        classic: set[int] = set()
        for revision in range(self.revisions):
            section = self._reader.xrefs.get_xref_data(revision)
            classic |= section.standard_xrefs.keys() | section.xrefs_in_objstm.keys()
            if section.hybrid is None:
                continue
            hidden = section.hybrid.xref_data
            named = hidden.standard_xrefs.keys() | hidden.xrefs_in_objstm.keys() | hidden.freed.keys()
            table, beside = self._reader.xrefs.get_xref_container_info(revision), section.hybrid.meta_info
            apart = beside.end_location > table.start_location or max(named, default=0) >= table.size
            if revision >= first_signed or named & classic or apart:
                return "two kinds of cross-reference describe one revision"
            classic |= named
        return None

    def xref_place(self, revision: int) -> tuple[int, int, int, bool]:
        """(declared startxref, start, end, is a stream) of a revision's cross-reference section, in bytes."""
        meta = self._reader.xrefs.get_xref_container_info(revision)
        return meta.declared_startxref, meta.start_location, meta.end_location, _stream_of(meta) is not None

    def trailer_end(self, revision: int) -> int:
        """Where the trailer dictionary of a classic section ends, in bytes."""
        return self._trailers[revision][1]

    def is_searched(self, revision: int) -> bool:
        """Whether some readers throw a revision's cross-reference away and search the file for its objects, for an odd
        spelling that leaves no doubt to others."""
        entries, _, stream = self._trailers[revision]
        return stream is None and (is_table_of_odd_rows(*self._table(revision)) or dict.get(entries, "/Prev") == 0)

    def frees(self, revision: int) -> bool:
        """Whether a revision says that an object of an older one is there no more."""
        return self._objects.freed(revision)

    def _table(self, revision: int) -> tuple[bytes, int, int, int]:
        meta = self._reader.xrefs.get_xref_container_info(revision)
        return self._pdf, meta.start_location - len(b"xref "), meta.end_location, meta.size

    def crossref_problem(self, revision: int, *, is_later: bool, searched: bool = False) -> str | None:
        """What about a revision's own cross-reference and trailer could make a reader look for another; or None.

        `is_later`: it follows a signature, and must be spelled so that no reader differs about it. `searched`: a reader
        may look for another, as it finds the same.
        """
        meta = self._reader.xrefs.get_xref_container_info(revision)
        entries, end, stream = self._trailers[revision]
        if stream is None:
            odd = searched and is_table_of_odd_rows(*self._table(revision))
            problem = None if odd else table_problem(*self._table(revision))
            raw = self._pdf[meta.end_location : end]
        else:
            problem = _xref_stream_problem(stream)
            raw = self._pdf[meta.start_location : self._pdf.find(b"stream", meta.start_location, end)]
        hybrid = self._reader.xrefs.get_xref_data(revision).hybrid
        if problem is None and hybrid is not None:
            problem = _xref_stream_problem(self._stream_at(hybrid.meta_info))
        problem = problem or trailer_problem(raw, entries) or self._packed_problem(revision)
        if problem is None and is_later:
            problem = self._spelling_problem(meta, end, stream)
        return None if problem is None else f"revision {revision} has {problem}"

    def _packed_problem(self, revision: int) -> str | None:
        """Whether its object streams may hold something else for another reader."""
        for number in self._objects.streams_of_objects(revision):
            version = self._objects.version((number, 0), revision)
            stream = self._objects.parsed((number, 0), version) if version is not None else None
            if not isinstance(stream, generic.StreamObject):
                return f"no object stream {number}"
            problem = packing_problem(stream, bytes(stream.read_data(DecodePurpose.OBJECT_STREAM)))
            if problem is not None:
                return f"an object stream {number} that is {problem}"
        return None

    def _spelling_problem(self, meta: Any, end: int, stream: Any) -> str | None:
        own = _stream_of(meta)
        if meta.size > _MANY_OBJECTS:
            return "more objects than readers take"
        if own is None:
            return None if value_end(self._pdf, meta.end_location, end) == end else "an oddly spelled trailer"
        width = list.__getitem__(dict.__getitem__(stream, "/W"), 0)
        ref = (own.idnum, own.generation)
        plain = is_plain_object(self._pdf, meta.start_location, ref, len(stream.encoded_data))
        return None if plain and width <= 1 else "an oddly spelled cross-reference stream"

    def tiling_problem(self, revision: int, begin: int, startxref: int) -> str | None:
        """What there is between `begin` and `startxref` (byte offsets) that the revision's cross-reference does not
        list; None where every reader finds the same objects, however it looks for them."""
        meta = self._reader.xrefs.get_xref_container_info(revision)
        own = _stream_of(meta)
        objects = [*self._objects.places(revision)]
        if own is None:
            start = meta.start_location - len(b"xref ")
            section = Section(start=start, end=self.trailer_end(revision), table_end=meta.end_location)
        else:
            if any(ref[0] == own.idnum and place != meta.start_location for place, ref in objects):
                return f"revision {revision} holds another object of its cross-reference stream's number"
            objects.append((meta.start_location, (own.idnum, own.generation)))
            section = Section(start=meta.start_location, end=meta.end_location, table_end=None)
        problem = tiling_problem(self._pdf, begin, objects, section, startxref) or self._stray_stream(revision, own)
        return None if problem is None else f"revision {revision} holds {problem}"

    def _stray_stream(self, revision: int, own: Any) -> str | None:
        """Streams that reach into the next object, and such as a reader that lost its way takes for cross-references
        or for more objects."""
        packed = self._objects.streams_of_objects(revision)
        places = sorted(self._objects.places(revision))
        stops = [place for place, _ in places[1:]] + [len(self._pdf)] * bool(places)
        for (place, ref), stop in zip(places, stops, strict=True):
            try:
                value = self._objects.parsed(ref, revision)
                length = len(value.encoded_data) if isinstance(value, generic.StreamObject) else 0
            except Exception:  # noqa: BLE001 - as in compare
                return f"an object {ref[0]} that cannot be read"
            kind = str(dict.get(value, "/Type")) if length else None
            stray = kind == "/XRef" and (own is None or ref[0] != own.idnum)
            if place + length > stop or stray or (kind == "/ObjStm" and ref[0] not in packed):
                return f"a stream {ref[0]} that is not what it says it is"
        return None

    def largest_number(self, ref: tuple[int, int], revision: int) -> int:
        """The largest number that an object ever was up to this revision; 0 where it was none."""
        numbers = (generic.NumberObject, generic.FloatObject)
        return max((int(one) for one in self._objects.versions(ref, revision) if isinstance(one, numbers)), default=0)

    def object_places(self, revision: int) -> tuple[int, ...]:
        """Byte offsets that a revision's cross-reference section gives for its own objects."""
        return tuple(place for place, _ in self._objects.places(revision))

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
        places = widget_places(pages)
        return tuple(self._field(name, reference, places) for name, reference in listed)

    def _field(self, name: str, reference: Any, places: dict[tuple[int, int], list[int]]) -> Field:
        field = reference.get_object()
        boxes: list[Box] = []
        widgets = [reference]
        if "/Kids" in field:
            widgets += [field["/Kids"].raw_get(i) for i in range(len(field["/Kids"]))]
        for widget in widgets:
            seen = rect(widget.get_object())
            if seen is not None and isinstance(widget, generic.IndirectObject):
                boxes += [Box(page=page, rect=seen) for page in places.get((widget.idnum, widget.generation), [])]
        filled = "/V" in field and not isinstance(field.raw_get("/V"), generic.NullObject)
        value = self._value_or_broken(field, reference) if filled else None
        return Field(name=name, boxes=tuple(boxes), value=value)

    def _value_or_broken(self, field: Any, reference: Any) -> Value:
        """A signature that cannot even be read is still a signature: it must appear, and fail."""
        try:
            return self._value(field, reference)
        except Exception:  # noqa: BLE001 - as in compare
            return BROKEN_VALUE

    def _value(self, field: Any, reference: Any) -> Value:
        raw = field.raw_get("/V")
        # fpdf2 writes the signature into the field itself: whoever writes the field again then ends its byte range
        holder = raw if isinstance(raw, generic.IndirectObject) else reference
        revision = -1
        if isinstance(holder, generic.IndirectObject):
            revision = self._reader.xrefs.get_last_change(holder.reference)
        entry = raw.get_object()
        if not isinstance(entry, generic.DictionaryObject):
            raise PdfError("the value of a signature field is no dictionary")
        contents = entry.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
        return Value(
            kind=str(get(entry, "/Type", "/Sig")),
            subfilter=text(get(entry, "/SubFilter")),
            byte_range=tuple(int(n) for n in items(entry, "/ByteRange")),
            contents=contents.original_bytes,
            revision=revision,
            modified=text(get(entry, "/M")),
            name=text(get(entry, "/Name")),
            reason=text(get(entry, "/Reason")),
            location=text(get(entry, "/Location")),
            docmdp=docmdp(entry, field),
            locks=locks(entry),
        )

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
        self,
        base: int,
        end: int,
        revision: int,
        signed: dict[str, str],
        mdp: int | None,
        locks: tuple[FieldMDPSpec, ...],
    ) -> tuple[Change, str | None]:
        """What `revision` did to `base`, its last signed predecessor, which ends at byte `end`; see `changes`."""
        try:
            step = Step(self._objects.view(base), self._objects.view(revision), self._mentions, end)
            meta = self._reader.xrefs.get_xref_container_info(revision)
            xref_stream = _stream_of(meta)
            numbers = None
            if xref_stream is None:
                numbers = table_numbers(self._pdf[meta.start_location : meta.end_location].partition(b"trailer")[0])
            trailer = self._trailers[revision][0]
        except Exception as reason:  # noqa: BLE001 - as in `changes.compare`
            return "other", f"{type(reason).__name__}: {reason}"[:400]
        stream_ref = None if xref_stream is None else (xref_stream.idnum, xref_stream.generation)
        return compare(step, trailer, numbers, stream_ref, signed, mdp, locks)

    @cached_property
    def _objects(self) -> Objects:
        return Objects(self._pdf, self._reader)

    @cached_property
    def _mentions(self) -> Mentions:
        places = [self.xref_place(number)[1] for number in range(self.revisions)]
        trailers = [trailer for trailer, *_ in self._trailers]
        return Mentions(self._pdf, self._objects, tuple(zip(places, trailers, strict=True)))

    @cached_property
    def _trailers(self) -> tuple[tuple[dict[str, Any], int, Any], ...]:
        """Each revision's own trailer, where it ends, in bytes, and its cross-reference stream if it has one."""
        return tuple(self._trailer(number) for number in range(self.revisions))

    def _trailer(self, revision: int) -> tuple[dict[str, Any], int, Any]:
        stream = self._reader.stream
        meta = self._reader.xrefs.get_xref_container_info(revision)
        if _stream_of(meta) is not None:
            own = self._stream_at(meta)
            return dict(dict.items(own)), int(stream.tell()), own
        plain = read_value(self._pdf, meta.end_location, generic.TrailerReference(self._reader))  # type: ignore[no-untyped-call]
        if plain is not None and isinstance(plain[0], generic.DictionaryObject):
            return dict(dict.items(plain[0])), plain[1], None
        stream.seek(meta.end_location)
        trailer = generic.DictionaryObject.read_from_stream(stream, generic.TrailerReference(self._reader))  # type: ignore[no-untyped-call]
        return dict(dict.items(trailer)), int(stream.tell()), None

    def _stream_at(self, meta: Any) -> Any:
        """The cross-reference stream of a section, or beside one."""
        self._reader.stream.seek(meta.start_location)
        read_object_header(self._reader.stream, strict=True)  # type: ignore[no-untyped-call]
        return generic.StreamObject.read_from_stream(self._reader.stream, meta.stream_ref)

    def security_store(self) -> tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]]:
        """(certificates, OCSP responses, CRLs) of the newest /DSS, DER."""
        store = get(self._reader.root, "/DSS")
        if not isinstance(store, generic.DictionaryObject):
            return (), (), ()
        purposes = (
            ("/Certs", DecodePurpose.CERTIFICATE),
            ("/OCSPs", DecodePurpose.OCSP_RESPONSE),
            ("/CRLs", DecodePurpose.CRL),
        )
        found = [tuple(stream.read_data(purpose) for stream in items(store, key)) for key, purpose in purposes]
        return found[0], found[1], found[2]

    def attached(self, name: str, limit: int = 1024 * 1024) -> bytes | None:
        """The embedded file called `name`, at most `limit` bytes, or None."""
        for spec in self._file_specs():
            if name in (text(get(spec, "/UF")), text(get(spec, "/F"))):
                content = spec["/EF"]["/F"].data
                return bytes(content) if len(content) <= limit else None
        return None

    def _file_specs(self) -> Iterator[Any]:
        root = self._reader.root
        yield from items(root, "/AF")
        tree = get(dictionary(get(root, "/Names")), "/EmbeddedFiles")
        stack, steps = [tree] if tree is not None else [], 0
        while stack and steps < 1000:
            node, steps = dictionary(stack.pop()), steps + 1
            yield from items(node, "/Names")[1::2]
            stack.extend(items(node, "/Kids"))

    def active_content(self) -> tuple[str, ...]:
        """Catalogue entries through which a page may look different from what the bytes say."""
        root = self._reader.root
        form = dictionary(get(root, "/AcroForm"))
        names = dictionary(get(root, "/Names"))
        found = {
            "javascript": "/JavaScript" in names or "/AA" in root or "/JS" in dictionary(get(root, "/OpenAction")),
            "xfa": "/XFA" in form,
            "optional_content": "/OCProperties" in root,
        }
        return tuple(name for name, present in found.items() if present)


def _xref_stream_problem(stream: Any) -> str | None:
    data = bytes(stream.read_data(DecodePurpose.XREF_STREAM))
    packing = packing_problem(stream, data)
    return stream_problem(data, stream) if packing is None else f"a cross-reference stream that is {packing}"


def _stream_of(meta: Any) -> Any:
    """The cross-reference stream that a section is; None for a table, also one with a stream beside it (hybrid)."""
    return meta.stream_ref if meta.xref_section_type is XRefSectionType.STREAM else None
