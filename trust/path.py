"""May this certificate be relied on at a moment? The only door to pyhanko_certvalidator.

Two questions, answered apart: does a path of valid signatures, dates, names, constraints and policies lead to an
anchor at the moment (RFC 5280 section 6: `trust.ordinary_path` where it has an opinion, else certvalidator), and was
any certificate of it revoked then (`trust.revocation`). Pure: no network, no clock.
"""

import enum
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko_certvalidator.authority import CertTrustAnchor, TrustQualifiers, derive_quals_from_cert
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    NotYetValidError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy, PKIXValidationParams
from pyhanko_certvalidator.registry import CertificateRegistry, SimpleTrustManager
from pyhanko_certvalidator.validate import async_validate_path

from trust import chains
from trust.anchors import TrustStore
from trust.evidence import RevocationEvidence, der_of, load_helpers
from trust.ordinary_path import is_ordinary
from trust.revocation import judge_revocation
from trust.same import Same
from trust.signature_value import ALLOWED_HASHES, algorithm_of, readable, strong_enough
from trust.subject import common_name
from trust.unreadable import UNREADABLE

Use = Literal["signing", "timestamping"]
RevocationRule = Literal["require", "if-known"]

MAX_OTHERS = 64

# A signer's certificate that is good for these alone was not issued for documents; anything else (e-mail, client
# authentication, document signing, vendors' own) is what authorities here put into signers' certificates.
_FOREIGN_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
        ExtendedKeyUsageOID.TIME_STAMPING,
        ExtendedKeyUsageOID.OCSP_SIGNING,
    }
)


class PathStatus(enum.StrEnum):
    """How a certificate stands at the moment asked about."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOCATION_UNKNOWN = "revocation_unknown"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, kw_only=True)
class PathCheck:
    """The finding. `chain` runs from the certificate to the anchor; only the certificate itself where no path was
    found.

    `ended`: when the operator stopped relying on this path; where that is past, the status is UNTRUSTED and the chain
    the certificate alone, so that nobody is asked about it.

    `revoked_at` (UTC): when a certificate of the chain was revoked, also where that lies after the moment and the
    status is TRUSTED (AC-80). `doubted_at`: when first one was revoked so that its key is in doubt
    (`RevocationFinding`). `detail`: one English sentence for the log and the technical report.
    """

    status: PathStatus
    chain: tuple[x509.Certificate, ...]
    revoked_at: datetime | None = None
    detail: str = ""
    ended: datetime | None = None
    doubted_at: datetime | None = None


def check_path(
    certificate: x509.Certificate,
    *,
    others: Iterable[x509.Certificate] = (),
    store: TrustStore,
    at: datetime,
    evidence: RevocationEvidence,
    use: Use,
    revocation: RevocationRule = "require",
) -> PathCheck:
    """Judge `certificate` at `at` (aware) with what the evidence tells about revocation.

    `others` are certificates that came with the document; like the store's intermediates they only help to find paths
    (AC-111: a signature with the leaf alone is judged all the same). `revocation="require"`: every certificate below
    the anchor must be known not to be revoked, else REVOCATION_UNKNOWN (AC-72); `"if-known"` tolerates not knowing.
    """
    if at.utcoffset() is None:
        raise ValueError("`at` needs a time zone")
    known = _candidates(Same(certificate, *store.intermediates, *others, *load_helpers(evidence)), store, use)
    if not known.readable:
        return PathCheck(status=PathStatus.UNTRUSTED, chain=(certificate,), detail="the certificate cannot be read")
    checks = [
        _judge(one, at=at, evidence=evidence, revocation=revocation, ended=store.ended_among(one.chain))
        for one in known.chains
    ]
    if not checks:
        issuer = certificate.issuer.rfc4514_string()
        return PathCheck(
            status=PathStatus.UNTRUSTED, chain=(certificate,), detail=f"no path to an anchor; issued by {issuer}"
        )
    # of equals the one without an end: it stands also where no time is proven
    best = min(checks, key=lambda check: (_ORDER.index(check.status), check.ended is not None))
    # What a certificate may be used for matters only where it would otherwise stand: an untrusted one stays untrusted.
    if known.problem is not None and best.status not in (PathStatus.UNTRUSTED, PathStatus.REVOKED):
        return replace(best, status=PathStatus.NOT_ALLOWED, detail=known.problem)
    return best


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A chain, and what holds of it at any moment."""

    chain: chains.Chain
    status: PathStatus
    detail: str


@dataclass(frozen=True, slots=True)
class _Candidates:
    """All that does not depend on the moment or on revocation: whether the certificate can be read, what it may not be
    used for, its chains."""

    readable: bool
    problem: str | None
    chains: tuple[_Candidate, ...]


@lru_cache(maxsize=128)
def _candidates(same: Same, store: TrustStore, use: Use) -> _Candidates:
    certificate, *helping = same.certificates
    if not readable(certificate):
        return _Candidates(readable=False, problem=None, chains=())
    # an anchor that came along helps no further: each of its chains would be walked and judged twice
    others = [c for c in dict.fromkeys(helping) if readable(c) and not store.is_anchor(c)][:MAX_OTHERS]
    found = tuple(_Candidate(chain, *_at_any_moment(chain, use)) for chain in chains.chains(certificate, others, store))
    return _Candidates(readable=True, problem=_use_problem(certificate, use), chains=found)


def _at_any_moment(chain: chains.Chain, use: Use) -> tuple[PathStatus, str]:
    found = _pkix(chain)
    return _purposes(chain, use) if found[0] is PathStatus.TRUSTED else found


_ORDER = (
    PathStatus.TRUSTED,
    PathStatus.REVOCATION_UNKNOWN,
    PathStatus.REVOKED,
    PathStatus.EXPIRED,
    PathStatus.NOT_YET_VALID,
    PathStatus.NOT_ALLOWED,
    PathStatus.UNTRUSTED,
)


def _judge(
    candidate: _Candidate,
    *,
    at: datetime,
    evidence: RevocationEvidence,
    revocation: RevocationRule,
    ended: datetime | None,
) -> PathCheck:
    chain, status, detail = candidate.chain, candidate.status, candidate.detail
    if ended is not None and at >= ended:
        detail = f"the path by “{common_name(chain[-1])}” is relied on only until {ended:%Y-%m-%dT%H:%M:%SZ}"
        return PathCheck(status=PathStatus.UNTRUSTED, chain=chain[:1], detail=detail, ended=ended)
    if status is PathStatus.TRUSTED:
        status, detail = _dates(chain, at)
    revoked_at: datetime | None = None
    doubted_at: datetime | None = None
    if status is not PathStatus.TRUSTED:
        return PathCheck(status=status, chain=chain, detail=detail, ended=ended)
    for certificate, issuer in pairwise(chain):
        finding = judge_revocation(certificate, issuer, evidence, at=at)
        if finding.revoked_at is not None:
            revoked_at = min(revoked_at or finding.revoked_at, finding.revoked_at)
        if finding.doubted_at is not None:
            doubted_at = min(doubted_at or finding.doubted_at, finding.doubted_at)
        if finding.state == "revoked":
            detail = f"“{common_name(certificate)}” was revoked at {finding.revoked_at:%Y-%m-%dT%H:%M:%SZ}"
            return PathCheck(
                status=PathStatus.REVOKED, chain=chain, revoked_at=finding.revoked_at, detail=detail, ended=ended
            )
        if finding.state == "unknown" and revocation == "require" and status is PathStatus.TRUSTED:
            status = PathStatus.REVOCATION_UNKNOWN
            detail = f"nothing tells whether “{common_name(certificate)}” was revoked"
    return PathCheck(
        status=status, chain=chain, revoked_at=revoked_at, detail=detail, ended=ended, doubted_at=doubted_at
    )


@lru_cache(maxsize=1024)
def _pkix(chain: chains.Chain) -> tuple[PathStatus, str]:
    """RFC 5280 section 6 for a chain, dates apart: the answer holds for any moment, so it is kept."""
    if len(chain) == 1 or is_ordinary(chain):
        return PathStatus.TRUSTED, ""
    for certificate in chain[:-1]:
        algorithm, _ = algorithm_of(certificate)
        if algorithm is not None and algorithm.name not in ALLOWED_HASHES:
            return PathStatus.NOT_ALLOWED, f"“{common_name(certificate)}” is signed with {algorithm.name}"
    return by_certvalidator(chain)


def _purposes(chain: chains.Chain, use: Use) -> tuple[PathStatus, str]:
    """Purposes in an authority's certificate bound what it may issue for. RFC 5280 does not say so; authorities for web
    servers are kept to them that way, and OpenSSL reads it the same. An anchor is the operator's choice."""
    for authority in chain[1:-1]:
        named = {e.value for e in authority.extensions if isinstance(e.value, x509.ExtendedKeyUsage)}
        purposes = {purpose for value in named for purpose in value}
        if not purposes or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in purposes:
            continue
        if (
            ExtendedKeyUsageOID.TIME_STAMPING not in purposes
            if use == "timestamping"
            else purposes <= _FOREIGN_PURPOSES
        ):
            return PathStatus.NOT_ALLOWED, f"“{common_name(authority)}” may not issue certificates for {use}"
    return PathStatus.TRUSTED, ""


def by_certvalidator(chain: chains.Chain) -> tuple[PathStatus, str]:
    """The whole of section 6, dates apart: some 8 ms, so `is_ordinary` is asked first."""
    # Any moment at which all dates hold; where there is none, the dates will say so themselves.
    moment = max(certificate.not_valid_before_utc for certificate in chain[:-1])
    try:
        top = _asn1(chain[-1])
        # A pinned anchor's own path length and names count too (RFC 5937); its dates and policies do not.
        room, own = top.max_path_length, derive_quals_from_cert(top).standard_parameters
        names = own and PKIXValidationParams(
            initial_permitted_subtrees=own.initial_permitted_subtrees,
            initial_excluded_subtrees=own.initial_excluded_subtrees,
        )
        anchor = CertTrustAnchor(
            top, TrustQualifiers(max_path_length=room, max_aa_path_length=room, standard_parameters=names)
        )
        below = [_asn1(certificate) for certificate in reversed(chain[:-1])]
        context = ValidationContext(
            trust_manager=SimpleTrustManager.build(trust_roots=[anchor]),
            certificate_registry=CertificateRegistry.build(),
            moment=moment,
            allow_fetching=False,
            revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
        )
        _now(async_validate_path(context, ValidationPath(anchor, below[:-1], below[-1])))
    except (ExpiredError, NotYetValidError):
        return PathStatus.TRUSTED, ""
    except DisallowedAlgorithmError as error:
        return PathStatus.NOT_ALLOWED, str(error)
    except ValidationError as error:
        return PathStatus.UNTRUSTED, str(error)
    except (*UNREADABLE, NotImplementedError, AssertionError) as error:  # the last: a key of another kind
        return PathStatus.UNTRUSTED, f"a certificate of the path cannot be read: {error}"
    return PathStatus.TRUSTED, ""


def _dates(chain: chains.Chain, at: datetime) -> tuple[PathStatus, str]:
    # The anchor's own dates are not judged (RFC 5280 6.1.1 d), unless the certificate itself is the anchor.
    for certificate in chain[:-1] or chain:
        if at < certificate.not_valid_before_utc:
            begins = f"{certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}"
            return PathStatus.NOT_YET_VALID, f"“{common_name(certificate)}” is valid from {begins}"
        if at > certificate.not_valid_after_utc:
            ended = f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}"
            return PathStatus.EXPIRED, f"“{common_name(certificate)}” expired at {ended}"
    return PathStatus.TRUSTED, ""


@lru_cache(maxsize=1024)
def _use_problem(certificate: x509.Certificate, use: Use) -> str | None:
    if not strong_enough(certificate.public_key()):
        return "the key is weaker than TT 15/2025 annex I allows"
    by_class = {type(extension.value): extension for extension in certificate.extensions}
    constraints = by_class.get(x509.BasicConstraints)
    if constraints is not None and constraints.value.ca:
        return "an authority's certificate does not sign documents"
    usage = by_class.get(x509.KeyUsage)
    if usage is not None and not (usage.value.digital_signature or usage.value.content_commitment):
        return "the key usage allows no signatures"
    purposes = by_class.get(x509.ExtendedKeyUsage)
    if use == "timestamping":
        # RFC 3161 2.3: this purpose, alone, critical.
        alone = purposes is not None and list(purposes.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
        return None if alone and purposes is not None and purposes.critical else "not a time authority's certificate"
    if purposes is not None and set(purposes.value) <= _FOREIGN_PURPOSES:
        return "the certificate was issued for another purpose"
    return None


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    # Parsed anew each time: asn1crypto opens its objects lazily and is not safe to share between threads.
    return asn1_x509.Certificate.load(der_of(certificate))


def _now(coroutine: Coroutine[Any, Any, object]) -> None:
    # certvalidator is written for fetching over a network; without fetching nothing ever waits and no loop is needed.
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("path validation tried to wait for something")
