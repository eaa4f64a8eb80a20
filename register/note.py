"""Signed notes (C2SP signed-note): a text and Ed25519 signatures over it, each under a name.

Other tools read them, among them Go's `golang.org/x/mod/sumdb/note`.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

NAME: Final = re.compile(r"[^\s+]{1,160}")
_DASH: Final = "\u2014"
_ED25519: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_HALF: Final = re.compile("[\ud800-\udfff]")
"""Half a character: such a text has no bytes."""
_SIGNATURE: Final = re.compile(rf"{_DASH} ([^\s+]+) ([A-Za-z0-9+/]+={{0,2}})")


class NoteInvalid(ValueError):
    """The text is no signed note, or carries no good signature of this key. `text_vi`, `text_en` are for a person."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


@dataclass(frozen=True, kw_only=True)
class OpenedNote:
    """A note whose signature holds: its text (with the newline at its end) and the name it was signed under."""

    text: str
    name: str


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The text, an empty line, and the signature line. `text` ends with a newline and has no empty line at its end."""
    if not NAME.fullmatch(name):
        raise ValueError("a name has 1 to 160 characters, no spaces, no plus sign")
    if not text.endswith("\n") or text.endswith("\n\n"):
        raise ValueError("a note's text ends with one newline")
    value = key_id(name, key.public_key()) + key.sign(text.encode())
    return f"{text}\n{_DASH} {name} {base64.b64encode(value).decode('ascii')}\n"


def open_note(note: str, key: Ed25519PublicKey) -> OpenedNote:
    """Check a note with a public key; signatures of other keys are passed over. Raises NoteInvalid."""
    text, gap, signatures = note.rpartition("\n\n")
    text += "\n"
    if not gap or not signatures.endswith("\n") or _HALF.search(note):
        raise NoteInvalid("Văn bản này không phải ghi chú đã ký.", "this text is no signed note")
    signed = [_SIGNATURE.fullmatch(line) for line in signatures[:-1].split("\n")]
    for match in signed:
        if match is None:
            raise NoteInvalid("Dòng chữ ký của ghi chú bị hỏng.", "a signature line of the note is broken")
        try:
            value = base64.b64decode(match[2], validate=True)
        except binascii.Error as error:
            raise NoteInvalid("Dòng chữ ký của ghi chú bị hỏng.", "a signature line of the note is broken") from error
        if value[:_KEY_ID_BYTES] != key_id(match[1], key):
            continue
        try:
            key.verify(value[_KEY_ID_BYTES:], text.encode())
        except InvalidSignature as error:
            raise NoteInvalid("Chữ ký của ghi chú không đúng.", "the note's signature is wrong") from error
        return OpenedNote(text=text, name=match[1])
    raise NoteInvalid("Ghi chú do khoá khác ký.", "the note was signed by another key")


def key_id(name: str, key: Ed25519PublicKey) -> bytes:
    """The first four bytes of SHA-256 over name, newline, algorithm and raw key."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + key.public_bytes_raw()).digest()[:_KEY_ID_BYTES]


def verifier_key(name: str, key: Ed25519PublicKey) -> str:
    """The public key as note tools take it: `<name>+<key id>+<base64 of algorithm and key>`."""
    encoded = base64.b64encode(_ED25519 + key.public_bytes_raw()).decode("ascii")
    return f"{name}+{key_id(name, key).hex()}+{encoded}"


def read_verifier_key(text: str) -> tuple[str, Ed25519PublicKey]:
    """Name and key of a verifier key. Raises NoteInvalid."""
    name, _, rest = text.strip().partition("+")
    identity, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw[1:])
    except (binascii.Error, ValueError) as error:
        raise NoteInvalid("Khoá kiểm tra không đọc được.", "the verifier key cannot be read") from error
    if raw[:1] != _ED25519 or identity != key_id(name, key).hex():
        raise NoteInvalid("Khoá kiểm tra không đọc được.", "the verifier key cannot be read")
    return name, key
