"""Every form of every document, known by the hash of its bytes: what makes "this office issued it" answerable."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, bindparam, func, select
from sqlalchemy.sql.selectable import NamedFromClause

from store import now, vietnam_date

from . import journal, tables
from .codes import normalise
from .errors import RevisionConflict
from .status import Status, status_of

RevisionKind = Literal["received", "generated", "approved", "sealed", "appendix", "appendix_sealed"]
"""A document's forms in their order. A sealed file extended by evidence (B-LTA) is again `sealed`. `appendix` is a
separate attachment of the document with its empty field, `appendix_sealed` the same under the organisation's key."""

_ORDER: Final[tuple[RevisionKind, ...]] = (
    "received",
    "generated",
    "approved",
    "sealed",
    "appendix",
    "appendix_sealed",
)
_ATTACHED: Final[tuple[RevisionKind, ...]] = ("appendix", "appendix_sealed")

# Statements used for every document are built once, not per call.
_TABLE: Final = tables.revisions
_LATEST_FIRST: Final = select(_TABLE).order_by(_TABLE.c.id.desc()).limit(1)
_OF_BYTES: Final = _LATEST_FIRST.where(_TABLE.c.sha256 == bindparam("file"))
_OF_ANY_BYTES: Final = (
    select(_TABLE).where(_TABLE.c.sha256.in_(bindparam("files", expanding=True))).order_by(_TABLE.c.id)
)
_LAST_OF_EACH: Final = (
    select(_TABLE.c.document_id, func.max(_TABLE.c.ordinal).label("last"))
    .where(_TABLE.c.document_id.in_(bindparam("documents", expanding=True)))
    .group_by(_TABLE.c.document_id)
)
_FILE: Final = _TABLE.alias("file")
_NEWEST: Final = _TABLE.alias("newest")
_LINE: Final = (
    tables.outgoing.c.organisation,
    tables.outgoing.c.notation,
    tables.outgoing.c.dated,
    tables.outgoing.c.code,
    tables.issues.c.issued_at,
)


def _newest_of(document: ColumnElement[Any]) -> ColumnElement[bool]:
    last = select(func.max(_TABLE.c.ordinal)).where(_TABLE.c.document_id == document, _TABLE.c.kind.not_in(_ATTACHED))
    return (_NEWEST.c.document_id == document) & (_NEWEST.c.ordinal == last.scalar_subquery())


def _with_line(forms: FromClause, document: ColumnElement[Any]) -> FromClause:
    outgoing, issues = tables.outgoing, tables.issues
    return forms.outerjoin(outgoing, outgoing.c.document_id == document).outerjoin(
        issues, issues.c.document_id == document
    )


def _labelled(form: NamedFromClause[Any]) -> list[ColumnElement[Any]]:
    return [column.label(f"{form.name}_{column.name}") for column in form.c]


# What anyone's question is answered by: the form asked about, the newest of its document, and the document's line in
# the outgoing register, in one statement.
_KNOWN_BYTES: Final = (
    select(*_labelled(_FILE), *_labelled(_NEWEST), *_LINE)
    .select_from(_with_line(_FILE.outerjoin(_NEWEST, _newest_of(_FILE.c.document_id)), _FILE.c.document_id))
    .where(_FILE.c.sha256 == bindparam("file"))
    .order_by(_FILE.c.id.desc())
    .limit(1)
)
_KNOWN_DOCUMENT: Final = (
    select(*_labelled(_NEWEST), *_LINE)
    .select_from(_with_line(_NEWEST, _NEWEST.c.document_id))
    .where(_newest_of(bindparam("document")))
)


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One form of a document: its hash, size in bytes, and when it was recorded (UTC)."""

    document_id: str
    ordinal: int
    kind: RevisionKind
    sha256: str
    size: int
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewRevision:
    """A form of a document to be recorded: its hash, and its size in bytes."""

    document_id: str
    kind: RevisionKind
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the register says of a file or a code.

    `revision` is the form asked about and `newest` the newest form of the same document (for a code, the same); for a
    separate attachment the newest form of that attachment.
    The fields of registration are None while the document is not registered.
    """

    document_id: str
    revision: Revision
    newest: Revision
    status: Status
    organisation: str | None
    number: str | None
    dated: date | None
    issued_on: date | None
    code: str | None

    @property
    def attached(self) -> bool:
        """Whether the file asked about is a separate attachment of the document, and not the document itself."""
        return self.revision.kind in _ATTACHED

    @property
    def superseded(self) -> bool:
        """Whether a later stage of the same document exists. Added evidence alone supersedes nothing."""
        return _ORDER.index(self.newest.kind) > _ORDER.index(self.revision.kind)


def add_revision(
    connection: Connection,
    *,
    document_id: str,
    kind: RevisionKind,
    sha256: str,
    size: int,
    at: datetime | None = None,
) -> Revision:
    """Record a form of a document; recording the same again changes nothing.

    The same paper may be handed in twice, but signed bytes belong to one document: RevisionConflict.
    """
    (revision,) = add_revisions(
        connection, [NewRevision(document_id=document_id, kind=kind, sha256=sha256, size=size)], at=at
    )
    return revision


def add_revisions(
    connection: Connection, forms: Sequence[NewRevision], *, at: datetime | None = None
) -> Sequence[Revision]:
    """`add_revision` for several forms, in this order."""
    for form in forms:
        if form.kind not in _ORDER:
            raise ValueError(f"no such kind of revision: {form.kind!r}")
    rows = connection.execute(_OF_ANY_BYTES, {"files": [form.sha256 for form in forms]})
    known: list[Revision] = [_from(row) for row in rows]
    last: dict[str, int] | None = None
    revisions, new = [], []
    for form in forms:
        same = [one for one in known if (one.sha256, one.kind) == (form.sha256, form.kind)]
        revision = next((one for one in same if one.document_id == form.document_id), None)
        if revision is None:
            if same and form.kind in ("approved", "sealed", "appendix_sealed"):
                raise RevisionConflict(
                    f"Tệp này đã là bản của văn bản {same[-1].document_id}.",
                    f"These bytes are already the {form.kind} revision of document {same[-1].document_id}.",
                )
            last = _last_of(connection, forms) if last is None else last
            last[form.document_id] = ordinal = last.get(form.document_id, 0) + 1
            revision = Revision(**vars(form), ordinal=ordinal, recorded_at=at or now())
            known.append(revision)
            new.append(revision)
        revisions.append(revision)
    journal.record_all(connection, tables.revisions, [vars(one) for one in new])
    return revisions


def _last_of(connection: Connection, forms: Sequence[NewRevision]) -> dict[str, int]:
    asked = {"documents": sorted({form.document_id for form in forms})}
    return {row.document_id: row.last for row in connection.execute(_LAST_OF_EACH, asked)}


def revisions_of(connection: Connection, document_id: str) -> tuple[Revision, ...]:
    """All forms of a document, oldest first."""
    table = tables.revisions
    rows = connection.execute(select(table).where(table.c.document_id == document_id).order_by(table.c.ordinal))
    return tuple(_from(row) for row in rows)


def revision_of_bytes(connection: Connection, sha256: str) -> Revision | None:
    """The newest form recorded with these bytes; None if the register never held them."""
    return _revision(connection, _OF_BYTES, file=sha256.lower())


def find_revision(connection: Connection, sha256: str) -> Known | None:
    """What the register knows of a file with this SHA-256; None if the register never held these bytes."""
    row = connection.execute(_KNOWN_BYTES, {"file": sha256.lower()}).first()
    return None if row is None else _known(connection, row, _from(row, "file_"))


def find_code(connection: Connection, code: str) -> Known | None:
    """What the register knows of a public code, however it was typed. Raises CodeInvalid; None if never given."""
    table = tables.outgoing
    document_id = connection.execute(
        select(table.c.document_id).where(table.c.code == normalise(code))
    ).scalar_one_or_none()
    return None if document_id is None else find_document(connection, document_id)


def find_document(connection: Connection, document_id: str) -> Known | None:
    """What the register knows of a document; None while it holds no form of it."""
    row = connection.execute(_KNOWN_DOCUMENT, {"document": document_id}).first()
    return None if row is None else _known(connection, row, None)


def _known(connection: Connection, row: Row[*tuple[Any, ...]], revision: Revision | None) -> Known:
    if revision is not None and revision.kind in _ATTACHED:
        newest = _newest_attached(connection, revision)
    else:
        newest = _from(row, "newest_")
    return Known(
        document_id=newest.document_id,
        revision=revision or newest,
        newest=newest,
        status=status_of(connection, newest.document_id),
        organisation=row.organisation,
        number=row.notation,
        dated=row.dated,
        issued_on=vietnam_date(row.issued_at) if row.issued_at else None,
        code=row.code,
    )


def _newest_attached(connection: Connection, revision: Revision) -> Revision:
    """The attachment as it was sealed, if it was: the seal log says which file became which."""
    log = tables.seal_log
    sealed = select(log.c.hash_after).where(
        log.c.document_id == revision.document_id,
        log.c.hash_before == revision.sha256,
        log.c.event == "conclude",
        log.c.purpose == "appendix",
    )
    statement = _LATEST_FIRST.where(_TABLE.c.document_id == bindparam("document"), _TABLE.c.sha256.in_(sealed))
    return _revision(connection, statement, document=revision.document_id) or revision


def _revision(connection: Connection, statement: Select[Any], **asked: str) -> Revision | None:
    row = connection.execute(statement, asked).first()
    return None if row is None else _from(row)


def _from(row: Row[*tuple[Any, ...]], prefix: str = "") -> Revision:
    return Revision(**{name: getattr(row, prefix + name) for name in Revision.__dataclass_fields__})
