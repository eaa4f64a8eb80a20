"""Whether the parts of an office file fit together: every reference leads somewhere, nothing goes in a circle."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol

from .errors import Problem
from .organisation import Organisation
from .patterns import Patterns
from .person import Custodian, Handover, Officer
from .procedure import NumberSeries, Procedure
from .seal import Seal
from .section import SourceLines


class Parts(Protocol):
    """What is checked: the parts of an office that name each other."""

    @property
    def organisations(self) -> tuple[Organisation, ...]: ...
    @property
    def seals(self) -> tuple[Seal, ...]: ...
    @property
    def officers(self) -> tuple[Officer, ...]: ...
    @property
    def custodians(self) -> tuple[Custodian, ...]: ...
    @property
    def handovers(self) -> tuple[Handover, ...]: ...
    @property
    def procedures(self) -> tuple[Procedure, ...]: ...
    @property
    def series(self) -> tuple[NumberSeries, ...]: ...
    @property
    def patterns(self) -> Patterns: ...


def check(office: Parts, lines: SourceLines, problems: list[Problem]) -> None:
    """Add what does not fit to `problems`."""
    checker = _Checker(office, lines, problems)
    checker.unique("organisations", "code", (item.code for item in office.organisations))
    checker.unique("seals", "id", (item.id for item in office.seals))
    checker.unique("officers", "id", (item.id for item in office.officers))
    checker.unique("custodians", "id", (item.id for item in office.custodians))
    checker.unique("procedures", "code", (item.code for item in office.procedures))
    checker.organisations()
    checker.seals_and_custody()
    checker.officers()
    checker.codes_fit()


class _Checker:
    def __init__(self, office: Parts, lines: SourceLines, problems: list[Problem]) -> None:
        self.office = office
        self.lines = lines
        self.problems = problems
        self.codes = {organisation.code for organisation in office.organisations}

    def say(self, where: str, text_vi: str, text_en: str) -> None:
        line = self.lines.line_of(where)
        self.problems.append(Problem(where=where, line=line, text_vi=text_vi, text_en=text_en))

    def unique(self, kind: str, key: str, values: Iterable[str]) -> None:
        seen: Counter[str] = Counter()
        for position, value in enumerate(values, start=1):
            seen[value] += 1
            if seen[value] == 2:
                self.say(f"{kind}[{position}].{key}", f"“{value}” đã có ở trên", f"{value!r} stands above already")

    def refer(self, where: str, value: str | None, known: Iterable[str]) -> None:
        if value is not None and value not in known:
            self.say(where, f"không có “{value}” trong tệp", f"there is no {value!r} in this file")

    def organisations(self) -> None:
        parents = {item.code: (item.parent,) if item.parent else () for item in self.office.organisations}
        successors = {item.code: tuple(s.code for s in item.successors) for item in self.office.organisations}
        for position, item in enumerate(self.office.organisations, start=1):
            where = f"organisations[{position}]"
            self.refer(f"{where}.parent", item.parent, self.codes)
            for code in successors[item.code]:
                self.refer(f"{where}.successors", code, self.codes)
            if _circles(item.code, parents):
                self.say(f"{where}.parent", "cơ quan chủ quản đi thành vòng", "the parents go in a circle")
            if _circles(item.code, successors):
                self.say(f"{where}.successors", "kế thừa đi thành vòng", "the successors go in a circle")
        for position, series in enumerate(self.office.series, start=1):
            self.refer(f"series[{position}].organisation", series.organisation, self.codes)

    def codes_fit(self) -> None:
        patterns = self.office.patterns
        for position, organisation in enumerate(self.office.organisations, start=1):
            if not patterns.organisation.fits(organisation.code):
                self.say(
                    f"organisations[{position}].code",
                    f"“{organisation.code}” không đúng mẫu {patterns.organisation.text}",
                    f"{organisation.code!r} does not fit {patterns.organisation.text}",
                )
        for position, procedure in enumerate(self.office.procedures, start=1):
            if not patterns.notation.fits(f"01/{procedure.symbol}"):
                self.say(
                    f"procedures[{position}].symbol",
                    f"“01/{procedure.symbol}” không đúng mẫu {patterns.notation.text}",
                    f"'01/{procedure.symbol}' does not fit {patterns.notation.text}",
                )

    def seals_and_custody(self) -> None:
        seals = {seal.id for seal in self.office.seals}
        custodians = {custodian.id for custodian in self.office.custodians}
        for position, seal in enumerate(self.office.seals, start=1):
            self.refer(f"seals[{position}].organisation", seal.organisation, self.codes)
        for position, custodian in enumerate(self.office.custodians, start=1):
            where = f"custodians[{position}]"
            self.refer(f"{where}.organisation", custodian.organisation, self.codes)
            for seal_id in custodian.seals:
                self.refer(f"{where}.seals", seal_id, seals)
        for position, handover in enumerate(self.office.handovers, start=1):
            where = f"handovers[{position}]"
            self.refer(f"{where}.seal", handover.seal, seals)
            self.refer(f"{where}.from", handover.giver, custodians)
            self.refer(f"{where}.to", handover.taker, custodians)

    def officers(self) -> None:
        procedures = {procedure.code for procedure in self.office.procedures} | {"*"}
        certificates: dict[str, str] = {}
        for position, officer in enumerate(self.office.officers, start=1):
            where = f"officers[{position}]"
            self.refer(f"{where}.organisation", officer.organisation, self.codes)
            for code in officer.procedures:
                self.refer(f"{where}.procedures", code, procedures)
            for certificate in officer.certificates:
                if certificates.setdefault(certificate, officer.id) != officer.id:
                    self.say(
                        f"{where}.certificates",
                        "chứng thư này đã là của người khác",
                        "this certificate is another officer's already",
                    )
            self.delegation(where, officer, procedures)

    def delegation(self, where: str, officer: Officer, procedures: set[str]) -> None:
        delegation = officer.delegation
        if delegation is None:
            return
        where = f"{where}.delegation"
        self.refer(where, delegation.organisation, self.codes)
        for code in delegation.procedures:
            self.refer(where, code, procedures)
        self.refer(where, delegation.by, {other.id for other in self.office.officers})
        giver = next((other for other in self.office.officers if other.id == delegation.by), None)
        if giver is None:
            return
        if giver.capacity == "TUQ.":
            self.say(
                where,
                f"{giver.name} được uỷ quyền nên không được uỷ quyền lại (NĐ 30/2020 Đ.13)",
                f"{giver.name} signs by delegation and cannot delegate (Decree 30/2020 art. 13)",
            )
        if giver.issues_for != officer.issues_for:
            self.say(
                where,
                "người uỷ quyền thuộc cơ quan khác với cơ quan ghi ở đây",
                "the delegating officer signs for another organisation than the one named here",
            )


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
