"""What anyone may ask: is this file genuine, and what does the register say of this printed code?"""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select

from office import IssuingBody, issuing_body
from register import Correction, Known, RevisionKind, find_code, find_document, find_revision, normalise
from stamping import attachments
from stamping.desk import Desk
from stamping.refusal import not_found
from stamping.tables import documents
from stamping.views import CorrectionView, PublicRecord
from store import read
from verifier import (
    OFFICER_FIELD,
    SEAL_FIELD,
    DocumentFacts,
    Evidence,
    KnownFiles,
    Paths,
    RegisterKnowledge,
    Report,
    Stage,
    Verdict,
    collect,
    judge,
    report,
)

_WORD: Final = re.compile(r"\w+")
_ORGANISATION: Final = select(documents.c.organisation_name).where(documents.c.id == bindparam("document"))
_STAGES: Final[dict[RevisionKind, Stage]] = {
    "generated": "generated",
    "approved": "approved",
    "sealed": "sealed",
    "appendix": "generated",
    "appendix_sealed": "sealed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A file's verdict, and the facts, evidence and certificate paths it was made of."""

    facts: DocumentFacts
    evidence: Evidence
    verdict: Verdict
    paths: Paths


def verify(desk: Desk, pdf: bytes) -> Verdict:
    """Judge any file."""
    return examine(desk, pdf).verdict


def examine(desk: Desk, pdf: bytes, *, known: KnownFiles | None = None) -> Examined:
    """Judge any file: facts in the sandbox, evidence, judgement, and what the register knows of its bytes.

    `known`: files read a moment ago, whose facts are not gathered again. All else is asked anew.
    """
    now = desk.clock()
    facts = desk.sandbox.gather(pdf) if known is None else known.facts(pdf, desk.sandbox.gather)
    store = desk.store
    paths = Paths(store)
    evidence = collect(facts, store=store, client=desk.sources.revocation, now=now, paths=paths)
    register = knowledge(desk, facts)
    verdict = judge(facts, evidence, policy=desk.policy, store=store, at=now, register=register, paths=paths)
    return Examined(facts=facts, evidence=evidence, verdict=verdict, paths=paths)


def report_on(desk: Desk, examined: Examined) -> Report:
    """How that verdict came about, for those who know the words."""
    one = examined
    return report(one.facts, one.evidence, one.verdict, store=one.paths.store, policy=desk.policy, paths=one.paths)


def knowledge(desk: Desk, facts: DocumentFacts) -> RegisterKnowledge:
    """What the register knows of these bytes; a changed file is recognised by the revisions still inside it."""
    with read(desk.engine) as connection:
        for sha256 in facts.hashes:
            known, exact = find_revision(connection, sha256), sha256 == facts.sha256
            # one and the same unsealed attachment may belong to many papers: inside a changed file it names none
            if known is not None and (exact or known.revision.kind != "appendix"):
                return _knowledge(connection, known, exact=exact)
    return RegisterKnowledge(known=False)


def by_code(desk: Desk, code: str) -> PublicRecord:
    """The public record of a printed code, however it was typed.

    Raises `register.CodeInvalid` for what is no code, `Refusal` not-found for one that was never given or whose
    paper has not been issued.
    """
    canonical = normalise(code)
    with read(desk.engine) as connection:
        known = find_code(connection, canonical)
        row = connection.execute(select(documents).where(documents.c.code == canonical)).mappings().first()
        issued = row is not None and (row["sealed_at"] is not None or row["returned_at"] is not None)
        if known is None or row is None or not issued:
            raise not_found("văn bản mang mã", "paper with the code", canonical)
        replacement = find_document(connection, known.status.replaced_by) if known.status.replaced_by else None
        corrections = tuple(_correction(connection, one) for one in known.status.corrected)
        attached = attachments.rows_of(connection, row["id"], row["attachments_sha256"])
    standing = known.status.standing
    office = desk.office()
    seal = office.seal(row["seal_id"])
    return PublicRecord(
        code=canonical,
        title=row["title"],
        holder=masked_name(row["holder"]),
        number=row["number"],
        issued_on=row["issued_on"],
        organisation_name=row["organisation_name"],
        issuer=issuing_body(office, row["organisation"], desk.clock()),
        state=row["state"],
        status=standing if standing != "not_issued" else None,
        replaced_by=replacement.number if replacement else None,
        replacement_code=replacement.code if replacement else None,
        recalled_by=known.status.decision.number if standing == "recalled" and known.status.decision else None,
        sealed_sha256=row["sealed_sha256"],
        sealed_at=row["sealed_at"],
        wet_stamped=row["sealed_sha256"] is None and row["sealed_at"] is not None,
        seal_mark=seal.mark if row["sealed_at"] is not None and seal is not None else None,
        corrections=corrections,
        attachments=attachments.views_of(attached),
    )


def _correction(connection: Connection, correction: Correction) -> CorrectionView:
    row = connection.execute(
        select(documents.c.code, documents.c.sealed_at).where(documents.c.id == correction.document_id)
    ).first()
    return CorrectionView(
        number=correction.decision.number,
        dated=correction.decision.date,
        reason=correction.reason,
        code=row.code if row is not None and row.sealed_at is not None else None,
    )


def issuer_of(desk: Desk, verdict: Verdict) -> IssuingBody | None:
    """Who issued the file of this verdict, and who stands in its place today; None where the register does not know
    these very bytes (a name in a file nobody knows proves nothing)."""
    if verdict.facts.known_to_register is not True:
        return None
    with read(desk.engine) as connection:
        known = find_revision(connection, verdict.sha256)
        if known is None:
            return None
        organisation = connection.execute(
            select(documents.c.organisation).where(documents.c.id == known.document_id)
        ).scalar_one_or_none()
    return None if organisation is None else issuing_body(desk.office(), organisation, desk.clock())


def masked_name(name: str) -> str:
    """A name that its owner recognises and a stranger cannot use: "Phạm Thị Mẫu" -> "P*** T** Mẫu" (AC-92)."""
    words = name.split()
    return " ".join([*(_WORD.sub(_mask, word) for word in words[:-1]), *words[-1:]])


def _mask(word: re.Match[str]) -> str:
    text = word.group()
    return text[0] + "*" * (len(text) - 1)


def _knowledge(connection: Connection, known: Known, *, exact: bool) -> RegisterKnowledge:
    standing = known.status.standing
    organisation = connection.execute(_ORGANISATION, {"document": known.document_id}).scalar_one_or_none()
    decision = known.status.decision
    return RegisterKnowledge(
        known=exact,
        revision=_STAGES.get(known.revision.kind),
        attached=known.attached,
        status=standing if standing != "not_issued" else None,
        number=known.number,
        issued_on=known.issued_on or known.dated,
        organisation=organisation,
        roles={OFFICER_FIELD: "officer", SEAL_FIELD: "agency"},
        newest_sha256=known.newest.sha256,
        changed_by=decision.number if decision else None,
        changed_on=decision.date if decision else None,
    )
