"""Asking for a time stamp (RFC 3161), one authority after the other, and believing nothing unchecked.

On receipt: 1 the status is granted or grantedWithMods; 2 the nonce is ours; 3 the imprint is ours and the signature
holds (`verify_token`); 4 the authority's certificate leads to an anchor and, where a revocation client is given, was
not revoked. Whatever fails, the next authority is asked; when all have failed, nothing is returned: never a local
clock in its place.
"""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

import rfc3161_client
from asn1crypto import tsp

from trust.anchors import TrustStore
from trust.errors import Attempt, RevocationUnavailable, TimeAuthorityUnreachable, TimestampInvalid, TimestampRejected
from trust.evidence import RevocationEvidence
from trust.network import Fetcher, FetchFailed
from trust.network_policy import NetworkPolicy
from trust.path import PathCheck, PathStatus, check_path
from trust.revocation_client import RevocationClient
from trust.timestamp import TimestampToken, read_token, verify_token

GRANTED = frozenset({rfc3161_client.PKIStatus.GRANTED, rfc3161_client.PKIStatus.GRANTED_WITH_MODS})
DIGEST_BYTES = 32
REST_S = 60.0


class TimestampClient:
    """Time stamps from the first of `urls` that gives an acceptable one. Safe to share between threads.

    `rounds` times round the list (the state's authority has answered in 11 ms and in two minutes), with
    `pause_s` doubled between rounds; only addresses that could not be reached are asked again. `store`: the authorities
    relied on, or whoever knows them when a token has come. `revocation` None
    leaves open whether the authority's certificate was revoked (the evidence is then gathered with the paper's own).
    """

    def __init__(
        self,
        urls: tuple[str, ...],
        store: TrustStore | Callable[[], TrustStore],
        policy: NetworkPolicy,
        revocation: RevocationClient | None = None,
        *,
        rounds: int = 3,
        pause_s: float = 0.5,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        fetcher: Fetcher | None = None,
    ) -> None:
        self._urls = urls
        self._relied = store
        self._fetcher = fetcher or Fetcher(policy)
        self._revocation = revocation
        self._rounds = rounds
        self._pause_s = pause_s
        self._clock = clock
        self._resting: dict[str, float] = {}

    def timestamp(self, sha256_digest: bytes) -> TimestampToken:
        """A verified token over a SHA-256 digest (AC-74). Raises TimeAuthorityUnreachable or TimestampRejected."""
        if len(sha256_digest) != DIGEST_BYTES:
            raise ValueError("a SHA-256 digest has 32 bytes")
        attempts: list[Attempt] = []
        answered = False
        asked_at = time.monotonic()
        # What has just failed comes last, so that a batch does not wait for it every time.
        waiting = sorted(self._urls, key=lambda url: asked_at < self._resting.get(url, asked_at))
        for number in range(self._rounds):
            if number and waiting:
                time.sleep(self._pause_s * 2 ** (number - 1))
            for url in list(waiting):
                try:
                    token = self._from(url, sha256_digest)
                except FetchFailed as error:
                    self._resting[url] = time.monotonic() + REST_S
                    if error.refused:
                        waiting.remove(url)
                    attempts.append(Attempt(url=url, reason=error.reason))
                except (_Unacceptable, TimestampInvalid, RevocationUnavailable) as error:
                    answered = True
                    waiting.remove(url)
                    attempts.append(Attempt(url=url, reason=str(error)))
                else:
                    self._resting.pop(url, None)
                    return token
        raise (TimestampRejected if answered else TimeAuthorityUnreachable)(tuple(attempts))

    def close(self) -> None:
        """Close idle connections."""
        self._fetcher.close()

    def _from(self, url: str, digest: bytes) -> TimestampToken:
        nonce = secrets.randbits(63)
        request = tsp.TimeStampReq(
            {
                "version": "v1",
                "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest},
                "nonce": nonce,
                "cert_req": True,
            }
        )
        body = self._fetcher.post(url, request.dump(), "application/timestamp-query")
        token = read_token(_granted_token(body))
        if token.nonce != nonce:
            raise _Unacceptable("it answers another request (nonce)")
        if token.hash_name != "sha256":
            raise _Unacceptable(f"it was made with {token.hash_name}")
        verify_token(token, digest)
        self._check_authority(token)
        return token

    def _check_authority(self, token: TimestampToken) -> None:
        nothing = RevocationEvidence()
        check = self._path(token, nothing, known=False)
        if check.status is PathStatus.TRUSTED and self._revocation is not None:
            evidence = self._revocation.collect(check.chain, now=self._clock())
            check = self._path(token, evidence, known=True)
        if check.status is not PathStatus.TRUSTED:
            raise _Unacceptable(f"the authority's certificate is {check.status.value}: {check.detail}")

    def _path(self, token: TimestampToken, evidence: RevocationEvidence, *, known: bool) -> PathCheck:
        return check_path(
            token.certificate,
            others=token.certificates,
            store=self._relied if isinstance(self._relied, TrustStore) else self._relied(),
            at=token.gen_time,
            evidence=evidence,
            use="timestamping",
            revocation="require" if known else "if-known",
        )


class _Unacceptable(Exception):
    pass


def _granted_token(body: bytes) -> bytes:
    try:
        response = rfc3161_client.decode_timestamp_response(body)
        status = rfc3161_client.PKIStatus(response.status)
    except ValueError as error:
        raise _Unacceptable("not a time stamp response") from error
    if status not in GRANTED:
        said = " ".join(response.status_string)
        raise _Unacceptable(f"status {status.name.lower()}" + (f": {said}" if said else ""))
    token = response.time_stamp_token()
    if not token:
        raise _Unacceptable("granted, but without a token")
    return token
