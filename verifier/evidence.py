"""Everything needed to judge a file's certificates, collected once so that the judgement itself asks nobody.

Addresses inside an uploaded file are a door into our network: revocation is asked only for chains that reach a
configured anchor, and only where the file does not bring the answer itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography import x509

from trust import PathStatus, RevocationEvidence, RevocationUnavailable, TrustStore
from verifier.facts import DocumentFacts, SignatureFacts
from verifier.paths import Paths, Use, der, readable
from verifier.stamps import token_of


class RevocationSource(Protocol):
    """`trust.RevocationClient`, or anything that answers for a chain (leaf first, anchor last)."""

    def collect(self, chain: tuple[x509.Certificate, ...], *, now: datetime) -> RevocationEvidence:
        """OCSP responses or CRLs for the chain. Raises RevocationUnavailable."""

    def glance(self, chain: tuple[x509.Certificate, ...], *, now: datetime) -> RevocationEvidence:
        """The same where it can be had in a moment; empty where it cannot. Raises nothing."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`embedded` came with the file, `fetched` was asked for now; `failures` say who did not answer. All DER."""

    embedded: RevocationEvidence
    fetched: RevocationEvidence
    failures: tuple[str, ...] = ()


EMPTY = RevocationEvidence(ocsp_responses=(), crls=(), certificates=())


def embedded_evidence(facts: DocumentFacts) -> RevocationEvidence:
    """What the file itself brings: its security store and what the signatures carry."""
    mechanisms = [signature.mechanism for signature in facts.signatures]
    return RevocationEvidence(
        ocsp_responses=_once(facts.dss.ocsp_responses, *(m.ocsp_responses for m in mechanisms)),
        crls=_once(facts.dss.crls, *(m.crls for m in mechanisms)),
        certificates=_once(facts.dss.certificates, *(m.certificates for m in mechanisms)),
    )


def collect(
    facts: DocumentFacts,
    store: TrustStore,
    client: RevocationSource | None,
    now: datetime,
    *,
    paths: Paths | None = None,
) -> Evidence:
    """Evidence for judging `facts` at `now` (aware). `client` None: only what the file brings.

    Raises nothing about the network: an authority that does not answer becomes one of `failures`.
    """
    embedded = embedded_evidence(facts)
    fetched, failures = EMPTY, []
    if client is not None:
        for chain, needed in _chains(facts, paths or Paths(store), embedded, now):
            if not needed:
                fetched = fetched.merged(client.glance(chain, now=now))
                continue
            try:
                fetched = fetched.merged(client.collect(chain, now=now))
            except RevocationUnavailable as error:
                failures.append(str(error)[:300])
    return Evidence(embedded=embedded, fetched=fetched, failures=tuple(dict.fromkeys(failures)))


def _chains(
    facts: DocumentFacts, paths: Paths, embedded: RevocationEvidence, now: datetime
) -> Iterator[tuple[tuple[x509.Certificate, ...], bool]]:
    """Chains to an anchor, each leaf once, and whether an answer is needed: the file leaves its revocation open.

    A signature without a timestamp is always asked about: only today's answer can say it was revoked meanwhile. A
    signer or a time authority whose answer the file brings is glanced at: a file may bring an answer from before the
    key was stolen, and an authority may learn only afterwards since when it was (docs/decisions/0033, 0053).
    """
    asked: set[bytes] = set()
    for signature in facts.signatures:
        for leaf, others, at, use, proven in _leaves(signature, now):
            check = paths.check(leaf, others=others, at=at, evidence=embedded, use=use)
            open_question = check.status is PathStatus.REVOCATION_UNKNOWN or not proven
            glanced = check.status is PathStatus.TRUSTED
            if (open_question or glanced) and check.chain and leaf not in asked:
                asked.add(leaf)
                yield check.chain, open_question


def _leaves(signature: SignatureFacts, now: datetime) -> Iterator[tuple[bytes, tuple[bytes, ...], datetime, Use, bool]]:
    """(certificate DER, what came with it, when, what for, is that time stamped) of the signer and of its
    time-stamping authority."""
    mechanism = signature.mechanism
    stamped = mechanism.timestamp_time if mechanism.timestamp_matches else None
    if mechanism.certificate is not None and readable(mechanism.certificate):
        claimed = mechanism.signing_time or signature.claimed_time
        yield mechanism.certificate, (), stamped or claimed or now, "signing", stamped is not None
    token = token_of(signature)
    if token is not None:
        others = tuple(der(certificate) for certificate in token.certificates)
        yield der(token.certificate), others, token.gen_time, "timestamping", True


def _once(*groups: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))
