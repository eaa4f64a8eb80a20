"""How the seals' keys are, for operators and custodians: what the seal worker wrote, and how old that is.

This process reaches no key. A key the office names and nobody has looked at counts as one in fault.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request

from api import formats
from api.language import language_of
from api.pages import said, text_for
from api.service import Service, service_of
from office import Office
from stamping import KeyHealth, WorkerSeen, key_health
from store import read


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """Every key the office names, as of one moment (UTC), the worker seen last, and how many were seen lately."""

    at: datetime
    keys: tuple[KeyHealth, ...]
    worker: WorkerSeen | None
    workers: int

    @property
    def worker_there(self) -> bool:
        """Whether the worker was seen lately."""
        return self.worker is not None and self.worker.is_there(self.at)

    @property
    def can_seal(self) -> bool:
        """The worker is there, there is a key, and every key in force is without a fault."""
        in_force = [one for one in self.keys if one.role == "current"]
        return self.worker_there and bool(in_force) and all(one.state != "fault" for one in in_force)

    @property
    def whole(self) -> bool:
        """The same, and the keys prepared to follow are without a fault, too."""
        return self.can_seal and all(one.state != "fault" for one in self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealNotice:
    """What a custodian is told before confirming. `tone` is the notice's: care or stop."""

    tone: str
    title: str
    text: str


def key_state(service: Service) -> KeyState:
    """What stands in the database about the office's keys. Raises `SQLAlchemyError`; `Refusal` and `OSError` of the
    office's file."""
    now = service.now()
    named = key_health.named(service.desk.office(), now)
    with read(service.desk.engine) as connection:
        found = {(one.seal_id, one.role): one.as_of(now) for one in key_health.healths(connection)}
        workers = key_health.workers(connection)
    return KeyState(
        at=now,
        keys=tuple(found.get((seal.id, role)) or _never(seal.id, role, now) for seal, role in named),
        worker=max(workers, key=lambda one: one.seen_at, default=None),
        workers=sum(one.is_there(now) for one in workers),
    )


def notices(request: Request, custodian_id: str) -> tuple[SealNotice, ...]:
    """For the custodian's pages: the worker away, or a key in their custody that is in fault or needs care."""
    service, t = service_of(request), said(request)
    state, office = key_state(service), service.desk.office()
    custodian = office.custodian(custodian_id)
    held = set(custodian.seals) if custodian is not None else set()
    mine = [one for one in state.keys if one.seal_id in held and one.role == "current"]
    if mine and not state.worker_there:
        return (SealNotice(tone="stop", title=t("seals.worker_away_title"), text=t("seals.worker_away_text")),)
    return tuple(_notice(request, one, office, several=len(mine) > 1) for one in mine if one.state != "good")


def _notice(request: Request, one: KeyHealth, office: Office, *, several: bool) -> SealNotice:
    t, language = said(request), language_of(request)
    seal = office.seal(one.seal_id)
    body = office.organisation(seal.organisation) if seal is not None else None
    what = _what(request, one)
    if several and body is not None:
        what = f"{body.name}: {what}"
    when = f"{formats.clock(one.checked_at)}, {formats.short_date(one.checked_at, language)}"
    title, tone = ("seals.key_fault_title", "stop") if one.state == "fault" else ("seals.key_care_title", "care")
    return SealNotice(tone=tone, title=t(title), text=t("seals.key_text", what=what, when=when))


_PLAIN: Final = frozenset({"certificate-expiring", "certificate-expired", "certificate-not-yet-valid", "not-checked"})
"""What is found about these is said in words for anybody."""


def _what(request: Request, one: KeyHealth) -> str:
    """For the custodian, who can plug a token in and no more; the finding itself, with its paths, is the operator's."""
    if one.code in _PLAIN:
        return text_for(request, one)
    word = "seals.key_technical"
    if one.code in {"token-missing", "pin-locked", "daily-limit"}:
        word = f"seals.key_{one.code.replace('-', '_')}"
    elif one.code.startswith("pin-") or one.code == "login-unclear":
        word = "seals.key_pin"
    return said(request)(word, code=one.code)


def _never(seal_id: str, role: key_health.Role, now: datetime) -> KeyHealth:
    return KeyHealth(
        seal_id=seal_id,
        role=role,
        key="",
        state="fault",
        code="not-checked",
        text_vi="Khóa chưa được kiểm tra lần nào: chương trình đóng dấu chưa chạy.",
        text_en="The key has never been checked: the seal worker has not run yet.",
        since=now,
        checked_at=now,
        due_at=now,
    )
