"""What waits for a signature value: storable, checkable, redeemable once."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_der_x509_certificate

from .cms import hash_name, template_for
from .errors import AlreadyRedeemed, PreparedDamaged
from .key import Scheme
from .level import Level

ByteRange = tuple[int, int, int, int]
_MAGIC = b"second-seal prepared signature 1\n"


class PreparedSignature:
    """A PDF with an empty hole and what its key has to sign.

    digest             what the key signs: the hash (`scheme`) of `signed_attributes`
    signed_attributes  DER SET (RFC 5652 clause 5.4) with the document's digest inside
    document_digest    hash over `pdf_with_hole` without the hole
    byte_range         /ByteRange: (0, length, offset, length)
    level              the level the room was measured for; completing to a higher one may fail for want of room

    An object becomes at most one released document (`AlreadyRedeemed`); a completion that failed may be tried again.
    """

    def __init__(
        self,
        *,
        pdf_with_hole: bytes,
        byte_range: ByteRange,
        certificate: Certificate,
        chain: tuple[Certificate, ...],
        scheme: Scheme,
        field: str,
        level: Level,
        signing_time: datetime,
    ) -> None:
        self.pdf_with_hole = pdf_with_hole
        self.byte_range = byte_range
        self.certificate = certificate
        self.chain = chain
        self.scheme: Scheme = scheme
        self.field = field
        self.level = level
        self.signing_time = signing_time
        self.template = template_for(certificate, chain, scheme)
        self.document_digest = digest_of_ranges(pdf_with_hole, byte_range, hash_name(scheme))
        self.signed_attributes = self.template.signed_attributes(self.document_digest)
        self.digest = hashlib.new(hash_name(scheme), self.signed_attributes).digest()
        self._lock = threading.Lock()
        self._redeemed = False

    def __repr__(self) -> str:
        """Short: the document may be personal."""
        return f"<PreparedSignature {self.field} {self.level.label} {self.document_digest.hex()[:16]}>"

    @property
    def reserved(self) -> int:
        """Bytes of room for the CMS."""
        return (self.byte_range[2] - self.byte_range[1] - 2) // 2

    @property
    def redeemed(self) -> bool:
        """Whether a document was released from this object."""
        return self._redeemed

    @contextmanager
    def redeeming(self) -> Iterator[None]:
        """Holds the object while a document is made of it; spent only when the block ends without an error."""
        if self._redeemed or not self._lock.acquire(blocking=False):
            raise AlreadyRedeemed
        try:
            if self._redeemed:
                raise AlreadyRedeemed
            yield
            self._redeemed = True
        finally:
            self._lock.release()

    def to_bytes(self) -> bytes:
        """For keeping between preparation and the token's answer. The keeper sees to it that it is claimed only
        once."""
        if self._redeemed:
            raise AlreadyRedeemed
        head: dict[str, Any] = {
            "byte_range": list(self.byte_range),
            "certificate": _encode(self.certificate),
            "chain": [_encode(c) for c in self.chain],
            "scheme": self.scheme,
            "field": self.field,
            "level": self.level.label,
            "signing_time": self.signing_time.isoformat(),
            "document_digest": self.document_digest.hex(),
            "size": len(self.pdf_with_hole),
        }
        return b"".join((_MAGIC, json.dumps(head, sort_keys=True).encode(), b"\n", self.pdf_with_hole))

    @classmethod
    def from_bytes(cls, kept: bytes) -> "PreparedSignature":
        """Back from `to_bytes`. Raises `PreparedDamaged` when the bytes are not what was kept."""
        try:
            if not kept.startswith(_MAGIC):
                raise PreparedDamaged("not a prepared signature")
            line_end = kept.index(b"\n", len(_MAGIC))
            head = json.loads(kept[len(_MAGIC) : line_end])
            pdf = kept[line_end + 1 :]
            if len(pdf) != head["size"]:
                raise PreparedDamaged(f"{len(pdf)} bytes of {head['size']}")
            found = cls(
                pdf_with_hole=pdf,
                byte_range=_byte_range(head["byte_range"], len(pdf)),
                certificate=_decode(head["certificate"]),
                chain=tuple(_decode(c) for c in head["chain"]),
                scheme=cast(Scheme, head["scheme"]),
                field=head["field"],
                level=Level.from_label(head["level"]),
                signing_time=datetime.fromisoformat(head["signing_time"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise PreparedDamaged(str(error)) from error
        if found.document_digest.hex() != head["document_digest"]:
            raise PreparedDamaged("document digest")
        return found


def digest_of_ranges(pdf: bytes, byte_range: ByteRange, name: str) -> bytes:
    """The hash over the two ranges, without copying them."""
    view = memoryview(pdf)
    state = hashlib.new(name, view[byte_range[0] : byte_range[0] + byte_range[1]])
    state.update(view[byte_range[2] : byte_range[2] + byte_range[3]])
    return state.digest()


def _byte_range(values: list[int], size: int) -> ByteRange:
    start, first, second, rest = values
    if start != 0 or not 0 < first < second or second + rest != size:
        raise PreparedDamaged(f"byte range {values}")
    return (start, first, second, rest)


def _encode(certificate: Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def _decode(text: str) -> Certificate:
    return load_der_x509_certificate(base64.b64decode(text, validate=True))
