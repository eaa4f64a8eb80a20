"""The agent's own look at what it is asked to sign. Pure: the service's message, the file's bytes, the certificate.

A document is signed only if, in this order:
1 the file is the one announced (SHA-256) and a PDF;
2 the byte range reaches to the file's end and leaves out one thing only: the empty hexadecimal string of /Contents of
  a signature dictionary in the signer's own form (`agent.signature_dictionary`), which states that very range;
3 the document's hash, computed here, is the one announced;
4 the signed attributes are exactly three: content type "data", that hash, and the hash of our own certificate
  (RFC 5652, 11.1 and 11.2; RFC 5035, 5.4.1.1), in DER;
5 what the token would sign is the hash of these attributes, by a scheme that fits the certificate's key;
6 where the service names attachments or says there are none, the signature's own reason says the same: it ends with
  their number and the hash of exactly their list, or with none. Where the service leaves them out (one that is older),
  only how many the reason binds is known: the officer is told so before they agree.
So a service that lies can only have the officer sign a file that lies before them. A later update of the file cannot
give the signature another dictionary: it is signed up to the file's end, and the verifier takes a signature only from
the revision that its byte range ends with.
"""

import hashlib
import hmac
import re

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from .der import OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET, DerInvalid, Element, read_all, read_one
from .messages import Attached, PreparedDocument
from .signature_dictionary import DictionaryInvalid, read_dictionary

_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_SIGNING_CERTIFICATE_V2 = bytes.fromhex("2a864886f70d010910022f")
_ID_DATA = bytes.fromhex("2a864886f70d010701")
_SHA256 = bytes.fromhex("608648016503040201")
_BOUND = re.compile(r" cùng ([1-9][0-9]*) văn bản kèm theo, danh mục SHA-256 ([0-9a-f]{64})\Z")
_LONGEST_REASON = 500
"""Letters of a reason that the service's own verifier reads."""


class DocumentRefused(Exception):
    """The agent will not sign: what it was told and what it computed differ. `step` is the number of the check."""

    def __init__(self, document: PreparedDocument, step: int, why: str) -> None:
        super().__init__(f"{document.id}: check {step}: {why}")
        self.document = document
        self.step = step
        self.why = why


def check_document(document: PreparedDocument, pdf: bytes, certificate: x509.Certificate) -> int:
    """How many attachments the signature binds that the service has not named: 0 where it named them or there are none.

    Raises `DocumentRefused` at the first check that fails.
    """

    def require(step: int, holds: bool, why: str) -> None:
        if not holds:
            raise DocumentRefused(document, step, why)

    hash_name = "sha384" if document.scheme == "ecdsa-sha384" else "sha256"
    _, b, c, d = document.byte_range

    require(1, _same(hashlib.sha256(pdf).digest(), document.file_sha256), "the file is not the one announced")
    require(1, pdf.startswith(b"%PDF-"), "the file is not a PDF")

    require(2, document.byte_range[0] == 0 and 0 < b < c < len(pdf) == c + d, "the byte range does not fit the file")
    hole = pdf[b:c]
    require(2, bool(re.fullmatch(rb"<0+>", hole)), "what the byte range leaves out is not an empty signature")
    try:
        dictionary = read_dictionary(pdf, (b, c))
    except DictionaryInvalid as error:
        raise DocumentRefused(document, 2, str(error)) from error
    require(2, document.byte_range == dictionary.byte_range, "the file states another byte range")

    digest = hashlib.new(hash_name, pdf[:b])
    digest.update(pdf[c:])
    require(3, _same(digest.digest(), document.document_digest), "the document's hash is another")

    try:
        attributes = _attributes(document.signed_attributes)
        require(4, set(attributes) == {_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_CERTIFICATE_V2}, "other attributes")
        content_type = read_one(attributes[_CONTENT_TYPE], OBJECT_IDENTIFIER).content
        require(4, content_type == _ID_DATA, "the content type is not data")
        message_digest = read_one(attributes[_MESSAGE_DIGEST], OCTET_STRING).content
        require(4, _same(message_digest, digest.digest()), "the attributes name another document")
        named = _signing_certificate(attributes[_SIGNING_CERTIFICATE_V2])
    except DerInvalid as error:
        raise DocumentRefused(document, 4, str(error)) from error
    own = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    require(4, _same(named, own), "the attributes name another certificate")

    signed = hashlib.new(hash_name, document.signed_attributes).digest()
    require(5, _same(signed, document.digest), "the hash to sign is not that of the attributes")
    public_key = certificate.public_key()
    kind = rsa.RSAPublicKey if document.scheme.startswith("rsa") else ec.EllipticCurvePublicKey
    require(5, isinstance(public_key, kind), "the scheme does not fit the certificate's key")

    reason = dictionary.reason
    bound = _bound(reason)
    require(6, len(reason) <= _LONGEST_REASON, "the signature's reason is too long to be read")
    require(6, reason.count("SHA-256") == (1 if bound else 0), "the signature's reason names a list in another way")
    if document.attachments is None:
        return bound[0] if bound else 0
    require(6, bound == _listed(document.attachments), "the signature's reason names other attachments")
    return 0


def _bound(reason: str) -> tuple[int, str] | None:
    """How many attachments the reason ends with, and their list's SHA-256 in hex; None where it names none."""
    found = _BOUND.search(reason)
    return (int(found[1]), found[2]) if found else None


def _listed(attachments: tuple[Attached, ...]) -> tuple[int, str] | None:
    """Their number and their list: SHA-256 over one line "<n> <sha256> <title>\\n" each; None where there are none."""
    lines = "".join(f"{n} {one.sha256.hex()} {one.title}\n" for n, one in enumerate(attachments, 1))
    return (len(attachments), hashlib.sha256(lines.encode()).hexdigest()) if attachments else None


def _same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)


def _attributes(der: bytes) -> dict[bytes, bytes]:
    """Attribute type (content of its OID) to its one value, encoded. Raises `DerInvalid`."""
    elements = read_all(read_one(der, SET).content)
    if [element.encoded for element in elements] != sorted(element.encoded for element in elements):
        raise DerInvalid("the attributes are not in DER's order")
    found: dict[bytes, bytes] = {}
    for element in elements:
        parts = read_all(element.content) if element.tag == SEQUENCE else []
        if len(parts) != 2 or parts[0].tag != OBJECT_IDENTIFIER or parts[1].tag != SET:
            raise DerInvalid("not an attribute")
        values = read_all(parts[1].content)
        if len(values) != 1 or parts[0].content in found:
            raise DerInvalid("an attribute occurs twice or has several values")
        found[parts[0].content] = values[0].encoded
    return found


def _signing_certificate(der: bytes) -> bytes:
    """The one certificate hash (SHA-256) of a SigningCertificateV2 without policies. Raises `DerInvalid`."""
    lists = read_all(read_one(der, SEQUENCE).content)
    if len(lists) != 1 or lists[0].tag != SEQUENCE:
        raise DerInvalid("the signing certificate attribute holds more than certificates")
    certificates = read_all(lists[0].content)
    if len(certificates) != 1 or certificates[0].tag != SEQUENCE:
        raise DerInvalid("not exactly one signing certificate")
    parts = read_all(certificates[0].content)
    if parts and parts[0].tag == SEQUENCE and _is_sha256(parts[0]):
        parts = parts[1:]
    # An issuerSerial may follow; the hash alone decides.
    if not parts or parts[0].tag != OCTET_STRING or len(parts) > 2 or any(part.tag != SEQUENCE for part in parts[1:]):
        raise DerInvalid("the signing certificate is not named by its SHA-256")
    return parts[0].content


def _is_sha256(algorithm: Element) -> bool:
    parts = read_all(algorithm.content)
    if not parts or parts[0].tag != OBJECT_IDENTIFIER or parts[0].content != _SHA256:
        raise DerInvalid("the signing certificate is not named by its SHA-256")
    return True
