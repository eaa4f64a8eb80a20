"""The office's key behind a switch: there, away, or failing while it signs."""

from dataclasses import dataclass
from typing import Any

from hsm import HsmKey
from office import Seal
from signer import Scheme
from stamping import KeyUnavailable, Problem

GONE = KeyUnavailable(Problem("token-missing", "Chưa cắm token.", "The token is not plugged in."), passing=True)
LOCKED = KeyUnavailable(Problem("pin-locked", "Token đã bị khóa.", "The token is locked."))


@dataclass
class Switched:
    """The office's key behind a switch: `asked` is raised when it is asked, `signing` when it is used; it is used
    `uses` times for a signature, as a key does that recovers by itself."""

    key: HsmKey
    asked: KeyUnavailable | None = None
    signing: KeyUnavailable | None = None
    blinks: bool = False
    uses: int = 1
    questions: int = 0

    def __post_init__(self) -> None:
        self.certificate = self.key.certificate
        self.chain = self.key.chain
        self.scheme: Scheme = self.key.scheme

    def __call__(self, _seal: Seal) -> Any:
        """As the worker opens keys."""
        return self

    @property
    def operations(self) -> int:
        """The real key's counter."""
        return self.key.operations

    def reach(self) -> None:
        """Answer, or not."""
        self.questions += 1
        if self.asked is not None and (not self.blinks or self.questions % 2):
            raise self.asked
        self.key.reach()

    def sign(self, digest: bytes, scheme: Scheme) -> bytes:
        """Sign, or fail after the signature was made."""
        value = [self.key.sign(digest, scheme) for _ in range(self.uses)][-1]
        if self.signing is not None:
            raise self.signing
        return value
