"""A document's metadata as other systems take it: names and lengths of NĐ 30/2020, annex VI (AC-51). JSON and XML.

A value longer than its field is refused with the field's name, never cut.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Final, Literal
from xml.etree import ElementTree

ExchangeFormat = Literal["json", "xml"]
_LENGTHS: Final = {
    "FileCode.OrganId": 13,
    "FileCode.FileNotation": 20,
    "TypeName": 100,
    "CodeNumber": 11,
    "CodeNotation": 30,
    "OrganName": 200,
    "Subject": 500,
    "SignerInfo.Position": 100,
    "SignerInfo.FullName": 50,
}
_ROOT: Final = "Documents"
_ONE: Final = "Document"


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """A value that does not fit its field: how long it is and how long it may be."""

    notation: str
    field: str
    length: int
    limit: int

    @property
    def text_vi(self) -> str:
        """E.g. "01/GCN-UBND: Subject dài 612 ký tự, khuôn mẫu chỉ nhận 500"."""
        return f"{self.notation}: {self.field} dài {self.length} ký tự, khuôn mẫu chỉ nhận {self.limit}"

    @property
    def text_en(self) -> str:
        """The same in English."""
        return f"{self.notation}: {self.field} has {self.length} letters, the format takes {self.limit}"


@dataclass(frozen=True, kw_only=True)
class ExchangeRecord:
    """One document. `ordinal` is its place in its file (hồ sơ), `pages` None where it was made on paper; `recipients`
    are pairs of an organisation's id ("" for a person) and its name."""

    organ_id: str
    catalog: str
    file_notation: str
    ordinal: int | None
    type_name: str
    number: str
    symbol: str
    issued_on: date
    organisation: str
    subject: str
    pages: int | None
    position: str
    signer: str
    recipients: tuple[tuple[str, str], ...]
    copies: int
    due_at: datetime | None
    priority: str = "Thường"
    language: str = "Tiếng Việt"

    def as_json(self) -> dict[str, Any]:
        """By the annex's own names; what is not known is left out."""
        fields: dict[str, Any] = {
            "FileCode": {"OrganId": self.organ_id, "FileCatalog": self.catalog, "FileNotation": self.file_notation},
            "DocOrdinal": self.ordinal,
            "TypeName": self.type_name,
            "CodeNumber": self.number,
            "CodeNotation": self.symbol,
            "IssuedDate": self.issued_on.isoformat(),
            "OrganName": self.organisation,
            "Subject": self.subject,
            "Language": self.language,
            "PageAmount": self.pages,
            "SignerInfo": {"Position": self.position, "FullName": self.signer},
            "To": [{"OrganId": identity, "OrganName": name} for identity, name in self.recipients],
            "Priority": self.priority,
            "IssuedAmount": self.copies,
            "DueDate": self.due_at.isoformat(timespec="seconds") if self.due_at else None,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def misfits(self) -> Iterator[Misfit]:
        """Every value too long for its field."""
        fields = self.as_json()
        shown = f"{self.number}/{self.symbol}"
        for path, limit in _LENGTHS.items():
            group, _, name = path.rpartition(".")
            value = str((fields[group] if group else fields)[name])
            if len(value) > limit:
                yield Misfit(notation=shown, field=path, length=len(value), limit=limit)
        for identity, name in self.recipients:
            for path, value, limit in (("To.OrganId", identity, 13), ("To.OrganName", name, 200)):
                if len(value) > limit:
                    yield Misfit(notation=shown, field=path, length=len(value), limit=limit)


def write_exchange(records: Iterable[ExchangeRecord], out: IO[bytes], form: ExchangeFormat) -> int:
    """One list of documents, written as they are read; gives how many."""
    count = 0
    head, between, tail = (
        (b"[", b",\n", b"]\n")
        if form == "json"
        else (f'<?xml version="1.0" encoding="UTF-8"?>\n<{_ROOT}>\n'.encode(), b"\n", f"\n</{_ROOT}>\n".encode())
    )
    out.write(head)
    for record in records:
        out.write((between if count else b"") + one_exchange(record, form))
        count += 1
    out.write(tail)
    return count


def one_exchange(record: ExchangeRecord, form: ExchangeFormat) -> bytes:
    """One document, UTF-8."""
    fields = record.as_json()
    if form == "json":
        return json.dumps(fields, ensure_ascii=False).encode()
    return ElementTree.tostring(_element(_ONE, fields), encoding="unicode").encode()


def _element(name: str, value: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(value, dict):
        for inner, part in value.items():
            parts = part if isinstance(part, list) else [part]
            element.extend(_element(inner, one) for one in parts)
    else:
        # no control character may stand in XML 1.0, not even escaped
        element.text = "".join(letter for letter in str(value) if letter >= " " or letter in "\t\n\r")
    return element
