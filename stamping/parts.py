"""The files of one document that the seal is put on: the paper itself, and each separate attachment."""

from dataclasses import dataclass, field
from typing import Final

from office import Purpose
from signer import SignedDocument

PAPER: Final = 0
"""`n` of the paper itself; attachments are counted from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file to be sealed: `sha256` (hex) is of `pdf`."""

    n: int
    pdf: bytes = field(repr=False)
    sha256: str

    @property
    def purpose(self) -> Purpose:
        """What the seal is used for on it."""
        return "issue" if self.n == PAPER else "appendix"


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One part on its way under its open entry of the seal register: `operations` of the key so far, then `signed`,
    then the `sha256` under which it is kept."""

    part: Part
    entry: str
    operations: int = 0
    signed: SignedDocument | None = None
    sha256: str = ""

    @property
    def result(self) -> SignedDocument:
        """The signed file. Only once it is signed."""
        if self.signed is None:
            raise AssertionError("not signed yet")
        return self.signed
