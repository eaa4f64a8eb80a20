"""RFC 5280 section 6 for chains with nothing special in them, as nearly all are: a quick yes, or no opinion.

Where no certificate constrains names, and none below the anchor constrains or maps policies, issues itself or holds a
critical extension beyond the common ones, section 6 comes down to: signatures, names, authority, path lengths, dates
that can all hold at once. Everything else, and every doubt, is left to certvalidator (`trust.path`), which alone says
no (docs/decisions/0036).
"""

from functools import lru_cache
from itertools import pairwise

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, ObjectIdentifier, PublicKeyAlgorithmOID, SignatureAlgorithmOID

from trust.signature_value import elements, signed_by
from trust.unreadable import UNREADABLE

_SIGNATURES = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
        SignatureAlgorithmOID.ECDSA_WITH_SHA256,
        SignatureAlgorithmOID.ECDSA_WITH_SHA384,
        SignatureAlgorithmOID.ECDSA_WITH_SHA512,
    }
)
_KEYS = frozenset({PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5, PublicKeyAlgorithmOID.EC_PUBLIC_KEY})
_MAY_BE_CRITICAL = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    }
)
_SPECIAL = frozenset(
    {
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ObjectIdentifier("1.3.6.1.5.5.7.1.6"),  # AA controls, RFC 5755
    }
)
_FEW_POLICIES = 8
_UTF8, _ASCII = 0x0C, (0x13, 0x16)


@lru_cache(maxsize=1024)
def is_ordinary(chain: tuple[x509.Certificate, ...]) -> bool:
    """Whether the chain (certificate first, anchor last) is valid at some moment, by these simple rules alone.

    False means no opinion. All certificates must be `readable`. The dates of a moment, what the first certificate may
    be used for and revocation are asked elsewhere.
    """
    try:
        return _is_ordinary(chain)
    except UNREADABLE:
        return False


def _is_ordinary(chain: tuple[x509.Certificate, ...]) -> bool:
    below = chain[:-1]
    if not below:
        return False
    if max(c.not_valid_before_utc for c in below) > min(c.not_valid_after_utc for c in below):
        return False
    if not all(_has_nothing_special(certificate) for certificate in below):
        return False
    if any(extension.oid == ExtensionOID.NAME_CONSTRAINTS for extension in chain[-1].extensions):
        return False  # the one thing of an anchor, besides its room, that bounds what is below (RFC 5937)
    # `place` authorities stand between the issuer and the first certificate.
    if not all(_may_issue(issuer, place) for place, issuer in enumerate(chain[1:])):
        return False
    return all(
        certificate.issuer.public_bytes()
        == issuer.subject.public_bytes()  # to the letter: == knows no kinds of strings
        and certificate.signature_algorithm_oid in _SIGNATURES
        and issuer.public_key_algorithm_oid in _KEYS
        and signed_by(certificate, issuer)
        for certificate, issuer in pairwise(chain)
    )


@lru_cache(maxsize=1024)
def _has_nothing_special(certificate: x509.Certificate) -> bool:
    if certificate.version is not x509.Version.v3 or certificate.issuer == certificate.subject:
        return False
    if not _is_plain(certificate.subject):
        return False
    for extension in certificate.extensions:
        if extension.oid in _SPECIAL or (extension.critical and extension.oid not in _MAY_BE_CRITICAL):
            return False
        if isinstance(extension.value, x509.CertificatePolicies) and len(list(extension.value)) > _FEW_POLICIES:
            return False
    return True


def _is_plain(name: x509.Name) -> bool:
    """Strings as RFC 5280 (4.1.2.4) has them today; what else there is, readers read in different ways."""
    pairs = [elements(pair) for group in elements(name.public_bytes()) for pair in elements(group)]
    values = [value for _, value in pairs]
    return all(value[0] == _UTF8 or (value[0] in _ASCII and value[2:].isascii()) for value in values)


def _may_issue(issuer: x509.Certificate, below: int) -> bool:
    """An authority with room for `below` further ones under it; asked of anchors too, though section 6 does not."""
    found = {type(extension.value): extension.value for extension in issuer.extensions}
    constraints, usage = found.get(x509.BasicConstraints), found.get(x509.KeyUsage)
    if not isinstance(constraints, x509.BasicConstraints) or not constraints.ca:
        return False
    if constraints.path_length is not None and constraints.path_length < below:
        return False
    return not isinstance(usage, x509.KeyUsage) or usage.key_cert_sign
