"""The arithmetic of one signature: digest, signature value, signing-certificate, and what the CMS carries.

Our own reading on `asn1crypto` and `cryptography` (pyHanko's costs several times more and is the oracle in the tests).
Only detached signatures with exactly one signer are computed; everything else becomes a `problem`.
"""

import hashlib
from typing import Any

from asn1crypto import cms, parser, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from trust import TimestampInvalid, read_token, verify_token
from verifier.facts import Mechanism

DETACHED = ("/adbe.pkcs7.detached", "/ETSI.CAdES.detached")
TIMESTAMP = "/ETSI.RFC3161"

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}
_HASHLIB = {*_HASHES, "md5"}
_REVOCATION_ARCHIVAL = "1.2.840.113583.1.1.8"  # adbe-revocationInfoArchival, ISO 32000-2 12.8.3.3.2


class CmsProblem(ValueError):
    """The CMS is not one detached signature by one signer; the text is a code of `findings`."""


def der_length(data: bytes) -> int:
    """Length of the DER value at the start of `data`, so that the zero padding of /Contents can be told from a tail.

    Raises CmsProblem where there is no definite-length SEQUENCE.
    """
    if len(data) < 2 or data[0] != 0x30 or data[1] == 0x80:
        raise CmsProblem("cms_malformed")
    if data[1] < 0x80:
        return 2 + data[1]
    count = data[1] & 0x7F
    if count > 4 or len(data) < 2 + count:
        raise CmsProblem("cms_malformed")
    return 2 + count + int.from_bytes(data[2 : 2 + count], "big")


def examine_signature(contents: bytes, signed: tuple[memoryview, memoryview]) -> Mechanism:
    """Examine a detached signature over `signed` (the two parts of its byte range). Never raises on bad bytes."""
    try:
        return _signature(contents, signed)
    except CmsProblem as problem:
        return Mechanism(problem=str(problem))
    except Exception as error:  # noqa: BLE001 - asn1crypto and cryptography raise many kinds on hostile DER
        return Mechanism(problem=f"cms_malformed: {type(error).__name__}"[:200])


def examine_timestamp(contents: bytes, signed: tuple[memoryview, memoryview]) -> Mechanism:
    """Examine a document timestamp: the token, and whether its imprint is the hash of the byte range."""
    try:
        der = contents[: der_length(contents)]
        _only_padding(contents, len(der))
        token = read_imprint(der)
        digest = _digest(token.hash_name, signed)
    except CmsProblem as problem:
        return Mechanism(problem=str(problem))
    except Exception as error:  # noqa: BLE001 - as in examine_signature
        return Mechanism(problem=f"cms_malformed: {type(error).__name__}"[:200])
    matches = digest == token.imprint
    return Mechanism(
        digest_algorithm=token.hash_name,
        digest_matches=matches,
        certificates=token.certificates,
        timestamp=der,
        timestamp_matches=matches,
        timestamp_problem=_token_problem(der),
        timestamp_time=token.gen_time,
        timestamp_digest=token.hash_name,
    )


class Imprint:
    """What a timestamp token stamps: `hash_name`, `imprint`, `gen_time` (UTC) and the certificates it carries."""

    def __init__(self, der: bytes) -> None:
        signed_data = cms.ContentInfo.load(der, strict=True)["content"]
        _frame(der, signed_data)
        content = signed_data["encap_content_info"]["content"].parsed
        if not isinstance(content, tsp.TSTInfo):
            raise CmsProblem("timestamp_malformed")
        stamped = content["message_imprint"]
        self.hash_name = str(stamped["hash_algorithm"]["algorithm"].native).replace("-", "_")
        self.imprint = bytes(stamped["hashed_message"].native)
        self.gen_time = content["gen_time"].native
        self.certificates = _certificates(signed_data)


def read_imprint(der: bytes) -> Imprint:
    """Read an RFC 3161 token. Raises CmsProblem or whatever asn1crypto raises."""
    return Imprint(der)


def _signature(contents: bytes, signed: tuple[memoryview, memoryview]) -> Mechanism:
    der = contents[: der_length(contents)]
    _only_padding(contents, len(der))
    info = cms.ContentInfo.load(der, strict=True)
    if info["content_type"].native != "signed_data":
        raise CmsProblem("cms_not_signed_data")
    signed_data = info["content"]
    if len(signed_data["signer_infos"]) != 1:
        raise CmsProblem("cms_signers")
    _frame(der, signed_data)
    if signed_data["encap_content_info"]["content_type"].native != "data":
        raise CmsProblem("cms_content_type")
    if signed_data["encap_content_info"]["content"].native is not None:
        raise CmsProblem("cms_not_detached")
    signer = signed_data["signer_infos"][0]
    attributes = _attributes(signer["signed_attrs"])
    certificates = _certificates(signed_data)
    certificate = _signers_certificate(signer["sid"], certificates)
    digest_name = str(signer["digest_algorithm"]["algorithm"].native)
    token = _token(signer)
    stamp = read_imprint(token) if token is not None else None
    value = bytes(signer["signature"].native)
    ocsp, crls = _archived(attributes)
    return Mechanism(
        problem=None if certificate is not None else "certificate_missing",
        digest_algorithm=digest_name,
        signature_algorithm=_algorithm_name(signer["signature_algorithm"], digest_name),
        digest_matches=_digest_matches(attributes, digest_name, signed),
        value_verifies=_value_verifies(signer, certificate, digest_name, value),
        signing_certificate=_signing_certificate(attributes, certificate),
        certificate=certificate,
        certificates=certificates,
        signing_time=_one(attributes, "signing_time").native if "signing_time" in attributes else None,
        timestamp=token,
        timestamp_matches=None if stamp is None else _hash(stamp.hash_name, value) == stamp.imprint,
        timestamp_problem=None if token is None else _token_problem(token),
        timestamp_time=None if stamp is None else stamp.gen_time,
        timestamp_digest=None if stamp is None else stamp.hash_name,
        ocsp_responses=ocsp,
        crls=crls,
    )


def _frame(der: bytes, signed_data: Any) -> None:
    """What nobody signs of a CMS is as RFC 5652 has it: nothing behind its content, known versions (5.1, 5.3), and the
    digest a signer uses named before; a reader that goes by these must not be misled."""
    content = parser.parse(der, strict=True)[4]
    kind = parser.peek(content)
    if kind + parser.peek(content[kind:]) != len(content):
        raise CmsProblem("cms_malformed")
    if signed_data["version"].native not in ("v1", "v3", "v4", "v5"):
        raise CmsProblem("cms_version")
    for signer in signed_data["signer_infos"]:
        if signer["version"].native != ("v1" if signer["sid"].name == "issuer_and_serial_number" else "v3"):
            raise CmsProblem("cms_version")
        named_by = signer["sid"].chosen
        if signer["sid"].name == "issuer_and_serial_number" and named_by.contents != b"".join(
            named_by[part].dump() for part in ("issuer", "serial_number")
        ):
            raise CmsProblem("cms_malformed")
    named = {algorithm["algorithm"].dotted for algorithm in signed_data["digest_algorithms"]}
    if named != {signer["digest_algorithm"]["algorithm"].dotted for signer in signed_data["signer_infos"]}:
        raise CmsProblem("cms_digest_algorithms")


def _only_padding(contents: bytes, length: int) -> None:
    if len(contents) < length:
        raise CmsProblem("cms_malformed")
    if contents[length:].strip(b"\0"):
        raise CmsProblem("cms_trailing_data")


def _attributes(signed_attributes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in signed_attributes:
        name = str(attribute["type"].native)
        if name in found:
            raise CmsProblem("cms_duplicate_attribute")
        found[name] = attribute["values"]
    if not found:
        raise CmsProblem("cms_no_signed_attributes")
    if _one(found, "content_type").native != "data":
        raise CmsProblem("cms_content_type")
    return found


def _one(attributes: dict[str, Any], name: str) -> Any:
    values = attributes.get(name)
    if values is None or len(values) != 1:
        raise CmsProblem("cms_attribute_" + name)
    return values[0]


def _certificates(signed_data: Any) -> tuple[bytes, ...]:
    return tuple(entry.chosen.dump() for entry in signed_data["certificates"] if entry.name == "certificate")


def _signers_certificate(sid: Any, certificates: tuple[bytes, ...]) -> bytes | None:
    for der in certificates:
        parsed = asn1_x509.Certificate.load(der)
        if sid.name == "issuer_and_serial_number":
            chosen = sid.chosen
            same = parsed.serial_number == chosen["serial_number"].native and (
                parsed.issuer.dump() == chosen["issuer"].dump() or parsed.issuer.native == chosen["issuer"].native
            )
        else:
            same = parsed.key_identifier == sid.chosen.native
        if same:
            return der
    return None


def _hash(name: str, data: bytes) -> bytes:
    if name not in _HASHLIB:
        raise CmsProblem("algorithm_unknown")
    return hashlib.new(name, data, usedforsecurity=False).digest()


def _digest(name: str, signed: tuple[memoryview, memoryview]) -> bytes:
    if name not in _HASHLIB:
        raise CmsProblem("algorithm_unknown")
    running = hashlib.new(name, usedforsecurity=False)
    for part in signed:
        running.update(part)
    return running.digest()


def _digest_matches(attributes: dict[str, Any], name: str, signed: tuple[memoryview, memoryview]) -> bool:
    return bool(_one(attributes, "message_digest").native == _digest(name, signed))


def _algorithm_name(algorithm: Any, digest_name: str) -> str:
    """ "rsa-pkcs1v15-sha256", "rsa-pss-sha256", "ecdsa-sha384"; anything else keeps its own name."""
    name = str(algorithm["algorithm"].native)
    if name == "rsassa_pss":
        return f"rsa-pss-{algorithm.hash_algo}"
    if name == "rsassa_pkcs1v15":
        return f"rsa-pkcs1v15-{digest_name}"
    if name.endswith("_rsa"):
        return f"rsa-pkcs1v15-{name.removesuffix('_rsa')}"
    if name.endswith("_ecdsa"):
        return f"ecdsa-{name.removesuffix('_ecdsa')}"
    if name in ("ec", "ecdsa"):
        return f"ecdsa-{digest_name}"
    return name


def _value_verifies(signer: Any, certificate: bytes | None, digest_name: str, value: bytes) -> bool | None:
    if certificate is None:
        return None
    encoded = bytes(signer["signed_attrs"].dump())
    if encoded[0] != 0xA0:
        raise CmsProblem("cms_malformed")
    signed = b"\x31" + encoded[1:]  # RFC 5652 5.4: hashed with the tag of a SET OF
    algorithm = signer["signature_algorithm"]
    scheme, _, hash_name = _algorithm_name(algorithm, digest_name).rpartition("-")
    if hash_name not in _HASHES or hash_name != digest_name:
        raise CmsProblem("algorithm_unknown")
    chosen = _HASHES[hash_name]()
    key = x509.load_der_x509_certificate(certificate).public_key()
    try:
        if scheme == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, signed, ec.ECDSA(chosen))
        elif scheme == "rsa-pkcs1v15" and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, signed, padding.PKCS1v15(), chosen)
        elif scheme == "rsa-pss" and isinstance(key, rsa.RSAPublicKey):
            parameters = algorithm["parameters"]
            mask_hash = str(parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native)
            mask = padding.MGF1(_HASHES[mask_hash]())
            key.verify(value, signed, padding.PSS(mask, int(parameters["salt_length"].native)), chosen)
        else:
            return False
    except InvalidSignature:
        return False
    except UnsupportedAlgorithm as error:
        raise CmsProblem("algorithm_unknown") from error
    return True


def _signing_certificate(attributes: dict[str, Any], certificate: bytes | None) -> Any:
    for name in ("signing_certificate_v2", "signing_certificate"):
        if name not in attributes:
            continue
        if certificate is None:
            return "mismatch"
        entry = _one(attributes, name)["certs"][0]
        hash_name = str(entry["hash_algorithm"]["algorithm"].native) if name.endswith("v2") else "sha1"
        return "matches" if _hash(hash_name, certificate) == entry["cert_hash"].native else "mismatch"
    return "absent"


def _token(signer: Any) -> bytes | None:
    tokens: list[bytes] = []
    for attribute in signer["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            tokens += [bytes(value.dump()) for value in attribute["values"]]
    return tokens[0] if tokens else None


def _token_problem(der: bytes) -> str | None:
    """Why a timestamp token does not hold; asked here, where hostile DER can do no harm, and not where it is judged."""
    try:
        token = read_token(der)
        verify_token(token, token.imprint)
    except TimestampInvalid as error:
        return error.reason
    except Exception as error:  # noqa: BLE001 - as in examine_signature
        return type(error).__name__
    return None


def _archived(attributes: dict[str, Any]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """OCSP responses and CRLs that Adobe-style signers put into the signed attributes."""
    values = attributes.get("adobe_revocation_info_archival") or attributes.get(_REVOCATION_ARCHIVAL)
    if values is None:
        return (), ()
    archive = values[0]
    return tuple(item.dump() for item in archive["ocsp"] or ()), tuple(item.dump() for item in archive["crl"] or ())
