"""What is remembered about certificates is remembered about these objects; equal ones are asked about afresh."""

from cryptography import x509

from secondseal.demo.pki import Pki
from tests.pki.fixtures import MakeKey
from tests.trust.scene import now, store_of
from trust import RevocationEvidence, check_path, der_of
from trust.same import Same


def test_these_objects_and_no_others(pki: Pki) -> None:
    one, other = pki.subca, pki.root
    again = x509.load_der_x509_certificate(der_of(one))
    assert again == one
    assert Same(one, other) == Same(one, other)
    assert hash(Same(one, other)) == hash(Same(one, other))
    different = (Same(other, one), Same(one), Same(one, other, other), Same(again, other), (one, other))
    assert all(Same(one, other) != that for that in different)


def test_an_equal_certificate_read_anew_is_judged_alike(pki: Pki, software_key: MakeKey) -> None:
    key = software_key()
    store, at = store_of(pki), now()
    checks = [
        check_path(leaf, store=store, at=at, evidence=RevocationEvidence(), use="signing", revocation="if-known")
        for leaf in (key.certificate, x509.load_der_x509_certificate(der_of(key.certificate)), key.certificate)
    ]
    assert checks[0] == checks[1] == checks[2]
    assert checks[0].status == "trusted"
