"""The common acts as edits of the office's text: what stands in it, comments and order, stays as it was.

Text in, text out; what the edit means is judged where it is proposed. Raises `EditRefused` where there is nothing to
edit, or where a plain edit would lose something.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import tomlkit
from tomlkit.items import AoT, Array, InlineTable, Table

from office import SealState, slug


class EditRefused(Exception):
    """The text cannot be edited so; both texts say why."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


_WHAT: Final = {
    "organisations": ("cơ quan", "organisation", "code"),
    "seals": ("con dấu", "seal", "id"),
    "officers": ("người ký", "officer", "id"),
    "custodians": ("văn thư", "custodian", "id"),
}


def seal_state(
    text: str, seal_id: str, state: SealState, *, decision: str, on: date, handover: str | None = None
) -> str:
    """A further decision about a seal's state."""
    document = tomlkit.parse(text)
    seal = _entry(document, "seals", seal_id)
    if "states" not in seal and state != "active":
        # in use from its permission on: that has to be said before it can end
        since = seal.get("valid_from") or seal.get("permission_date")
        if since is None or "permission" not in seal:
            raise EditRefused(
                f"Con dấu {seal_id} chưa ghi trạng thái nào: hãy ghi states trong tệp, bắt đầu từ ngày đưa vào dùng.",
                f"Seal {seal_id} has no states yet: write them in the file, from the day it came into use.",
            )
        _append(seal, "states", {"state": "active", "decision": str(seal["permission"]), "date": str(since)})
    more = {"handover": handover} if handover else {}
    _append(seal, "states", {"state": state, "decision": decision, "date": on.isoformat(), **more})
    return tomlkit.dumps(document)


def custodian_appointed(text: str, given: Mapping[str, object]) -> str:
    """A new entry of [[custodians]]."""
    document = tomlkit.parse(text)
    name = str(given.get("id") or slug(str(given["name"])))
    if _find(document, "custodians", name) is not None:
        raise EditRefused(
            f"Văn thư {name} đã có. Muốn sửa, hãy dùng: secondseal office import.",
            f"Custodian {name} is there already. To change the entry: secondseal office import.",
        )
    _add_table(document, "custodians", given)
    return tomlkit.dumps(document)


def custodian_ended(text: str, custodian_id: str, on: date) -> str:
    """The custodian's last day."""
    return _set(text, "custodians", custodian_id, {"until": on.isoformat()})


def handed_over(text: str, given: Mapping[str, object]) -> str:
    """A new entry of [[handovers]]."""
    document = tomlkit.parse(text)
    _entry(document, "seals", str(given["seal"]))
    _entry(document, "custodians", str(given["to"]))
    _add_table(document, "handovers", given)
    return tomlkit.dumps(document)


def officer_ended(text: str, officer_id: str, on: date) -> str:
    """The officer's last day in post."""
    return _set(text, "officers", officer_id, {"until": on.isoformat()})


def officer_post(text: str, officer_id: str, post: str) -> str:
    """Another post for an officer."""
    return _set(text, "officers", officer_id, {"post": post})


def officer_certificate(text: str, officer_id: str, sha256: str) -> str:
    """One more certificate of an officer."""
    document = tomlkit.parse(text)
    officer = _entry(document, "officers", officer_id)
    dated = isinstance(officer.get("certificates"), AoT)
    _append(officer, "certificates", {"sha256": sha256} if dated else sha256)
    return tomlkit.dumps(document)


def delegation_added(text: str, officer_id: str, given: Mapping[str, object]) -> str:
    """One more paper an officer signs by; those that are there stay, each with its dates."""
    document = tomlkit.parse(text)
    _append(_entry(document, "officers", officer_id), "delegations", given)
    return tomlkit.dumps(document)


def organisation_ended(text: str, code: str, until: date, successors: Sequence[Mapping[str, object]]) -> str:
    """An organisation's last day, and who takes over."""
    document = tomlkit.parse(text)
    body = _entry(document, "organisations", code)
    body["until"] = until.isoformat()
    for successor in successors:
        _append(body, "successors", successor)
    return tomlkit.dumps(document)


def holidays_added(text: str, days: Iterable[date]) -> str:
    """More days off; those that are there stay where they are."""
    document = tomlkit.parse(text)
    known = {str(day) for day in document.get("holidays", [])}
    new = [day.isoformat() for day in days if day.isoformat() not in known]
    if not new:
        raise EditRefused("Những ngày này đã là ngày nghỉ.", "These days are holidays already.")
    if "holidays" not in document:
        raise EditRefused(
            "Tệp chưa có mục holidays: hãy thêm holidays = [] ở đầu tệp.",
            "The file has no holidays yet: put holidays = [] at its top.",
        )
    for day in new:
        document["holidays"].append(day)
    return tomlkit.dumps(document)


def _set(text: str, part: str, name: str, values: Mapping[str, object]) -> str:
    document = tomlkit.parse(text)
    _entry(document, part, name).update(values)
    return tomlkit.dumps(document)


def _entry(document: tomlkit.TOMLDocument, part: str, name: str) -> Any:
    found = _find(document, part, name)
    if found is None:
        vi, en, _ = _WHAT[part]
        raise EditRefused(f"Không có {vi} {name}.", f"There is no {en} {name}.")
    return found


def _find(document: tomlkit.TOMLDocument, part: str, name: str) -> Table | InlineTable | None:
    key = _WHAT[part][2]
    for entry in document.get(part, []):
        if str(entry.get(key) or slug(str(entry.get("name", "")))) == name:
            return entry  # type: ignore[no-any-return]
    return None


def _append(entry: Any, key: str, value: object) -> None:
    """One more element of an array, whichever way the file writes it."""
    if key not in entry:
        entry[key] = tomlkit.array()
    several: Array | AoT = entry[key]
    if isinstance(value, Mapping) and isinstance(several, AoT):
        table = tomlkit.table()
        table.update(value)
        several.append(table)
    else:
        several.append(_inline(value) if isinstance(value, Mapping) else value)


def _inline(values: Mapping[str, object]) -> InlineTable:
    table = tomlkit.inline_table()
    table.update(values)
    return table


def _add_table(document: tomlkit.TOMLDocument, part: str, values: Mapping[str, object]) -> None:
    table = tomlkit.table()
    table.update(values)
    if part not in document:
        document.append(part, tomlkit.aot())
    else:
        table.add(tomlkit.nl())
    document[part].append(table)
