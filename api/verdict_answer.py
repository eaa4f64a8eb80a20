"""The verdict on a file as a documented model (see `answers`); the words are the verifier's own."""

from typing import Literal

from pydantic import Field

from api.answers import Answer, Moment, Sha256
from verifier import Indication, Level, Role, Status, Tone, Word


class FindingJson(Answer):
    """What was found, in both languages."""

    code: str
    message: str
    message_en: str


class EstablishedJson(Answer):
    """The five facts; null where one was not established."""

    intact: bool | None
    cryptographically_valid: bool | None
    trusted: bool | None
    covers_whole_document: bool | None
    known_to_register: bool | None


class LegalJson(Answer):
    """Decree 30/2020, article 5.1; null where it was not established."""

    officer_signed: bool | None
    agency_sealed: bool | None
    equals_paper_original: bool | None


class PolicyJson(Answer):
    """By which rules it was judged."""

    name: str
    version: str


class SignatureJson(Answer):
    """One signature, judged; null where something was not established."""

    field: str
    role: Role
    signer: str | None
    organisation: str | None
    issuer: str | None
    certificate_manager: str | None
    signed_at: Moment | None
    time_source: Literal["timestamp", "claimed"] | None
    certificate_valid: list[Moment] | None = Field(description="From, until")
    level: Level | None
    indication: Indication
    sub_indication: str | None
    findings: list[FindingJson]
    verdict: Word
    intact: bool | None
    trusted: bool | None
    valid_at_signing: bool | None
    revoked_at: Moment | None
    certificate_sha256: Sha256 | None
    certificate_kind: str | None


class TimestampJson(Answer):
    """One document timestamp."""

    field: str
    time: Moment | None
    issuer: str | None
    valid: bool
    findings: list[FindingJson]


class BothJson(Answer):
    """One sentence in both languages."""

    vi: str
    en: str


class WordsJson(Answer):
    """For people: the headline, what was found, what to do."""

    headline: str
    sentence: str
    advice: str


class BothWordsJson(Answer):
    """In both languages."""

    vi: WordsJson
    en: WordsJson


class VerdictJson(Answer):
    """The verdict on a file is its worst signature's: changed, invalid, untrusted, warning, genuine, in this order."""

    verdict: Word
    indication: Indication | None
    sub_indication: str | None
    facts: EstablishedJson
    legal: LegalJson
    status: Status | None
    policy: PolicyJson
    checked_at: Moment
    signatures: list[SignatureJson]
    findings: list[FindingJson]
    sha256: Sha256
    situation: str
    tone: Tone
    conclusion: BothJson
    words: BothWordsJson
    document_timestamps: list[TimestampJson]
