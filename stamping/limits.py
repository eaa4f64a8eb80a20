"""How often a seal may be used on one day: a bound the office sets, so that a mistake or a misuse is noticed early."""

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from sqlalchemy import Connection

from office import Seal
from register import seal_uses
from stamping.desk import Desk
from stamping.refusal import Refusal
from store import read, vietnam_date

log = logging.getLogger("secondseal.limits")

_CARE_PERCENT: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SealUsage:
    """Key operations of a seal on one day in Viet Nam, and the bound; `limit` None: there is none."""

    seal: str
    day: date
    used: int
    limit: int | None

    @property
    def state(self) -> Literal["good", "care", "fault"]:
        """Care from 80 % of the bound, fault at it."""
        if self.limit is None or self.used * 100 < self.limit * _CARE_PERCENT:
            return "good"
        return "care" if self.used < self.limit else "fault"


def seal_usage(desk: Desk, seal: Seal, at: datetime) -> SealUsage:
    """What the seal register says of the day `at` falls on in Viet Nam."""
    with read(desk.engine) as connection:
        return _usage(connection, seal, at)


def _usage(connection: Connection, seal: Seal, at: datetime) -> SealUsage:
    day = vietnam_date(at)
    return SealUsage(seal=seal.id, day=day, used=seal_uses.uses_on(connection, seal.id, day), limit=seal.daily_limit)


def check_daily_limit(desk: Desk, seal: Seal, at: datetime, *, uses: int = 1) -> None:
    """May the seal's key be used so often once more today, for a document and its attachments? Raises `Refusal`
    seal-daily-limit."""
    if seal.daily_limit is None:
        return
    now = seal_usage(desk, seal, at)
    _refuse_over(now, seal, uses)
    if now.state == "care":
        log.warning("seal %s: %d of %d uses of %s are spent", seal.id, now.used, seal.daily_limit, now.day)


def keep_daily_limit(connection: Connection, seal: Seal, at: datetime, *, uses: int = 1, beside: int = 0) -> None:
    """The same in the transaction that reserves: another worker may have reserved the last one since it was asked.
    `beside`: uses that are about to be reserved in the same transaction for others."""
    if seal.daily_limit is not None:
        now = _usage(connection, seal, at)
        _refuse_over(replace(now, used=now.used + beside), seal, uses)


def _refuse_over(now: SealUsage, seal: Seal, uses: int) -> None:
    if now.limit is None or now.used + uses <= now.limit:
        return
    log.error("seal %s: the daily limit of %d is reached on %s", seal.id, now.limit, now.day)
    raise Refusal(
        "seal-daily-limit",
        f"Con dấu {seal.id} đã dùng {now.used} lần trong ngày {now.day:%d/%m/%Y}; mức tối đa là "
        f"{now.limit} lần một ngày.{_needs_vi(uses)} Văn bản chưa được đóng dấu. "
        "Hãy xác nhận lại vào ngày làm việc sau; "
        "nếu số lần này bất thường, hãy báo người quản trị ngay.",
        f"Seal {seal.id} was used {now.used} times on {now.day}; the limit is {now.limit} a day."
        f"{_needs_en(uses)} The paper "
        "was not sealed. Confirm it again on the next working day; if this number surprises you, tell the "
        "administrator at once.",
        seal=seal.id,
        day=now.day.isoformat(),
        used=now.used,
        limit=now.limit,
        **({"wanted": uses} if uses > 1 else {}),
    )


def _needs_vi(uses: int) -> str:
    return f" Văn bản này cùng các văn bản kèm theo cần {uses} lần." if uses > 1 else ""


def _needs_en(uses: int) -> str:
    return f" This paper and its attachments take {uses}." if uses > 1 else ""
