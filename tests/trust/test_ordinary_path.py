"""The quick yes of `trust.ordinary_path` beside certvalidator: it may have no opinion, never another one."""

import random
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from secondseal.demo.pki import Pki
from secondseal.demo.pki_shapes import authority_name
from tests.pki.fixtures import MakeKey
from tests.trust.certificate_mutations import mutated
from tests.trust.scene import DAY, NOTHING, now, store_of
from trust import PathStatus, TrustStore, check_path, load_der, names_one_algorithm
from trust.ordinary_path import is_ordinary
from trust.path import by_certvalidator

Plan = dict[str, Any]
POLICY = ObjectIdentifier("1.3.6.1.4.1.32473.1.1")
UNKNOWN = ObjectIdentifier("1.3.6.1.4.1.32473.2.2")


def plan() -> Plan:
    """Root, two authorities and a signer, as plain as can be. Extensions by class: (value, critical) or None."""
    return {name: _one(ca=name != "leaf") for name in ("root", "upper", "lower", "leaf")}


def _one(*, ca: bool) -> Plan:
    usage = dict.fromkeys(_USAGES, False) | {"key_cert_sign": ca, "digital_signature": not ca}
    return {
        "from": now() - 100 * DAY,
        "until": now() + 100 * DAY,
        "hash": hashes.SHA256(),
        "extensions": {
            "basic": (x509.BasicConstraints(ca=ca, path_length=None), True),
            "usage": (x509.KeyUsage(**usage), True),
        },
    }


_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@cache
def key_of(name: str) -> Any:
    return rsa.generate_private_key(65537, 2048) if name == "lower" else ec.generate_private_key(ec.SECP256R1())


def built(wanted: Plan) -> tuple[x509.Certificate, ...]:
    """The chain of a plan, signer first."""
    chain: list[x509.Certificate] = []
    above = "root"
    for name in ("root", "upper", "lower", "leaf"):
        terms = wanted[name]
        builder = x509.CertificateBuilder().subject_name(authority_name(terms.get("subject", name)))
        builder = builder.issuer_name(authority_name(terms.get("issuer", wanted[above].get("subject", above))))
        builder = builder.public_key(key_of(name).public_key()).serial_number(7)
        builder = builder.not_valid_before(terms["from"]).not_valid_after(terms["until"])
        for value, critical in filter(None, terms["extensions"].values()):
            builder = builder.add_extension(value, critical)
        signer = key_of(terms.get("signed by", above))
        scheme = terms.get("pss")
        chain.insert(0, builder.sign(signer, terms["hash"], rsa_padding=scheme))
        above = name
    return tuple(chain)


def extension(name: str, value: x509.ExtensionType, *, critical: bool = False) -> Callable[[Plan], None]:
    def twist(wanted: Plan) -> None:
        label = {"BasicConstraints": "basic", "KeyUsage": "usage"}.get(type(value).__name__, value.oid.dotted_string)
        wanted[name]["extensions"][label] = (value, critical)

    return twist


def without(name: str, label: str) -> Callable[[Plan], None]:
    return lambda wanted: wanted[name]["extensions"].update({label: None})


def terms(name: str, **changed: Any) -> Callable[[Plan], None]:
    return lambda wanted: wanted[name].update({key.replace("_", " "): value for key, value in changed.items()})


def authority(path_length: int | None, *, ca: bool = True) -> x509.BasicConstraints:
    return x509.BasicConstraints(ca=ca, path_length=path_length)


def policies(count: int) -> x509.CertificatePolicies:
    oids = [ObjectIdentifier(f"{POLICY.dotted_string}.{number}") for number in range(count)]
    return x509.CertificatePolicies([x509.PolicyInformation(oid, None) for oid in oids])


_names = x509.NameConstraints([x509.DirectoryName(authority_name("nobody"))], None)
_other = x509.UnrecognizedExtension(UNKNOWN, b"\x05\x00")
_crl_only = x509.KeyUsage(**{**dict.fromkeys(_USAGES, False), "crl_sign": True})
YES, NO = PathStatus.TRUSTED, PathStatus.UNTRUSTED

# what is twisted: (twist, has the quick check an opinion, what certvalidator says)
TWISTS: dict[str, tuple[Callable[[Plan], None], bool, PathStatus]] = {
    "nothing": (lambda wanted: None, True, YES),
    "policies": (extension("upper", policies(2)), True, YES),
    "policies without end": (extension("upper", policies(9)), False, YES),
    "purposes, critical": (
        extension("leaf", x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True), True, YES,
    ),
    "unknown extension": (extension("leaf", _other), True, YES),
    "unknown critical extension": (extension("leaf", _other, critical=True), False, NO),
    "unknown critical extension above": (extension("upper", _other, critical=True), False, NO),
    "names constrained": (extension("upper", _names, critical=True), False, NO),
    "names constrained, not critical": (extension("upper", _names), False, NO),
    "names constrained by the anchor": (extension("root", _names, critical=True), False, NO),
    "policy required": (extension("upper", x509.PolicyConstraints(0, None), critical=True), False, NO),
    "any policy inhibited": (extension("upper", x509.InhibitAnyPolicy(0), critical=True), False, YES),
    "no authority": (extension("lower", authority(None, ca=False), critical=True), False, NO),
    "silent about being one": (without("lower", "basic"), False, NO),
    "may not sign certificates": (extension("upper", _crl_only, critical=True), False, NO),
    "says no usage": (without("upper", "usage"), True, YES),
    "room for one": (extension("upper", authority(1), critical=True), True, YES),
    "no room": (extension("upper", authority(0), critical=True), False, NO),
    "room for none below the last": (extension("lower", authority(0), critical=True), True, YES),
    "anchor with room for two": (extension("root", authority(2), critical=True), True, YES),
    "anchor with room for one": (extension("root", authority(1), critical=True), False, NO),
    "anchor says nothing": (without("root", "basic"), False, YES),
    "signer is an authority": (extension("leaf", authority(None), critical=True), True, YES),
    "another signed it": (terms("leaf", signed_by="root"), False, NO),
    "another is named": (terms("lower", issuer="somebody"), False, NO),
    "issues itself": (terms("lower", subject="upper"), False, YES),
    "SHA-512": (terms("upper", hash=hashes.SHA512()), True, YES),
    "SHA3-256": (terms("upper", hash=hashes.SHA3_256()), False, NO),
    "SHA-224": (terms("upper", hash=hashes.SHA224()), False, YES),
    "PSS": (terms("leaf", pss=padding.PSS(padding.MGF1(hashes.SHA256()), 32)), False, YES),
    "dates that never meet": (
        terms("upper", **{"from": now() - 90 * DAY, "until": now() - 80 * DAY}),
        True,
        YES,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TWISTS)
def test_each_special_thing_is_left_to_certvalidator(name: str) -> None:
    """One twist at a time, and what each of the two says."""
    twist, opinion, said = TWISTS[name]
    wanted = plan()
    twist(wanted)
    chain = built(wanted)
    assert by_certvalidator(chain)[0] is said
    assert is_ordinary(chain) is opinion


def test_two_at_a_time_they_never_differ() -> None:
    """Of all pairs of twists a hundred: where there is an opinion, certvalidator has the same."""
    chosen = random.Random(36).sample(list(combinations(TWISTS, 2)), 100)
    opinions = 0
    for pair in chosen:
        wanted = plan()
        for name in pair:
            TWISTS[name][0](wanted)
        chain = built(wanted)
        if is_ordinary(chain):
            opinions += 1
            assert by_certvalidator(chain)[0] is YES, pair
    assert opinions > 5


@pytest.mark.filterwarnings("ignore:Parsed a serial number", "ignore:Attribute's length")
def test_nothing_odd_in_a_certificate_makes_them_differ() -> None:
    """Authorities that sign what they never should, changed at random: what is accepted certvalidator accepts too."""
    ders = [certificate.public_bytes(Encoding.DER) for certificate in built(plan())]
    keys = [key_of(name) for name in ("lower", "upper", "root")]
    opinions = 0
    for number in range(300):
        chosen = random.Random(f"ordinary {number}")
        place = chosen.randrange(3)
        chain = tuple(
            load_der(mutated(der, keys[place], chosen) if at == place else der) for at, der in enumerate(ders)
        )
        if None in chain or not is_ordinary(chain):  # type: ignore[arg-type]
            continue
        opinions += 1
        assert by_certvalidator(chain)[0] is YES, number  # type: ignore[arg-type]
        assert all(names_one_algorithm(one) for one in chain if one is not None), number
    assert opinions > 30


def test_the_algorithm_outside_is_the_one_inside() -> None:
    """RFC 5280, 4.1.1.2: nobody signs the one outside. certvalidator does not look; OpenSSL refuses."""
    chain = built(plan())
    odd = asn1_x509.Certificate.load(chain[0].public_bytes(Encoding.DER))
    odd["tbs_certificate"]["signature"] = {"algorithm": "sha512_rsa"}
    told = odd["tbs_certificate"].dump(force=True)
    odd["signature_value"] = key_of("lower").sign(told, padding.PKCS1v15(), hashes.SHA256())
    leaf = load_der(odd.dump(force=True))
    assert leaf is not None
    assert by_certvalidator((leaf, *chain[1:]))[0] is YES
    assert not is_ordinary((leaf, *chain[1:]))
    store = TrustStore(anchors=chain[-1:], intermediates=chain[1:-1])
    check = check_path(leaf, store=store, at=now(), evidence=NOTHING, use="signing", revocation="if-known")
    assert check.status is PathStatus.UNTRUSTED


@pytest.mark.parametrize(
    ("purposes", "signing", "timestamping"),
    [
        ([ExtendedKeyUsageOID.SERVER_AUTH], PathStatus.NOT_ALLOWED, PathStatus.NOT_ALLOWED),
        ([ExtendedKeyUsageOID.TIME_STAMPING], PathStatus.NOT_ALLOWED, PathStatus.TRUSTED),
        ([ExtendedKeyUsageOID.EMAIL_PROTECTION], PathStatus.TRUSTED, PathStatus.NOT_ALLOWED),
        ([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE], *[PathStatus.TRUSTED] * 2),
    ],
)
def test_purposes_of_an_authority_bound_its_signers(
    purposes: list[ObjectIdentifier], signing: PathStatus, timestamping: PathStatus
) -> None:
    """An authority for web servers issues no signers, whatever stands in what it issues."""
    for use, expected in (("signing", signing), ("timestamping", timestamping)):
        wanted = plan()
        extension("upper", x509.ExtendedKeyUsage(purposes))(wanted)
        if use == "timestamping":
            extension("leaf", x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)(wanted)
        chain = built(wanted)
        store = TrustStore(anchors=chain[-1:], intermediates=chain[1:-1])
        check = check_path(chain[0], store=store, at=now(), evidence=NOTHING, use=use, revocation="if-known")  # type: ignore[arg-type]
        assert check.status is expected, use


def test_dates_that_never_meet_are_no_opinion() -> None:
    """Authorities that were never valid together: the dates of any moment will say so themselves."""
    wanted = plan()
    wanted["leaf"].update({"from": now() - 50 * DAY})
    wanted["upper"].update({"until": now() - 50 * DAY - timedelta(seconds=5)})
    chain = built(wanted)
    assert not is_ordinary(chain)
    store = TrustStore(anchors=chain[-1:], intermediates=chain[1:-1])
    for at in (now(), now() - 50 * DAY, now() - 51 * DAY):
        check = check_path(chain[0], store=store, at=at, evidence=NOTHING, use="signing", revocation="if-known")
        assert check.status in (PathStatus.EXPIRED, PathStatus.NOT_YET_VALID)


def test_a_hash_too_weak_is_named_before_any_validator_is_asked() -> None:
    """SHA-224 is nothing TT 15/2025 annex I allows, though certvalidator would let it pass."""
    wanted = plan()
    wanted["leaf"]["hash"] = hashes.SHA224()
    chain = built(wanted)
    store = TrustStore(anchors=chain[-1:], intermediates=chain[1:-1])
    check = check_path(chain[0], store=store, at=now(), evidence=NOTHING, use="signing", revocation="if-known")
    assert check.status is PathStatus.NOT_ALLOWED
    assert "sha224" in check.detail


def test_the_papers_of_every_day_are_ordinary(pki: Pki, g1_pki: Pki, software_key: MakeKey) -> None:
    """Persons, organisations and time authorities as real authorities issue them: else nothing would be gained."""
    top = (pki.subca, pki.root)
    for leaf in (software_key().certificate, software_key("organisation").certificate):
        assert is_ordinary((leaf, *top))
    assert any(is_ordinary((pki.tsa, *rest)) for rest in (top, top[1:]))
    assert is_ordinary((software_key(at=g1_pki).certificate, g1_pki.subca))
    assert store_of(pki).is_anchor(pki.root)
