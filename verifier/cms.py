"""The arithmetic of one signature: digest, signature value, signing-certificate, and what the CMS carries.

Our own reading on `asn1crypto` and `cryptography` (pyHanko's costs several times more and is the oracle in the tests).
Computed are signatures by exactly one person over the byte range itself, or over its SHA-1 as adbe.pkcs7.sha1 has it;
everything else becomes a `problem`.
"""

from collections import OrderedDict
from datetime import datetime
from typing import Any

from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509

from trust import TimestampInvalid, read_token, verify_token
from verifier.ber import BerProblem, definite, read_cms
from verifier.cms_frame import check_frame
from verifier.facts import Mechanism
from verifier.signature_value import (
    CmsProblem,
    Parts,
    algorithm_name,
    digest_name,
    digest_of,
    hash_of,
    value_verifies,
)

DETACHED = ("/adbe.pkcs7.detached", "/ETSI.CAdES.detached", "/adbe.pkcs7.sha1")  # the last: detached in effect
TIMESTAMP = "/ETSI.RFC3161"

_SIGNERS = 2
_REVOCATION_ARCHIVAL = "1.2.840.113583.1.1.8"  # adbe-revocationInfoArchival, ISO 32000-2 12.8.3.3.2


def examine_signature(contents: bytes, signed: Parts) -> Mechanism:
    """Examine a detached signature over `signed` (the two parts of its byte range). Never raises on bad bytes."""
    try:
        return _signature(contents, signed)
    except (CmsProblem, BerProblem) as problem:
        return Mechanism(problem=str(problem))
    except Exception as error:  # noqa: BLE001 - asn1crypto and cryptography raise many kinds on hostile DER
        return Mechanism(problem=f"cms_malformed: {type(error).__name__}"[:200])


def examine_timestamp(contents: bytes, signed: Parts) -> Mechanism:
    """Examine a document timestamp: the token, and whether its imprint is the hash of the byte range."""
    try:
        der = read_cms(contents)
        token = read_imprint(der)
        digest = digest_of(token.hash_name, signed)
    except (CmsProblem, BerProblem) as problem:
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
        check_frame(der, signed_data)
        content = signed_data["encap_content_info"]["content"].parsed
        if not isinstance(content, tsp.TSTInfo):
            raise CmsProblem("timestamp_malformed")
        stamped = content["message_imprint"]
        self.hash_name = str(stamped["hash_algorithm"]["algorithm"].native).replace("-", "_")
        self.imprint = bytes(stamped["hashed_message"].native)
        self.gen_time = _moment(content["gen_time"])
        self.certificates = _certificates(signed_data)


def read_imprint(der: bytes) -> Imprint:
    """Read an RFC 3161 token. Raises CmsProblem or whatever asn1crypto raises."""
    return Imprint(der)


def _signature(contents: bytes, signed: Parts) -> Mechanism:
    der = read_cms(contents)
    info = cms.ContentInfo.load(der, strict=True)
    if info["content_type"].native != "signed_data":
        raise CmsProblem("cms_not_signed_data")
    signed_data = info["content"]
    if not 1 <= len(signed_data["signer_infos"]) <= _SIGNERS:
        raise CmsProblem("cms_signers")
    check_frame(der, signed_data)
    if signed_data["encap_content_info"]["content_type"].native != "data":
        raise CmsProblem("cms_content_type")
    held = _held(signed_data["encap_content_info"]["content"].native)
    found = [_by_one(signed_data, signer, held, signed) for signer in signed_data["signer_infos"]]
    if len({_outcome(one) for one in found}) != 1:
        raise CmsProblem("cms_signers")
    return found[0]


def _outcome(one: Mechanism) -> tuple[object, ...]:
    """What several signatures in one CMS must have in common: PoDoFo signs twice with one key, by two digests."""
    return one.certificate, one.problem, one.digest_matches, one.value_verifies, one.signing_certificate


def _by_one(signed_data: Any, signer: Any, held: bytes | None, signed: Parts) -> Mechanism:
    encoded = bytes(signer["signed_attrs"].dump())  # before they are opened: asn1crypto encodes anew what it opened
    attributes = _attributes(signer["signed_attrs"])
    if encoded and not attributes:  # one value over an empty set would be over every paper
        raise CmsProblem("cms_malformed")
    certificates = _certificates(signed_data)
    certificate = _signers_certificate(signer["sid"], certificates)
    digest = digest_name(signer["digest_algorithm"])
    token = _token(signer)
    stamp = _stamp(token)
    value = bytes(signer["signature"].native)
    ocsp, crls = _archived(attributes)
    verifies = value_verifies(signer, certificate, digest, value, held, signed)
    if held is not None and held != digest_of("sha1", signed):
        matches: bool | None = False
    elif attributes:
        matches = _digest_matches(attributes, digest, held, signed)
    else:
        matches = True if verifies else None  # one number stands for both, and does not say which of them is wrong
    named = bool(attributes) and held is None  # a report names digests of the byte range, by its own algorithm
    return Mechanism(
        problem=None if certificate is not None else "certificate_missing",
        digest_algorithm=digest if held is None else "sha1",
        signature_algorithm=algorithm_name(signer["signature_algorithm"], digest),
        digest_matches=matches,
        value_verifies=verifies,
        signing_certificate=_signing_certificate(attributes, certificate),
        certificate=certificate,
        certificates=certificates,
        signing_time=_moment(_one(attributes, "signing_time")) if "signing_time" in attributes else None,
        timestamp=token,
        timestamp_matches=None if token is None else stamp is not None and _stamps(stamp, value),
        timestamp_problem=None if token is None else _token_problem(token),
        timestamp_time=None if stamp is None else stamp.gen_time,
        timestamp_digest=None if stamp is None else stamp.hash_name,
        ocsp_responses=ocsp,
        crls=crls,
        value=value,
        message_digest=bytes(_one(attributes, "message_digest").native) if named else None,
        attributes_digest=hash_of(digest, b"\x31" + encoded[1:]) if named else None,
    )


def _held(content: Any) -> bytes | None:
    """The SHA-1 that adbe.pkcs7.sha1 signs in place of the byte range; None in a detached signature."""
    if content is None:
        return None
    if not isinstance(content, bytes) or len(content) != 20:
        raise CmsProblem("cms_not_detached")
    return content


def _attributes(signed_attributes: Any) -> dict[str, Any]:
    """The signed attributes by name; none at all is allowed (RFC 5652, 5.3): the value is then over the content."""
    found: dict[str, Any] = {}
    for attribute in signed_attributes:
        name = str(attribute["type"].native)
        if name in found:
            raise CmsProblem("cms_duplicate_attribute")
        found[name] = attribute["values"]
    if found and _one(found, "content_type").native != "data":
        raise CmsProblem("cms_content_type")
    return found


def _one(attributes: dict[str, Any], name: str) -> Any:
    values = attributes.get(name)
    if values is None or len(values) != 1:
        raise CmsProblem("cms_attribute_" + name)
    return values[0]


def _moment(value: Any) -> datetime:
    """A time of the CMS: with its zone, as RFC 5652 (11.3) and RFC 3161 want it, and in a year there was."""
    moment = value.native
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise CmsProblem("cms_time")
    return moment


def _certificates(signed_data: Any) -> tuple[bytes, ...]:
    return tuple(entry.chosen.dump() for entry in signed_data["certificates"] if entry.name == "certificate")


def _signers_certificate(sid: Any, certificates: tuple[bytes, ...]) -> bytes | None:
    """The certificate that the signer's identifier names, in full: nobody signs the identifier."""
    for der in certificates:
        parsed = asn1_x509.Certificate.load(der)
        if sid.name != "issuer_and_serial_number":
            same = parsed.key_identifier == sid.chosen.native
        else:
            same = parsed.serial_number == sid.chosen["serial_number"].native and (
                parsed.issuer.dump() == sid.chosen["issuer"].dump()
                or parsed.issuer.native in (sid.chosen["issuer"].native, _once_encoded(sid.chosen["issuer"].native))
            )
        if same:
            return der
    return None


def _once_encoded(name: Any) -> Any:
    """A name whose UTF-8 was taken for Latin-1 and encoded again, as node-forge writes the issuer (under most signers
    in JavaScript), as it was meant. Raises nothing; any other name comes back as it is."""
    try:
        if isinstance(name, str):
            return name.encode("latin-1").decode("utf-8")
        if isinstance(name, list):
            return [_once_encoded(value) for value in name]
        return OrderedDict((kind, _once_encoded(value)) for kind, value in name.items())
    except UnicodeError:
        return name


def _digest_matches(attributes: dict[str, Any], name: str, held: bytes | None, signed: Parts) -> bool:
    digest = digest_of(name, signed) if held is None else hash_of(name, held)
    return bool(_one(attributes, "message_digest").native == digest)


def _signing_certificate(attributes: dict[str, Any], certificate: bytes | None) -> Any:
    named = [name for name in ("signing_certificate_v2", "signing_certificate") if name in attributes]
    for name in named:  # both, where both are there: another reader may go by the other
        if certificate is None:
            return "mismatch"
        entry = _one(attributes, name)["certs"][0]
        hash_name = str(entry["hash_algorithm"]["algorithm"].native) if name.endswith("v2") else "sha1"
        if hash_name == "md5" or hash_of(hash_name, certificate) != entry["cert_hash"].native:
            return "mismatch"
    return "matches" if named else "absent"


def _token(signer: Any) -> bytes | None:
    tokens: list[bytes] = []
    for attribute in signer["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            tokens += [bytes(value.dump()) for value in attribute["values"]]
    if not tokens:
        return None
    try:
        return definite(tokens[0])
    except BerProblem:
        return tokens[0]  # kept as it is: `_token_problem` names it


def _stamp(token: bytes | None) -> Imprint | None:
    """What a signature's token stamps; one that cannot be read proves nothing, and harms nothing."""
    try:
        return None if token is None else read_imprint(token)
    except Exception:  # noqa: BLE001 - as in examine_signature; `_token_problem` names it
        return None


def _stamps(stamp: Imprint, value: bytes) -> bool:
    try:
        return hash_of(stamp.hash_name, value) == stamp.imprint
    except CmsProblem:
        return False


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
