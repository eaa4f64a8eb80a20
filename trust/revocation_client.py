"""Asking the authorities whether certificates were revoked: OCSP first, then the CRL (TT 15/2025 annex II).

No answer is believed for coming from the right address: it must be signed by the issuer or a responder the issuer
appointed, speak of the very certificate, answer our nonce if it carries one, and be of now. What passes is kept for a
while, so a batch of papers asks once.
"""

import contextlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from trust.errors import Attempt, RevocationUnavailable
from trust.evidence import RevocationEvidence, der_of
from trust.network import Fetcher, FetchFailed
from trust.network_policy import NetworkPolicy
from trust.statements import Statement, crl_statement, has_no_check, ocsp_statements
from trust.subject import common_name
from trust.unreadable import UNREADABLE

SKEW = timedelta(minutes=5)
LIFE_WITHOUT_NEXT_UPDATE = timedelta(minutes=10)
KEPT_ANSWERS = 4096
KEPT_CRLS = 16
MAX_ADDRESSES = 3
REST = timedelta(seconds=30)
"""How long an authority that did not answer is asked last."""
GLANCE_REST = timedelta(minutes=5)
"""The same, and not asked at all by those who have an answer already and only glance."""
GLANCE_CONNECT_S = 1.5
GLANCE_TOTAL_S = 3.0
"""How long one glance may take at one address, in seconds."""


@dataclass(frozen=True, kw_only=True)
class _Kept:
    evidence: RevocationEvidence
    until: datetime


@dataclass(frozen=True, kw_only=True)
class SourceState:
    """One address as it was last seen: `asked_at` (UTC), `answered_at` None where it never answered us, `problem` what
    went wrong the last time or None, `good_until` the life of its last answer."""

    url: str
    by: Literal["ocsp", "crl"]
    asked_at: datetime
    answered_at: datetime | None
    problem: str | None
    good_until: datetime | None


_Ask = Callable[[Fetcher, str, x509.Certificate, x509.Certificate, datetime], _Kept]


class RevocationClient:
    """Collects evidence about chains. Safe to share between threads.

    An answer is asked for anew after `ocsp_max_age` or `crl_max_age` even where it says it lives longer: authorities
    give OCSP answers a week, and a certificate revoked this morning must not stamp this afternoon.
    """

    def __init__(
        self,
        policy: NetworkPolicy,
        *,
        fetcher: Fetcher | None = None,
        ocsp_max_age: timedelta = timedelta(minutes=15),
        crl_max_age: timedelta = timedelta(hours=1),
    ) -> None:
        self._fetcher = fetcher or Fetcher(policy)
        self._hurried = fetcher or Fetcher(
            replace(
                policy,
                connect_timeout_s=min(policy.connect_timeout_s, GLANCE_CONNECT_S),
                total_timeout_s=min(policy.total_timeout_s, GLANCE_TOTAL_S),
            )
        )
        self._ocsp_max_age = ocsp_max_age
        self._crl_max_age = crl_max_age
        self._answers: OrderedDict[tuple[x509.Certificate, x509.Certificate], _Kept] = OrderedDict()
        self._crls: OrderedDict[str, tuple[bytes, datetime]] = OrderedDict()
        self._resting: dict[str, datetime] = {}
        self._seen: OrderedDict[str, SourceState] = OrderedDict()
        self._lock = threading.Lock()

    def collect(self, chain: tuple[x509.Certificate, ...], *, now: datetime) -> RevocationEvidence:
        """Evidence for every certificate of `chain` (leaf first, anchor last) below the anchor, of `now` (aware).

        Its `certificates` hold the chain and the OCSP responders' certificates. That a certificate is revoked is no
        error here: the evidence says so. Raises RevocationUnavailable when nothing could be learnt about one of them.
        """
        evidence = RevocationEvidence(certificates=tuple(der_of(c) for c in chain))
        for certificate, issuer in pairwise(chain):
            evidence = evidence.merged(self._about(certificate, issuer, now))
        return evidence

    def glance(self, chain: tuple[x509.Certificate, ...], *, now: datetime) -> RevocationEvidence:
        """What can be learnt in a moment, for a question that has an answer already: from memory, or from an
        authority that answers at once. Whoever does not is left alone for minutes. Raises nothing."""
        evidence = RevocationEvidence()
        for certificate, issuer in pairwise(chain):
            with contextlib.suppress(RevocationUnavailable):
                evidence = evidence.merged(self._about(certificate, issuer, now, hurried=True))
        return evidence

    def probe(
        self, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime
    ) -> tuple[SourceState, ...]:
        """Ask every address of `certificate` now, whatever is kept, and say how each one answered."""
        states = []
        for ask, url in self._addresses(certificate, now, resting=True):
            with contextlib.suppress(FetchFailed):
                self._asked(ask, self._fetcher, url, certificate, issuer, now)
            states.append(self._seen[url])
        return tuple(states)

    def sources(self) -> tuple[SourceState, ...]:
        """Every address asked since this client began, by address."""
        with self._lock:
            return tuple(sorted(self._seen.values(), key=lambda state: state.url))

    def close(self) -> None:
        """Close idle connections."""
        self._fetcher.close()
        self._hurried.close()

    def _about(
        self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime, *, hurried: bool = False
    ) -> RevocationEvidence:
        key = (certificate, issuer)
        with self._lock:
            kept = self._answers.get(key)
        if kept is not None and now < kept.until:
            return kept.evidence
        fetcher = self._hurried if hurried else self._fetcher
        attempts: list[Attempt] = []
        for ask, url in self._addresses(certificate, now, resting=not hurried):
            try:
                found = self._asked(ask, fetcher, url, certificate, issuer, now)
            except FetchFailed as error:
                self._rest(url, now + (GLANCE_REST if hurried else REST))
                attempts.append(Attempt(url=url, reason=error.reason))
                continue
            self._resting.pop(url, None)
            with self._lock:
                self._answers[key] = found
                while len(self._answers) > KEPT_ANSWERS:
                    self._answers.popitem(last=False)
            return found.evidence
        raise RevocationUnavailable(common_name(certificate), tuple(attempts))

    def _asked(
        self,
        ask: _Ask,
        fetcher: Fetcher,
        url: str,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
        now: datetime,
    ) -> _Kept:
        """Ask, and remember how that went. Raises FetchFailed."""
        before = self._seen.get(url)
        by: Literal["ocsp", "crl"] = "ocsp" if ask == self._by_ocsp else "crl"
        try:
            found = ask(fetcher, url, certificate, issuer, now)
        except FetchFailed as error:
            answered = before.answered_at if before else None
            until = before.good_until if before else None
            self._remember(
                SourceState(url=url, by=by, asked_at=now, answered_at=answered, problem=error.reason, good_until=until)
            )
            raise
        self._remember(SourceState(url=url, by=by, asked_at=now, answered_at=now, problem=None, good_until=found.until))
        return found

    def _remember(self, state: SourceState) -> None:
        with self._lock:
            self._seen[state.url] = state
            self._seen.move_to_end(state.url)
            while len(self._seen) > KEPT_ANSWERS:
                self._seen.popitem(last=False)

    def _rest(self, url: str, until: datetime) -> None:
        with self._lock:
            if len(self._resting) >= KEPT_ANSWERS:
                self._resting.clear()
            self._resting[url] = until

    def _addresses(self, certificate: x509.Certificate, now: datetime, *, resting: bool) -> "list[tuple[_Ask, str]]":
        """OCSP before CRL; but what has just failed comes last, so that a batch does not wait for it every time, and
        not at all unless `resting` ones are wanted."""
        asks: list[tuple[_Ask, str]] = [(self._by_ocsp, url) for url in _ocsp_urls(certificate)[:MAX_ADDRESSES]]
        asks += [(self._by_crl, url) for url in _crl_urls(certificate)[:MAX_ADDRESSES]]
        asks = sorted(asks, key=lambda one: now < self._resting.get(one[1], now))
        return asks if resting else [one for one in asks if now >= self._resting.get(one[1], now)]

    def _by_ocsp(
        self, fetcher: Fetcher, url: str, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> _Kept:
        nonce = secrets.token_bytes(16)
        # SHA-1 only names the issuer here (RFC 6960 4.1.1); many responders look up by nothing else.
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303
        request = builder.add_extension(x509.OCSPNonce(nonce), critical=False).build().public_bytes(Encoding.DER)
        der = fetcher.post(url, request, "application/ocsp-request")
        _check_nonce(der, nonce)
        statement = _newest(list(ocsp_statements(der, certificate, issuer)), now)
        if statement.status == "unknown":
            raise FetchFailed("the responder does not know this certificate")
        evidence = RevocationEvidence(ocsp_responses=(der,))
        responder = statement.responder
        if responder != issuer:
            evidence = evidence.merged(RevocationEvidence(certificates=(der_of(responder),)))
            if not has_no_check(responder):
                evidence = evidence.merged(self._about_responder(fetcher, responder, certificate, issuer, now))
        return _Kept(evidence=evidence, until=min(_until(statement, now), now + self._ocsp_max_age))

    def _about_responder(
        self,
        fetcher: Fetcher,
        responder: x509.Certificate,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
        now: datetime,
    ) -> RevocationEvidence:
        # Only the issuer's own list tells about a responder without no-check: OCSP would ask the responder itself.
        for url in (_crl_urls(responder) or _crl_urls(certificate))[:MAX_ADDRESSES]:
            with contextlib.suppress(FetchFailed):
                return self._by_crl(fetcher, url, responder, issuer, now).evidence
        raise FetchFailed("nothing tells whether the responder itself was revoked")

    def _by_crl(
        self, fetcher: Fetcher, url: str, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> _Kept:
        with self._lock:
            der, fetched = self._crls.get(url, (None, now))
        too_old = now - fetched >= self._crl_max_age
        if der is None or too_old or not _is_current(crl_statement(der, certificate, issuer), now):
            der, fetched = fetcher.get(url), now
        statement = crl_statement(der, certificate, issuer)
        said = _newest([statement] if statement is not None else [], now)
        with self._lock:
            self._crls[url] = der, fetched
            while len(self._crls) > KEPT_CRLS:
                self._crls.popitem(last=False)
        until = min(_until(said, now), fetched + self._crl_max_age)
        return _Kept(evidence=RevocationEvidence(crls=(der,)), until=until)


def _check_nonce(der: bytes, nonce: bytes) -> None:
    try:
        response = ocsp.load_der_ocsp_response(der)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise FetchFailed(f"the responder said {response.response_status.name.lower()}")
        answered = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return  # responders that answer in advance cannot repeat a nonce; their answers are judged by their dates
    except UNREADABLE as error:
        raise FetchFailed("not an OCSP response") from error
    if answered != nonce:
        raise FetchFailed("the response answers another request (nonce)")


def _newest(said: list[Statement], now: datetime) -> Statement:
    if not said:
        raise FetchFailed("the answer is not signed by the issuer or does not speak of this certificate")
    statement = max(said, key=lambda s: s.this_update)
    if not _is_current(statement, now):
        raise FetchFailed(f"the answer is not of now (this update {statement.this_update.isoformat()})")
    return statement


def _is_current(statement: Statement | None, now: datetime) -> bool:
    return statement is not None and statement.this_update <= now + SKEW and now < _until(statement, now)


def _until(statement: Statement, now: datetime) -> datetime:
    if statement.next_update is not None:
        return statement.next_update
    return min(statement.this_update, now) + LIFE_WITHOUT_NEXT_UPDATE


def _ocsp_urls(certificate: x509.Certificate) -> list[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    return [
        description.access_location.value
        for description in access
        if description.access_method == AuthorityInformationAccessOID.OCSP
        and isinstance(description.access_location, x509.UniformResourceIdentifier)
    ]


def _crl_urls(certificate: x509.Certificate) -> list[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return []
    names = (name for point in points if not point.reasons and not point.crl_issuer for name in point.full_name or ())
    return [name.value for name in names if isinstance(name, x509.UniformResourceIdentifier)]
