"""What the service and the officer's agent say to each other; what the desk page says: `agent.page_messages`.

Codecs are strict (`agent.members`). The agent calls, always with `Authorization: Bearer <ticket>`. A ticket is a secret
of at least 128 bits, good for one list and one officer, and expires within minutes. The order of calls:

a. `POST {service}/api/v1/approvals/{id}/certificate` <- `CertificateOffer` {"certificate": base64 DER}
   The service checks that this certificate may approve every paper of the list and prepares each of them for it.
   200 or 204; the answer's body is not read. 403 `officer-not-authorised`, 409 `certificate-revoked` or
   `certificate-expired`: nothing was prepared. The same certificate may be offered again (an agent restarted):
   papers already approved stay so and keep what they were prepared with.
b. `GET {service}/api/v1/approvals/{id}?attachments=named` -> `ApprovalList`. Before (a), `certificate_sha256` is
   null and `documents` is empty. Papers already approved are left out, so a batch that was interrupted goes on where
   it stopped. `attachments` of a document (`Attached`, in order) is told to who asks for it so, by a service that
   knows it; otherwise it is left out, `title` says how many there are, and the agent tells the officer that it
   cannot compare them; where nobody is asked it signs nothing.
c. for each document `GET {service}{file_url}` -> the prepared PDF, with the signature's hole (`application/pdf`).
d. for each document, one after the other,
   `PUT {service}/api/v1/approvals/{id}/documents/{document_id}` <- `SignatureReply` {"signature": base64}
   -> 200 `DocumentOutcome` {"state": "approved"}; a problem concerns this document alone and the batch goes on.
   A signature is redeemable once: repeating the PUT with the same signature answers the same outcome.

`signature` is the bare signature value: RSA, as long as the modulus; ECDSA, a DER Ecdsa-Sig-Value. It is made over
`digest`, which is the hash (the one in `scheme`) of `signed_attributes`, the DER of the CMS SignedAttributes with
the universal SET tag 0x31 (RFC 5652, 5.4). `document_digest` is the hash of the file's bytes inside `byte_range`
[0, b, c, d] (offset and length, twice; c + d is the file's length; the hole between them is the whole hexadecimal
string of /Contents, its angle brackets included) and is the messageDigest attribute's value. `title`, `number` and
`holder` may be empty for a paper made elsewhere.

The agent signs nothing it did not recompute from the bytes it downloaded: see `agent.check` for what it accepts.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args

from .members import VISIBLE, Members, MessageInvalid, base64_text

Scheme = Literal["rsa-pkcs1v15-sha256", "rsa-pss-sha256", "ecdsa-sha256", "ecdsa-sha384"]
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Controls and line breaks, direction marks, halves of characters, private ones: none that the service takes in."""


@dataclass(frozen=True, kw_only=True)
class CertificateOffer:
    """The agent's certificate, DER; the service prepares the list for it."""

    certificate: bytes

    @classmethod
    def from_json(cls, value: object) -> "CertificateOffer":
        members = Members(value)
        offer = cls(certificate=members.octets("certificate"))
        members.end()
        return offer

    def as_json(self) -> dict[str, Any]:
        return {"certificate": base64_text(self.certificate)}


@dataclass(frozen=True, kw_only=True)
class Attached:
    """A file of its own that the officer approves with a paper; `sha256` is of the file before its seal.

    A title is one line of characters that can be seen: with a line break, one attachment would hash like two.
    """

    title: str
    pages: int
    sha256: bytes

    @classmethod
    def from_json(cls, value: object, path: str = "") -> "Attached":
        members = Members(value, path)
        attached = cls(title=members.text("title", 300), pages=members.count("pages"), sha256=members.digest("sha256"))
        members.end()
        if any(unicodedata.category(letter) in _UNSEEN for letter in attached.title):
            raise MessageInvalid(f"{path}.title" if path else "title", "holds a character that cannot be seen")
        return attached

    def as_json(self) -> dict[str, Any]:
        return {"title": self.title, "pages": self.pages, "sha256": self.sha256.hex()}


@dataclass(frozen=True, kw_only=True)
class PreparedDocument:
    """One paper of the list, ready for the officer's signature."""

    id: str
    title: str
    number: str
    holder: str
    pages: int
    file_url: str
    """Path on the service, beginning with one slash."""
    file_sha256: bytes
    byte_range: tuple[int, int, int, int]
    document_digest: bytes
    signed_attributes: bytes
    digest: bytes
    scheme: Scheme
    attachments: tuple[Attached, ...] | None = None
    """None: not told."""

    @classmethod
    def from_json(cls, value: object, path: str = "") -> "PreparedDocument":
        members = Members(value, path)
        told = isinstance(value, dict) and "attachments" in value
        rows = members.rows("attachments", 20) if told else []
        scheme = cast(Scheme, members.choice("scheme", get_args(Scheme)))
        size = (48,) if scheme == "ecdsa-sha384" else (32,)
        document = cls(
            id=members.text("id", 100),
            title=members.text("title", shortest=0),
            number=members.text("number", shortest=0),
            holder=members.text("holder", shortest=0),
            pages=members.count("pages"),
            file_url=members.text("file_url"),
            file_sha256=members.digest("file_sha256"),
            byte_range=_byte_range(members.rows("byte_range", 4)),
            document_digest=members.digest("document_digest", size),
            signed_attributes=members.octets("signed_attributes"),
            digest=members.digest("digest", size),
            scheme=scheme,
            attachments=tuple(Attached.from_json(row, f"{path}.attachments.{n}") for n, row in enumerate(rows))
            if told
            else None,
        )
        members.end()
        url = document.file_url
        if not url.startswith("/") or url.startswith("//") or not VISIBLE.fullmatch(url):
            raise MessageInvalid("file_url", "not a path on the service")
        return document

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "number": self.number,
            "holder": self.holder,
            "pages": self.pages,
            "file_url": self.file_url,
            "file_sha256": self.file_sha256.hex(),
            "byte_range": list(self.byte_range),
            "document_digest": self.document_digest.hex(),
            "signed_attributes": base64_text(self.signed_attributes),
            "digest": self.digest.hex(),
            "scheme": self.scheme,
            **({} if self.attachments is None else {"attachments": [one.as_json() for one in self.attachments]}),
        }


def _byte_range(values: list[Any]) -> tuple[int, int, int, int]:
    if len(values) != 4 or any(type(value) is not int or value < 0 for value in values):
        raise MessageInvalid("byte_range", "not four counts")
    return values[0], values[1], values[2], values[3]


@dataclass(frozen=True, kw_only=True)
class ApprovalList:
    """The list of papers one officer is asked to approve; at most 1,000 documents."""

    id: str
    officer_name: str
    certificate_sha256: bytes | None
    """Hash of the certificate the list is prepared for; None until one was offered."""
    expires_at: datetime
    documents: tuple[PreparedDocument, ...]

    @classmethod
    def from_json(cls, value: object) -> "ApprovalList":
        members = Members(value)
        named = isinstance(value, dict) and value.get("certificate_sha256") is not None
        approval = cls(
            id=members.text("id", 100),
            officer_name=members.text("officer_name"),
            certificate_sha256=members.digest("certificate_sha256") if named else members.take("certificate_sha256"),
            expires_at=members.time("expires_at"),
            documents=tuple(
                PreparedDocument.from_json(row, f"documents.{index}")
                for index, row in enumerate(members.rows("documents", 1000))
            ),
        )
        members.end()
        if len({document.id for document in approval.documents}) != len(approval.documents):
            raise MessageInvalid("documents", "one document occurs twice")
        return approval

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "officer_name": self.officer_name,
            "certificate_sha256": self.certificate_sha256.hex() if self.certificate_sha256 else None,
            "expires_at": self.expires_at.isoformat(),
            "documents": [document.as_json() for document in self.documents],
        }


@dataclass(frozen=True, kw_only=True)
class SignatureReply:
    """The token's signature value for one document."""

    signature: bytes

    @classmethod
    def from_json(cls, value: object) -> "SignatureReply":
        members = Members(value)
        reply = cls(signature=members.octets("signature"))
        members.end()
        return reply

    def as_json(self) -> dict[str, Any]:
        return {"signature": base64_text(self.signature)}


@dataclass(frozen=True, kw_only=True)
class DocumentOutcome:
    """The state a document is in after its signature was taken: "approved" when the signature was judged valid."""

    state: str

    @classmethod
    def from_json(cls, value: object) -> "DocumentOutcome":
        # The service may add members for the page; the agent needs the state alone.
        return cls(state=Members(value).text("state", 50))

    def as_json(self) -> dict[str, Any]:
        return {"state": self.state}
