"""What signing may ask for beyond the key: time, revocation evidence, and the recognised authorities."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography.x509 import Certificate

from trust import RevocationEvidence, SourceState, TimestampToken, TrustStore


class TimeSource(Protocol):
    """A timestamp authority (RFC 3161)."""

    def timestamp(self, sha256_digest: bytes) -> TimestampToken:
        """A token over the digest, checked on receipt. Raises when the authority cannot be reached or answers
        wrongly."""


class RevocationSource(Protocol):
    """OCSP and CRL for a chain."""

    def collect(self, chain: tuple[Certificate, ...], *, now: datetime) -> RevocationEvidence:
        """Evidence for every certificate of the chain, leaf to anchor. Raises when it cannot be had."""

    def glance(self, chain: tuple[Certificate, ...], *, now: datetime) -> RevocationEvidence:
        """The same where it can be had in a moment; empty where it cannot. Not for signing: for who only checks."""

    def sources(self) -> tuple[SourceState, ...]:
        """The addresses asked so far and how they answered. Not for signing: for who looks after the service."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """`store` names the anchors; a source that is None limits the level that can be reached."""

    store: TrustStore
    time: TimeSource | None = None
    revocation: RevocationSource | None = None
