"""A document in a seal worker's hands, from its check on; and why it comes no further."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from signer import PreparedSignature
from stamping.checks import Cleared
from stamping.parts import Attempt
from stamping.seal_keys import CountedKey
from stamping.turns import Turn
from store import StoreAway


class NotKept(StoreAway):
    """The key was used, and the sealed file could not be kept."""


class NotBegun(Exception):
    """The key was not used for this document: it failed, or the worker did, at one before it."""


@dataclass(slots=True, kw_only=True)
class InHand:
    """`attempts`: one at each of its files, once entries are reserved. `trouble`: why it comes no further; `why`: the
    same for its entries."""

    turn: Turn
    cleared: Cleared
    key: CountedKey
    prepared: Sequence[PreparedSignature]
    attempts: list[Attempt] = field(default_factory=list)
    trouble: Exception | None = None
    why: str = ""

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(len(part.pdf) for part in self.cleared.parts)

    def fails(self, error: Exception, why: str = "") -> None:
        """It comes no further."""
        self.trouble, self.why = error, why or type(error).__name__
