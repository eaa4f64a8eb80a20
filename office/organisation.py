"""Organisations as data: names, parents, and who succeeds whom (2025 reform, AC-121, AC-123)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from .period import Period
from .section import Section

_PEOPLES_BODIES: Final = ("ỦY BAN NHÂN DÂN", "UỶ BAN NHÂN DÂN", "HỘI ĐỒNG NHÂN DÂN")


@dataclass(frozen=True, kw_only=True)
class Successor:
    """The organisation `code` takes over from the day `since`."""

    code: str
    since: date


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

    def active(self, on: date) -> bool:
        """Whether it exists on this day and may issue papers."""
        return self.period.holds(on)


def read_organisation(section: Section) -> Organisation:
    """One [[organisations]] table."""
    name = section.text("name")
    body = next((body for body in _PEOPLES_BODIES if name.startswith(body)), None)
    successors = []
    for item in section.sections("successors"):
        successors.append(Successor(code=item.text("code"), since=item.day("from")))
        item.finish()
    organisation = Organisation(
        code=section.text("code"),
        name=name,
        place=section.text("place"),
        parent=section.optional_text("parent"),
        period=section.period("from", "until"),
        successors=tuple(successors),
        collective=section.optional_text("collective") or body,
        # People's committees and councils stand under their own name alone.
        shows_parent=section.flag("shows_parent", otherwise=body is None),
    )
    section.finish()
    return organisation
