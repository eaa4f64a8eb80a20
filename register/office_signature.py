"""Versions of the institution are signed by the register's own key, which the web process cannot read.

Rows of the database can be written by whoever breaks into the web process; a version that opens a way to a seal or a
signature must not come into force by rows alone. The seal worker believes one that its key signed
(docs/decisions/0046-office-versions.md). A signature is a signed note over the version's number and digest, under a
name of its own, so that it is never taken for a checkpoint.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .checkpoint_key import CheckpointKey
from .note import NoteInvalid, open_note

_FORM: Final = "second-seal/office-version"
_KEY_ID_LETTERS: Final = 6
"""Four bytes are five letters of base64 and a part of the sixth."""


def sign_version(key: CheckpointKey, number: int, digest: str) -> str:
    """The signature that brings version `number` into force; `digest` is its proposal's."""
    return key.sign(_text(number, digest))


def is_signed(signature: str | None, public_key: Ed25519PublicKey, number: int, digest: str) -> bool:
    """Whether this is our signature over this very version."""
    if signature is None:
        return False
    try:
        return open_note(signature, public_key).text == _text(number, digest)
    except NoteInvalid:
        return False


def is_same_signature(signature: str | None, again: str) -> bool:
    """Whether this is what our key gave, asked by signing again: Ed25519 gives the same each time, under any name."""
    return signature is not None and _bare(signature) == _bare(again)


def _bare(note: str) -> tuple[str, str]:
    """A note's text, and its last signature without the four bytes that name the key."""
    text, _, line = note.rpartition("\n\n")
    return text, line.rpartition(" ")[2][_KEY_ID_LETTERS:]


def _text(number: int, digest: str) -> str:
    return f"{_FORM}\nversion {number}\n{digest}\n"
