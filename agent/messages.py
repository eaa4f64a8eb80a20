"""What the service, the desk page and the officer's agent say to each other.

Three parties, two channels. Everything is JSON (UTF-8, snake_case); base64 is RFC 4648 with padding; hashes are
lower-case hex; times are RFC 3339 with offset. Codecs are strict: a missing, unknown or ill-typed member raises
`MessageInvalid`.

1. The desk page tells the agent which list to sign (loopback HTTP, `agent serve`; browsers send `Origin`):

   * `GET  /info`       -> `AgentInfo`
   * `POST /jobs`       <- `Job` {"approval_id", "ticket", "service"}       -> 202 `JobProgress`
   * `GET  /jobs/{id}`  -> `JobProgress`; `id` is the approval's id

   `service` must equal the one base URL pinned in the agent's own settings, else 403. Problems are RFC 9457 JSON.

2. The agent talks to the service, always with `Authorization: Bearer <ticket>`. A ticket is a secret of at least 128
   bits, good for one list and one officer, and expires within minutes. The order of calls:

   a. `POST {service}/api/v1/approvals/{id}/certificate` <- `CertificateOffer` {"certificate": base64 DER}
      The service checks that this certificate may approve every paper of the list and prepares each of them for it.
      200 or 204; the answer's body is not read. 403 `officer-not-authorised`, 409 `certificate-revoked` or
      `certificate-expired`: nothing was prepared. The same certificate may be offered again (an agent restarted):
      papers already approved stay so and keep what they were prepared with.
   b. `GET {service}/api/v1/approvals/{id}?attachments=named` -> `ApprovalList`. Before (a), `certificate_sha256` is
      null and `documents` is empty. Papers already approved are left out, so a batch that was interrupted goes on where
      it stopped. `attachments` of a document (`Attached`, in order) is told to who asks for it so, by a service that
      knows it; otherwise it is left out, `title` says how many there are, and the agent tells the officer that it
      cannot compare them.
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

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args

Scheme = Literal["rsa-pkcs1v15-sha256", "rsa-pss-sha256", "ecdsa-sha256", "ecdsa-sha384"]
JobState = Literal["waiting", "preparing", "asking", "signing", "done", "failed"]
_VISIBLE = re.compile("[!-~]+")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Controls and line breaks, direction marks, halves of characters, private ones: none that the service takes in."""
PROTOCOL = 1
"""Raised when a message changes its meaning; sent in `AgentInfo`."""


class MessageInvalid(ValueError):
    """A message is not what the protocol says; `member` names where (a dotted path, "" for the whole)."""

    def __init__(self, member: str, why: str) -> None:
        super().__init__(f"{member or 'message'}: {why}")
        self.member = member


def decode(body: bytes) -> dict[str, Any]:
    """JSON object from bytes. Raises `MessageInvalid` for anything else, doubled members included."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise MessageInvalid("", "not JSON") from error
    if not isinstance(value, dict):
        raise MessageInvalid("", "not an object")
    return value


def encode(value: Mapping[str, Any]) -> bytes:
    """JSON bytes of a message's `as_json()`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise MessageInvalid("", "a member occurs twice")
    return value


class _Members:
    """Takes the members of one object, each once; `end()` refuses what is left over."""

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise MessageInvalid(path, "not an object")
        self._left = dict(value)
        self._path = f"{path}." if path else ""

    def take(self, name: str) -> Any:
        if name not in self._left:
            raise MessageInvalid(self._path + name, "missing")
        return self._left.pop(name)

    def text(self, name: str, longest: int = 2000, *, shortest: int = 1) -> str:
        value = self.take(name)
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            raise MessageInvalid(self._path + name, "not a text of fitting length")
        return value

    def count(self, name: str) -> int:
        value = self.take(name)
        if type(value) is not int or value < 0:
            raise MessageInvalid(self._path + name, "not a count")
        return value

    def octets(self, name: str) -> bytes:
        value = self.take(name)
        try:
            return base64.b64decode(value.encode("ascii"), validate=True)
        except (AttributeError, UnicodeEncodeError, binascii.Error) as error:
            raise MessageInvalid(self._path + name, "not base64") from error

    def digest(self, name: str, sizes: tuple[int, ...] = (32,)) -> bytes:
        value = self.text(name, 128)
        try:
            digest = bytes.fromhex(value)
        except ValueError as error:
            raise MessageInvalid(self._path + name, "not a hash in hex") from error
        if len(digest) not in sizes or value != digest.hex():
            raise MessageInvalid(self._path + name, "not a hash in lower-case hex")
        return digest

    def time(self, name: str) -> datetime:
        value = self.text(name, 40)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise MessageInvalid(self._path + name, "not a time") from error
        if moment.tzinfo is None:
            raise MessageInvalid(self._path + name, "a time without its offset")
        return moment

    def choice(self, name: str, choices: tuple[Any, ...]) -> Any:
        value = self.take(name)
        if value not in choices:
            raise MessageInvalid(self._path + name, f"not one of {', '.join(map(str, choices))}")
        return value

    def rows(self, name: str, longest: int) -> list[Any]:
        value = self.take(name)
        if not isinstance(value, list) or len(value) > longest:
            raise MessageInvalid(self._path + name, "not a list of fitting length")
        return value

    def end(self) -> None:
        if self._left:
            raise MessageInvalid(self._path + min(self._left), "unknown")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


@dataclass(frozen=True, kw_only=True)
class Job:
    """The desk page's request to the agent: sign this list."""

    approval_id: str
    ticket: str
    service: str
    """Base URL, scheme to port, without a path or a slash at the end."""

    def __repr__(self) -> str:
        return f"Job(approval_id={self.approval_id!r}, service={self.service!r}, ticket=...)"

    @classmethod
    def from_json(cls, value: object) -> "Job":
        members = _Members(value)
        job = cls(
            approval_id=members.text("approval_id", 100),
            ticket=members.text("ticket", 500),
            service=members.text("service", 300),
        )
        members.end()
        if not _VISIBLE.fullmatch(job.ticket):
            raise MessageInvalid("ticket", "not in visible ASCII")
        return job

    def as_json(self) -> dict[str, Any]:
        return {"approval_id": self.approval_id, "ticket": self.ticket, "service": self.service}


@dataclass(frozen=True, kw_only=True)
class CertificateOffer:
    """The agent's certificate, DER; the service prepares the list for it."""

    certificate: bytes

    @classmethod
    def from_json(cls, value: object) -> "CertificateOffer":
        members = _Members(value)
        offer = cls(certificate=members.octets("certificate"))
        members.end()
        return offer

    def as_json(self) -> dict[str, Any]:
        return {"certificate": _base64(self.certificate)}


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
        members = _Members(value, path)
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
        members = _Members(value, path)
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
        if not url.startswith("/") or url.startswith("//") or not _VISIBLE.fullmatch(url):
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
            "signed_attributes": _base64(self.signed_attributes),
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
        members = _Members(value)
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
        members = _Members(value)
        reply = cls(signature=members.octets("signature"))
        members.end()
        return reply

    def as_json(self) -> dict[str, Any]:
        return {"signature": _base64(self.signature)}


@dataclass(frozen=True, kw_only=True)
class DocumentOutcome:
    """The state a document is in after its signature was taken: "approved" when the signature was judged valid."""

    state: str

    @classmethod
    def from_json(cls, value: object) -> "DocumentOutcome":
        # The service may add members for the page; the agent needs the state alone.
        return cls(state=_Members(value).text("state", 50))

    def as_json(self) -> dict[str, Any]:
        return {"state": self.state}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """RFC 9457. `type` is `urn:secondseal:problem:<name>`; `title` and `detail` are for people."""

    type: str
    title: str
    status: int
    detail: str = ""

    @classmethod
    def from_json(cls, value: object) -> "Problem":
        """Lenient, as RFC 9457 asks: unknown members are passed over and missing ones get defaults."""
        given = value if isinstance(value, dict) else {}
        status = given.get("status")
        return cls(
            type=str(given.get("type", "about:blank"))[:200],
            title=str(given.get("title", ""))[:500],
            status=status if type(status) is int else 0,
            detail=str(given.get("detail", ""))[:2000],
        )

    def as_json(self) -> dict[str, Any]:
        return {"type": self.type, "title": self.title, "status": self.status, "detail": self.detail}


@dataclass(frozen=True, kw_only=True)
class SeenCertificate:
    """A certificate the agent can sign with, for the page to show."""

    sha256: str
    subject: str
    not_after: datetime
    token: str

    def as_json(self) -> dict[str, Any]:
        return {
            "sha256": self.sha256,
            "subject": self.subject,
            "not_after": self.not_after.isoformat(),
            "token": self.token,
        }


@dataclass(frozen=True, kw_only=True)
class AgentInfo:
    """Answer of `GET /info`."""

    version: str
    protocol: int
    service: str
    certificates: tuple[SeenCertificate, ...]
    problem: Problem | None
    """Why no token is seen, where that is so."""

    def as_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "protocol": self.protocol,
            "service": self.service,
            "certificates": [certificate.as_json() for certificate in self.certificates],
            "problem": self.problem.as_json() if self.problem else None,
        }


@dataclass(frozen=True, kw_only=True)
class JobProgress:
    """Answer of `GET /jobs/{id}`. `done` counts papers approved, `refused` those left with a problem of their own."""

    id: str
    state: JobState
    total: int
    done: int
    refused: int
    problem: Problem | None
    """What stopped the batch: the token, the PIN, the connection."""
    documents: tuple[tuple[str, Problem], ...] = ()
    """(document id, problem) of each refused paper."""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": self.state,
            "total": self.total,
            "done": self.done,
            "refused": self.refused,
            "problem": self.problem.as_json() if self.problem else None,
            "documents": [{"id": document, "problem": problem.as_json()} for document, problem in self.documents],
        }
