"""What can go wrong between us and the authorities, said in Vietnamese and in English.

A verdict about a certificate is a value (`PathCheck`); these exceptions mean that something could not be established.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try at one address: the URL and, in a few words, why it gave nothing."""

    url: str
    reason: str


def _hosts(attempts: tuple[Attempt, ...]) -> str:
    return ", ".join(dict.fromkeys(urlsplit(attempt.url).netloc or attempt.url for attempt in attempts))


def _tried(attempts: tuple[Attempt, ...]) -> str:
    return "; ".join(dict.fromkeys(f"{attempt.url}: {attempt.reason}" for attempt in attempts))


class TrustError(Exception):
    """The base of this room's errors. `text_vi` and `text_en` may be shown to people."""

    def __init__(self, *, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


class AnchorsUnreadable(TrustError):
    """The file or folder of trust anchors or intermediates cannot be used. `path` says which."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(
            text_vi=f"Không đọc được danh sách chứng thư tin cậy {path}: {reason}",
            text_en=f"The trusted certificates in {path} cannot be read: {reason}",
        )
        self.path = path


class RevocationUnavailable(TrustError):
    """Neither OCSP nor CRL told the state of a certificate (TT 15/2025 annex II; AC-72).

    `subject` is the certificate's common name, `attempts` every address tried with its failure.
    """

    def __init__(self, subject: str, attempts: tuple[Attempt, ...]) -> None:
        super().__init__(
            text_vi=f"Không kiểm tra được trạng thái thu hồi của chứng thư số “{subject}”"
            f" ({_hosts(attempts) or 'chứng thư không ghi địa chỉ OCSP, CRL'})",
            text_en=f"The revocation state of the certificate “{subject}” could not be checked"
            f" ({_tried(attempts) or 'it names no OCSP or CRL address'})",
        )
        self.subject = subject
        self.attempts = attempts


class TimeAuthorityUnreachable(TrustError):
    """No time-stamping authority answered. `attempts` lists every address tried."""

    def __init__(self, attempts: tuple[Attempt, ...]) -> None:
        super().__init__(
            text_vi=f"Không kết nối được máy chủ cấp dấu thời gian ({_hosts(attempts) or 'chưa cấu hình địa chỉ'})",
            text_en=f"No time-stamping authority was reached ({_tried(attempts) or 'no address is configured'})",
        )
        self.attempts = attempts


class TimestampRejected(TrustError):
    """An authority answered, but not with a time stamp we can accept. `attempts` says what each one did."""

    def __init__(self, attempts: tuple[Attempt, ...]) -> None:
        super().__init__(
            text_vi=f"Máy chủ cấp dấu thời gian không cấp được dấu thời gian hợp lệ ({_hosts(attempts)})",
            text_en=f"The time-stamping authority gave no acceptable time stamp ({_tried(attempts)})",
        )
        self.attempts = attempts


class TimestampInvalid(TrustError):
    """A time stamp token does not hold. `reason` is a short code: malformed, imprint, signature, algorithm,
    certificate_missing, certificate_binding."""

    def __init__(self, reason: str, detail: str = "") -> None:
        said = f"{reason}: {detail}" if detail else reason
        super().__init__(
            text_vi=f"Dấu thời gian không hợp lệ ({said})",
            text_en=f"The time stamp is not valid ({said})",
        )
        self.reason = reason
