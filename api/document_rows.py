"""Documents as a desk's pages show them: what a row says, how urgent it is, which words its state has."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from api import formats
from register import grouped
from stamping import DocumentView, EventView, Problem, StageView
from web import Language, catalogue

Urgency = Literal["late", "today", "later"]

_OPEN: Final = frozenset({"generated", "awaiting_approval", "approved", "confirmed"})
_STATE_MARKS: Final[dict[str, tuple[str, str]]] = {
    "generated": ("", "wait"),
    "awaiting_approval": ("", "wait"),
    "approved": ("ok", "pen"),
    "confirmed": ("now", "clock"),
    "sealed": ("sealed", "seal"),
    "wet_stamped": ("sealed", "pen"),
    "returned": ("sealed", "seal"),
    "amendment_requested": ("", "back"),
    "refused": ("bad", "no"),
    "withdrawn": ("", "back"),
    "replaced": ("", "back"),
    "recalled": ("bad", "no"),
}
"""State -> (class of the word, icon)."""
_UNSEALED: Final = ("ok", "pen")
"""Of a paper that was returned as it was approved."""
_GIVEN: Final = frozenset({"returned", "replaced", "recalled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A deadline in words: relative and absolute."""

    mark: str
    text: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of a document's history."""

    word: str
    who: str
    at: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedRow:
    """A separate attachment of a document on a desk; `hash`: the beginning of its file's, in groups of four."""

    title: str
    url: str
    pages: int
    hash: str
    sealed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """A document on a desk."""

    id: str
    title: str
    number: str
    holder: str
    dossier: str
    procedure: str
    organisation: str
    officer: str
    result_code: str
    code: str
    code_plain: str
    pages: int
    stages: tuple[StageView, ...]
    stage_number: int
    stage_name: str
    due: Due
    due_at: datetime | None
    urgency: Urgency
    open: bool
    issued: bool
    state_mark: str
    state_shape: str
    state_text: str
    state_at: str
    signed_text: str
    problem: str
    revisions: tuple[str, ...]
    history: tuple[Happening, ...]
    attached: tuple[AttachedRow, ...]


def rows(views: Iterable[DocumentView], language: Language, now: datetime) -> tuple[PaperRow, ...]:
    """Rows in the order given."""
    return tuple(row(view, language, now) for view in views)


def _issued(view: DocumentView) -> bool:
    """Sealed, stamped by hand, or given out without a seal (4 tại chỗ)."""
    by_hand = any(event.event == "document.wet_stamped" for event in view.history)
    return "sealed" in view.revisions or by_hand or view.state in _GIVEN


def returnable(view: DocumentView) -> bool:
    """Does it wait to be handed over? One that gets no seal here does once it is approved."""
    return view.state in ({"sealed", "wet_stamped"} if view.seal_id else {"approved"})


def row(view: DocumentView, language: Language, now: datetime) -> PaperRow:
    """One document as a row."""
    t = partial(catalogue().say, language)
    number, stage = _stage(view)
    mark, shape = _UNSEALED if view.state == "returned" and not view.seal_id else _STATE_MARKS[view.state]
    changed = view.history[-1].at if view.history else view.created_at
    return PaperRow(
        id=view.id,
        title=_full_title(view),
        number=view.number,
        holder=view.holder,
        dossier=view.dossier,
        procedure=view.procedure_name,
        organisation=view.organisation_name,
        officer=view.officer_name,
        result_code=view.result_code,
        code=grouped(view.code),
        code_plain=view.code,
        pages=view.pages,
        stages=tuple(replace(stage, who=actor_text(stage.who or "", language)) for stage in view.stages),
        stage_number=number,
        stage_name=stage,
        due=due(view.due_at, language, now),
        due_at=view.due_at,
        urgency=_urgency(view.due_at, now),
        open=view.state in _OPEN,
        issued=_issued(view),
        state_mark=mark,
        state_shape=shape,
        state_text=t(_state_word(view.state, view)),
        state_at=_moment(changed, language),
        signed_text=_signed(view, language),
        problem=problem_text(view.problem, language) if view.state in _OPEN else "",
        revisions=tuple(view.revisions),
        history=tuple(_happening(event, view, language) for event in view.history),
        attached=tuple(
            AttachedRow(
                title=one.title,
                url=f"/desk/documents/{view.id}/attachments/{one.n}/file",
                pages=one.pages,
                hash=formats.grouped_hash(list(one.revisions.values())[-1][:16]),
                sealed="sealed" in one.revisions,
            )
            for one in view.attachments
        ),
    )


def due(at: datetime | None, language: Language, now: datetime) -> Due:
    """The deadline in words; late before today before later."""
    words = catalogue()
    if at is None:
        return Due(mark="", text=words.say(language, "due.none"), at="")
    absolute = words.say(language, "due.at", date=formats.short_date(at, language), time=formats.clock(at))
    left = at - now
    late = left < timedelta(0)
    span = -left if late else left
    kind = "late" if late else "left"
    if span >= timedelta(days=1):
        text = words.count(language, f"due.{kind}_days", span.days)
    elif span >= timedelta(hours=1):
        text = words.count(language, f"due.{kind}_hours", span.seconds // 3600)
    elif late:
        text = words.say(language, "due.late_now")
    else:
        text = words.count(language, "due.left_minutes", max(1, span.seconds // 60))
    mark = "late" if late else "soon" if _urgency(at, now) == "today" else ""
    return Due(mark=mark, text=text, at=absolute)


def problem_text(problem: Problem | None, language: Language) -> str:
    """A kept refusal in the reader's language."""
    if problem is None:
        return ""
    return problem.text_vi if language == "vi" else problem.text_en


def actor_text(actor: str, language: Language) -> str:
    """Who did it, for people: a person by name, a program by name and as a program."""
    kind, separator, name = actor.partition(":")
    if separator and kind == "client":
        return catalogue().say(language, "paper.program", name=name)
    return actor


def _urgency(at: datetime | None, now: datetime) -> Urgency:
    if at is None:
        return "later"
    if at < now:
        return "late"
    return "today" if formats.local(at).date() == formats.local(now).date() else "later"


def _stage(view: DocumentView) -> tuple[int, str]:
    for index, stage in enumerate(view.stages, start=1):
        if stage.state in {"now", "stopped"}:
            return index, stage.name
    done = [(index, stage.name) for index, stage in enumerate(view.stages, start=1) if stage.state == "done"]
    return done[-1] if done else (1, view.stages[0].name)


def _full_title(view: DocumentView) -> str:
    subject = view.subject.strip()
    return view.title if not subject or subject.casefold() == view.title.casefold() else f"{view.title}: {subject}"


def _signed(view: DocumentView, language: Language) -> str:
    stage = next((stage for stage in view.stages if stage.name == "approved"), None)
    if stage is None or stage.at is None:
        return ""
    at = f"{formats.clock(stage.at)}, {formats.short_date(stage.at, language)}"
    return catalogue().say(language, "seals.signed_by", name=view.officer_name, time=at)


def _state_word(state: str, view: DocumentView) -> str:
    """The key of a state's word: an approved paper waits for its seal, or for its holder where it gets none here."""
    return "state.approved_to_return" if state == "approved" and not view.seal_id else f"state.{state}"


def _happening(event: EventView, view: DocumentView, language: Language) -> Happening:
    words = catalogue()
    key = _state_word(event.event.removeprefix("document."), view)
    reason = event.detail.get("reason", "")
    return Happening(
        word=words.say(language, key) if key in words.texts else event.event,
        who=actor_text(event.actor, language),
        at=_moment(event.at, language),
        why=str(reason),
    )


def _moment(at: datetime, language: Language) -> str:
    return f"{formats.clock_seconds(at)}, {formats.full_date(at, language)}"
