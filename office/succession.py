"""Who issued a paper, as it is shown, and who stands in that body's place today (AC-121, AC-123)."""

from dataclasses import dataclass
from datetime import date

from .institution import Office
from .organisation import Organisation
from .period import Moment, last_instant
from .procedure import NumberSeries


@dataclass(frozen=True, kw_only=True)
class IssuingBody:
    """How an organisation is shown on a page about one of its papers. `line_vi`, `line_en` are whole sentences."""

    code: str
    name: str
    parent: str | None
    place: str
    until: date | None
    successors: tuple[str, ...]

    @property
    def ended(self) -> bool:
        """Whether it is gone, or others stand in its place."""
        return self.until is not None or bool(self.successors)

    @property
    def line_vi(self) -> str:
        """E.g. "Cơ quan ban hành: A (đến 30/6/2025), kế thừa bởi: B"."""
        until = f" (đến {self.until.day}/{self.until.month}/{self.until.year})" if self.until else ""
        heirs = f", kế thừa bởi: {'; '.join(self.successors)}" if self.successors else ""
        return f"Cơ quan ban hành: {self.name}{until}{heirs}"

    @property
    def line_en(self) -> str:
        """The same in English."""
        until = f" (until {self.until.isoformat()})" if self.until else ""
        heirs = f", succeeded by: {'; '.join(self.successors)}" if self.successors else ""
        return f"Issued by: {self.name}{until}{heirs}"


def successors_of(office: Office, organisation: str, on: Moment) -> tuple[Organisation, ...]:
    """The organisations that stand in this one's place on a day, in the file's order; empty while it acts itself.

    Merges, splits and renamings are followed through as many steps as have happened by then.
    """
    found: set[str] = set()
    seen: set[str] = set()
    ahead = [organisation]
    while ahead:
        body = office.organisation(ahead.pop())
        if body is None or body.code in seen:
            continue
        seen.add(body.code)
        heirs = [heir.code for heir in body.successors if heir.stands_in(on)]
        if heirs and _over(body, on):
            ahead.extend(heirs)
        elif body.code != organisation:
            found.add(body.code)
    return tuple(body for body in office.organisations if body.code in found)


def issuing_body(office: Office, organisation: str, on: Moment) -> IssuingBody | None:
    """How the issuer of a paper is shown on a day, with its successors if it is gone; None for an unknown code."""
    body = office.organisation(organisation)
    if body is None:
        return None
    parent = office.organisation(body.parent) if body.parent and body.shows_parent else None
    return IssuingBody(
        code=body.code,
        name=body.name,
        parent=parent.name if parent else None,
        place=body.place,
        until=body.period.until if body.period.until and _over(body, on) else None,
        successors=tuple(heir.name for heir in successors_of(office, organisation, on)),
    )


def number_series(office: Office, *, organisation: str, symbol: str, on: Moment) -> NumberSeries | None:
    """The series in which this organisation counts papers of this symbol then; None where the file sets none: such
    papers share the organisation's one series of the year."""
    return next((series for series in office.series if series.counts(organisation, symbol, on)), None)


def _over(body: Organisation, on: Moment) -> bool:
    """Whether its end has come by then; one that gives no end is over when its heirs begin."""
    ends = body.period.ends
    return ends is None or ends <= last_instant(on)
