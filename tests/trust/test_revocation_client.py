"""Asking about revocation over the network, with honest and with misbehaving services."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from secondseal.demo.pki import Pki
from secondseal.demo.pki_shapes import Addresses, Issuer, authority_name, leaf_certificate
from tests.pki.fixtures import MakeKey, make_key
from tests.pki.software_key import SoftwareKey
from tests.trust.raw_server import RawServer, ok
from tests.trust.scene import DAY, HOUR, LOOPBACK, crl, now, ocsp_response, store_of
from trust import (
    NetworkPolicy,
    PathStatus,
    RevocationClient,
    RevocationEvidence,
    RevocationUnavailable,
    check_path,
)

Answer = Callable[[str, bytes], bytes | None]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A PKI whose own services are off: a test's server answers on its port."""
    return Pki.create(tmp_path_factory.mktemp("quiet") / "pki")


@pytest.fixture(scope="module")
def person(quiet: Pki) -> SoftwareKey:
    """A signer of `quiet`."""
    return make_key(quiet)


def collected(pki: Pki, key: SoftwareKey, answer: Answer) -> tuple[PathStatus, list[str]]:
    """Ask about the signer with `answer` in place of the services; the finding and the paths that were asked."""

    def respond(path: str, body: bytes) -> bytes | None:
        content = answer(path, body)
        return None if content is None else ok(content)

    with RawServer(respond, port=int(pki.url.rpartition(":")[2])) as server:
        evidence = RevocationClient(LOOPBACK).collect((key.certificate, *pki.chain), now=now())
        check = check_path(key.certificate, store=store_of(pki), at=now(), evidence=evidence, use="signing")
        return check.status, server.asked


def honest(pki: Pki, path: str, body: bytes) -> bytes:
    return pki.answer(path, body)


def test_ocsp_first(pki: Pki, software_key: MakeKey) -> None:
    """TT 15/2025 annex II: for every certificate below the anchor, and with the responders' certificates (B-LT)."""
    key = software_key()
    evidence = RevocationClient(LOOPBACK).collect((key.certificate, *pki.chain), now=now())
    assert (len(evidence.ocsp_responses), evidence.crls) == (2, ())
    held = {x509.load_der_x509_certificate(der) for der in evidence.certificates}
    responders = {pki.authority("ocsp-root").certificate, pki.authority("ocsp-subca").certificate}
    assert held == {key.certificate, pki.subca, pki.root} | responders


def test_the_list_when_ocsp_is_down(pki: Pki, software_key: MakeKey) -> None:
    """AC-72: OCSP down, CRL up: the state is known."""
    key = software_key()
    with pki.down("ocsp"):
        evidence = RevocationClient(LOOPBACK).collect((key.certificate, *pki.chain), now=now())
    assert (evidence.ocsp_responses, len(evidence.crls)) == ((), 2)
    check = check_path(key.certificate, store=store_of(pki), at=now(), evidence=evidence, use="signing")
    assert check.status is PathStatus.TRUSTED


def test_both_down_is_an_error_with_words(pki: Pki, software_key: MakeKey) -> None:
    """AC-72: never a silent "good"; the message is Vietnamese, the attempts are kept."""
    key = software_key(fresh=True)
    with pki.down("ocsp", "crl"), pytest.raises(RevocationUnavailable) as caught:
        RevocationClient(LOOPBACK).collect((key.certificate, *pki.chain), now=now())
    assert "Không kiểm tra được trạng thái thu hồi" in caught.value.text_vi
    assert caught.value.subject in caught.value.text_vi
    assert [attempt.url.rsplit("/", 1)[1] for attempt in caught.value.attempts] == ["subca", "subca.crl"]


def test_no_address_is_an_error_too(pki: Pki, software_key: MakeKey) -> None:
    """A certificate that names neither OCSP nor CRL cannot be checked."""
    key = software_key(addressed=False)
    with pytest.raises(RevocationUnavailable) as caught:
        RevocationClient(LOOPBACK).collect((key.certificate, *pki.chain), now=now())
    assert caught.value.attempts == ()


def test_addresses_off_the_list_are_not_asked(pki: Pki, software_key: MakeKey) -> None:
    """SSRF: the addresses come out of the certificate, the policy decides."""
    key = software_key()
    strict = NetworkPolicy(allowed_hosts=(".ca.gov.vn",))
    with pytest.raises(RevocationUnavailable) as caught:
        RevocationClient(strict).collect((key.certificate, *pki.chain), now=now())
    assert all("not on the list" in attempt.reason for attempt in caught.value.attempts)


def test_answers_are_kept_for_a_while(quiet: Pki, person: SoftwareKey) -> None:
    """A batch asks once; after a quarter of an hour it is asked again, whatever the answer promised."""
    chain = (person.certificate, *quiet.chain)
    port = int(quiet.url.rpartition(":")[2])
    quiet.set_ocsp_life(7 * 24 * 3600)
    with RawServer(lambda path, body: ok(quiet.answer(path, body)), port=port) as server:
        client = RevocationClient(LOOPBACK)
        first = client.collect(chain, now=now())
        assert client.collect(chain, now=now() + timedelta(minutes=14)) == first
        assert len(server.asked) == 2
        client.collect(chain, now=now() + timedelta(minutes=16))
        assert len(server.asked) == 4
        with pytest.raises(RevocationUnavailable):
            client.collect(chain, now=now() + 8 * DAY)
    quiet.set_ocsp_life(600)


def test_what_has_just_failed_is_asked_last(quiet: Pki, person: SoftwareKey) -> None:
    """A hanging OCSP responder costs a batch one wait, not one per paper; half a minute later it is tried again."""
    port = int(quiet.url.rpartition(":")[2])

    def respond(path: str, body: bytes) -> bytes | None:
        return None if body else ok(quiet.answer(path, body))

    with RawServer(respond, port=port) as server:
        client = RevocationClient(LOOPBACK, crl_max_age=timedelta(seconds=5))
        chain = (person.certificate, quiet.subca)
        for moment, asked in ((0, ["/ocsp/subca", "/crl/subca.crl"]), (10, ["/crl/subca.crl"]), (40, ["/ocsp/subca"])):
            server.asked.clear()
            client.collect(chain, now=now() + timedelta(seconds=moment))
            assert server.asked[: len(asked)] == asked


def test_a_list_serves_every_certificate_of_its_authority(quiet: Pki, person: SoftwareKey) -> None:
    """CRLs are fetched once for all signers."""
    other = make_key(quiet, "organisation")
    port = int(quiet.url.rpartition(":")[2])

    def respond(path: str, body: bytes) -> bytes | None:
        return None if body else ok(quiet.answer(path, body))

    with RawServer(respond, port=port) as server:
        client = RevocationClient(LOOPBACK)
        client.collect((person.certificate, *quiet.chain), now=now())
        client.collect((other.certificate, *quiet.chain), now=now())
        assert sorted(path for path in server.asked if path.endswith(".crl")) == ["/crl/root.crl", "/crl/subca.crl"]


def test_revoked_is_evidence_not_an_error(pki: Pki, software_key: MakeKey) -> None:
    """AC-70: the answer is kept, the judgement says revoked."""
    key = software_key(fresh=True)
    pki.revoke(pki.label_of(key.certificate))
    evidence = RevocationClient(LOOPBACK).collect((key.certificate, *pki.chain), now=now())
    check = check_path(key.certificate, store=store_of(pki), at=now(), evidence=evidence, use="signing")
    assert check.status is PathStatus.REVOKED


def test_without_misbehaviour_the_stand_in_is_believed(quiet: Pki, person: SoftwareKey) -> None:
    """The counter-test of the refusals below."""
    status, asked = collected(quiet, person, lambda path, body: honest(quiet, path, body))
    assert (status, asked) == (PathStatus.TRUSTED, ["/ocsp/subca", "/ocsp/root"])


@pytest.mark.parametrize(
    "case",
    ["forged", "other_certificate", "other_nonce", "stale", "future", "garbage", "error_status", "unknown", "empty"],
)
def test_a_bad_ocsp_answer_is_not_believed(
    quiet: Pki, person: SoftwareKey, other_pki: Pki, case: str, tmp_path: Path
) -> None:
    """AC-72: what is wrong in any way counts as no answer, and the list is asked instead."""
    issuer, leaf = quiet.subca, person.certificate
    responder = quiet.authority("ocsp-subca")

    def made(certificate: x509.Certificate, signer: Issuer, nonce: bytes) -> bytes:
        return ocsp_response(certificate, issuer, signer, nonce=nonce, this_update=now(), next_update=now() + HOUR)

    other = make_key(quiet).certificate
    foreign = other_pki.authority("ocsp-subca")
    bad: dict[str, Callable[[bytes], bytes]] = {
        "forged": lambda nonce: made(leaf, foreign, nonce),
        "other_certificate": lambda nonce: made(other, responder, nonce),
        "other_nonce": lambda nonce: made(leaf, responder, b"x" * 16),
        "stale": lambda nonce: ocsp_response(
            leaf, issuer, responder, this_update=now() - 2 * HOUR, next_update=now() - HOUR
        ),
        "future": lambda nonce: ocsp_response(
            leaf, issuer, responder, this_update=now() + HOUR, next_update=now() + 2 * HOUR
        ),
        "garbage": lambda nonce: b"<html>please log in</html>",
        "error_status": lambda nonce: b"0\x03\n\x01\x06",
        "empty": lambda nonce: b"",
        "unknown": lambda nonce: quiet.answer("/ocsp/subca", _about_a_stranger(quiet)),
    }

    def answer(path: str, body: bytes) -> bytes | None:
        if path != "/ocsp/subca":
            return honest(quiet, path, body)
        request = ocsp.load_der_ocsp_request(body)
        return bad[case](request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce)

    status, asked = collected(quiet, person, answer)
    assert status is PathStatus.TRUSTED
    assert "/crl/subca.crl" in asked


def _about_a_stranger(pki: Pki) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    stranger = leaf_certificate(
        authority_name("Lạ"), key, issuer=pki.authority("subca"), now=now(), addresses=Addresses()
    )
    builder = ocsp.OCSPRequestBuilder().add_certificate(stranger, pki.subca, hashes.SHA1())
    return builder.build().public_bytes(Encoding.DER)


def test_a_responder_that_answers_in_advance_has_no_nonce(quiet: Pki, person: SoftwareKey) -> None:
    """RFC 6960 4.4.1: a missing nonce is allowed, the dates then decide."""

    def answer(path: str, body: bytes) -> bytes | None:
        if path != "/ocsp/subca":
            return honest(quiet, path, body)
        responder = quiet.authority("ocsp-subca")
        return ocsp_response(
            person.certificate, quiet.subca, responder, this_update=now() - HOUR, next_update=now() + HOUR
        )

    status, asked = collected(quiet, person, answer)
    assert status is PathStatus.TRUSTED
    assert "/crl/subca.crl" not in asked


def test_a_responder_without_no_check_costs_a_list(quiet: Pki, person: SoftwareKey) -> None:
    """RFC 6960 4.2.2.2.1: the list is fetched for the responder; without it the responder is not believed."""
    private = ec.generate_private_key(ec.SECP256R1())
    certificate = leaf_certificate(
        authority_name("OCSP không miễn kiểm tra"),
        private.public_key(),
        issuer=quiet.authority("subca"),
        now=now(),
        addresses=Addresses(ocsp=(f"{quiet.url}/ocsp/subca",), crl=(f"{quiet.url}/crl/subca.crl",)),
        purposes=("1.3.6.1.5.5.7.3.9",),
    )
    responder = Issuer(certificate=certificate, key=private)

    def answer(path: str, body: bytes) -> bytes | None:
        if path != "/ocsp/subca":
            return honest(quiet, path, body)
        return ocsp_response(person.certificate, quiet.subca, responder, this_update=now(), next_update=now() + HOUR)

    status, asked = collected(quiet, person, answer)
    assert (status, asked) == (PathStatus.TRUSTED, ["/ocsp/subca", "/crl/subca.crl", "/ocsp/root"])

    def without_list(path: str, body: bytes) -> bytes | None:
        return None if path == "/crl/subca.crl" else answer(path, body)

    with pytest.raises(RevocationUnavailable, match="responder itself"):
        collected(quiet, person, without_list)


@pytest.mark.parametrize("case", ["forged", "stale", "garbage", "other_authority"])
def test_a_bad_list_is_not_believed_either(quiet: Pki, person: SoftwareKey, other_pki: Pki, case: str) -> None:
    """AC-72: OCSP down and a list that is wrong: nothing is known, and that is an error."""
    issuer = quiet.authority("subca")
    bad: dict[str, Callable[[], bytes]] = {
        "forged": lambda: crl(
            Issuer(certificate=issuer.certificate, key=other_pki.authority("subca").key), this_update=now()
        ),
        "stale": lambda: crl(issuer, this_update=now() - 30 * DAY, next_update=now() - 23 * DAY),
        "garbage": lambda: b"0\x82",
        "other_authority": lambda: quiet.answer("/crl/root.crl"),
    }

    def answer(path: str, body: bytes) -> bytes | None:
        if path.startswith("/ocsp"):
            return None
        return bad[case]() if path == "/crl/subca.crl" else honest(quiet, path, body)

    with pytest.raises(RevocationUnavailable):
        collected(quiet, person, answer)


def test_a_glance_takes_what_comes_at_once_and_leaves_the_silent_alone(quiet: Pki, person: SoftwareKey) -> None:
    """A file that brings its own answers is not held up by an authority that is gone: it is tried once in minutes."""
    chain, at = (person.certificate, *quiet.chain), now()
    port = int(quiet.url.rpartition(":")[2])
    client = RevocationClient(LOOPBACK)
    with RawServer(lambda _path, _body: None, port=port) as server:
        assert client.glance(chain, now=at).ocsp_responses == ()
        tried = len(server.asked)
        assert tried > 0
        assert client.glance(chain, now=at + timedelta(minutes=4)).crls == ()
        assert len(server.asked) == tried, "left alone"
    with RawServer(lambda path, body: ok(honest(quiet, path, body)), port=port) as server:
        assert client.glance(chain, now=at + timedelta(minutes=4)).ocsp_responses == ()
        assert server.asked == []
        needed = client.collect(chain, now=at + timedelta(minutes=4))
        assert len(needed.ocsp_responses) + len(needed.crls) == 2, "who needs the answer asks all the same"
    assert client.glance(chain, now=at + timedelta(minutes=4)) != RevocationEvidence(), "remembered"
    with RawServer(lambda path, body: ok(honest(quiet, path, body)), port=port):
        assert len(RevocationClient(LOOPBACK).glance(chain, now=at).ocsp_responses) == 2
