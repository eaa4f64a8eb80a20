"""Reading a ceremony's record back: who signed it, and does every signature hold? Needs no token."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization

from ..errors import TokenUnsuitable
from ..foreign_certificates import from_pem, names, signing_key
from ..mechanisms import usable
from .jws import JwsInvalid, JwsSignature, check, dump, parse, read_object
from .session import public_key_sha256

_TOO_LATE: Final = 32_503_680_000
"""The year 3000, which can still be told in every zone."""


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """One signature of a record. `problem` is empty where it holds; `by_key`: made by the ceremony's own key.

    `name` is the witness's as the signature says it, `post` as the record does. `at` (UTC) is when the signer says it
    was made: no time-stamping service vouches for it.
    """

    by_key: bool
    name: str
    post: str
    at: datetime | None
    chain: tuple[x509.Certificate, ...]
    problem: str


@dataclass(frozen=True, kw_only=True)
class RecordCheck:
    """What a record says (`statement`), who signed it, and whose signature is missing: witnesses by name."""

    payload: bytes
    statement: Mapping[str, Any]
    attestations: tuple[Attestation, ...]
    missing: tuple[str, ...]
    signed_by_key: bool

    @property
    def whole(self) -> bool:
        """Every signature holds, the key's is there, and so is each witness's."""
        return self.signed_by_key and not self.missing and not any(one.problem for one in self.attestations)

    def judged(self, attestations: tuple[Attestation, ...]) -> "RecordCheck":
        """The same record with what was found about its signatures."""
        good = {one.name for one in attestations if not one.problem and not one.by_key}
        return replace(
            self,
            attestations=attestations,
            missing=tuple(name for name in _people(self.statement) if name not in good),
            signed_by_key=any(one.by_key and not one.problem for one in attestations),
        )


def check_record(text: str) -> RecordCheck:
    """Verify every signature of a record's file. Raises `JwsInvalid` where it is no record at all."""
    payload, signatures = parse(text)
    statement = read_object(payload)
    if (
        not isinstance(statement.get("public_key_sha256"), str)
        or not isinstance(statement.get("token"), dict)
        or statement.get("step") not in ("key-made", "certificate-imported")
    ):
        raise JwsInvalid("the payload is no record of a key ceremony")
    _refuse_contradictions(statement)
    posts = _people(statement)
    found = _without_doubles(
        tuple(_attestation(payload, one, statement, posts) for one in signatures), statement["public_key_sha256"]
    )
    whole = RecordCheck(payload=payload, statement=statement, attestations=(), missing=(), signed_by_key=False)
    return whole.judged(found)


def _refuse_contradictions(statement: Mapping[str, Any]) -> None:
    """The key stands in a record up to four times, and its signature vouches for the hash: all must be of one key."""
    texts = [statement.get(name, "") for name in ("public_key_pem", "request_pem", "certificate_pem")]
    if not all(isinstance(text, str) for text in texts):
        raise JwsInvalid("the payload is no record of a key ceremony")
    public, request, certificate = (text.encode("utf-8", "replace") for text in texts)
    try:
        keys = [usable(serialization.load_pem_public_key(public))]
        asked = x509.load_pem_x509_csr(request) if request else None
        issued = from_pem(certificate) if certificate else None
        keys += [usable(asked.public_key())] if asked else []
        keys += [signing_key(issued)] if issued else []
        proven = asked is None or asked.is_signature_valid
    except (ValueError, UnsupportedAlgorithm, TokenUnsuitable, x509.InvalidVersion) as error:
        raise JwsInvalid(f"a key, request or certificate in the record cannot be read: {error}") from error
    if {public_key_sha256(one) for one in keys} != {statement["public_key_sha256"]} or not proven:
        raise JwsInvalid("the record speaks of several keys, or its request does not verify")
    if issued is not None and issued.fingerprint(hashes.SHA256()).hex() != statement.get("certificate_sha256"):
        raise JwsInvalid("the record's certificate is not the one of its SHA-256")


def _people(statement: Mapping[str, Any]) -> dict[str, str]:
    """The witnesses' names with their posts."""
    listed = statement.get("witnesses", [])
    people = {}
    for one in listed if isinstance(listed, list) else [None]:
        if not isinstance(one, dict) or not isinstance(one.get("name"), str) or one["name"] in people:
            raise JwsInvalid("the witnesses of the record cannot be read")
        people[one["name"]] = str(one.get("post", ""))
    return people


def add_signature(text: str, signature: JwsSignature) -> str:
    """The record's file with one signature more. Raises `JwsInvalid`."""
    payload, signatures = parse(text)
    return dump(payload, (*signatures, signature))


def _attestation(
    payload: bytes, signature: JwsSignature, statement: Mapping[str, Any], posts: Mapping[str, str]
) -> Attestation:
    by_key, name, at, problem = False, "", None, ""
    chain: tuple[x509.Certificate, ...] = ()
    try:
        header = signature.header
        name, at, chain = str(header.get("sub", "")), _moment(header.get("iat")), signature.chain
        by_key = not name and public_key_sha256(signature.public_key) == statement["public_key_sha256"]
        check(payload, signature)
        problem = _misfit(by_key, name, at, chain, posts)
        if by_key and statement["step"] == "certificate-imported" and not _arrived(statement, chain):
            problem = "it was not made under the certificate the record names"
    except JwsInvalid as error:
        problem = str(error)
    return Attestation(by_key=by_key, name=name, post=posts.get(name, ""), at=at, chain=chain, problem=problem)


def _arrived(statement: Mapping[str, Any], chain: tuple[x509.Certificate, ...]) -> bool:
    return bool(chain) and chain[0].fingerprint(hashes.SHA256()).hex() == statement.get("certificate_sha256")


def _without_doubles(found: tuple[Attestation, ...], ceremony_key: str) -> tuple[Attestation, ...]:
    """One person signs once, however many certificates their key has; and the new key is no witness of itself."""
    seen: set[str] = set()
    checked = []
    for one in found:
        key = "" if one.by_key or one.problem or not one.chain else public_key_sha256(signing_key(one.chain[0]))
        if key == ceremony_key:
            checked.append(replace(one, problem="the ceremony's own key is no witness"))
        elif key in seen:
            checked.append(replace(one, problem="its key signed for another witness already"))
        else:
            seen |= {key} - {""}
            checked.append(one)
    return tuple(checked)


def _misfit(
    by_key: bool, name: str, at: datetime | None, chain: tuple[x509.Certificate, ...], posts: Mapping[str, str]
) -> str:
    """What is wrong with a signature that verifies."""
    if by_key:
        return ""
    if name not in posts:
        return "it is neither the key's nor a witness's of this record"
    if not chain:
        return "the witness's certificate is missing"
    if not names(chain[0], name):
        return "the certificate does not name this witness"
    if at is None or not chain[0].not_valid_before_utc <= at <= chain[0].not_valid_after_utc:
        return "the witness's certificate was not valid at that time"
    return ""


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    if not 0 <= value < _TOO_LATE:
        return None
    return datetime.fromtimestamp(value, UTC)
