"""Asking for time stamps: failover, and every way an authority can answer wrongly."""

import hashlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from asn1crypto import tsp

from secondseal.demo.pki import Pki
from tests.trust.raw_server import RawServer, ok
from tests.trust.scene import HOUR, LOOPBACK, now, store_of
from trust import (
    NetworkPolicy,
    RevocationClient,
    TimeAuthorityUnreachable,
    TimestampClient,
    TimestampRejected,
    verify_token,
)

DIGEST = hashlib.sha256(b"paper").digest()


def client(pki: Pki, *urls: str, policy: NetworkPolicy = LOOPBACK, revocation: bool = False) -> TimestampClient:
    asked = RevocationClient(policy) if revocation else None
    return TimestampClient(urls, store_of(pki), policy, asked, rounds=2, pause_s=0.01)


def altered(body: bytes, **changes: object) -> bytes:
    """The request with other fields than the client asked for."""
    request = tsp.TimeStampReq.load(body).copy()
    for name, value in changes.items():
        if name == "digest":
            request["message_imprint"]["hashed_message"] = value
        elif value is None:
            del request[name]
        else:
            request[name] = value
    der: bytes = request.dump(force=True)
    return der


def test_a_time_stamp(pki: Pki) -> None:
    """AC-74: SHA-256 imprint, our nonce, an authority that leads to an anchor and is not revoked."""
    token = client(pki, pki.tsa_url, revocation=True).timestamp(DIGEST)
    verify_token(token, DIGEST)
    assert token.certificate == pki.tsa
    with pytest.raises(ValueError, match="32 bytes"):
        client(pki, pki.tsa_url).timestamp(b"short")


def test_granted_with_changes_is_granted(pki: Pki) -> None:
    """anchors: pyHanko and rfc3161-client refuse grantedWithMods; the token itself is what must hold."""

    def respond(path: str, body: bytes) -> bytes:
        response = tsp.TimeStampResp.load(pki.answer("/tsa", body)).copy()
        response["status"] = {"status": "granted_with_mods", "status_string": ["policy changed"]}
        return ok(response.dump(force=True))

    with RawServer(respond) as server:
        verify_token(client(pki, server.url).timestamp(DIGEST), DIGEST)


def test_wrong_answers_are_rejected_and_named(pki: Pki, other_pki: Pki) -> None:
    """AC-74: wrong nonce, data or hash, refusal, no token, nonsense, an unknown authority, a touched token."""

    def rejection(path: str, body: bytes) -> bytes:
        status: bytes = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["system busy"]}).dump()
        return bytes([0x30, len(status)]) + status

    def touched(path: str, body: bytes) -> bytes:
        der = pki.answer("/tsa", body)
        return der[:-1] + bytes([der[-1] ^ 1])

    other_hash = {"hash_algorithm": {"algorithm": "sha512"}, "hashed_message": hashlib.sha512(b"x").digest()}
    cases: dict[str, Callable[[str, bytes], bytes]] = {
        "nonce": lambda path, body: pki.answer("/tsa", altered(body, nonce=7)),
        "(nonce)": lambda path, body: pki.answer("/tsa", altered(body, nonce=None)),
        "imprint": lambda path, body: pki.answer("/tsa", altered(body, digest=hashlib.sha256(b"other").digest())),
        "sha512": lambda path, body: pki.answer("/tsa", altered(body, message_imprint=other_hash)),
        "system busy": rejection,
        "without a token": lambda path, body: b"0\x050\x03\x02\x01\x00",
        "not a time stamp": lambda path, body: b"<html>error</html>",
        "untrusted": lambda path, body: other_pki.answer("/tsa", body),
        "signature": touched,
    }
    for said, answer in cases.items():
        with (
            RawServer(lambda path, body, answer=answer: ok(answer(path, body))) as server,  # type: ignore[misc]
            pytest.raises(TimestampRejected) as caught,
        ):
            client(pki, server.url).timestamp(DIGEST)
        assert said in str(caught.value), (said, str(caught.value))
        assert "dấu thời gian" in caught.value.text_vi
        assert len(server.asked) == 1  # a wrong answer is not asked for twice


def test_silence_is_unreachable(pki: Pki) -> None:
    """A hanging authority costs its own time only, and the error says that nobody answered."""
    short = replace(LOOPBACK, total_timeout_s=0.3)

    def hang(path: str, body: bytes) -> Iterator[bytes | float]:
        yield 5.0

    with RawServer(hang) as server:
        started = time.monotonic()
        with pytest.raises(TimeAuthorityUnreachable) as caught:
            client(pki, server.url, policy=short).timestamp(DIGEST)
        assert time.monotonic() - started < 2
        assert len(caught.value.attempts) == 2  # once per round
    with pki.down("tsa"), pytest.raises(TimeAuthorityUnreachable) as caught:
        client(pki, pki.tsa_url).timestamp(DIGEST)
    assert "Không kết nối được" in caught.value.text_vi
    with pytest.raises(TimeAuthorityUnreachable):
        client(pki).timestamp(DIGEST)


def test_the_next_authority_is_asked(pki: Pki, other_pki: Pki) -> None:
    """anchors 0.4: ordered failover over silence, refusal and unacceptable answers alike."""
    with RawServer(lambda path, body: None) as silent, RawServer(lambda path, body: ok(b"nonsense")) as wrong:
        urls = (silent.url, wrong.url, other_pki.tsa_url, "http://10.0.0.1/", pki.tsa_url)
        token = client(pki, *urls).timestamp(DIGEST)
        assert token.certificate == pki.tsa
        assert (len(silent.asked), len(wrong.asked)) == (1, 1)


def test_what_has_just_failed_is_asked_last(pki: Pki) -> None:
    """A batch waits once for an authority that is away."""
    with RawServer(lambda path, body: None) as silent:
        asking = client(pki, silent.url, pki.tsa_url)
        for _ in range(3):
            asking.timestamp(DIGEST)
        assert len(silent.asked) == 1


def test_many_threads_share_one_client(pki: Pki) -> None:
    """Each gets its own stamp, over its own digest."""
    asking = client(pki, pki.tsa_url, revocation=True)
    digests = [hashlib.sha256(bytes([number])).digest() for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(asking.timestamp, digests))
    assert [token.imprint for token in tokens] == digests
    assert len({token.serial for token in tokens}) == len(digests)


def test_a_hiccup_is_asked_again(pki: Pki) -> None:
    """The state's authority sometimes does not answer; the second round finds it."""
    answers = iter([None, "now"])

    def respond(path: str, body: bytes) -> bytes | None:
        return ok(pki.answer("/tsa", body)) if next(answers) else None

    with RawServer(respond) as server:
        assert client(pki, server.url).timestamp(DIGEST).certificate == pki.tsa
        assert len(server.asked) == 2


def test_a_revoked_authority_stamps_nothing(tmp_path: Path) -> None:
    """Its certificate is asked about on receipt; without an answer about it there is no time stamp either."""
    with Pki.create(tmp_path / "pki") as pki:
        assert client(pki, pki.tsa_url, revocation=True).timestamp(DIGEST)
        with pki.down("ocsp", "crl"), pytest.raises(TimestampRejected, match="revocation state"):
            client(pki, pki.tsa_url, revocation=True).timestamp(DIGEST)
        pki.revoke("tsa", at=now() - HOUR)
        with pytest.raises(TimestampRejected, match="revoked"):
            client(pki, pki.tsa_url, revocation=True).timestamp(DIGEST)
