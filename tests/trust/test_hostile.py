"""Mutated certificates, evidence and tokens: always a value or a typed error, never an accident, never trust."""

import hashlib
import os
import random
import warnings
from collections.abc import Iterator

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from secondseal.demo.pki import Pki
from tests.pki.fixtures import MakeKey
from tests.trust.scene import NOTHING, crl, now, ocsp_response, store_of
from trust import (
    PathStatus,
    RevocationEvidence,
    TimestampInvalid,
    check_path,
    read_token,
    subject_kind,
    verify_token,
)

SOAK = int(os.environ.get("SOAK", "1"))  # `make soak` asks for more, with other seeds
COUNT = 300 * SOAK
DIGEST = hashlib.sha256(b"paper").digest()


def mutations(der: bytes, seed: int) -> Iterator[bytes]:
    """Flipped bits, overwritten lengths, cuts, doubled and dropped stretches."""
    chance = random.Random(f"{seed} {SOAK}")
    for _ in range(COUNT):
        data = bytearray(der)
        for _ in range(chance.choice((1, 1, 2, 5))):
            position = chance.randrange(len(data))
            match chance.randrange(5):
                case 0:
                    data[position] ^= 1 << chance.randrange(8)
                case 1:
                    data[position] = chance.choice((0x00, 0x7F, 0x80, 0x84, 0xFF))
                case 2:
                    del data[position : position + chance.randrange(1, 9)]
                case 3:
                    data[position:position] = data[position : position + chance.randrange(1, 9)]
                case _:
                    data[position] = chance.randrange(256)
        if bytes(data) != der:
            yield bytes(data)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    # cryptography warns about odd serial numbers and dates in certificates; here they are the point.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_mutated_certificates(pki: Pki, software_key: MakeKey) -> None:
    """Whatever parses as a certificate is judged; none but the original is trusted, nor helps another."""
    leaf = software_key().certificate
    judged = 0
    for der in mutations(leaf.public_bytes(Encoding.DER), 1):
        try:
            mutant = x509.load_der_x509_certificate(der)
        except (ValueError, x509.InvalidVersion):
            continue
        judged += 1
        check = check_path(
            mutant, store=store_of(pki), at=now(), evidence=NOTHING, use="signing", revocation="if-known"
        )
        # The count of unused bits before the signature is covered by nothing; all that is signed is.
        same = (mutant.tbs_certificate_bytes, mutant.signature) == (leaf.tbs_certificate_bytes, leaf.signature)
        assert same or check.status is not PathStatus.TRUSTED
        helped = check_path(
            leaf,
            others=(mutant,),
            store=store_of(pki),
            at=now(),
            evidence=NOTHING,
            use="signing",
            revocation="if-known",
        )
        assert helped.status is PathStatus.TRUSTED
    assert judged > COUNT / 10


def test_mutated_authorities(pki: Pki, software_key: MakeKey) -> None:
    """A mutated intermediate among the document's certificates never breaks the path, and never makes one."""
    leaf = software_key().certificate
    for der in mutations(pki.subca.public_bytes(Encoding.DER), 2):
        evidence = RevocationEvidence(certificates=(der,))
        kind = {"use": "signing", "revocation": "if-known"}
        with_own = check_path(leaf, store=store_of(pki), at=now(), evidence=evidence, **kind)  # type: ignore[arg-type]
        assert with_own.status is PathStatus.TRUSTED
        bare = type(store_of(pki))(anchors=(pki.root,))
        without = check_path(leaf, store=bare, at=now(), evidence=evidence, **kind)  # type: ignore[arg-type]
        assert without.status is not PathStatus.TRUSTED


def test_mutated_evidence(pki: Pki, software_key: MakeKey) -> None:
    """A mutated answer is no answer."""
    leaf = software_key().certificate
    honest = ocsp_response(pki.subca, pki.root, pki.authority("ocsp-root"), this_update=now())
    answer = ocsp_response(leaf, pki.subca, pki.authority("ocsp-subca"), this_update=now())
    listed = crl(pki.authority("subca"), this_update=now())
    pieces = [RevocationEvidence(ocsp_responses=(honest, der)) for der in mutations(answer, 3)]
    pieces += [RevocationEvidence(ocsp_responses=(honest,), crls=(der,)) for der in mutations(listed, 4)]
    believed = 0
    for evidence in pieces:
        check = check_path(leaf, store=store_of(pki), at=now(), evidence=evidence, use="signing")
        assert check.status in (PathStatus.TRUSTED, PathStatus.REVOCATION_UNKNOWN)
        believed += check.status is PathStatus.TRUSTED
    # What lies outside the signature (the carried responder certificate's tail, say) may change without harm.
    assert believed < len(pieces) / 10


def test_mutated_tokens(pki: Pki) -> None:
    """One typed error."""
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST}
    request = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "cert_req": True})
    response = tsp.TimeStampResp.load(pki.answer("/tsa", request.dump()))
    survived = 0
    for der in mutations(response["time_stamp_token"].dump(), 5):
        try:
            token = read_token(der)
            verify_token(token, DIGEST)
        except TimestampInvalid:
            continue
        survived += 1
        check = check_path(
            token.certificate,
            store=store_of(pki),
            at=token.gen_time,
            evidence=NOTHING,
            use="timestamping",
            revocation="if-known",
        )
        assert subject_kind(token.certificate) == "unknown"
        assert check.status is not PathStatus.TRUSTED or token.certificate == pki.tsa
    assert survived < COUNT / 10
