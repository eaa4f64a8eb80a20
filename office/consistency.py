"""Whether the parts of an office file fit together: every reference leads somewhere, nothing goes in a circle, what
follows fits what ends."""

from collections.abc import Mapping

from .consistency_notes import Notes, Parts, numbered
from .custody_consistency import check_custody
from .errors import Problem
from .officer_consistency import check_officers
from .organisation import Organisation, Successor
from .procedure import NumberSeries
from .seal import Seal
from .section import SourceLines


def check(office: Parts, lines: SourceLines, problems: list[Problem]) -> None:
    """Add what does not fit to `problems`."""
    notes = Notes(lines, problems)
    notes.unique("organisations", "code", (item.code for item in office.organisations))
    notes.unique("seals", "id", (item.id for item in office.seals))
    notes.unique("officers", "id", (item.id for item in office.officers))
    notes.unique("custodians", "id", (item.id for item in office.custodians))
    notes.unique("procedures", "code", (item.code for item in office.procedures))
    _organisations(office, notes)
    _series(office, notes)
    _codes(office, notes)
    _seals(office, notes)
    check_custody(office, notes)
    check_officers(office, notes)


def _codes(office: Parts, notes: Notes) -> None:
    patterns = office.patterns
    for where, organisation in numbered("organisations", office.organisations):
        if not patterns.organisation.fits(organisation.code):
            notes.say(
                f"{where}.code",
                f"“{organisation.code}” không đúng mẫu {patterns.organisation.text}",
                f"{organisation.code!r} does not fit {patterns.organisation.text}",
            )
    for where, procedure in numbered("procedures", office.procedures):
        if not patterns.notation.fits(f"01/{procedure.symbol}"):
            notes.say(
                f"{where}.symbol",
                f"“01/{procedure.symbol}” không đúng mẫu {patterns.notation.text}",
                f"'01/{procedure.symbol}' does not fit {patterns.notation.text}",
            )


def _organisations(office: Parts, notes: Notes) -> None:
    bodies = {item.code: item for item in office.organisations}
    parents = {item.code: (item.parent,) if item.parent else () for item in office.organisations}
    successors = {item.code: tuple(s.code for s in item.successors) for item in office.organisations}
    for where, item in numbered("organisations", office.organisations):
        notes.refer(f"{where}.parent", item.parent, bodies)
        if _circles(item.code, parents):
            notes.say(f"{where}.parent", "cơ quan chủ quản đi thành vòng", "the parents go in a circle")
        if _circles(item.code, successors):
            notes.say(f"{where}.successors", "kế thừa đi thành vòng", "the successors go in a circle")
        for successor in item.successors:
            notes.refer(f"{where}.successors", successor.code, bodies)
            _succession(f"{where}.successors", item, successor, bodies.get(successor.code), notes)
        kinds = {successor.kind for successor in item.successors}
        if ("rename" in kinds and len(item.successors) > 1) or ("split" in kinds and len(item.successors) < 2):
            notes.say(
                f"{where}.successors",
                "đổi tên có một cơ quan kế thừa, chia tách có từ hai",
                "a renamed body has one successor, a split one two or more",
            )


def _succession(where: str, body: Organisation, successor: Successor, heir: Organisation | None, notes: Notes) -> None:
    ends = body.period.ends
    if ends is None:
        notes.say(
            where, "cơ quan có kế thừa phải có ngày kết thúc (until)", "a body with successors has an end (until)"
        )
    elif successor.begins < ends:
        notes.say(
            where,
            f"{successor.code} kế thừa khi {body.code} chưa kết thúc",
            f"{successor.code} takes over before {body.code} ends",
        )
    if heir is not None and not heir.period.holds(successor.begins):
        notes.say(
            where,
            f"{successor.code} không tồn tại vào lúc kế thừa",
            f"{successor.code} does not exist when it takes over",
        )


def _series(office: Parts, notes: Notes) -> None:
    codes = {item.code for item in office.organisations}
    before: list[NumberSeries] = []
    for where, series in numbered("series", office.series):
        notes.refer(f"{where}.organisation", series.organisation, codes)
        for other in before:
            same = (other.organisation, other.symbol) == (series.organisation, series.symbol)
            if same and other.period.meets(series.period):
                notes.say(
                    where,
                    f"ký hiệu {series.symbol} đã có dãy số khác trong cùng thời gian",
                    f"symbol {series.symbol} has another series at the same time",
                )
                break
        before.append(series)


def _seals(office: Parts, notes: Notes) -> None:
    codes = {item.code for item in office.organisations}
    procedures = {procedure.code for procedure in office.procedures} | {"*"}
    before: list[Seal] = []
    for where, seal in numbered("seals", office.seals):
        notes.refer(f"{where}.organisation", seal.organisation, codes)
        for code in seal.procedures:
            notes.refer(f"{where}.procedures", code, procedures)
        for other in before:
            alike = (other.organisation, other.kind, other.mark) == (seal.organisation, seal.kind, seal.mark)
            # The mark is there to tell the seals of one body apart (AC-102).
            if alike and seal.mark is not None and other.period.meets(seal.period):
                notes.say(
                    f"{where}.mark",
                    f"con dấu {other.id} của cùng cơ quan đã mang ký hiệu này trong cùng thời gian",
                    f"seal {other.id} of the same body bears this mark at the same time",
                )
        before.append(seal)


def _circles(start: str, edges: Mapping[str, tuple[str, ...]]) -> bool:
    seen: set[str] = set()
    ahead = list(edges.get(start, ()))
    while ahead:
        code = ahead.pop()
        if code == start:
            return True
        if code not in seen:
            seen.add(code)
            ahead.extend(edges.get(code, ()))
    return False
