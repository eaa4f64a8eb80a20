"""AC-51: metadata by the names and lengths of annex VI, as JSON and XML; too long is refused, never cut."""

import io
import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from register import ExchangeRecord, Selection, one_exchange
from stamping import PaperDocument, Refusal, exchange, on_paper
from tests.stamping.office_desk import ORGANISATION, ORGANISATION_NAME, PlaceMaker


def test_an_issued_document_is_told_by_the_annex_own_names(desk_with: PlaceMaker) -> None:
    place = desk_with()
    document = place.sealed()
    record = exchange.record_of(place.desk, document.id)
    said = json.loads(one_exchange(record, "json"))
    due = said.pop("DueDate")
    assert due.endswith("+07:00")
    assert said == {
        "FileCode": {
            "OrganId": "000.00.16.H05",
            "FileCatalog": str(document.issued_on.year),
            "FileNotation": "261118-0001",
        },
        "DocOrdinal": 1,
        "TypeName": document.title,
        "CodeNumber": "01",
        "CodeNotation": "GCN-UBND",
        "IssuedDate": document.issued_on.isoformat(),
        "OrganName": ORGANISATION_NAME,
        "Subject": document.subject,
        "Language": "Tiếng Việt",
        "PageAmount": document.pages,
        "SignerInfo": {"Position": "PHÓ CHỦ TỊCH", "FullName": "Trần Thị Mẫu"},
        "To": [{"OrganId": "", "OrganName": document.holder}],
        "Priority": "Thường",
        "IssuedAmount": 1,
    }
    element = ElementTree.fromstring(one_exchange(record, "xml"))
    assert element.findtext("FileCode/OrganId") == "000.00.16.H05"
    assert element.findtext("SignerInfo/FullName") == "Trần Thị Mẫu"
    assert element.findtext("To/OrganName") == document.holder


def test_a_range_holds_what_was_issued_and_nothing_is_written_when_one_does_not_fit(desk_with: PlaceMaker) -> None:
    place = desk_with()
    document = place.sealed()
    place.paper()
    today = place.today()
    chosen = Selection(organisation=ORGANISATION, since=today, until=today)
    made = {}
    for form in ("json", "xml"):
        out = io.BytesIO()
        assert exchange.write(place.desk, chosen, form, out) == 1  # type: ignore[arg-type]
        made[form] = out.getvalue()
    assert [one["CodeNumber"] for one in json.loads(made["json"])] == [document.number[:2]]
    assert len(ElementTree.fromstring(made["xml"]).findall("Document")) == 1
    too_long = PaperDocument(
        organisation=ORGANISATION,
        symbol="QĐ-UBND",
        dated=today,
        type_name="QUYẾT ĐỊNH",
        subject="m",
        signer="M" * 51,
        recipients="Nơi nhận",
        issued_on=today,
    )
    on_paper.enter(place.desk, too_long, "Lê Thị Mẫu")
    out = io.BytesIO()
    with pytest.raises(Refusal) as refused:
        exchange.write(place.desk, chosen, "json", out)
    assert out.getvalue() == b""
    assert refused.value.code == "exchange-invalid"
    assert "SignerInfo.FullName dài 51 ký tự, khuôn mẫu chỉ nhận 50" in refused.value.text_vi


@pytest.mark.parametrize(
    ("field", "limit", "change"),
    [
        ("FileCode.OrganId", 13, {"organ_id": "x" * 14}),
        ("FileCode.FileNotation", 20, {"file_notation": "x" * 21}),
        ("TypeName", 100, {"type_name": "x" * 101}),
        ("CodeNumber", 11, {"number": "1" * 12}),
        ("CodeNotation", 30, {"symbol": "X" * 31}),
        ("OrganName", 200, {"organisation": "x" * 201}),
        ("Subject", 500, {"subject": "x" * 501}),
        ("SignerInfo.Position", 100, {"position": "x" * 101}),
        ("SignerInfo.FullName", 50, {"signer": "x" * 51}),
        ("To.OrganId", 13, {"recipients": (("x" * 14, "m"),)}),
        ("To.OrganName", 200, {"recipients": (("", "x" * 201),)}),
    ],
)
def test_each_field_has_the_annex_length(desk_with: PlaceMaker, field: str, limit: int, change: dict[str, str]) -> None:
    fits = _record()
    assert list(fits.misfits()) == []
    (misfit,) = replace(fits, **change).misfits()  # type: ignore[arg-type]
    assert (misfit.field, misfit.limit, misfit.length) == (field, limit, limit + 1)


def _record() -> ExchangeRecord:
    from datetime import date

    return ExchangeRecord(
        organ_id="000.00.16.H05",
        catalog="2026",
        file_notation="261118-0001",
        ordinal=1,
        type_name="x" * 100,
        number="1" * 11,
        symbol="X" * 30,
        issued_on=date(2026, 11, 22),
        organisation="x" * 200,
        subject="x" * 500,
        pages=1,
        position="x" * 100,
        signer="x" * 50,
        recipients=(("1" * 13, "x" * 200),),
        copies=1,
        due_at=None,
    )
