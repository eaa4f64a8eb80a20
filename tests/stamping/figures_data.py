"""Documents as rows, for counting: one at a time with the moments a test cares for, or a plausible year of them."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from office import Office, is_working_day, working_days_after
from register import Registration, SealUse, add_revision, new_code, numbers, outgoing, seal_log
from stamping.tables import documents
from store import VIETNAM, write

ORGANISATION = "M01.X1"
PROCEDURES = {
    "1.001612": ("Đăng ký thành lập hộ kinh doanh", 3, 30),
    "2.000815": ("Chứng thực bản sao từ bản chính giấy tờ, văn bản do cơ quan có thẩm quyền của Việt Nam cấp", 1, 34),
    "1.004873": ("Cấp giấy xác nhận tình trạng hôn nhân", 3, 14),
    "1.000593": ("Đăng ký khai sinh", 1, 10),
    "1.001776": ("Thực hiện, điều chỉnh trợ cấp xã hội hằng tháng", 10, 7),
    "1.004746": ("Đăng ký lại kết hôn", 5, 3),
    "1.010833": ("Cấp giấy xác nhận thân nhân của người có công", 5, 2),
}
OFFICERS = {"pho-chu-tich": "Trần Thị Mẫu", "chu-tich": "Nguyễn Văn Mẫu"}


def moment(text: str) -> datetime:
    """ "2026-03-02 08:00" in Viet Nam."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=VIETNAM)


def add_document(connection: Connection, number: int, **given: Any) -> str:
    """One document's row; what is not given is plausible and early."""
    received = given.get("received_at", moment("2026-03-02 08:00"))
    row: dict[str, Any] = {
        "id": f"document-{number}",
        "code": f"CODE{number}",
        "title": "Giấy chứng nhận",
        "subject": "mẫu",
        "holder": "Phạm Thị Mẫu",
        "holder_id": "000000000001",
        "dossier": f"000.00.16.H05-260302-{number:04d}",
        "result_code": f"000.00.16.H05-260302-{number:04d}-KQ1",
        "procedure": "1.001612",
        "procedure_name": PROCEDURES["1.001612"][0],
        "organisation": ORGANISATION,
        "organisation_name": "ỦY BAN NHÂN DÂN XÃ MẪU",
        "number": f"{number:02d}/GCN-UBND",
        "number_kind": "GCN-UBND",
        "number_year": 2026,
        "number_value": number,
        "issued_on": date(2026, 3, 2),
        "state": "awaiting_approval",
        "officer_id": "pho-chu-tich",
        "officer_name": OFFICERS["pho-chu-tich"],
        "seal_id": "x1-2",
        "created_at": received,
        "received_at": received,
        "received_by": "Phạm Văn Mẫu",
        "appraised_at": received,
        "appraised_by": "Đỗ Thị Mẫu",
        "pages": 1,
        "data": "{}",
        "generated_sha256": f"{number:064x}",
    }
    row.update(given)
    connection.execute(documents.insert().values(row))
    return str(row["id"])


def add_line(
    connection: Connection, number: int, *, at: datetime, ways: tuple[str, ...], organisation: str = ORGANISATION
) -> str:
    """A line of the outgoing register with what `ways` names: "file", "sealed", "wet", "cancelled"."""
    document = f"document-{number}"
    value = numbers.reserve(connection, organisation=organisation, kind="GCN-UBND", year=at.year, at=at)
    entry = Registration(
        document_id=document,
        organisation=organisation,
        kind="GCN-UBND",
        year=at.year,
        number=value,
        symbol="GCN-UBND",
        dated=at.date(),
        type_name="Giấy chứng nhận",
        subject="mẫu",
        signer="Trần Thị Mẫu",
        recipients="",
        keeper="VT",
        copies=1,
        code=new_code(),
    )
    outgoing.add(connection, entry, at=at)
    if "file" in ways:
        add_revision(connection, document_id=document, kind="generated", sha256=f"{number:064x}", size=1, at=at)
    use = SealUse(
        entry_id=f"entry-{number}",
        purpose="issue",
        seal_id="x1-2",
        seal_version=1,
        certificate_serial="01",
        certificate_sha256="0" * 64,
        custodian="van-thu",
        confirmation_id="c",
        document_id=document,
        notation=entry.notation,
        officer="pho-chu-tich",
        officer_certificate_sha256="0" * 64,
        hash_before=f"{number:064x}",
    )
    if "sealed" in ways:
        seal_log.reserve(connection, use, at=at)
        seal_log.conclude(connection, use.entry_id, hash_after=f"{number + 10**6:064x}", at=at)
    if "wet" in ways:
        seal_log.wet(connection, replace(use, entry_id=f"wet-{number}"), detail="máy đóng dấu hỏng", at=at)
    if "cancelled" in ways:
        outgoing.cancel(connection, document, reason="ghi nhầm", cancelled_by="van-thu", at=at)
    return document


def plausible_year(engine: Engine, office: Office, *, until: datetime, papers: int = 420, seed: int = 30) -> None:
    """Papers over the year before `until`: busier in spring and at the year's end, a bad fortnight, a few stopped."""
    chance = random.Random(seed)
    days = [
        day
        for back in range(365)
        if is_working_day(office, day := (until.astimezone(VIETNAM) - timedelta(days=back)).date())
    ]
    busy = [1.0 + 0.5 * (day.month in (3, 4, 11, 12)) - 0.6 * (day.month == 2) for day in days]
    codes, weights = list(PROCEDURES), [weight for _, _, weight in PROCEDURES.values()]
    with write(engine) as connection:
        for number in range(1, papers + 1):
            day = chance.choices(days, busy)[0]
            received = datetime.combine(day, time(8), VIETNAM) + timedelta(minutes=chance.randrange(8 * 60))
            code = chance.choices(codes, weights)[0]
            row = _plausible(chance, office, received, code, until)
            if row["received_at"] >= until:
                continue
            add_document(connection, number, **row)
            ways = ("file", "sealed") if row.get("sealed_at") else ("file",)
            if row.get("sealed_at") and chance.random() < 0.06:
                ways = ("file", "wet")
            add_line(connection, number, at=row["received_at"], ways=ways)
        for number in range(papers + 1, papers + 7):
            add_line(connection, number, at=until - timedelta(days=20 * (number - papers)), ways=())


def _plausible(
    chance: random.Random, office: Office, received: datetime, code: str, until: datetime
) -> Mapping[str, Any]:
    name, working_days, _ = PROCEDURES[code]
    slow = 5.0 if received.month == 8 and received.day < 16 else 1.3
    officer = chance.choices(list(OFFICERS), (3, 1))[0]
    appraised = _worked(office, received, chance.lognormvariate(0.2, 0.9) * slow)
    approved = _worked(office, appraised, chance.lognormvariate(1.2, 0.9) * slow * (0.5 + working_days / 2))
    sealed = _worked(office, approved, chance.lognormvariate(-0.9, 1.1) * slow)
    returned = _worked(office, sealed, chance.lognormvariate(1.6, 1.0))
    due = datetime.combine(working_days_after(office, received.date(), working_days), time(17), VIETNAM)
    row: dict[str, Any] = {
        "procedure": code,
        "procedure_name": name,
        "officer_id": officer,
        "officer_name": OFFICERS[officer],
        "received_at": received,
        "appraised_at": min(appraised, until),
        "due_at": due,
        "state": "awaiting_approval",
    }
    if chance.random() < 0.03:
        return {**row, "state": chance.choice(["refused", "withdrawn", "amendment_requested"])}
    for column, at, state in (("approved_at", approved, "approved"), ("sealed_at", sealed, "sealed")):
        if at >= until:
            return row
        row |= {column: at, "state": state}
    return row if returned >= until else {**row, "returned_at": returned, "state": "returned"}


def _worked(office: Office, start: datetime, hours: float) -> datetime:
    """So many hours of work later, between 08:00 and 17:00 of working days."""
    at, left = start, timedelta(hours=hours)
    while True:
        ends = datetime.combine(at.date(), time(17), VIETNAM)
        if at + left <= ends:
            return at + left
        left -= max(timedelta(0), ends - at)
        at = datetime.combine(working_days_after(office, at.date(), 1), time(8), VIETNAM)
