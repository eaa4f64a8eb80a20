"""Which evidence a signature needs: for every certificate from the signer's to the anchor, and the timestamp's
likewise."""

from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from trust import PathCheck, PathStatus, RevocationEvidence, check_path

from .errors import CertificateUnusable, EvidenceMissing, SourcesMissing
from .level import Level
from .signatures import CarriedSignature
from .sources import Sources

Use = Literal["signing", "timestamping"]


def evidence_of_signature(
    carried: CarriedSignature, *, known: RevocationEvidence | None, sources: Sources, now: datetime
) -> RevocationEvidence:
    """The evidence of one signature and of the timestamp in it.

    `known`: what the file already carries for it; taken when it suffices at the proven time, so nothing is asked twice.
    Raises `EvidenceMissing` and the revocation source's own errors.
    """
    use: Use = "timestamping" if carried.document_timestamp else "signing"
    question = _Question(sources=sources, known=known, now=now)
    at = carried.proven_at or now
    found = question.ask(carried.field, carried.certificate, carried.certificates, use, at)
    token = carried.timestamp
    if token is not None and not carried.document_timestamp:
        whose = f"{carried.field} (timestamp)"
        found = found.merged(question.ask(whose, token.certificate, token.certificates, "timestamping", token.gen_time))
    return found


def check_signer(
    certificate: Certificate, chain: tuple[Certificate, ...], *, sources: Sources, at: datetime
) -> RevocationEvidence:
    """Whether this certificate may sign now, asked before any key is (AC-70, AC-72). The evidence behind the answer.

    Raises `CertificateUnusable` (no path to a recognised authority, revoked, expired, not allowed) and the revocation
    source's own error when the state cannot be established.
    """
    if sources.revocation is None:
        raise SourcesMissing(Level.B_LT, "revocation evidence")
    try:
        return _Question(sources=sources, known=None, now=at).ask("signer", certificate, chain, "signing", at)
    except EvidenceMissing as error:
        raise CertificateUnusable(error.detail, error.detail) from error


class _Question:
    """Asks the same sources for several certificates."""

    def __init__(self, *, sources: Sources, known: RevocationEvidence | None, now: datetime) -> None:
        self._sources = sources
        self._known = known
        self._now = now

    def ask(
        self, whose: str, certificate: Certificate, others: tuple[Certificate, ...], use: Use, at: datetime
    ) -> RevocationEvidence:
        def check(evidence: RevocationEvidence, rule: Literal["require", "if-known"]) -> PathCheck:
            return check_path(
                certificate,
                others=others,
                store=self._sources.store,
                at=at,
                evidence=evidence,
                use=use,
                revocation=rule,
            )

        if self._known is not None:
            path = check(self._known, "require")
            if path.status is PathStatus.TRUSTED:
                return _with_chain(self._known, path.chain)
        path = check(RevocationEvidence(), "if-known")
        if path.status is not PathStatus.TRUSTED:
            raise EvidenceMissing(whose, f"{path.status.name}: {path.detail}")
        if self._sources.revocation is None:
            raise SourcesMissing(Level.B_LT, "revocation evidence")
        fetched = self._sources.revocation.collect(path.chain, now=self._now)
        judged = check(fetched, "require")
        if judged.status is not PathStatus.TRUSTED:
            raise EvidenceMissing(whose, f"{judged.status.name}: {judged.detail}")
        return _with_chain(fetched, judged.chain)


def _with_chain(evidence: RevocationEvidence, chain: tuple[Certificate, ...]) -> RevocationEvidence:
    return evidence.merged(RevocationEvidence(certificates=tuple(c.public_bytes(Encoding.DER) for c in chain)))
