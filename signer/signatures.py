"""The signatures that a file carries: who made each, with which certificates, proven at which time.

Only what gathering evidence needs; judging them is the verifier's work.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pikepdf
from asn1crypto import cms as asn1_cms
from asn1crypto import x509 as asn1_x509
from cryptography.x509 import Certificate, load_der_x509_certificate

from trust import TimestampToken, TrustError, read_token

from .errors import EvidenceMissing
from .fields import fields
from .source import Source

_SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"


@dataclass(frozen=True, kw_only=True)
class CarriedSignature:
    """One filled signature field.

    contents      /Contents as it stands in the file, padding included: what a /VRI key is the hash of
    certificate   the signer's; for a document timestamp the authority's
    certificates  all others that came along
    timestamp     the signature timestamp, or the document timestamp itself
    """

    field: str
    contents: bytes
    document_timestamp: bool
    certificate: Certificate
    certificates: tuple[Certificate, ...]
    timestamp: TimestampToken | None

    @property
    def proven_at(self) -> datetime | None:
        """The time a timestamp proves."""
        return self.timestamp.gen_time if self.timestamp is not None else None


def carried_signatures(source: Source) -> Iterator[CarriedSignature]:
    """Every signature, in form order. Raises `EvidenceMissing` for one that cannot be read."""
    for field in fields(source.pdf):
        value = field.field.get("/V")
        if field.kind != "/Sig" or not isinstance(value, pikepdf.Dictionary):
            continue
        contents = bytes(value["/Contents"])
        try:
            yield _read(field.name, contents, document_timestamp=value.get("/SubFilter") == "/ETSI.RFC3161")
        except (ValueError, TypeError, KeyError, TrustError) as error:
            raise EvidenceMissing(field.name, f"unreadable signature: {error}") from error


def _read(name: str, contents: bytes, *, document_timestamp: bool) -> CarriedSignature:
    der = _without_padding(contents)
    if document_timestamp:
        token = read_token(der)
        return CarriedSignature(
            field=name,
            contents=contents,
            document_timestamp=True,
            certificate=token.certificate,
            certificates=tuple(token.certificates),
            timestamp=token,
        )
    signed = asn1_cms.ContentInfo.load(der)["content"]
    embedded = [choice.chosen for choice in signed["certificates"] if choice.name == "certificate"]
    certificates = [load_der_x509_certificate(parsed.dump()) for parsed in embedded]
    (signer,) = signed["signer_infos"]
    signing = next(
        (found for found, parsed in zip(certificates, embedded, strict=True) if _is_signer(signer["sid"], parsed)),
        None,
    )
    if signing is None:
        raise ValueError("the signer's certificate is not embedded")
    stamp: TimestampToken | None = None
    if signer["unsigned_attrs"]:
        for attribute in signer["unsigned_attrs"]:
            if attribute["type"].dotted == _SIGNATURE_TIMESTAMP:
                stamp = read_token(attribute["values"][0].dump())
                break
    return CarriedSignature(
        field=name,
        contents=contents,
        document_timestamp=False,
        certificate=signing,
        certificates=tuple(c for c in certificates if c != signing),
        timestamp=stamp,
    )


def _is_signer(identifier: asn1_cms.SignerIdentifier, certificate: asn1_x509.Certificate) -> bool:
    wanted = identifier.chosen
    if identifier.name == "subject_key_identifier":
        return bool(certificate.key_identifier == wanted.native)
    if certificate.serial_number != wanted["serial_number"].native:
        return False
    # Bytes first: comparing names by RFC 5280 rules takes 8 ms, and nearly every program copies them.
    return certificate.issuer.dump() == wanted["issuer"].dump() or bool(certificate.issuer == wanted["issuer"])


def _without_padding(contents: bytes) -> bytes:
    """The outermost DER element."""
    if len(contents) < 2 or contents[0] != 0x30:
        raise ValueError("no CMS in /Contents")
    size, start = contents[1], 2
    if size & 0x80:
        count = size & 0x7F
        size, start = int.from_bytes(contents[2 : 2 + count], "big"), 2 + count
    return contents[: start + size]
