"""How much proof a signature carries with it (ETSI EN 319 142-1 clause 6: the PAdES baseline levels)."""

from enum import IntEnum


class Level(IntEnum):
    """PAdES baseline levels, ordered: a higher one contains every lower one."""

    B_B = 0
    """The signature and its certificates."""
    B_T = 1
    """+ a signature timestamp: the time is proven."""
    B_LT = 2
    """+ the revocation evidence of every signature in the file (`/DSS`): judged without the network."""
    B_LTA = 3
    """+ a document timestamp over all of it: judged after the certificates have expired."""

    @property
    def label(self) -> str:
        """The name used in verdicts and records: `B-LT`."""
        return self.name.replace("_", "-")

    @classmethod
    def from_label(cls, label: str) -> "Level":
        """`B-LT` -> `Level.B_LT`. Raises ValueError for any other word."""
        try:
            return cls[label.replace("-", "_")]
        except KeyError:
            raise ValueError(f"not a PAdES baseline level: {label!r}") from None
