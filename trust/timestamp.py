"""RFC 3161 time stamp tokens: reading and verifying, without any network.

The checks of `verify_token`, in order: 1 the imprint is the digest asked about; 2 the signed attributes name this
content (content-type, message-digest); 3 the signing certificate is bound inside (ESSCertID, RFC 2634 and 5816), so
nobody swaps it; 4 the signature value holds. Whether the certificate is a trusted time authority is `check_path`'s
question.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import algos, cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509.oid import PublicKeyAlgorithmOID

from trust.errors import TimestampInvalid
from trust.evidence import der_of
from trust.kept import kept
from trust.signature_value import holds, readable
from trust.unreadable import UNREADABLE

_LARGEST_KEPT = 32_768
"""Bytes of a token that may be remembered with what it says; real ones have some 2,000 to 8,000."""
IMPRINT_HASHES = ("sha256", "sha384", "sha512")
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True, kw_only=True)
class TimestampToken:
    """One token. `gen_time` is UTC; `imprint` the digest it covers, made with `hash_name` (sha256, sha384, sha512).

    `certificate` is the time authority's, `certificates` everything the token carries. `serial` and `policy` as the
    authority set them; `nonce` only where the request had one. `accuracy`: by how much the time may be off, as the
    authority says; nothing where it says nothing.
    """

    der: bytes
    gen_time: datetime
    imprint: bytes
    hash_name: str
    certificate: x509.Certificate
    certificates: tuple[x509.Certificate, ...]
    serial: int
    policy: str
    nonce: int | None = None
    accuracy: timedelta = timedelta(0)


def read_token(der: bytes, *, others: Iterable[x509.Certificate] = ()) -> TimestampToken:
    """Parse a token (a CMS ContentInfo in DER). Raises TimestampInvalid.

    `others` are certificates to find the signer among where the token carries none (certReq was false).
    """
    return _read(der, tuple(others))


@kept(256, largest=_LARGEST_KEPT)
def _read(der: bytes, others: tuple[x509.Certificate, ...]) -> TimestampToken:
    try:
        signed, info = _parsed(der)
        imprint = info["message_imprint"]
        hash_name = imprint["hash_algorithm"]["algorithm"].native
        carried = tuple(_carried(signed))
        signer = _signer(signed["signer_infos"][0], (*carried, *others))
        gen_time = info["gen_time"].native
        digest = imprint["hashed_message"].native
        nonce = info["nonce"].native
        serial = info["serial_number"].native
        policy = info["policy"].dotted
        accuracy = _accuracy(info["accuracy"])
        understood = not any(extension["critical"].native for extension in info["extensions"])
    except TimestampInvalid:
        raise
    except UNREADABLE as error:
        raise TimestampInvalid("malformed", str(error)) from error
    if hash_name not in IMPRINT_HASHES:
        raise TimestampInvalid("algorithm", f"imprint made with {hash_name}")
    if not understood:
        raise TimestampInvalid("malformed", "an extension that must be understood")
    if signer is None:
        raise TimestampInvalid("certificate_missing")
    if not isinstance(gen_time, datetime) or gen_time.tzinfo is None:
        raise TimestampInvalid("malformed", "genTime without its zone, or in no year")
    return TimestampToken(
        der=der,
        gen_time=gen_time,
        imprint=digest,
        hash_name=hash_name,
        certificate=signer,
        certificates=carried,
        serial=serial,
        policy=policy,
        nonce=nonce,
        accuracy=accuracy,
    )


def _accuracy(accuracy: tsp.Accuracy) -> timedelta:
    if accuracy.native is None:
        return timedelta(0)
    seconds, millis, micros = (accuracy[part].native or 0 for part in ("seconds", "millis", "micros"))
    return timedelta(seconds=seconds, milliseconds=millis, microseconds=micros)


def digest_for(token: TimestampToken, data: bytes) -> bytes:
    """The digest of `data` with the hash this token uses: what to hand to `verify_token`."""
    return hashlib.new(token.hash_name, data).digest()


def verify_token(token: TimestampToken, data_digest: bytes) -> None:
    """Check the token against the digest it should cover (see this module's text). Raises TimestampInvalid."""
    if token.imprint != data_digest:
        raise TimestampInvalid("imprint", "it was made for other data")
    try:
        signed, _ = _parsed(token.der)
        content = bytes(signed["encap_content_info"]["content"])  # all of it, also what the parser did not need
        signer_info = signed["signer_infos"][0]
        attributes = signer_info["signed_attrs"]
        hash_name = signer_info["digest_algorithm"]["algorithm"].native
        algorithm = signer_info["signature_algorithm"]
        _check_content(attributes, content, hash_name)
        _check_binding(attributes, token.certificate)
        # The value is over the attributes as a SET OF, whatever implicit tag they travel under (RFC 5652 5.4).
        data = b"\x31" + attributes.dump()[1:]
        value = signer_info["signature"].native
        hash_of, scheme = _scheme(algorithm, hash_name, token.certificate)
    except TimestampInvalid:
        raise
    except UNREADABLE as error:
        raise TimestampInvalid("malformed", str(error)) from error
    if not holds(token.certificate.public_key(), value, data, hash_of, scheme):
        raise TimestampInvalid("signature")


def _parsed(der: bytes) -> tuple[cms.SignedData, tsp.TSTInfo]:
    content_info = cms.ContentInfo.load(der, strict=True)
    if content_info["content_type"].native != "signed_data":
        raise TimestampInvalid("malformed", "not signed data")
    signed = content_info["content"]
    if signed["encap_content_info"]["content_type"].native != "tst_info":
        raise TimestampInvalid("malformed", "no time stamp inside")
    if len(signed["signer_infos"]) != 1:
        raise TimestampInvalid("malformed", "a time stamp has exactly one signer (RFC 3161 2.4.2)")
    return signed, signed["encap_content_info"]["content"].parsed


def _carried(signed: cms.SignedData) -> Iterable[x509.Certificate]:
    for choice in signed["certificates"] or ():
        if choice.name == "certificate":
            certificate = x509.load_der_x509_certificate(choice.chosen.dump())
            if readable(certificate):
                yield certificate


def _signer(signer_info: cms.SignerInfo, candidates: Iterable[x509.Certificate]) -> x509.Certificate | None:
    sid = signer_info["sid"]
    for candidate in candidates:
        if sid.name == "issuer_and_serial_number":
            serial = sid.chosen["serial_number"].native
            if candidate.serial_number == serial and candidate.issuer.public_bytes() == sid.chosen["issuer"].dump():
                return candidate
        elif _key_identifier(candidate) == sid.chosen.native:
            return candidate
    return None


def _key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return None


def _attribute(attributes: cms.CMSAttributes, name: str) -> core.Asn1Value | None:
    found = [attribute for attribute in attributes if attribute["type"].native == name]
    if len(found) > 1 or (found and len(found[0]["values"]) != 1):
        raise TimestampInvalid("malformed", f"{name} occurs more than once")
    return found[0]["values"][0] if found else None


def _check_content(attributes: cms.CMSAttributes, content: bytes, hash_name: str) -> None:
    if hash_name not in IMPRINT_HASHES:
        raise TimestampInvalid("algorithm", f"signed with {hash_name}")
    kind = _attribute(attributes, "content_type")
    digest = _attribute(attributes, "message_digest")
    if kind is None or kind.native != "tst_info" or digest is None:
        raise TimestampInvalid("malformed", "a signed attribute is missing")
    if digest.native != hashlib.new(hash_name, content).digest():
        raise TimestampInvalid("signature", "the time was altered")


def _check_binding(attributes: cms.CMSAttributes, certificate: x509.Certificate) -> None:
    v2 = _attribute(attributes, "signing_certificate_v2")
    if v2 is not None:
        named = v2["certs"][0]
        expected = hashlib.new(named["hash_algorithm"]["algorithm"].native, der_of(certificate)).digest()
    else:
        v1 = _attribute(attributes, "signing_certificate")
        if v1 is None:
            raise TimestampInvalid("certificate_binding", "no ESSCertID")
        named = v1["certs"][0]
        # RFC 2634's ESSCertID knows only SHA-1; it binds, the signature above it is what protects.
        expected = hashlib.sha1(der_of(certificate), usedforsecurity=False).digest()
    if named["cert_hash"].native != expected:
        raise TimestampInvalid("certificate_binding", "it names another certificate")


def _scheme(
    algorithm: algos.SignedDigestAlgorithm, hash_name: str, certificate: x509.Certificate
) -> tuple[hashes.HashAlgorithm | None, padding.PSS | None]:
    """The hash and, for RSASSA-PSS, its parameters; no hash where the algorithm is not one for this key."""
    family = "ecdsa" if isinstance(certificate.public_key(), ec.EllipticCurvePublicKey) else "rsassa"
    if certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS:
        family = "rsassa_pss"  # RFC 4055, 1.2: a key certified for PSS makes no other signatures
    if not algorithm.signature_algo.startswith(family):
        return None, None
    if algorithm["algorithm"].native == "rsassa_pss":
        parameters = algorithm["parameters"]
        hash_name = parameters["hash_algorithm"]["algorithm"].native
        mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
        if hash_name not in _HASHES or mask not in _HASHES or parameters["trailer_field"].native != "trailer_field_bc":
            return None, None
        salt = parameters["salt_length"].native
        return _HASHES[hash_name](), padding.PSS(padding.MGF1(_HASHES[mask]()), salt_length=salt)
    # "rsassa_pkcs1v15" alone names no hash: then the digest algorithm's is meant (RFC 3370 3.2).
    try:
        named = algorithm.hash_algo
    except ValueError:
        named = hash_name
    return (_HASHES[named]() if named in _HASHES else None), None
