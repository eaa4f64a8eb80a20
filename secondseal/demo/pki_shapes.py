"""What the certificates of the loopback PKI look like.

The chain is shaped like the state agencies' own: a root, one subordinate authority with path length 0
carrying CRL, OCSP and AIA addresses, and short-lived helpers for OCSP and time. Names say that nothing here is real.
`g1` gives the older shape: root and subordinate authority signed with SHA-1, leaves with SHA-256.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypedDict, Unpack

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

Shape = Literal["g2", "g1"]
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

AUTHORITY_FROM = datetime(2018, 8, 14, tzinfo=UTC)
AUTHORITY_TO = datetime(2048, 8, 14, tzinfo=UTC)
ORGANISATION_IDENTIFIER = ObjectIdentifier("2.5.4.97")
USER_ID = ObjectIdentifier("0.9.2342.19200300.100.1.1")
EXAMPLE_POLICY = ObjectIdentifier("1.3.6.1.4.1.32473.1.1")  # RFC 5612: the enterprise number kept for examples


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where a certificate sends people who want to check it. URLs; empty tuples leave the extension out."""

    ocsp: tuple[str, ...] = ()
    crl: tuple[str, ...] = ()
    issuer: tuple[str, ...] = ()


class Terms(TypedDict, total=False):
    """On what terms a leaf is issued; every key may be left out.

    `not_before`, `not_after`: aware times (default: a year ago, in four years). `usages` as in `x509.KeyUsage`
    (default: digital_signature and content_commitment), `purposes`: dotted EKU numbers (default: none). `sha1`: signed
    with SHA-1, for tests of refusal. `addressed` False: no OCSP, CRL and AIA addresses inside.
    """

    not_before: datetime | None
    not_after: datetime | None
    usages: tuple[str, ...]
    purposes: tuple[str, ...]
    sha1: bool
    addressed: bool


SIGNING_USAGES = ("digital_signature", "content_commitment")


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """An authority's certificate with its private key."""

    certificate: x509.Certificate
    key: PrivateKey


def authority_name(common_name: str) -> x509.Name:
    """The name of one of our authorities: country, an organisation that says it is a test, common name."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Second Seal - PKI thử nghiệm"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def fictional_number(label: str, digits: int) -> str:
    """A number nobody holds (it begins with 000), the same for the same label."""
    return "000" + str(int.from_bytes(hashlib.sha256(label.encode()).digest()[:8], "big"))[: digits - 3].zfill(
        digits - 3
    )


def person_name(
    common_name: str, *, organisation: str, unit: str | None, title: str | None, identity: str | None
) -> x509.Name:
    """A person's subject: the agency in O, the person's own name in CN, `CCCD:...` in UID."""
    pairs = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.TITLE, title),
        (NameOID.COMMON_NAME, common_name),
        (USER_ID, identity),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs if value])


def organisation_name(name: str, *, parent: str | None, identifier: str | None) -> x509.Name:
    """An agency's subject: its own name in CN and O (or the parent body in O), its tax or agency code in 2.5.4.97."""
    pairs = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, parent or name),
        (ORGANISATION_IDENTIFIER, identifier),
        (NameOID.COMMON_NAME, name),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs if value])


def authority_certificate(
    name: x509.Name,
    key: PublicKey,
    *,
    issuer: Issuer | None,
    signing_key: PrivateKey,
    path_length: int | None,
    addresses: Addresses,
    sha1: bool,
) -> x509.Certificate:
    """A root (no issuer) or a subordinate authority."""
    builder = _begin(name, key, issuer=issuer, not_before=AUTHORITY_FROM, not_after=AUTHORITY_TO)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = builder.add_extension(_usage({"key_cert_sign", "crl_sign"}), critical=True)
    if issuer is not None:
        policy = x509.PolicyInformation(EXAMPLE_POLICY, None)
        builder = builder.add_extension(x509.CertificatePolicies([policy]), critical=False)
    certificate = _addressed(builder, addresses).sign(signing_key, hashes.SHA256())
    return with_sha1(certificate, signing_key) if sha1 else certificate


def helper_certificate(
    name: x509.Name, key: PublicKey, *, issuer: Issuer, role: Literal["ocsp", "tsa"], addresses: Addresses
) -> x509.Certificate:
    """An OCSP responder's certificate (with no-check, RFC 6960 4.2.2.2.1) or a time-stamping one (RFC 3161 2.3)."""
    builder = _begin(name, key, issuer=issuer, not_before=AUTHORITY_FROM, not_after=AUTHORITY_TO)
    builder = builder.add_extension(_usage({"digital_signature"}), critical=True)
    purpose = ExtendedKeyUsageOID.OCSP_SIGNING if role == "ocsp" else ExtendedKeyUsageOID.TIME_STAMPING
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    if role == "ocsp":
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    return _addressed(builder, addresses).sign(issuer.key, hashes.SHA256())


def leaf_certificate(
    name: x509.Name, key: PublicKey, *, issuer: Issuer, now: datetime, addresses: Addresses, **terms: Unpack[Terms]
) -> x509.Certificate:
    """A person's or an organisation's certificate."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    not_before = terms.get("not_before") or day - timedelta(days=365)
    not_after = terms.get("not_after") or day + timedelta(days=4 * 365)
    builder = _begin(name, key, issuer=issuer, not_before=not_before, not_after=not_after)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(set(terms.get("usages", SIGNING_USAGES))), critical=True)
    purposes = [ObjectIdentifier(number) for number in terms.get("purposes", ())]
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    policy = x509.PolicyInformation(EXAMPLE_POLICY, None)
    builder = builder.add_extension(x509.CertificatePolicies([policy]), critical=False)
    if terms.get("addressed", True):
        builder = _addressed(builder, addresses)
    certificate = builder.sign(issuer.key, hashes.SHA256())
    return with_sha1(certificate, issuer.key) if terms.get("sha1", False) else certificate


def with_sha1(certificate: x509.Certificate, key: PrivateKey) -> x509.Certificate:
    """The same certificate signed with SHA-1, as the G1 authorities were; `cryptography` refuses to."""
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the G1 shape is RSA")
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
    tbs = parsed["tbs_certificate"].copy()
    algorithm = {"algorithm": "sha1_rsa"}
    tbs["signature"] = algorithm
    signature = key.sign(tbs.dump(force=True), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    again = asn1_x509.Certificate(
        {"tbs_certificate": tbs, "signature_algorithm": algorithm, "signature_value": signature}
    )
    return x509.load_der_x509_certificate(again.dump(force=True))


def _begin(
    name: x509.Name, key: PublicKey, *, issuer: Issuer | None, not_before: datetime, not_after: datetime
) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    if issuer is None:
        return builder
    identifier = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
    )


def _addressed(builder: x509.CertificateBuilder, addresses: Addresses) -> x509.CertificateBuilder:
    access = [
        *((AuthorityInformationAccessOID.OCSP, url) for url in addresses.ocsp),
        *((AuthorityInformationAccessOID.CA_ISSUERS, url) for url in addresses.issuer),
    ]
    if access:
        described = [x509.AccessDescription(oid, x509.UniformResourceIdentifier(url)) for oid, url in access]
        builder = builder.add_extension(x509.AuthorityInformationAccess(described), critical=False)
    if addresses.crl:
        names = [x509.UniformResourceIdentifier(url) for url in addresses.crl]
        point = x509.DistributionPoint(full_name=names, relative_name=None, reasons=None, crl_issuer=None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return builder


def _usage(names: set[str]) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    unknown = names - set(every)
    if unknown:
        raise ValueError(f"no such key usage: {sorted(unknown)}")
    return x509.KeyUsage(**{name: name in names for name in every})
