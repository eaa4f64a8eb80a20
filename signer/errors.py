"""Why a paper was not signed. Every error leaves the key unused or the result unreleased, and says so in two
languages."""

from enum import StrEnum
from typing import Any

from .level import Level


class SignerError(Exception):
    """Root of the room's errors. `text_vi` and `text_en` are sentences for the person at the screen."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


class UnsealableReason(StrEnum):
    """Why a PDF may not be signed at all; the value is the stable code, `SENTENCES` the words for a clerk."""

    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    NO_PAGES = "no_pages"
    TOO_LARGE = "too_large"
    CERTIFIED = "certified"
    FIELD_LOCKED = "field_locked"
    JAVASCRIPT = "javascript"
    XFA = "xfa"
    OPTIONAL_CONTENT = "optional_content"
    EXTERNAL_REFERENCE = "external_reference"
    ACTIVE_CONTENT = "active_content"
    CHANGEABLE_FIELDS = "changeable_fields"
    ALREADY_SEALED = "already_sealed"
    HYBRID = "hybrid"
    COVERS_TEXT = "covers_text"
    NO_ROOM = "no_room"


SENTENCES: dict[UnsealableReason, tuple[str, str]] = {
    UnsealableReason.ENCRYPTED: (
        "Tệp PDF được đặt mật khẩu hoặc mã hoá; hãy xuất lại tệp không có mật khẩu.",
        "The PDF is protected by a password or encrypted; export it again without one.",
    ),
    UnsealableReason.BROKEN: (
        "Tệp PDF bị hỏng hoặc sai cấu trúc; hãy tạo lại tệp từ bản gốc.",
        "The PDF is damaged or malformed; make it again from its source.",
    ),
    UnsealableReason.NO_PAGES: ("Tệp PDF không có trang nào.", "The PDF has no pages."),
    UnsealableReason.TOO_LARGE: (
        "Tệp PDF quá lớn để đóng dấu; hãy giảm dung lượng ảnh hoặc tách tệp.",
        "The PDF is too large to be sealed; reduce its images or split it.",
    ),
    UnsealableReason.CERTIFIED: (
        "Tệp PDF đã được người ký trước khoá, không cho phép thêm chữ ký hoặc con dấu này.",
        "An earlier signer certified the PDF so that this signature or seal may not be added.",
    ),
    UnsealableReason.FIELD_LOCKED: (
        "Một chữ ký có trước đã khoá ô chữ ký cần dùng.",
        "An earlier signature locked the signature field that is needed.",
    ),
    UnsealableReason.JAVASCRIPT: (
        "Tệp PDF có chứa mã lệnh (JavaScript) có thể làm thay đổi nội dung hiển thị.",
        "The PDF contains JavaScript, which can change what is shown.",
    ),
    UnsealableReason.XFA: (
        "Tệp PDF là biểu mẫu XFA, nội dung hiển thị không cố định; hãy in lại ra PDF thường.",
        "The PDF is an XFA form whose look is not fixed; print it to an ordinary PDF.",
    ),
    UnsealableReason.OPTIONAL_CONTENT: (
        "Tệp PDF có các lớp nội dung bật/tắt được; hãy xuất lại thành một lớp.",
        "The PDF has layers that can be switched on and off; export it flattened.",
    ),
    UnsealableReason.EXTERNAL_REFERENCE: (
        "Tệp PDF lấy nội dung từ tệp khác hoặc gửi dữ liệu ra ngoài; nội dung có thể thay đổi sau khi đóng dấu.",
        "The PDF takes content from, or sends data to, another file or program; what it shows could change.",
    ),
    UnsealableReason.ACTIVE_CONTENT: (
        "Tệp PDF có nội dung động (phim, âm thanh, 3D, hành động ẩn/hiện) có thể làm thay đổi nội dung hiển thị.",
        "The PDF has active content (film, sound, 3D, show-and-hide actions) that can change what is shown.",
    ),
    UnsealableReason.CHANGEABLE_FIELDS: (
        "Tệp PDF có ô biểu mẫu còn sửa được; hãy khoá biểu mẫu hoặc in lại ra PDF thường.",
        "The PDF has form fields that can still be edited; lock the form or print it to an ordinary PDF.",
    ),
    UnsealableReason.ALREADY_SEALED: ("Tệp PDF đã được đóng dấu.", "The PDF has been sealed already."),
    UnsealableReason.HYBRID: (
        "Tệp PDF đã ký có hai bảng tra cứu, các phần mềm đọc có thể hiển thị khác nhau.",
        "The signed PDF is a hybrid with two cross-reference tables; programs may read it differently.",
    ),
    UnsealableReason.COVERS_TEXT: (
        "Không có chỗ để đặt chữ ký và con dấu mà không che chữ khác.",
        "There is no place for the signature and the seal that does not cover other text.",
    ),
    UnsealableReason.NO_ROOM: (
        "Trang quá nhỏ so với kích thước thật của con dấu.",
        "The page is too small for the seal in its real size.",
    ),
}


class Unsealable(SignerError):
    """This PDF may not be signed or sealed. `reason` is the code; `detail` names the page, object or field."""

    def __init__(self, reason: UnsealableReason, detail: str = "") -> None:
        vi, en = SENTENCES[reason]
        super().__init__(f"{vi} ({detail})" if detail else vi, f"{en} ({detail})" if detail else en)
        self.reason = reason
        self.detail = detail


class FieldUnusable(SignerError):
    """The signature field named in the order cannot take the signature (filled, of another type, or nowhere to
    draw)."""

    def __init__(self, field: str, why_vi: str, why_en: str) -> None:
        super().__init__(f"Ô chữ ký “{field}” không dùng được: {why_vi}.", f"Signature field {field!r}: {why_en}.")
        self.field = field
        self.why_vi = why_vi
        self.why_en = why_en


class PlaceReason(StrEnum):
    """Why the marks cannot stand where somebody asked for them; the value is the stable code."""

    NO_PAGE = "no_page"
    OFF_PAGE = "off_page"
    FIELD_MISSING = "field_missing"
    FIELD_SIGNED = "field_signed"
    FIELD_NOT_SIGNATURE = "field_not_signature"
    FIELD_NOT_SHOWN = "field_not_shown"
    FIELD_TOO_SMALL = "field_too_small"
    ANCHOR_MISSING = "anchor_missing"
    ANCHOR_AMBIGUOUS = "anchor_ambiguous"
    ANCHORS_APART = "anchors_apart"
    SIGNATURE_COVERS_TEXT = "signature_covers_text"
    SEAL_COVERS_TEXT = "seal_covers_text"


_PLACES: dict[PlaceReason, tuple[str, str]] = {
    PlaceReason.NO_PAGE: ("Tệp không có trang {page}; tệp có {pages} trang.", "No page {page}: the file has {pages}."),
    PlaceReason.OFF_PAGE: (
        "Điểm {x_mm} x {y_mm} mm nằm ngoài trang {page} ({width_mm} x {height_mm} mm).",
        "The point {x_mm} x {y_mm} mm is off page {page} ({width_mm} x {height_mm} mm).",
    ),
    PlaceReason.FIELD_MISSING: (
        "Tệp không có ô chữ ký “{field}”; các ô chữ ký còn trống trong tệp: {empty}.",
        "The file has no signature field {field!r}; its empty signature fields: {empty}.",
    ),
    PlaceReason.FIELD_SIGNED: ("Ô chữ ký “{field}” đã được ký.", "Signature field {field!r} is signed already."),
    PlaceReason.FIELD_NOT_SIGNATURE: ("Ô “{field}” không phải ô chữ ký.", "Field {field!r} is no signature field."),
    PlaceReason.FIELD_NOT_SHOWN: (
        "Ô chữ ký “{field}” không hiện trên trang nào.",
        "Signature field {field!r} is shown on no page.",
    ),
    PlaceReason.FIELD_TOO_SMALL: (
        "Ô chữ ký “{field}” quá nhỏ cho hình chữ ký: {width_mm} x {height_mm} mm, cần ít nhất "
        "{least_width_mm} x {least_height_mm} mm.",
        "Signature field {field!r} is too small for the signature's image: {width_mm} x {height_mm} mm, it takes "
        "{least_width_mm} x {least_height_mm} mm.",
    ),
    PlaceReason.ANCHOR_MISSING: ("Không tìm thấy dòng chữ “{text}”.", "The text {text!r} was not found."),
    PlaceReason.ANCHOR_AMBIGUOUS: (
        "Tìm thấy dòng chữ “{text}” {times} lần (trang {pages}); hãy ghi rõ trang hoặc dùng dòng chữ chỉ có một lần.",
        "The text {text!r} was found {times} times (pages {pages}); name the page, or a text that stands there once.",
    ),
    PlaceReason.ANCHORS_APART: (
        "Dòng chữ “{below}” (trang {below_page}) không nằm dưới dòng chữ “{above}” (trang {above_page}).",
        "The text {below!r} (page {below_page}) is not below the text {above!r} (page {above_page}).",
    ),
    PlaceReason.SIGNATURE_COVERS_TEXT: (
        "Hình chữ ký ở trang {page}, tâm {x_mm} x {y_mm} mm, sẽ che nội dung đã in.",
        "The signature's image, on page {page} with its centre at {x_mm} x {y_mm} mm, would cover what is printed.",
    ),
    PlaceReason.SEAL_COVERS_TEXT: (
        "Con dấu ở trang {page}, tâm {x_mm} x {y_mm} mm, sẽ che nội dung đã in.",
        "The seal, on page {page} with its centre at {x_mm} x {y_mm} mm, would cover what is printed.",
    ),
}


class PlaceUnusable(SignerError):
    """The marks cannot stand where they were asked for. `found` says what was looked for and what is there instead:
    texts, page numbers from 1, millimetres from the page's left and upper edge."""

    def __init__(self, reason: PlaceReason, **found: Any) -> None:
        said = {name: _listed(value) for name, value in found.items()}
        vi, en = _PLACES[reason]
        super().__init__(
            vi.format(**{n: "không có" if v == "" else v for n, v in said.items()}),
            en.format(**{n: "none" if v == "" else v for n, v in said.items()}),
        )
        self.reason = reason
        self.found = found


def _listed(value: Any) -> Any:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else value


class MarkDoesNotFit(SignerError):
    """The seal is drawn in its real size or not at all (Decree 30/2020, annex I, 8.a). Sizes in pt."""

    def __init__(self, mark: tuple[float, float], room: tuple[float, float]) -> None:
        sizes = f"{mark[0]:.1f} x {mark[1]:.1f} pt > {room[0]:.1f} x {room[1]:.1f} pt"
        super().__init__(f"Hình dấu lớn hơn ô chữ ký ({sizes}).", f"The mark is larger than its field ({sizes}).")
        self.mark = mark
        self.room = room


class MarkUnusable(SignerError):
    """The drawn mark is not a one-page PDF that can be embedded."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"Hình chữ ký hoặc hình dấu không dùng được ({detail}).", f"The mark is unusable ({detail}).")


class CertificateUnusable(SignerError):
    """The certificate may not sign now: out of its dates, too weak, not for this scheme, or revoked. No key
    operation."""

    def __init__(self, why_vi: str, why_en: str) -> None:
        super().__init__(f"Chứng thư số không dùng được: {why_vi}.", f"The certificate cannot be used: {why_en}.")


class ContentsTooSmall(SignerError):
    """The room reserved for the signature is too small. Sizes in bytes."""

    def __init__(self, needed: int, reserved: int) -> None:
        super().__init__(
            f"Chỗ dành cho chữ ký quá nhỏ: cần {needed} byte, chỉ có {reserved}.",
            f"The room reserved for the signature is too small: {needed} bytes needed, {reserved} reserved.",
        )
        self.needed = needed
        self.reserved = reserved


class WrongSignature(SignerError):
    """The signature value was not made by the certificate's key over these bytes. Nothing was released."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "Giá trị chữ ký không khớp với chứng thư số hoặc văn bản; không phát hành.",
            f"The signature value does not fit the certificate or the document; nothing was released ({detail}).",
        )


class PreparedDamaged(SignerError):
    """The kept prepared state is not what was prepared."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "Văn bản chờ ký đã bị thay đổi; hãy chuẩn bị lại.",
            f"The prepared document was altered; prepare it again ({detail}).",
        )


class AlreadyRedeemed(SignerError):
    """This prepared signature has already become a released document, or is becoming one."""

    def __init__(self) -> None:
        super().__init__("Lần ký này đã hoàn tất.", "This prepared signature has already been redeemed.")


class SourcesMissing(SignerError):
    """The level asked for needs a time or evidence source that was not handed in."""

    def __init__(self, level: Level, what: str) -> None:
        super().__init__(
            f"Chưa cấu hình nguồn {what} cho mức {level.label}.", f"Level {level.label} needs a source of {what}."
        )
        self.level = level


class EvidenceMissing(SignerError):
    """The certificate behind a signature of the file has no path to a recognised authority, or no usable evidence."""

    def __init__(self, whose: str, detail: str) -> None:
        super().__init__(
            f"Không lấy được bằng chứng chứng thực cho {whose}: {detail}.",
            f"No evidence could be established for {whose}: {detail}.",
        )
        self.whose = whose
        self.detail = detail


class SelfCheckFailed(SignerError):
    """Step 8 found our own work wrong. Nothing was released."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"Tự kiểm tra văn bản vừa ký không đạt; không phát hành ({detail}).",
            f"The document just signed failed our own check; nothing was released ({detail}).",
        )
