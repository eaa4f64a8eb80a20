"""The institution as it stands in its file."""

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from .consistency import check
from .errors import OfficeInvalid, Problem
from .folder import Folder
from .organisation import Organisation, read_organisation
from .patterns import USUAL, Patterns, read_patterns
from .person import Custodian, Handover, Officer, read_custodian, read_handover, read_officer
from .procedure import (
    FIVE_STAGES,
    Mandate,
    NumberSeries,
    Procedure,
    read_mandate,
    read_procedure,
    read_series,
    read_stages,
)
from .seal import Seal, read_seal
from .section import Section, SourceLines


@dataclass(frozen=True, kw_only=True)
class Office:
    """Everything the rules answer from. `test_office`: a declared test office (papers say MẪU, software keys allowed).

    `holidays` are days off besides Saturdays and Sundays, `working_saturdays` days worked in exchange for others,
    `day_begins` and `day_ends` the hours between which a working day counts. `most_reappointments`: how often another
    day may be appointed for the result of an overdue dossier.
    """

    test_office: bool
    organisations: tuple[Organisation, ...]
    mandates: tuple[Mandate, ...]
    seals: tuple[Seal, ...]
    officers: tuple[Officer, ...]
    custodians: tuple[Custodian, ...]
    handovers: tuple[Handover, ...]
    procedures: tuple[Procedure, ...]
    series: tuple[NumberSeries, ...]
    holidays: frozenset[date]
    working_saturdays: frozenset[date]
    day_ends: time
    day_begins: time = time(8, 0)
    patterns: Patterns = USUAL
    most_reappointments: int = 1

    @classmethod
    def load(cls, path: Path) -> "Office":
        """Read an office file (TOML). Raises OfficeInvalid with every problem found; OSError when it cannot be read.

        Relative paths in the file (certificates, images) stand in the file's own folder.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise OfficeInvalid(path, (_no_toml(error),)) from error
        return _checked(text, path.resolve().parent, path)

    @classmethod
    def read(cls, text: str, *, folder: Folder, source: Path | None = None) -> "Office":
        """The same from a text; nothing is opened. `folder / name` says where a file it names is, `source` is how
        problems name the text. Raises OfficeInvalid."""
        return _checked(text, folder, source or folder / "office.toml")

    def organisation(self, code: str) -> Organisation | None:
        """The organisation of this code."""
        return next((item for item in self.organisations if item.code == code), None)

    def seal(self, seal_id: str) -> Seal | None:
        """The seal of this id."""
        return next((item for item in self.seals if item.id == seal_id), None)

    def officer(self, officer_id: str) -> Officer | None:
        """The officer of this id."""
        return next((item for item in self.officers if item.id == officer_id), None)

    def custodian(self, custodian_id: str) -> Custodian | None:
        """The custodian of this id."""
        return next((item for item in self.custodians if item.id == custodian_id), None)

    def procedure(self, code: str) -> Procedure | None:
        """The procedure of this code."""
        return next((item for item in self.procedures if item.code == code), None)


def _checked(text: str, folder: Folder, named: Path) -> Office:
    """`named`: the file that problems are told of."""
    text = unicodedata.normalize("NFC", text)
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        raise OfficeInvalid(named, (_no_toml(error),)) from error
    problems: list[Problem] = []
    lines = SourceLines(text)
    office = _read(table, lines, problems, folder)
    if not problems:
        # References are only worth following where every value could be read.
        check(office, lines, problems)
    if problems:
        raise OfficeInvalid(named, tuple(problems))
    return office


def _no_toml(error: Exception) -> Problem:
    return Problem(where="", line=None, text_vi=f"không phải TOML: {error}", text_en=f"is not TOML: {error}")


def _read(table: Mapping[str, Any], lines: SourceLines, problems: list[Problem], folder: Folder) -> Office:
    top = Section(table=table, where="", lines=lines, problems=problems)
    stages = read_stages(top, otherwise=FIVE_STAGES)
    office = Office(
        test_office=top.flag("test_office", otherwise=False),
        organisations=tuple(read_organisation(item) for item in top.sections("organisations")),
        mandates=tuple(read_mandate(item) for item in top.sections("mandates")),
        seals=tuple(read_seal(item, folder) for item in top.sections("seals")),
        officers=tuple(read_officer(item, folder) for item in top.sections("officers")),
        custodians=tuple(read_custodian(item) for item in top.sections("custodians")),
        handovers=tuple(sorted((read_handover(item) for item in top.sections("handovers")), key=lambda h: h.at)),
        procedures=tuple(read_procedure(item, stages) for item in top.sections("procedures")),
        series=tuple(read_series(item) for item in top.sections("series")),
        holidays=top.days("holidays"),
        working_saturdays=top.days("working_saturdays"),
        day_ends=top.clock_time("day_ends", otherwise=time(17, 0)),
        day_begins=top.clock_time("day_begins", otherwise=time(8, 0)),
        patterns=read_patterns(top.optional_section("patterns")),
        most_reappointments=top.count("most_reappointments", otherwise=1),
    )
    if office.day_begins.replace(tzinfo=None) >= office.day_ends.replace(tzinfo=None):
        top.problem("day_begins", "phải trước day_ends", "must be before day_ends")
    top.finish()
    return office
