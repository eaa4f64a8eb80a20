"""What can be found about a seal's key, in words that say what to do: one place for the doctor and the worker."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from hsm import Quirk, TokenInfo
from stamping import SealUsage
from store import vietnam_date

State = Literal["good", "care", "fault"]
_WORST: Final = {"good": 0, "care": 1, "fault": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found, and what to do about it. Texts name tokens and files, never a PIN."""

    code: str
    state: State
    text_vi: str
    text_en: str

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return {"code": self.code, "state": self.state, "text_vi": self.text_vi, "text_en": self.text_en}


def worst(findings: Iterable[Finding]) -> Finding:
    """The one that decides; of equals the first."""
    return max(findings, key=lambda one: _WORST[one.state])


def signed(token: TokenInfo, level: str | None) -> Finding:
    """The key has signed, and the value was checked with its certificate. The level is the operator's word."""
    device = f"{token.manufacturer} {token.model} {token.firmware}"
    return Finding(
        code="signed",
        state="good",
        text_vi=f"Đã ký thử trên {device}, kiểm tra thấy đúng" + (f"; mức khai báo: {level}." if level else "."),
        text_en=f"Signed and checked, on {device}" + (f"; declared level: {level}." if level else "."),
    )


def keypad(token: TokenInfo) -> Finding:
    """The PIN is typed on the token itself: trying the key would ask a person for it every few minutes."""
    return Finding(
        code="pin-keypad",
        state="good",
        text_vi=f"Token “{token.label}” đang cắm. Mã PIN được nhập trên bàn phím của chính token khi đóng dấu, nên "
        "không ký thử.",
        text_en=f"The token “{token.label}” is there. Its PIN is typed on its own keypad when sealing, so no trial "
        "signature is made.",
    )


def in_software() -> Finding:
    """AC-75."""
    return Finding(
        code="token-software",
        state="fault",
        text_vi="Khóa nằm trong phần mềm (SoftHSM), chỉ dùng được ở cơ quan thử nghiệm (test_office = true). "
        "Hãy dùng HSM hoặc USB token cho con dấu.",
        text_en="The key is kept in software (SoftHSM), which only a test office may use (test_office = true). "
        "Use an HSM or a USB token for the seal.",
    )


def not_configured() -> Finding:
    """The office's file names no key, or no certificate."""
    return Finding(
        code="not-configured",
        state="fault",
        text_vi="Con dấu chưa được gắn với khóa và chứng thư: hãy ghi key và certificate trong tệp của cơ quan "
        "(secondseal office import).",
        text_en="The seal has no key or no certificate: set key and certificate in the office's file "
        "(secondseal office import).",
    )


def certificate_unreadable(path: str, why: str) -> Finding:
    """The certificate's file."""
    return Finding(
        code="certificate-unreadable",
        state="fault",
        text_vi=f"Không đọc được chứng thư {path}. Hãy đặt lại tệp PEM của chứng thư con dấu.",
        text_en=f"The certificate {path} cannot be read ({why}). Put the PEM file of the seal's certificate there.",
    )


def validity(not_before: datetime, not_after: datetime, *, used_from: datetime, warn_days: int) -> list[Finding]:
    """What the certificate's dates call for; `used_from`: now, or the day a prepared key comes into force (UTC)."""
    if used_from < not_before:
        day = f"{vietnam_date(not_before):%d/%m/%Y}"
        return [
            Finding(
                code="certificate-not-yet-valid",
                state="fault",
                text_vi=f"Chứng thư chỉ có hiệu lực từ {day}. Hãy chờ đến ngày đó, hoặc dời ngày dùng khóa.",
                text_en=f"The certificate is valid from {day} only. Wait for that day, or move the day of the key.",
            )
        ]
    days = (not_after - used_from).days
    day = f"{vietnam_date(not_after):%d/%m/%Y}"
    if not_after < used_from:
        return [
            Finding(
                code="certificate-expired",
                state="fault",
                text_vi=f"Chứng thư của con dấu đã hết hạn ngày {day}: không đóng dấu được nữa. "
                "Hãy dùng khóa kế tiếp, hoặc xin chứng thư mới.",
                text_en=f"The seal's certificate expired on {day}: nothing can be sealed with it. "
                "Put the next key in force, or request a new certificate.",
            )
        ]
    if days < warn_days:
        return [
            Finding(
                code="certificate-expiring",
                state="care",
                text_vi=f"Chứng thư của con dấu còn {days} ngày (đến {day}). Hãy tổ chức lễ tạo khóa kế tiếp và xin "
                "chứng thư mới.",
                text_en=f"The seal's certificate ends in {days} days ({day}). Hold the next key ceremony and request "
                "the next certificate.",
            )
        ]
    return []


def usage(used: SealUsage) -> list[Finding]:
    """Near, or at, the office's own daily limit."""
    if used.state == "good":
        return []
    reached = used.state == "fault"
    return [
        Finding(
            code="daily-limit",
            state=used.state,
            text_vi=f"Hôm nay khóa đã dùng {used.used} lần, giới hạn của cơ quan là {used.limit}. "
            + (
                "Đóng dấu tiếp vào ngày mai, hoặc nâng daily_limit." if reached else "Kiểm tra xem có bất thường không."
            ),
            text_en=f"The key was used {used.used} times today; the office's limit is {used.limit}. "
            + ("Go on tomorrow, or raise daily_limit." if reached else "See whether that is as it should be."),
        )
    ]


def peculiar(quirk: Quirk) -> Finding:
    """Something known of the driver, which people would take for a fault of theirs. No trouble in itself."""
    return Finding(code="driver-quirk", state="good", text_vi=quirk.text_vi, text_en=quirk.text_en)


def driver_silent(module: str, seconds: float) -> Finding:
    """The driver did not come back from a call; the process that made it had to end."""
    return Finding(
        code="driver-silent",
        state="fault",
        text_vi=f"Trình điều khiển token {module} không trả lời trong {seconds:.0f} giây nên chương trình đóng dấu đã "
        "tự khởi động lại. Hãy kiểm tra HSM hoặc token: nguồn, cáp, mạng; rút ra cắm lại.",
        text_en=f"The token's driver {module} did not answer for {seconds:.0f} seconds, so the seal worker started "
        "again. Check the HSM or token: power, cable, network; plug it in again.",
    )


def driver_ended_worker(times: int) -> Finding:
    """Workers ended while they tested this key: the driver hung or crashed."""
    return Finding(
        code="driver-fatal",
        state="fault",
        text_vi=f"Trình điều khiển token treo hoặc sập khi thử khóa ({times} lần liên tiếp). Chương trình đóng dấu tạm "
        "ngừng dùng khóa này và sẽ tự thử lại. Hãy kiểm tra HSM hoặc token và trình điều khiển.",
        text_en=f"The token's driver hung or crashed when the key was tried ({times} times in a row). The seal worker "
        "leaves this key alone for a while and will try again by itself. Check the HSM or token, and its driver.",
    )
