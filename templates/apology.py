"""The letter that apologises for an overdue dossier and appoints another day: form 04 of the one-stop (AC-96).

Not in the catalogue: it is no result, takes none of a result's numbers and never becomes a document.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from templates.body import GAP, Body
from templates.flow import Unit
from templates.frame import date_in_words
from templates.issue import Issue
from templates.paper import Content, PaperTemplate
from templates.qr import VIETNAM
from templates.text import Run
from templates.typeface import BOLD, REGULAR
from templates.validated import LongText, Values, clean_text, validated

_WEEKDAYS: Final = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_WAYS: Final[Mapping[str, str]] = {
    "counter": "tại bộ phận đã tiếp nhận hồ sơ",
    "online": "trực tuyến",
    "post": "qua dịch vụ bưu chính",
}
_YOU: Final[Mapping[bool | None, str]] = {
    True: "ông (bà)",
    False: "quý tổ chức",
    None: "ông (bà), quý tổ chức",
}

_APPOINTS: Final = "Phiếu xin lỗi và hẹn lại ngày trả kết quả"
_ASKS: Final = "Văn bản xin lỗi và đề nghị gia hạn thời gian trả kết quả"


Reason = Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=2000)]


class Overdue(Values):
    """What the letter says. `holder` handed the dossier in, `person` or an organisation, None where nobody knows;
    `again`: the deadline missed was itself one appointed anew. The reason is given as whole sentences or a phrase, with
    or without a full stop."""

    holder: LongText
    person: bool | None
    address: LongText | None = None
    procedure_name: LongText
    received_at: AwareDatetime
    missed_at: AwareDatetime
    again: bool = False
    reason: Reason
    appointed_at: AwareDatetime
    return_way: Literal["counter", "online", "post"]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.received_at < self.missed_at < self.appointed_at:
            raise ValueError("các thời điểm không theo thứ tự", "the moments are not in their order")
        return self


def apology_form(on: date) -> PaperTemplate:
    """The form in force on a day."""
    return next(form for form in reversed(_FORMS) if form.effective_from <= on or form is _FORMS[0])


def _compose(title: str, data: Mapping[str, Any], issue: Issue) -> Content:
    values = validated(Overdue, data)
    you = _YOU[values.person]
    hour = f"{values.appointed_at.astimezone(VIETNAM):%H giờ %M phút}"
    day = Run(text=f"{hour}, {_weekday(values.appointed_at)}, {_day(values.appointed_at)}", face=BOLD)
    said = "đã hẹn lại lần trước" if values.again else "ghi trên giấy tiếp nhận hồ sơ và hẹn trả kết quả"

    def body(text: Body) -> list[Unit]:
        if title == _APPOINTS:
            asked = f"Cơ quan chúng tôi xin lỗi {you} vì sự chậm trễ này và hẹn lại thời gian trả kết quả: "
        else:
            asked = f"Cơ quan chúng tôi xin lỗi {you} vì sự chậm trễ này và đề nghị gia hạn thời gian trả kết quả đến: "
        return [
            *_addressed(text, f"Kính gửi: {'Ông (Bà) ' if values.person else ''}{values.holder}"),
            *(_addressed(text, f"Địa chỉ: {values.address}", gap=0) if values.address else ()),
            *text.paragraph(
                f"{_day(values.received_at).capitalize()}, cơ quan chúng tôi đã tiếp nhận hồ sơ của {you}, mã số "
                f"{issue.dossier}, về thủ tục: {_sentence(values.procedure_name)}"
            ),
            *text.paragraph(
                f"Thời gian hẹn trả kết quả: {values.missed_at.astimezone(VIETNAM):%H giờ %M phút}, "
                f"{_day(values.missed_at)}, {said}. Đến nay chúng tôi chưa trả được kết quả cho {you}."
            ),
            *text.paragraph(f"Lý do: {_sentence(values.reason)}"),
            *text.paragraph(asked, day, "."),
            *text.paragraph(f"Kết quả được trả {_WAYS[values.return_way]}."),
            *text.paragraph(f"Rất mong {you} thông cảm về sự chậm trễ và phiền hà này./."),
        ]

    return Content(
        title_lines=(title,),
        body=body,
        recipients=("Như trên", "Lưu: VT, hồ sơ"),
        subject=f"Hồ sơ {issue.dossier}",
        holder=values.holder,
        values=values.model_dump(mode="json"),
    )


def _addressed(text: Body, words: str, *, gap: float = 2 * GAP) -> list[Unit]:
    """To whom, in the middle of the line (item 9a)."""
    return [text.centred(words, REGULAR, gap=gap)]


def _day(moment: datetime) -> str:
    return date_in_words(moment.astimezone(VIETNAM).date())


def _weekday(moment: datetime) -> str:
    return _WEEKDAYS[moment.astimezone(VIETNAM).weekday()]


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def _form(title: str, version: str, effective_from: date) -> PaperTemplate:
    return PaperTemplate(
        name="xin-loi",
        title=title,
        version=version,
        effective_from=effective_from,
        sample_data=SAMPLE_DATA,
        compose=lambda data, issue: _compose(title, data, issue),
    )


SAMPLE_DATA: Final[Mapping[str, Any]] = {
    "holder": "Đặng Quốc Mẫu",
    "person": True,
    "address": "Khu phố Mẫu, phường Mẫu, tỉnh Bắc Ninh",
    "procedure_name": "Đăng ký thành lập hộ kinh doanh",
    "received_at": datetime(2026, 11, 16, 8, 5, tzinfo=VIETNAM),
    "missed_at": datetime(2026, 11, 19, 17, 0, tzinfo=VIETNAM),
    "reason": "Cơ quan thuế chậm trả lời về mã số của hộ kinh doanh",
    "appointed_at": datetime(2026, 11, 26, 17, 0, tzinfo=VIETNAM),
    "return_way": "counter",
}

# Form 04 of TT 01/2018/TT-VPCP, then of TT 03/2025/TT-VPCP: their titles; the wording is ours.
_FORMS: Final = (_form(_APPOINTS, "2018.1", date(2018, 11, 23)), _form(_ASKS, "2025.1", date(2025, 9, 15)))
