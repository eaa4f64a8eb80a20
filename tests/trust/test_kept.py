"""What is remembered of strangers' bytes: bounded by number and by size, and the same answer either way."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from secondseal.demo.pki import Pki
from secondseal.demo.pki_shapes import authority_name
from tests.pki.fixtures import MakeKey
from tests.trust.scene import DAY, now, ocsp_response, store_of
from trust import PathStatus, RevocationEvidence, check_path, judge_revocation, load_der
from trust.evidence import LARGEST_CERTIFICATE
from trust.kept import kept
from trust.revocation import LARGEST_EVIDENCE


def test_small_answers_are_remembered_large_ones_are_not() -> None:
    """Whatever its size, the answer is right; only the small are held."""
    asked: list[bytes] = []

    @kept(2, largest=3)
    def length(der: bytes, more: int = 0) -> int:
        asked.append(der)
        return len(der) + more

    assert [length(b"abc"), length(b"abc"), length(b"abc", 1)] == [3, 3, 4]
    assert [length(b"abcd"), length(b"abcd")] == [4, 4]
    assert asked == [b"abc", b"abc", b"abcd", b"abcd"]
    assert [length(b"b"), length(b"c"), length(b"abc")] == [1, 1, 3]
    assert asked[-1] == b"abc", "two at most are held"


def test_a_certificate_larger_than_any_real_one_is_not_read() -> None:
    """It is remembered nowhere, and helps to build no path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = authority_name("rất to")
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now() - DAY).not_valid_after(now() + DAY)
    padding = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.1"), bytes(LARGEST_CERTIFICATE))
    assert load_der(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)) is not None
    large = builder.add_extension(padding, critical=False).sign(key, hashes.SHA256())
    assert load_der(large.public_bytes(Encoding.DER)) is None
    assert load_der(b"no certificate") is None


def test_evidence_is_judged_alike_remembered_or_not(pki: Pki, software_key: MakeKey) -> None:
    """The same answer among much else, too much to be held; another answer about the same certificate is another."""
    leaf, at = software_key().certificate, now()
    issuer = pki.authority("subca")
    good = ocsp_response(leaf, issuer.certificate, issuer, this_update=at, next_update=at + DAY)
    bad = ocsp_response(leaf, issuer.certificate, issuer, this_update=at, revoked_at=at - DAY)
    much = tuple(bytes([number]) * LARGEST_EVIDENCE for number in range(2))
    for _ in range(2):
        for other in ((), much):
            for answer, state in ((good, "not_revoked"), (bad, "revoked")):
                evidence = RevocationEvidence(ocsp_responses=(answer, *other))
                assert judge_revocation(leaf, issuer.certificate, evidence, at=at).state == state
    early = RevocationEvidence(ocsp_responses=(bad,))
    for moment, expected in ((at, PathStatus.REVOKED), (at - 2 * DAY, PathStatus.REVOCATION_UNKNOWN)):
        check = check_path(leaf, store=store_of(pki), at=moment, evidence=early, use="signing")
        assert check.status is expected
