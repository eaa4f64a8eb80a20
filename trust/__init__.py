"""Certificates, time and revocation: what both signing and judging rely on.

Pure: `TrustStore`, `RevocationEvidence`, `check_path`, `read_token`, `verify_token`, who a certificate speaks of.
With the network: `RevocationClient`, `TimestampClient` under a `NetworkPolicy`. One module (`trust.network`) opens
sockets, one (`trust.path`) knows pyhanko_certvalidator.
"""

from trust.anchors import TrustStore
from trust.candidate import Candidate, Told
from trust.errors import (
    AnchorsUnreadable,
    Attempt,
    RevocationUnavailable,
    TimeAuthorityUnreachable,
    TimestampInvalid,
    TimestampRejected,
    TrustError,
)
from trust.evidence import RevocationEvidence, der_of, load_der, load_ders
from trust.network import Fetcher, FetchFailed
from trust.network_policy import VIETNAMESE_HOSTS, NetworkPolicy, WebhookPolicy
from trust.path import PathCheck, PathStatus, check_path
from trust.revocation import RevocationFinding, judge_revocation
from trust.revocation_client import RevocationClient, SourceState
from trust.signature_value import ALLOWED_HASHES, holds, names_one_algorithm, readable, strong_enough
from trust.statements import Statement, statements
from trust.subject import SubjectKind, common_name, issuer_name, organisation_name, subject_kind
from trust.timestamp import TimestampToken, digest_for, read_token, verify_token
from trust.timestamp_client import TimestampClient
from trust.trust_list import Act, Kind, Listed, TrustList, fingerprint

__all__ = [
    "ALLOWED_HASHES",
    "VIETNAMESE_HOSTS",
    "Act",
    "AnchorsUnreadable",
    "Attempt",
    "Candidate",
    "FetchFailed",
    "Fetcher",
    "Kind",
    "Listed",
    "NetworkPolicy",
    "PathCheck",
    "PathStatus",
    "RevocationClient",
    "RevocationEvidence",
    "RevocationFinding",
    "RevocationUnavailable",
    "SourceState",
    "Statement",
    "SubjectKind",
    "TimeAuthorityUnreachable",
    "TimestampClient",
    "TimestampInvalid",
    "TimestampRejected",
    "TimestampToken",
    "Told",
    "TrustError",
    "TrustList",
    "TrustStore",
    "WebhookPolicy",
    "check_path",
    "common_name",
    "der_of",
    "digest_for",
    "fingerprint",
    "holds",
    "issuer_name",
    "judge_revocation",
    "load_der",
    "load_ders",
    "names_one_algorithm",
    "organisation_name",
    "read_token",
    "readable",
    "statements",
    "strong_enough",
    "subject_kind",
    "verify_token",
]
