"""What is to be put on which paper: the order for one signature, with its mark and its place."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from .level import Level

Rect = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points, in the page's own user space (origin lower left before /Rotate)."""

Role = Literal["officer", "agency"]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A drawn mark: a one-page PDF of exactly the mark's real size (points)."""

    pdf: bytes
    width_pt: float
    height_pt: float

    @cached_property
    def sha256(self) -> bytes:
        """Identity of the drawing; prepared marks are kept under it."""
        return hashlib.sha256(self.pdf).digest()


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a signature field stands: page (from 0) and rectangle."""

    page: int
    rect: Rect

    def __post_init__(self) -> None:
        """Refuses an upside-down rectangle: it would be drawn mirrored."""
        if self.page < 0 or self.rect[2] < self.rect[0] or self.rect[3] < self.rect[1]:
            raise ValueError(f"not a placement: page {self.page}, {self.rect}")

    @property
    def width(self) -> float:
        """Points."""
        return self.rect[2] - self.rect[0]

    @property
    def height(self) -> float:
        """Points."""
        return self.rect[3] - self.rect[1]


@dataclass(frozen=True, kw_only=True)
class Order:
    """One signature.

    field       the field to fill; None: the role's own field (`verifier.fields`)
    placement   only for a field that does not exist yet; an existing field keeps its rectangle
    mark        the visible mark; None: nothing is drawn
    signed_at   claimed time (aware), written as /M; None: now
    name        who signs, as shown in readers
    reserve     bytes kept for the CMS in /Contents (twice as many digits in the file); None: `prepare.room_for`
    """

    role: Role
    name: str
    level: Level
    field: str | None = None
    placement: Placement | None = None
    mark: Mark | None = None
    signed_at: datetime | None = None
    reason: str | None = None
    location: str | None = None
    reserve: int | None = None

    def __post_init__(self) -> None:
        """A naive time would silently be read in the machine's zone."""
        if self.signed_at is not None and self.signed_at.tzinfo is None:
            raise ValueError("signed_at must carry its time zone")
