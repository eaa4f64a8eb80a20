"""Time stamp tokens in shapes our own authority does not make, signed with real keys."""

import hashlib
from datetime import UTC, datetime

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

PSS = {
    "algorithm": "rsassa_pss",
    "parameters": algos.RSASSAPSSParams(
        {
            "hash_algorithm": {"algorithm": "sha256"},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}},
            "salt_length": 32,
        }
    ),
}


def attribute(name: str, value: object) -> cms.CMSAttribute:
    """A CMS attribute with one value."""
    return cms.CMSAttribute({"type": name, "values": [value]})


def binding_v2(certificate: x509.Certificate) -> cms.CMSAttribute:
    """ESSCertIDv2 with SHA-256 (RFC 5816)."""
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    named = tsp.ESSCertIDv2({"hash_algorithm": {"algorithm": "sha256"}, "cert_hash": digest})
    return attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [named]}))


def made_token(
    imprint: bytes,
    certificate: x509.Certificate,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    hash_name: str = "sha256",
    algorithm: dict[str, object] | None = None,
    by_key_identifier: bool = False,
    extra: tuple[cms.CMSAttribute, ...] | None = None,
    without: str = "",
    content_type: str = "tst_info",
    signers: int = 1,
    behind: bytes = b"",
    gen_time: datetime | None = None,
    more: dict[str, object] | None = None,
) -> bytes:
    """A token over a SHA-256 imprint. `algorithm`: what the signer info says (default: by key and hash); `without`
    leaves one signed attribute out; `extra` replaces the ESSCertIDv2 attribute; `behind` follows the signed
    content, `more` is put into it."""
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3",
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": imprint},
            "serial_number": 7,
            "gen_time": gen_time or datetime.now(UTC).replace(microsecond=0),
            **(more or {}),
        }
    )
    attributes = [
        attribute("content_type", "tst_info"),
        attribute("message_digest", hashlib.new(hash_name, info.dump()).digest()),
        *((binding_v2(certificate),) if extra is None else extra),
    ]
    signed_attributes = cms.CMSAttributes([one for one in attributes if one["type"].native != without])
    digester = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha512": hashes.SHA512()}[hash_name]
    data = signed_attributes.dump()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        value, named = key.sign(data, ec.ECDSA(digester)), {"algorithm": f"{hash_name}_ecdsa"}
    elif algorithm is PSS:
        value, named = key.sign(data, padding.PSS(padding.MGF1(digester), salt_length=32), digester), PSS
    else:
        value, named = key.sign(data, padding.PKCS1v15(), digester), {"algorithm": f"{hash_name}_rsa"}
    issuer_and_serial = {"issuer": parsed.issuer, "serial_number": parsed.serial_number}
    sid = (
        cms.SignerIdentifier("subject_key_identifier", parsed.key_identifier)
        if by_key_identifier
        else cms.SignerIdentifier("issuer_and_serial_number", issuer_and_serial)
    )
    signer = {
        "version": "v3" if by_key_identifier else "v1",
        "sid": sid,
        "digest_algorithm": {"algorithm": hash_name},
        "signed_attrs": signed_attributes,
        "signature_algorithm": algorithm or named,
        "signature": value,
    }
    content: object = core.ParsableOctetString(info.dump() + behind)
    signed = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": hash_name}],
        "encap_content_info": {"content_type": content_type, "content": content},
        "certificates": [parsed],
        "signer_infos": [signer] * signers,
    }
    der: bytes = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)}).dump()
    return der
