"""Forms of the signing-certificate attribute: what names our certificate by SHA-256 is taken, nothing else."""

import hashlib

import pytest
from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding

from agent.check import DocumentRefused, check_document
from tests.agent.desk import Desk, with_attributes
from tests.tokens.fixtures import TokenFarm

SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"})


def attributes(digest: bytes, signing_certificate: core.Sequence) -> bytes:
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [signing_certificate]}),
        ]
    ).dump()


def forms(der: bytes):
    """(name, accepted, SigningCertificateV2)."""
    certificate = asn1_x509.Certificate.load(der)
    digest = hashlib.sha256(der).digest()
    serial = tsp.IssuerSerial(
        {
            "issuer": [asn1_x509.GeneralName("directory_name", certificate.issuer)],
            "serial_number": certificate.serial_number,
        }
    )
    plain = tsp.ESSCertIDv2({"cert_hash": digest})
    # asn1crypto leaves a DEFAULT out, as DER asks; some software writes it all the same.
    explicit = core.Sequence.load(_sequence(SHA256.dump() + core.OctetString(digest).dump()))
    sha512 = algos.DigestAlgorithm({"algorithm": "sha512"}).dump()
    longer = core.Sequence.load(_sequence(sha512 + core.OctetString(hashlib.sha512(der).digest()).dump()))
    policy = core.Sequence.load(_sequence(_sequence(core.ObjectIdentifier("1.2.3").dump())))
    return [
        ("hash alone", True, _list(plain)),
        ("with issuer and serial", True, _list(tsp.ESSCertIDv2({"cert_hash": digest, "issuer_serial": serial}))),
        ("hash algorithm stated", True, _list(explicit)),
        ("another hash algorithm", False, _list(longer)),
        ("two certificates", False, _list(plain, plain)),
        ("none", False, _list()),
        ("a policy besides", False, core.Sequence.load(_sequence(_list(plain).contents + policy.dump()))),
    ]


def _sequence(content: bytes) -> bytes:
    size = len(content)
    head = bytes((size,)) if size < 128 else bytes((0x81, size)) if size < 256 else b"\x82" + size.to_bytes(2, "big")
    return b"\x30" + head + content


def _list(*certificates: core.Sequence) -> core.Sequence:
    return core.Sequence.load(_sequence(_sequence(b"".join(one.dump() for one in certificates))))


@pytest.mark.parametrize("index", range(7))
def test_signing_certificate_forms(farm: TokenFarm, index):
    seat = farm.seat("rsa-2048")
    desk = Desk()
    der = seat.certificate.public_bytes(Encoding.DER)
    desk.prepare(der)
    document, pdf = desk.documents["doc1"], desk.files["doc1"]
    _, accepted, form = forms(der)[index]
    head = cms.CMSAttributes.load(attributes(document.document_digest, tsp.SigningCertificateV2({"certs": []})))
    kept = [one.dump() for one in head if one["type"].native != "signing_certificate_v2"]
    oid = core.ObjectIdentifier("1.2.840.113549.1.9.16.2.47").dump()
    value = form.dump()
    holder = b"\x31" + _sequence(value)[1:]
    every = b"".join(sorted([*kept, _sequence(oid + holder)]))
    changed = with_attributes(document, b"\x31" + _sequence(every)[1:])
    if accepted:
        check_document(changed, pdf, seat.certificate)
        return
    with pytest.raises(DocumentRefused) as raised:
        check_document(changed, pdf, seat.certificate)
    assert raised.value.step == 4
