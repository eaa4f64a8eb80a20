"""Organisations as data: names, parents, and who succeeds whom (2025 reform, AC-121, AC-123)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, cast, get_args

from .period import Moment, Period, day_begins, last_instant
from .section import Section

SuccessionKind = Literal["merge", "split", "rename"]
"""How an organisation became another: n to 1, 1 to n, or by name alone."""

_PEOPLES_BODIES: Final = ("ỦY BAN NHÂN DÂN", "UỶ BAN NHÂN DÂN", "HỘI ĐỒNG NHÂN DÂN")


@dataclass(frozen=True, kw_only=True)
class Successor:
    """The organisation `code` takes over from the day `since`, or the instant `starts_at` on that day.

    `kind`, the number of the decision and its date, where the file gives them.
    """

    code: str
    since: date
    starts_at: datetime | None = None
    kind: SuccessionKind | None = None
    decision: str | None = None
    decided_on: date | None = None

    @property
    def begins(self) -> datetime:
        """Its first instant."""
        return self.starts_at or day_begins(self.since)

    def stands_in(self, on: Moment) -> bool:
        """Whether it has taken over by then."""
        return self.begins <= last_instant(on)


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """A body that issues papers. `period` is the time it exists; merges, splits and renamings are its successors.

    `collective` is what "TM." speaks for (e.g. "ỦY BAN NHÂN DÂN"), None for a body with one head. `shows_parent`:
    whether ô 2 of the paper names the parent body above it.
    """

    code: str
    name: str
    place: str
    parent: str | None
    period: Period
    successors: tuple[Successor, ...]
    collective: str | None
    shows_parent: bool

    def active(self, on: Moment) -> bool:
        """Whether it exists then and may issue papers."""
        return self.period.holds(on)


def read_organisation(section: Section) -> Organisation:
    """One [[organisations]] table."""
    name = section.text("name")
    body = next((body for body in _PEOPLES_BODIES if name.startswith(body)), None)
    organisation = Organisation(
        code=section.text("code"),
        name=name,
        place=section.text("place"),
        parent=section.optional_text("parent"),
        period=section.period("from", "until"),
        successors=tuple(_successor(item) for item in section.sections("successors")),
        collective=section.optional_text("collective") or body,
        # People's committees and councils stand under their own name alone.
        shows_parent=section.flag("shows_parent", otherwise=body is None),
    )
    section.finish()
    return organisation


def _successor(item: Section) -> Successor:
    since, starts_at = item.beginning_day("from")
    successor = Successor(
        code=item.text("code"),
        since=since,
        starts_at=starts_at,
        kind=cast("SuccessionKind | None", item.choice("kind", get_args(SuccessionKind))),
        decision=item.optional_text("decision"),
        decided_on=item.optional_day("date"),
    )
    item.finish()
    return successor
