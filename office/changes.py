"""What differs between two institutions, change by change, and which of it one administrator may not do alone.

The rule is turned round: everything needs a second person but what is listed here as harmless in one pair of hands
(docs/decisions/0046-office-versions.md has the table). So a field that is added to the model one day is guarded until
somebody has thought about it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final, Literal

from .change_words import FIELDS, KINDS, Words, named, told
from .institution import Office
from .period import Period
from .person import Custodian, Officer
from .seal import SealDecision

ChangeKind = Literal["added", "removed", "changed", "reordered", "unreadable"]

_KEYS: Final[Mapping[str, Callable[[Any], object]]] = {
    "organisations": lambda one: one.code,
    "seals": lambda one: one.id,
    "officers": lambda one: one.id,
    "custodians": lambda one: one.id,
    "procedures": lambda one: one.code,
}
"""What tells the entries of a table apart; entries of other tables are their whole value."""

_ALONE: Final[Mapping[str, frozenset[str]]] = {
    "mandates": frozenset({"number", "date", "subject"}),
    "procedures": frozenset({"code", "name", "paper", "working_days", "symbol"}),
    "series": frozenset({"organisation", "symbol", "kind", "period"}),
    "holidays": frozenset(),
    "working_saturdays": frozenset(),
    "day_ends": frozenset(),
}
"""Parts of the institution one person may change, as far as these fields go: they open no way to a seal."""
_GUARDED_IN_PLACE: Final[Mapping[str, frozenset[str]]] = {"procedures": frozenset({"name", "paper"})}
"""Harmless in a new entry, not in one that officers are named for: what they may sign would become something else."""
_ALONE_ADDED: Final = frozenset({"organisations"})
"""A body that nobody signs for and that has no seal issues nothing."""
_ALONE_REMOVED: Final = frozenset({"officers", "organisations"})
"""Taking these away stops something and lets nothing through."""
_ALONE_ENDED: Final = frozenset({"officers", "organisations"})
"""So does ending them, or ending them sooner."""
_COME: Final = ("thêm", "added")
_GONE: Final = ("bỏ", "removed")
_ORDER_ALONE: Final = frozenset({"organisations", "custodians", *_ALONE})
"""Of seals and officers the first that fits is taken, and of hand-overs of one moment the last, so there the file's
order decides."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference, in words. `part` is the table or key of the file, `subject` which entry of it; `benefits`: whose
    powers it is about, who may therefore not be the one to confirm it."""

    kind: ChangeKind
    part: str
    subject: str
    text_vi: str
    text_en: str
    second_person: bool
    benefits: tuple[Officer | Custodian, ...] = ()


def changes(before: Office, after: Office) -> tuple[Change, ...]:
    """Every difference, in the order of the institution's parts; empty only where the two are equal."""
    found: list[Change] = []
    for field in fields(Office):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old == new:
            continue
        if isinstance(old, tuple) and isinstance(new, tuple):
            found += _entries(field.name, old, new)
        else:
            found.append(_value(field.name, old, new))
    return tuple(found)


def unreadable() -> Change:
    """The version in force cannot be read, so all of the new one is a change."""
    return Change(
        kind="unreadable",
        part="",
        subject="",
        text_vi="Phiên bản đang có hiệu lực không đọc được: toàn bộ nội dung đề nghị là mới.",
        text_en="The version in force cannot be read: everything proposed is new.",
        second_person=True,
    )


def unsigned() -> Change:
    """The version in force does not rest on the register's signature: it may be anybody's, so all of it is a change."""
    return Change(
        kind="unreadable",
        part="",
        subject="",
        text_vi="Phiên bản đang có hiệu lực không do khoá của sổ ký, có thể đã bị sửa: "
        "phải xem toàn bộ nội dung đề nghị.",
        text_en="The version in force does not rest on the register's own signature and may have been tampered with: "
        "all of the proposed text must be read.",
        second_person=True,
    )


def _value(part: str, old: Any, new: Any) -> Change:
    label_vi, label_en = KINDS.get(part, (part, part))
    vi, en = _difference(old, new)
    return Change(
        kind="changed",
        part=part,
        subject="",
        text_vi=f"{label_vi}: {vi}",
        text_en=f"{label_en}: {en}",
        second_person=part not in _ALONE,
    )


def _difference(old: Any, new: Any) -> Words:
    """What came and what went, of several; else the old value and the new one."""
    if isinstance(old, (frozenset, tuple)) and isinstance(new, (frozenset, tuple)) and not _plain(old, new):
        come = tuple(one for one in _ordered(new) if one not in old)
        gone = tuple(one for one in _ordered(old) if one not in new)
        said = [(words, told(items)) for words, items in ((_COME, come), (_GONE, gone)) if items]
        if said:
            return (
                "; ".join(f"{words[0]} {items[0]}" for words, items in said),
                "; ".join(f"{words[1]} {items[1]}" for words, items in said),
            )
    (old_vi, old_en), (new_vi, new_en) = told(old), told(new)
    return f"{old_vi}, nay là {new_vi}", f"{old_en}, now {new_en}"


def _plain(old: Any, new: Any) -> bool:
    """Nothing before, or nothing after: an arrow says it better."""
    return not old or not new


def _ordered(values: Any) -> Any:
    return sorted(values) if isinstance(values, frozenset) else values


def _entries(part: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[Change]:
    key: Callable[[Any], object] = _KEYS.get(part, _itself)
    before, after = {key(one): one for one in old}, {key(one): one for one in new}
    for name, entry in after.items():
        if name not in before:
            yield _whole(part, "added", entry, alone=part in _ALONE_ADDED or _known(part, entry))
    for name, entry in before.items():
        if name not in after:
            yield _whole(part, "removed", entry, alone=part in _ALONE_REMOVED or _known(part, entry))
        elif after[name] != entry:
            yield from _changed(part, entry, after[name])
    if [name for name in before if name in after] != [name for name in after if name in before] or (
        # the same entry written twice
        (len(old) - len(before)) != (len(new) - len(after))
    ):
        label_vi, label_en = KINDS.get(part, (part, part))
        yield Change(
            kind="reordered",
            part=part,
            subject="",
            text_vi=f"{label_vi}: đổi thứ tự",
            text_en=f"{label_en}: another order",
            second_person=part not in _ORDER_ALONE,
        )


def _itself(entry: Any) -> object:
    return entry


def _known(part: str, entry: Any) -> bool:
    """Is all this entry says among what one person may write? What is left at its default says nothing."""
    known = _ALONE.get(part)
    return known is not None and all(
        field.name in known or (field.default is not MISSING and getattr(entry, field.name) == field.default)
        for field in fields(entry)
    )


def _whole(part: str, kind: Literal["added", "removed"], entry: Any, *, alone: bool) -> Change:
    vi, en = named(part, entry)
    details_vi, details_en = _details(entry) if kind == "added" else ("", "")
    return Change(
        kind=kind,
        part=part,
        subject=_subject(part, entry),
        text_vi=f"{vi}: {'thêm mới' if kind == 'added' else 'bỏ'}{details_vi}",
        text_en=f"{en}: {kind}{details_en}",
        second_person=not alone,
        benefits=_people(entry) if kind == "added" else (),
    )


def _details(entry: Any) -> tuple[str, str]:
    """What a new entry says, so that who confirms it need not read the file."""
    shown = [
        (FIELDS.get(one.name, (one.name, one.name)), told(getattr(entry, one.name)))
        for one in fields(entry)
        if one.compare and one.name not in {"id", "code", "name"}
    ]
    said = [(label, words) for label, words in shown if words[0] not in {"", "–"}]
    return (
        "; " + "; ".join(f"{label[0]} {words[0]}" for label, words in said),
        "; " + "; ".join(f"{label[1]} {words[1]}" for label, words in said),
    )


def _changed(part: str, old: Any, new: Any) -> Iterator[Change]:
    vi, en = named(part, new)
    for field in fields(new):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before == after:
            continue
        label_vi, label_en = FIELDS.get(field.name, (field.name, field.name))
        said_vi, said_en = _difference(before, after)
        yield Change(
            kind="changed",
            part=part,
            subject=_subject(part, new),
            text_vi=f"{vi}: {label_vi} {said_vi}",
            text_en=f"{en}: {label_en} {said_en}",
            second_person=not _harmless(part, field.name, before, after),
            benefits=_people(old, new),
        )


def _harmless(part: str, field: str, before: Any, after: Any) -> bool:
    if (part, field) == ("seals", "decisions"):
        return _only_stops(before, after)
    if field == "period" and part in _ALONE_ENDED:
        return _only_shorter(before, after)
    return field in _ALONE.get(part, frozenset()) - _GUARDED_IN_PLACE.get(part, frozenset())


def _only_stops(before: tuple[SealDecision, ...], after: tuple[SealDecision, ...]) -> bool:
    """The one thing added is that the seal is suspended: a brake that one person may pull at once."""
    added = after[len(before) :]
    if not before:
        # a seal without decisions is in use from its permission on, so the decision that says so lets nothing through
        return [one.state for one in added] == ["active", "suspended"]
    return after[: len(before)] == before and [one.state for one in added] == ["suspended"]


def _only_shorter(before: Period, after: Period) -> bool:
    """Nothing holds that did not hold before."""
    return after.within(before)


def _subject(part: str, entry: Any) -> str:
    key = _KEYS.get(part)
    return str(key(entry)) if key else named(part, entry)[1]


def _people(*entries: Any) -> tuple[Officer | Custodian, ...]:
    """Under the name and account before, too: a change may be about those."""
    return tuple(entry for entry in entries if isinstance(entry, Officer | Custodian))
