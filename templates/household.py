"""Giấy chứng nhận đăng ký hộ kinh doanh: the certificate of a household business, as local offices issue it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from templates.body import Body, Column
from templates.errors import PaperDataInvalid
from templates.flow import Unit
from templates.frame import date_in_words
from templates.issue import Issue
from templates.paper import Content, PaperTemplate
from templates.text import Run
from templates.typeface import BOLD
from templates.validated import Day, IdNumber, LongText, Phone, ShortText, Values, validated
from templates.words import money_in_words, with_dots

TITLE: Final = "Giấy chứng nhận đăng ký hộ kinh doanh"

_Gender = Literal["Nam", "Nữ"]


class Owner(Values):
    """Chủ hộ kinh doanh. Number and address may stand here or with the applicant."""

    name: ShortText
    birth_date: Day
    gender: _Gender
    ethnicity: ShortText
    nationality: ShortText
    id_number: IdNumber | None = None
    address: LongText | None = None


class Member(Values):
    """A member of the family who takes part. `share_percent` is the part of the capital, in per cent."""

    name: ShortText
    birth_date: Day | None = None
    gender: _Gender | None = None
    id_number: IdNumber | None = None
    address: LongText | None = None
    share_percent: Annotated[int | float, Field(gt=0, le=100)] | None = None


class Applicant(Values):
    """Who handed the dossier in: a dossier's `applicant`."""

    name: ShortText
    id_number: IdNumber
    phone: Phone | None = None
    address: LongText | None = None


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Household(Values):
    """A dossier's `data`, with its `applicant` beside it. `number` is the mã số hộ kinh doanh, once there is one."""

    household_name: LongText
    business_line: LongText
    capital_vnd: Annotated[int, Field(gt=0, le=10**15)]
    address: LongText
    representative: Owner
    members: Annotated[tuple[Member, ...], BeforeValidator(_listed), Field(max_length=50)] = ()
    registered_on: Day
    number: ShortText | None = None
    applicant: Applicant | None = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.representative.birth_date >= self.registered_on:
            raise ValueError("ngày sinh phải trước ngày đăng ký", "the owner was born after the registration")
        if sum(member.share_percent or 0 for member in self.members) > 100:
            raise ValueError("tổng phần vốn góp vượt quá 100 %", "the members' shares add up to more than 100 %")
        return self


def compose(data: Mapping[str, Any], issue: Issue) -> Content:
    """The certificate's contents. Raises PaperDataInvalid or GlyphMissing."""
    values = validated(Household, data)
    owner = values.representative
    id_number, owner_address, phone = _identity(values, issue)

    lines = [TITLE]
    if values.number:
        lines.append(f"Mã số hộ kinh doanh: {values.number}")
    lines.append(f"Đăng ký lần đầu, {date_in_words(values.registered_on)}")

    def body(text: Body) -> list[Unit]:
        amount = f"{with_dots(values.capital_vnd)} đồng (bằng chữ: {money_in_words(values.capital_vnd)})."
        return [
            *text.paragraph("1. Tên hộ kinh doanh: ", Run(text=values.household_name.upper(), face=BOLD)),
            *text.paragraph(f"2. Địa chỉ trụ sở hộ kinh doanh: {values.address}."),
            *(text.paragraph(f"Điện thoại: {phone}.") if phone else ()),
            *text.paragraph(f"3. Ngành, nghề kinh doanh: {values.business_line}."),
            *text.paragraph(f"4. Vốn kinh doanh: {amount}"),
            *text.paragraph("5. Thông tin về chủ hộ kinh doanh:", keep=True),
            *text.facts(("Họ và tên", owner.name.upper()), ("Giới tính", owner.gender), stops=(0, 0.72)),
            *text.facts(
                ("Sinh ngày", _day(owner.birth_date)),
                ("Dân tộc", owner.ethnicity),
                ("Quốc tịch", owner.nationality),
                stops=(0, 0.36, 0.65),
            ),
            *text.paragraph(f"Số định danh cá nhân: {id_number}."),
            *(text.paragraph(f"Địa chỉ liên lạc: {owner_address}.") if owner_address else ()),
            *_members(text, values.members),
        ]

    return Content(
        title_lines=tuple(lines),
        body=body,
        recipients=("Chủ hộ kinh doanh", "Cơ quan thuế quản lý", "Lưu: VT, HCC"),
        subject=values.household_name.upper(),
        holder=owner.name,
        values=values.model_dump(mode="json"),
    )


def _identity(values: Household, issue: Issue) -> tuple[str, str | None, str | None]:
    """The owner's number, address and telephone; the applicant's only where the applicant is the owner."""
    owner, applicant = values.representative, values.applicant
    same = applicant is not None and applicant.name.casefold() == owner.name.casefold()
    theirs = applicant if same else None
    id_number = owner.id_number or (theirs.id_number if theirs else None)
    if id_number is None and applicant is None and issue.sample:
        # A specimen may be made from a dossier's bare data.
        id_number = issue.holder_id or None
    if id_number is None:
        # Someone else handed the dossier in: their number must never stand as the owner's.
        problem = (
            "representative.id_number",
            "thiếu số định danh của chủ hộ",
            "the owner's identity number is missing",
        )
        raise PaperDataInvalid((problem,))
    address = owner.address or (theirs.address if theirs else None)
    return id_number, address, applicant.phone if applicant else None


def _members(text: Body, members: tuple[Member, ...]) -> list[Unit]:
    heading = "6. Danh sách thành viên hộ gia đình tham gia thành lập hộ kinh doanh:"
    if not members:
        # Said, not left blank: nothing can be written in afterwards.
        return text.paragraph(f"{heading} không có.")
    columns: list[tuple[Column, list[str]]] = [
        (Column(head="STT", part=1, align="centre"), [str(index + 1) for index in range(len(members))]),
        (Column(head="Họ và tên", part=30), [member.name for member in members]),
        (
            Column(head="Ngày sinh", part=1, align="centre"),
            [_day(member.birth_date) if member.birth_date else "" for member in members],
        ),
        (Column(head="Giới tính", part=1, align="centre"), [member.gender or "" for member in members]),
        (Column(head="Số định danh cá nhân", part=2, align="centre"), [member.id_number or "" for member in members]),
        (Column(head="Địa chỉ liên lạc", part=36), [member.address or "" for member in members]),
        (
            Column(head="Phần vốn góp (%)", part=10, align="centre"),
            [_percent(member.share_percent) for member in members],
        ),
    ]
    used = [(column, cells) for column, cells in columns if any(cells)]
    rows = list(zip(*(cells for _, cells in used), strict=True))
    return [*text.paragraph(heading, keep=True), *text.table([column for column, _ in used], rows)]


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:g}".replace(".", ",")


SAMPLE_DATA: Final[Mapping[str, Any]] = {
    "household_name": "HỘ KINH DOANH QUÁN PHỞ “ƯỚC NGUYỆN” & BÁNH KHÚC",
    "business_line": "Nhà hàng và các dịch vụ ăn uống phục vụ lưu động (5610)",
    "capital_vnd": 80_000_000,
    "address": "Số 7, ngõ 12, khu phố Mẫu, phường Mẫu, tỉnh Bắc Ninh",
    "representative": {
        "name": "Đặng Quốc Mẫu",
        "birth_date": "1995-11-03",
        "gender": "Nam",
        "ethnicity": "Sán Dìu",
        "nationality": "Việt Nam",
    },
    "members": [{"name": "Nguyễn Thị Ỷ Mẫu", "share_percent": 40}],
    "registered_on": "2026-11-21",
    "number": None,
    "applicant": {
        "name": "Đặng Quốc Mẫu",
        "id_number": "000000000002",
        "phone": "0200000002",
        "address": "Khu phố Mẫu, phường Mẫu, tỉnh Bắc Ninh",
    },
}

PAPER: Final = PaperTemplate(
    name="dang-ky-ho-kinh-doanh",
    title=TITLE,
    version="2026.1",
    effective_from=date(2025, 7, 1),
    procedure="1.001612",
    sample_data=SAMPLE_DATA,
    compose=compose,
)
