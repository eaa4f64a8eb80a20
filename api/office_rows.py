"""The institution in plain words, one line an entry, as it stands on a day."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from api import formats
from api.language import language_of
from api.pages import counted, said
from office import Office, Period, Seal, may_stamp, may_use


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry: its name, what is to be known of it, and how it stands today."""

    name: str
    about: tuple[str, ...]
    mark: str
    shape: str
    word: str
    end: str


def seal_lines(request: Request, office: Office, now: datetime) -> tuple[Line, ...]:
    """Seals, with who may stamp with them today."""
    t = said(request)
    lines = []
    for seal in office.seals:
        body = office.organisation(seal.organisation)
        mark, shape, word = _seal_state(request, office, seal, now)
        keepers = [one.name for one in office.custodians if _keeps(office, one.id, seal, now)]
        lines.append(
            Line(
                name=body.name if body else seal.organisation,
                about=(
                    seal.id,
                    t("office.seal_mark", mark=seal.mark or "-", diameter=f"{seal.diameter_mm:g}"),
                    *_period(request, seal.period),
                ),
                mark=mark,
                shape=shape,
                word=word,
                end=t("office.keeper", name=", ".join(keepers)) if keepers else t("office.keeper_none"),
            )
        )
    return tuple(lines)


def _keeps(office: Office, custodian_id: str, seal: Seal, now: datetime) -> bool:
    ruling = may_stamp(
        office,
        custodian_id=custodian_id,
        seal_id=seal.id,
        organisation=seal.organisation,
        procedure=None,
        on=now,
    )
    return ruling.allowed


def custodian_lines(request: Request, office: Office, now: datetime) -> tuple[Line, ...]:
    """Custodians, with their seals and by which decision."""
    t = said(request)
    return tuple(
        Line(
            name=one.name,
            about=(
                ", ".join(one.seals) or "-",
                t("office.by_decision", number=one.appointed_by),
                *_period(request, one.period),
            ),
            end="",
            **_holds(one.period.holds(now), t("office.in_charge"), t("office.not_in_charge")),
        )
        for one in office.custodians
    )


def officer_lines(request: Request, office: Office, now: datetime) -> tuple[Line, ...]:
    """Officers, with their posts and what they may sign."""
    t = said(request)
    lines = []
    for one in office.officers:
        bodies = [(office.organisation(code), code) for code in one.organisations]
        codes = dict.fromkeys((*one.procedures, *(code for paper in one.delegations for code in paper.procedures)))
        scope = (
            t("office.all_procedures") if "*" in codes else t("office.some_procedures", codes=", ".join(codes) or "-")
        )
        number = len(one.certificates)
        lines.append(
            Line(
                name=one.name,
                about=(
                    f"{one.capacity} {one.post}" if one.capacity else one.post,
                    ", ".join(body.name if body else code for body, code in bodies),
                    scope,
                    *_period(request, one.period),
                ),
                end=counted(request)("office.certificates", number) if number else t("office.no_certificate"),
                **_holds(one.period.holds(now), t("office.in_post"), t("office.not_in_post")),
            )
        )
    return tuple(lines)


def organisation_lines(request: Request, office: Office, now: datetime) -> tuple[Line, ...]:
    """Organisations, with when they act."""
    t = said(request)
    return tuple(
        Line(
            name=one.name,
            about=(one.code, *_period(request, one.period)),
            end="",
            **_holds(one.active(now), t("office.acts"), t("office.ended")),
        )
        for one in office.organisations
    )


def _seal_state(request: Request, office: Office, seal: Seal, now: datetime) -> tuple[str, str, str]:
    t, state = said(request), seal.state(now)
    if state != "active":
        return ("", "off", t(f"office.state_{state}"))
    if may_use(office, seal_id=seal.id, organisation=seal.organisation, on=now).allowed:
        return ("sealed", "seal", t("office.state_active"))
    return ("", "off", t("office.state_unusable"))


def _holds(holds: bool, yes: str, no: str) -> dict[str, str]:
    return {"mark": "ok", "shape": "held", "word": yes} if holds else {"mark": "", "shape": "off", "word": no}


def _period(request: Request, period: Period) -> tuple[str, ...]:
    t, language = said(request), language_of(request)
    since = formats.full_date(period.since, language) if period.since else ""
    until = formats.full_date(period.until, language) if period.until else ""
    if since and until:
        return (t("office.from_until", since=since, until=until),)
    if since:
        return (t("office.from_on", since=since),)
    return (t("office.until", until=until),) if until else ()
