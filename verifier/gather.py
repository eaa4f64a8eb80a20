"""Bytes in, facts out: `gather` never raises on what a file contains.

Step 1 size · 2 strict parse · 3 pages and fields · 4 each signature's coverage and arithmetic · 5 revisions: ends,
hashes, changes · 6 what later marks hide · 7 evidence, attached data, active content.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any, TypeVar

from verifier.cms import DETACHED, TIMESTAMP, examine_signature, examine_timestamp
from verifier.cover import covered_content, covered_marks
from verifier.facts import (
    Change,
    Coverage,
    Covered,
    DocumentFacts,
    EmptyField,
    Mechanism,
    PaperData,
    Problem,
    RevisionFacts,
    SecurityStore,
    SignatureFacts,
)
from verifier.limits import Limits, OverLimits
from verifier.pdf import Document, Field, UnpacksTooMuch, Value
from verifier.revisions import Layout, hash_revisions, lay_out

T = TypeVar("T")
DATA_NAME = "data.json"


def gather(pdf: bytes, limits: Limits = Limits()) -> DocumentFacts:  # noqa: B008 - frozen
    """Read everything there is to know from one file.

    A file that cannot be judged gives facts with `problem` set: encrypted, not_pdf, broken (a strict reader refuses
    it) or over_limits. In a service call this through `Sandbox`, which also bounds time and memory.
    """
    digest = hashlib.sha256(pdf).hexdigest()
    if len(pdf) > limits.bytes:
        return _unjudgeable(pdf, digest, "over_limits", OverLimits("bytes", len(pdf), limits.bytes))
    if b"%PDF-" not in pdf[:1024]:
        return DocumentFacts(size=len(pdf), sha256=digest, problem="not_pdf", problem_detail="no PDF header")
    try:
        return _facts(pdf, digest, limits)
    except (OverLimits, UnpacksTooMuch, MemoryError) as error:
        return _unjudgeable(pdf, digest, "over_limits", error)
    except Exception as error:  # noqa: BLE001 - pyHanko raises dozens of undocumented kinds here (house trap)
        encrypted = b"/Encrypt" in pdf and "ncrypt" in str(error)
        return _unjudgeable(pdf, digest, "encrypted" if encrypted else "broken", error)


def _unjudgeable(pdf: bytes, digest: str, problem: Problem, error: BaseException) -> DocumentFacts:
    detail = f"{type(error).__name__}: {error}"[:300]
    return DocumentFacts(size=len(pdf), sha256=digest, problem=problem, problem_detail=detail)


def _facts(pdf: bytes, digest: str, limits: Limits) -> DocumentFacts:
    document = Document(pdf, limits)
    if document.encrypted:
        return DocumentFacts(
            size=len(pdf), sha256=digest, problem="encrypted", problem_detail="/Encrypt in the trailer"
        )
    pages = document.pages()
    fields = document.fields(pages)
    signed_ends = {
        field.value.revision: _range_end(field.value) for field in fields if field.value and field.value.revision >= 0
    }
    layout = lay_out(document, pdf, signed_ends)
    signatures = _signatures(pdf, fields, layout)
    revisions = _revisions(document, pdf, fields, layout)
    covered, cover_unknown = _covered(pdf, signatures, layout)
    dss = _security_store(document)
    _count_evidence(dss, signatures, limits)
    return DocumentFacts(
        size=len(pdf),
        sha256=digest,
        pages=len(pages),
        signatures=signatures,
        empty_fields=tuple(EmptyField(field=f.name, boxes=f.boxes) for f in fields if f.value is None),
        revisions=revisions,
        removed_fields=_removed(document, pdf, fields),
        loose_signatures=_loose(document, pdf, fields),
        trailing_bytes=layout.trailing,
        structure=_structure(document, fields, layout),
        covered=covered,
        cover_unknown=cover_unknown,
        dss=dss,
        data=_or_none(lambda: _paper_data(document)),
        active_content=_or_none(document.active_content) or (),
    )


def _or_none(read: Callable[[], T]) -> T | None:
    """For what no verdict of authenticity rests on: an unreadable attachment is an absent one."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - see gather
        return None


# --- signatures -----------------------------------------------------------------------------------------------------


def _range_end(value: Value) -> int:
    return value.byte_range[2] + value.byte_range[3] if len(value.byte_range) == 4 else -1


def _kind(value: Value) -> str:
    return "doc_timestamp" if value.kind == "/DocTimeStamp" or value.subfilter == TIMESTAMP else "signature"


def _signatures(pdf: bytes, fields: tuple[Field, ...], layout: Layout) -> tuple[SignatureFacts, ...]:
    found = [_signature(pdf, field, field.value, layout) for field in fields if field.value is not None]
    return tuple(sorted(found, key=lambda signature: signature.revision))


def _signature(pdf: bytes, field: Field, value: Value, layout: Layout) -> SignatureFacts:
    coverage, detail = _coverage(pdf, value, layout)
    stamp = _kind(value) == "doc_timestamp"
    if len(value.byte_range) != 4 or min(value.byte_range) < 0 or _range_end(value) > len(pdf):
        mechanism = Mechanism(problem="byte_range")
    elif (stamp and value.subfilter != TIMESTAMP) or (not stamp and value.subfilter not in DETACHED):
        mechanism = Mechanism(problem="subfilter")
    else:
        start, length, again, rest = value.byte_range
        view = memoryview(pdf)
        examine = examine_timestamp if stamp else examine_signature
        mechanism = examine(value.contents, (view[start : start + length], view[again : again + rest]))
    return SignatureFacts(
        field=field.name,
        kind="doc_timestamp" if stamp else "signature",
        subfilter=value.subfilter,
        byte_range=value.byte_range,
        coverage=coverage,
        coverage_detail=detail,
        revision=value.revision,
        boxes=field.boxes,
        claimed_time=_or_none(lambda: _pdf_date(value.modified)),
        name=value.name,
        reason=value.reason,
        location=value.location,
        docmdp=value.docmdp,
        mechanism=mechanism,
    )


def _coverage(pdf: bytes, value: Value, layout: Layout) -> tuple[Coverage, str | None]:
    """The byte range must be the whole revision but for this very signature's hexadecimal string."""
    wrong = _range_problem(pdf, value)
    if wrong is not None:
        return "broken", wrong
    end = _range_end(value)
    if not 0 <= value.revision < len(layout.ends):
        return "broken", "the signature is no object of its own"
    if end not in (layout.ends[value.revision], layout.bare_ends[value.revision]):
        return "broken", "the byte range does not end where its revision ends"
    return ("whole_file" if end == len(pdf) else "revision"), None


def _range_problem(pdf: bytes, value: Value) -> str | None:
    if len(value.byte_range) != 4:
        return "the byte range has not two parts"
    start, length, again, rest = value.byte_range
    if start != 0 or length <= 0 or rest <= 0 or again < length or again + rest > len(pdf):
        return "the byte range does not lie in the file"
    gap = pdf[length:again]
    if gap[:1] != b"<" or gap[-1:] != b">":
        return "the byte range leaves out more than the signature"
    try:
        held = bytes.fromhex(gap[1:-1].decode("ascii"))
    except ValueError:  # also what is no ASCII
        return "the byte range leaves out more than the signature"
    plain = gap in (gap.upper(), gap.lower())  # letters of both cases: not as it was written
    if not plain or held != value.contents or len(held) * 2 + 2 != len(gap):
        return "the bytes left out are not this signature"
    return None


def _pdf_date(text: str | None) -> datetime | None:
    """D:YYYYMMDDHHmmSS with zone (ISO 32000-2, 7.9.4); one without a zone is taken as Viet Nam's."""
    if text is None:
        return None
    digits = text.removeprefix("D:")
    moment = datetime.strptime(digits[:14].ljust(14, "0"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - zone follows
    zone = digits[14:].replace("'", "")
    if zone.startswith("Z"):
        return moment.replace(tzinfo=UTC)
    if zone[:1] in ("+", "-"):
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5] or "0"))
        return moment.replace(tzinfo=timezone(offset if zone[0] == "+" else -offset))
    return moment.replace(tzinfo=timezone(timedelta(hours=7)))


# --- revisions ------------------------------------------------------------------------------------------------------


def _revisions(document: Document, pdf: bytes, fields: tuple[Field, ...], layout: Layout) -> tuple[RevisionFacts, ...]:
    signed: dict[int, dict[str, str]] = {}
    for field in fields:
        if field.value is not None and field.value.revision >= 0:
            signed.setdefault(field.value.revision, {})[field.name] = _kind(field.value)
    by_name = {field.name: field.value for field in fields if field.value is not None}
    hashes = hash_revisions(pdf, layout)
    found: list[RevisionFacts] = []
    base: int | None = None
    levels: list[int] = []
    locks: list[Any] = []
    for number in range(document.revisions):
        here = signed.get(number, {})
        change: Change = "base"
        detail: str | None = None
        if base is not None:
            change, detail = document.compare(
                base, max(layout.ends[: base + 1]), number, here, min(levels, default=None), tuple(locks)
            )
        found.append(
            RevisionFacts(
                number=number,
                end=layout.ends[number],
                hashes=hashes[number],
                change=change,
                signed_field=next(iter(here), None),
                detail=detail,
            )
        )
        if here:
            base = number
            values = [by_name[name] for name in here]
            levels += [value.docmdp for value in values if value.docmdp is not None]
            locks += [value.locks for value in values if value.locks is not None]
    return tuple(found)


def _removed(document: Document, pdf: bytes, fields: tuple[Field, ...]) -> tuple[str, ...]:
    """Fields that were signed in an older revision and are not any more. Looked for only where bytes hint at it."""
    now = {field.name for field in fields if field.value is not None}
    if pdf.count(b"/ByteRange") <= len(now) or document.revisions < 2:
        return ()
    then = (_or_none(partial(document.filled_names, number)) for number in range(document.revisions - 1))
    return tuple(sorted({name for names in then for name in names or ()} - now))


def _loose(document: Document, pdf: bytes, fields: tuple[Field, ...]) -> int:
    filled = sum(field.value is not None for field in fields)
    return document.loose_signatures(fields) if pdf.count(b"/ByteRange") > filled else 0


def _structure(document: Document, fields: tuple[Field, ...], layout: Layout) -> str | None:
    names = [field.name for field in fields]
    if len(set(names)) != len(names):
        return "two signature fields share one name"
    signed = [field.value.revision for field in fields if field.value is not None]
    if len(set(signed)) != len(signed):
        return "one revision holds two signatures"
    return (document.hybrid_problem(min(signed)) or layout.problem) if signed else None


# --- marks, evidence, data --------------------------------------------------------------------------------------------


def _covered(
    pdf: bytes, signatures: tuple[SignatureFacts, ...], layout: Layout
) -> tuple[tuple[Covered, ...], str | None]:
    """What each mark after the first signature hides of the revision before it."""
    found: list[Covered] = []
    for place, signature in enumerate(signatures):
        if place == 0 or not signature.boxes or not 0 < signature.revision < len(layout.ends):
            continue
        earlier = [
            (box, [other for later in signatures[older + 1 : place] for other in later.boxes])
            for older, before in enumerate(signatures[:place])
            for box in before.boxes
        ]
        found += covered_marks(signature.field, signature.boxes, earlier)
        try:
            before = pdf[: layout.ends[signature.revision - 1]]
            signed = {other.field for other in signatures[:place]}
            found += covered_content(signature.field, signature.boxes, before, signed)
        except Exception as error:  # noqa: BLE001 - PDFium's binding raises many kinds; unknown is a fact of its own
            return tuple(found), f"{type(error).__name__}: {error}"[:200]
    return tuple(found), None


def _security_store(document: Document) -> SecurityStore:
    certificates, ocsp_responses, crls = _or_none(document.security_store) or ((), (), ())
    return SecurityStore(certificates=certificates, ocsp_responses=ocsp_responses, crls=crls)


def _count_evidence(dss: SecurityStore, signatures: tuple[SignatureFacts, ...], limits: Limits) -> None:
    """Evidence is opened by the judge, outside the sandbox: a file may not bring a mountain of it."""
    mechanisms = [signature.mechanism for signature in signatures]
    for what, brought in (
        ("certificates", (dss.certificates, *(m.certificates for m in mechanisms))),
        ("ocsp_responses", (dss.ocsp_responses, *(m.ocsp_responses for m in mechanisms))),
        ("crls", (dss.crls, *(m.crls for m in mechanisms))),
    ):
        found = sum(len(group) for group in brought)
        if found > limits.evidence:
            raise OverLimits(what, found, limits.evidence)


def _paper_data(document: Document) -> PaperData | None:
    content = document.attached(DATA_NAME)
    if content is None:
        return None
    data = json.loads(content)
    if not isinstance(data, dict):
        return None
    named = {key: data.get(key) for key in ("paper", "organisation", "number", "code")}
    texts = {key: value.get("name") if isinstance(value, dict) else value for key, value in named.items()}
    return PaperData(**{key: value[:300] if isinstance(value, str) else None for key, value in texts.items()})
