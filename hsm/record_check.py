"""Reading a ceremony's record back: who signed it, and does every signature hold? Needs no token."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from .ceremony_session import public_key_sha256
from .jws import JwsInvalid, JwsSignature, check, dump, parse, read_object


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
        or statement.get("step") not in {"key-made", "certificate-imported"}
    ):
        raise JwsInvalid("the payload is no record of a key ceremony")
    posts = _people(statement)
    found = _without_doubles(tuple(_attestation(payload, one, statement, posts) for one in signatures))
    whole = RecordCheck(payload=payload, statement=statement, attestations=(), missing=(), signed_by_key=False)
    return whole.judged(found)


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


def _without_doubles(found: tuple[Attestation, ...]) -> tuple[Attestation, ...]:
    """One person signs once: a certificate under two names vouches for neither the second time."""
    seen: set[x509.Certificate] = set()
    checked = []
    for one in found:
        if one.by_key or one.problem or not one.chain:
            checked.append(one)
        elif one.chain[0] in seen:
            checked.append(replace(one, problem="its certificate signed for another witness already"))
        else:
            seen.add(one.chain[0])
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
    if at is None or not chain[0].not_valid_before_utc <= at <= chain[0].not_valid_after_utc:
        return "the witness's certificate was not valid at that time"
    return ""


def _moment(value: object) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None
