"""Step 7: evidence for every signature in the file, then a document timestamp over all of it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from trust import RevocationEvidence, TimestampToken

from .append import Hole, Update
from .check import check_field, check_range
from .dss import check_store, read_store, write_store
from .errors import ContentsTooSmall, EvidenceMissing, SelfCheckFailed, SourcesMissing
from .evidence import evidence_of_signature
from .fields import fields, new_widget, page_at, register_fields, register_widgets
from .level import Level
from .prepared import digest_of_ranges
from .signatures import carried_signatures
from .source import Source, open_source
from .sources import Sources

_TIMESTAMP_RESERVE = 12_288
"""Bytes for a document timestamp: a token with a chain of three certificates has 4 to 6 KB."""
_TIMESTAMP_FIELD = "DocumentTimestamp"


@dataclass(frozen=True, kw_only=True)
class ExtendedDocument:
    """A file with more proof. `timestamp` is the document timestamp of B-LTA."""

    pdf: bytes
    sha256: str
    level: Level
    timestamp: TimestampToken | None


def extend(pdf: bytes, level: Level, sources: Sources) -> ExtendedDocument:
    """B-LT: revocation evidence of all signatures and timestamps. B-LTA: that, and a new document timestamp.

    Evidence that the file carries already is not fetched again while it suffices; so a yearly B-LTA job asks only
    about the newest timestamp. Raises `EvidenceMissing` (a signer without a path to a recognised authority, or
    revoked before the proven time), `SourcesMissing`, and the sources' own errors; the file given stays as it is.
    """
    if level < Level.B_LT:
        raise ValueError(f"extend reaches B-LT and B-LTA, not {level.label}")
    if sources.revocation is None:
        raise SourcesMissing(level, "revocation evidence")
    if level >= Level.B_LTA and sources.time is None:
        raise SourcesMissing(level, "time")
    now = datetime.now(UTC)
    with open_source(pdf) as source:
        update = Update(source)
        store = read_store(source)
        wanted = {
            carried.contents: evidence_of_signature(
                carried, known=store.evidence if store.relates(carried.contents) else None, sources=sources, now=now
            )
            for carried in carried_signatures(source)
        }
        if not wanted:
            raise EvidenceMissing("the file", "it carries no signature")
        write_store(update, store, wanted)
        if level >= Level.B_LTA:
            return _timestamped(source, update, sources, wanted)
        appendix = update.write() if update.pending else None
    extended = pdf + appendix.data if appendix is not None else pdf
    check_store(extended, wanted)  # 8 read again as written
    return _document(extended, Level.B_LT, None)


def _timestamped(
    source: Source, update: Update, sources: Sources, wanted: dict[bytes, RevocationEvidence]
) -> ExtendedDocument:
    assert sources.time is not None
    taken = {field.name for field in fields(source.pdf)}
    name = next(n for n in (f"{_TIMESTAMP_FIELD}{i}" for i in range(1, len(taken) + 2)) if n not in taken)
    number = update.reserve()
    page = page_at(source, 0)
    widget = update.add(new_widget(page, name, (0, 0, 0, 0), None, b"/V %d 0 R" % number))
    register_fields(source, update, [widget])
    register_widgets(update, page, [widget])
    entries = b"/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"
    appendix = update.write(Hole(number=number, entries=entries, reserve=_TIMESTAMP_RESERVE))
    whole = source.data + appendix.data
    byte_range = appendix.byte_range(len(whole))
    digest = digest_of_ranges(whole, byte_range, "sha256")
    token = sources.time.timestamp(digest)
    if token.imprint != digest:
        raise SelfCheckFailed("the document timestamp is over other bytes")
    if len(token.der) > _TIMESTAMP_RESERVE:
        raise ContentsTooSmall(len(token.der), _TIMESTAMP_RESERVE)
    view = memoryview(whole)
    digits = token.der.hex().encode()
    pdf = b"".join((view[: byte_range[1] + 1], digits, view[byte_range[1] + 1 + len(digits) :]))
    check_range(pdf, byte_range)
    if digest_of_ranges(pdf, byte_range, "sha256") != digest:
        raise SelfCheckFailed("document timestamp digest")
    check_field(pdf, field=name, byte_range=byte_range, contents=token.der)
    check_store(pdf, wanted)
    return _document(pdf, Level.B_LTA, token)


def _document(pdf: bytes, level: Level, timestamp: TimestampToken | None) -> ExtendedDocument:
    return ExtendedDocument(pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), level=level, timestamp=timestamp)
