"""Problems as RFC 9457, in the caller's language. One table maps what can go wrong to its problem type.

A person's browser gets the same as a page. Nothing of a traceback, a path or a query leaves: an unforeseen fault is a
reference number, and the fault itself goes to the log.
"""

import logging
import secrets
from typing import Any, Final

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import JSONResponse, Response

from api.factor_keys import FactorKeysUnfit
from api.language import language_of
from api.limits import Busy
from register import NotYetSigned, ProposalUnknown, RegisterError
from stamping import Refusal
from store import StoreAway, StoreError, WriterBusy

log = logging.getLogger("secondseal.web")

PREFIX: Final = "urn:secondseal:problem:"

TITLES: Final[dict[str, tuple[str, str]]] = {
    "not-approved": ("Chưa có chữ ký số của người có thẩm quyền", "Not signed by the competent officer"),
    "officer-not-authorised": ("Người ký không có thẩm quyền với văn bản này", "The officer may not sign this paper"),
    "certificate-revoked": ("Chứng thư đã bị thu hồi", "The certificate was revoked"),
    "certificate-expired": ("Chứng thư đã hết hạn", "The certificate has expired"),
    "certificate-untrusted": ("Chứng thư không do tổ chức được công nhận cấp", "The certificate is not trusted"),
    "certificate-unknown": ("Không dùng được chứng thư này", "This certificate cannot be used"),
    "seal-not-active": ("Con dấu không ở trong thời hạn sử dụng", "The seal is not in use"),
    "seal-daily-limit": ("Con dấu đã dùng hết số lần trong ngày", "The seal's daily limit is reached"),
    "confirmation-required": ("Cần xác thực lại trước khi đóng dấu", "Fresh authentication is required to seal"),
    "bytes-changed": ("Tệp đã thay đổi sau khi ký", "The file changed after it was signed"),
    "unsealable": ("Không thể ký hoặc đóng dấu lên tệp này", "This file cannot be signed or sealed"),
    "time-authority-unreachable": ("Máy chủ dấu thời gian không trả lời", "The timestamp server did not answer"),
    "revocation-unknown": ("Không kiểm tra được trạng thái thu hồi", "Revocation could not be checked"),
    "token-missing": ("Không thấy thiết bị giữ khóa", "The key device is missing"),
    "token-fault": ("Thiết bị giữ khóa báo lỗi", "The key device reported a fault"),
    "pin-wrong": ("Mã PIN không đúng", "Wrong PIN"),
    "pin-locked": ("Thiết bị giữ khóa đã bị khóa", "The key device is locked"),
    "signature-invalid": ("Chữ ký không khớp", "The signature does not fit"),
    "idempotency-conflict": ("Khóa yêu cầu đã dùng cho nội dung khác", "The idempotency key was used before"),
    "paper-data-invalid": ("Dữ liệu của văn bản chưa đúng", "The paper's data is not valid"),
    "attachments-invalid": ("Văn bản kèm theo chưa đúng", "The attachments are not valid"),
    "glyph-missing": ("Phông chữ thiếu ký tự", "A character is missing from the font"),
    "not-found": ("Không tìm thấy", "Not found"),
    "forbidden": ("Không có quyền làm việc này", "You may not do this"),
    "wrong-state": ("Văn bản không ở trạng thái phù hợp", "The document is in another state"),
    "approval-closed": ("Đợt ký đã đóng", "The approval list is closed"),
    "changed-since": ("Đã thay đổi sau khi bạn đọc", "It has changed since you read it"),
    "list-changed": ("Danh sách đã thay đổi", "The list has changed"),
    "dossier-invalid": ("Hồ sơ chưa đúng", "The dossier is not valid"),
    "office-invalid": ("Tệp khai báo của cơ quan có lỗi", "The office's own file has an error"),
    "proposal-invalid": ("Đề nghị chưa đúng", "The proposal is not valid"),
    "proposal-empty": ("Đề nghị không thay đổi gì", "The proposal changes nothing"),
    "proposal-stale": ("Đã có phiên bản khác có hiệu lực", "Another version is in force"),
    "proposal-closed": ("Đề nghị đã có người quyết định", "The proposal was decided before"),
    "four-eyes": ("Cần người thứ hai xác nhận", "A second person must confirm this"),
    "confirm-on-server": ("Phải xác nhận trên máy chủ", "This must be confirmed on the server"),
    "number-missing": ("Văn bản chưa có số", "The paper has no number"),
    "number-taken": ("Số, ký hiệu này đã có trong sổ", "This number and symbol is in the register already"),
    "exchange-invalid": ("Dữ liệu vượt khuôn mẫu trao đổi", "The data does not fit the exchange format"),
    "webhook-invalid": ("Webhook chưa đúng", "The webhook is not valid"),
    "unauthenticated": ("Cần đăng nhập hoặc mã truy cập", "Authentication is required"),
    "second-factor-required": ("Cần bước xác thực thứ hai", "A second factor is required"),
    "request-invalid": ("Biểu mẫu gửi lên chưa đúng", "The request is not valid"),
    "body-too-large": ("Nội dung gửi lên quá lớn", "The body is too large"),
    "busy": ("Đang có nhiều yêu cầu", "Too many requests are running"),
    "too-many-attempts": ("Đã thử sai nhiều lần", "Too many failed attempts"),
    "method-not-allowed": ("Địa chỉ này không nhận cách gọi đó", "This address does not take that method"),
    "storage-unavailable": ("Nơi lưu trữ tạm thời không dùng được", "Storage is unavailable for now"),
    "internal": ("Lỗi của hệ thống", "A fault of this system"),
}
"""Titles by last part of the problem type; new ones are added, none renamed."""

_BY_STATUS: Final = {401: "unauthenticated", 403: "forbidden", 404: "not-found", 405: "method-not-allowed"}


class Problem(Exception):
    """A request is refused by the api itself; the stamping stage has its own `Refusal`."""

    def __init__(
        self, code: str, status: int, text_vi: str, text_en: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(f"{code}: {text_en}")
        self.code = code
        self.status = status
        self.text_vi = text_vi
        self.text_en = text_en
        self.headers = headers or {}
        self.more = more


def not_found() -> Problem:
    """What was asked for is not here, or not for this caller to know of."""
    return Problem("not-found", 404, "Không có nội dung này.", "There is no such thing here.")


def forbidden(text_vi: str, text_en: str) -> Problem:
    """The caller is known and may not do this."""
    return Problem("forbidden", 403, text_vi, text_en)


def too_large(limit: int) -> Problem:
    """A body over `limit` bytes."""
    return Problem(
        "body-too-large",
        413,
        f"Nội dung gửi lên vượt giới hạn {limit} byte.",
        f"The body exceeds the limit of {limit} bytes.",
        headers={"connection": "close"},
        limit=limit,
    )


def busy(seconds: int) -> Problem:
    """As many as fit are running; try again after `seconds`."""
    return Problem(
        "busy",
        429,
        "Đang có nhiều yêu cầu cùng lúc. Chưa có gì được thực hiện; hãy thử lại sau một phút.",
        "Too many requests are running. Nothing was done; try again in a minute.",
        headers={"retry-after": str(seconds)},
    )


def of(error: Exception) -> Problem:  # noqa: PLR0911 - one line per kind of error
    """The problem that stands for any error: the one table."""
    match error:
        case Problem():
            return error
        case Refusal():
            return Problem(error.code, error.status, error.text_vi, error.text_en, **_plain(error.detail))
        case ProposalUnknown() | NotYetSigned():
            return Problem("not-found", 404, error.text_vi, error.text_en)
        case RegisterError():
            return Problem("wrong-state", 409, error.text_vi, error.text_en)
        case Busy():
            return busy(20)
        case RequestValidationError():
            return _invalid(error)
        case StarletteHTTPException():
            return _http(error)
        case OperationalError() | OSError() | StoreAway():
            return Problem(
                "storage-unavailable",
                503,
                "Nơi lưu trữ tạm thời không dùng được. Hãy thử lại sau ít phút.",
                "Storage is unavailable for now. Try again in a few minutes.",
                headers={"retry-after": "60"},
            )
        case FactorKeysUnfit():
            # where the file lies is the operator's affair, and stands in the log
            return Problem(
                "storage-unavailable",
                503,
                "Chưa kiểm tra được mã của bước xác thực thứ hai. Mã khôi phục vẫn dùng được; hãy báo người quản trị.",
                "The code of the second factor cannot be checked for now. Recovery codes still count; tell the "
                "administrator.",
                headers={"retry-after": "60"},
            )
        case WriterBusy():
            return Problem("storage-unavailable", 503, error.text_vi, error.text_en, headers={"retry-after": "60"})
        case StoreError():
            return Problem("internal", 500, error.text_vi, error.text_en)
    return Problem(
        "internal",
        500,
        "Lỗi của chúng tôi, không phải của tệp. Yêu cầu này chưa được thực hiện trọn.",
        "Our fault, not your file's. This request was not completed.",
    )


def named_for(problem: Problem, path: str) -> Problem:
    """A body that does not fit its form, under the name its route's callers look for."""
    if path != "/api/v1/documents":
        return problem
    first = problem.more["errors"][0]["at"] if problem.more.get("errors") else ""
    code = "dossier-invalid" if first.startswith("body.dossier") else "paper-data-invalid"
    return Problem(code, problem.status, problem.text_vi, problem.text_en, **problem.more)


def members(request: Request, problem: Problem, reference: str | None = None) -> dict[str, Any]:
    """The problem's members (RFC 9457), in the caller's language."""
    vietnamese = language_of(request) == "vi"
    titles = TITLES[problem.code]
    body: dict[str, Any] = {
        "type": PREFIX + problem.code,
        "title": titles[0] if vietnamese else titles[1],
        "status": problem.status,
        "detail": problem.text_vi if vietnamese else problem.text_en,
    }
    if reference:
        body["instance"] = f"urn:secondseal:fault:{reference}"
    return body | {key: value for key, value in problem.more.items() if key not in body}


def as_json(request: Request, problem: Problem, reference: str | None = None) -> Response:
    """The answer for programs: `application/problem+json` (RFC 9457)."""
    return JSONResponse(
        members(request, problem, reference),
        status_code=problem.status,
        headers={"content-language": language_of(request), **problem.headers},
        media_type="application/problem+json",
    )


def note(request: Request, error: Exception, problem: Problem) -> str | None:
    """Log a fault of ours under a reference people can quote; refusals are no faults and are not logged."""
    if problem.status < 500 or isinstance(error, Refusal):
        return None
    reference = secrets.token_hex(4)
    log.error("fault %s at %s %s", reference, request.method, request.scope.get("route", ""), exc_info=error)
    return reference


def _http(error: HTTPException | StarletteHTTPException) -> Problem:
    if error.status_code == 400:
        # The multipart parser's own refusal: the form itself is wrong.
        return Problem("request-invalid", 422, "Không đọc được biểu mẫu gửi lên.", "The form could not be read.")
    code = _BY_STATUS.get(error.status_code, "request-invalid" if error.status_code < 500 else "internal")
    titles = TITLES[code]
    return Problem(code, error.status_code, f"{titles[0]}.", f"{titles[1]}.", headers=dict(error.headers or {}))


def _invalid(error: RequestValidationError) -> Problem:
    # The input is not repeated: it may hold personal data or a password.
    members = [
        {"at": ".".join(str(part) for part in one["loc"]), "why": str(one["msg"])[:200]} for one in error.errors()[:20]
    ]
    places = ", ".join(member["at"] for member in members)
    return Problem(
        "request-invalid",
        422,
        f"Biểu mẫu gửi lên chưa đúng ở: {places}.",
        f"The request is not valid at: {places}.",
        errors=members,
    )


def _plain(detail: dict[str, object]) -> dict[str, Any]:
    reserved = {"code", "status", "text_vi", "text_en", "headers", "type", "title", "detail", "instance"}
    return {key: value for key, value in detail.items() if key not in reserved}
