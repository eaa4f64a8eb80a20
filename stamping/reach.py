"""How far a caller reaches: which papers, seals and organisations a program may know of and work on.

The one place that answers whether a document is within it. A document outside answers like one that does not exist;
what would be made outside is refused, with the limit named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select

from register import outgoing
from stamping.desk import BookDesk
from stamping.refusal import Refusal, not_found
from stamping.tables import documents
from store import read

_WORDS: Final = {
    "papers": ("mẫu giấy", "papers"),
    "seals": ("con dấu", "seals"),
    "organisations": ("cơ quan", "organisations"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Names in the catalogue of papers, ids of seals, codes of organisations; None: every one.

    What has no paper of the catalogue (a PDF of another program, a number, a line of the register, a whole book) is
    outside of whoever is limited to papers; what has no seal likewise for seals.
    """

    papers: frozenset[str] | None = None
    seals: frozenset[str] | None = None
    organisations: frozenset[str] | None = None

    @property
    def everything(self) -> bool:
        """Whether there is no limit."""
        return self == EVERYTHING

    def admit(self, *, organisation: str, paper: str | None = None, seal: str = "") -> None:
        """May something of this kind be made, or asked for as a whole? Raises `Refusal` forbidden, the limit named."""
        for limit, allowed, value in self._limits(organisation, paper, seal):
            if allowed is not None and value not in allowed:
                names = ", ".join(sorted(allowed))
                vi, en = _WORDS[limit]
                raise Refusal(
                    "forbidden",
                    f"Mã truy cập này chỉ dùng cho {vi}: {names}.",
                    f"This token is limited to {en}: {names}.",
                    limited_to=limit,
                    allowed=sorted(allowed),
                )

    def covers(self, *, organisation: str, paper: str | None = None, seal: str = "") -> bool:
        """Is this within it?"""
        return all(allowed is None or value in allowed for _, allowed, value in self._limits(organisation, paper, seal))

    def clauses(self) -> list[ColumnElement[bool]]:
        """The same as conditions on rows of `stamping_documents`."""
        columns = (
            (documents.c.organisation, self.organisations),
            (documents.c.paper, self.papers),
            (documents.c.seal_id, self.seals),
        )
        return [column.in_(sorted(allowed)) for column, allowed in columns if allowed is not None]

    def _limits(
        self, organisation: str, paper: str | None, seal: str
    ) -> tuple[tuple[str, frozenset[str] | None, str | None], ...]:
        return (
            ("organisations", self.organisations, organisation),
            ("papers", self.papers, paper),
            ("seals", self.seals, seal),
        )


EVERYTHING: Final = Reach()


def outside(desk: BookDesk, reach: Reach, document_ids: Iterable[str]) -> str | None:
    """The first of these documents that is not within `reach`, or that nobody knows; None where all are.

    Documents on paper, which only the register knows, count as well.
    """
    if reach.everything:
        return None
    asked = list(document_ids)
    columns = documents.c.id, documents.c.organisation, documents.c.paper, documents.c.seal_id
    with read(desk.engine) as connection:
        known = {row.id: row for row in connection.execute(select(*columns).where(documents.c.id.in_(asked)))}
        for document_id in asked:
            row = known.get(document_id)
            if row is not None:
                within = reach.covers(organisation=row.organisation, paper=row.paper, seal=row.seal_id)
            else:
                entry = outgoing.find(connection, document_id)
                within = entry is not None and reach.covers(organisation=entry.organisation)
            if not within:
                return document_id
    return None


def require(desk: BookDesk, reach: Reach, *document_ids: str) -> None:
    """All of these documents are within `reach`. Raises `Refusal` not-found, as for a document nobody knows."""
    first = outside(desk, reach, document_ids)
    if first is not None:
        raise not_found("văn bản", "document", first)
