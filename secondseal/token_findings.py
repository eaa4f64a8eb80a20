"""A token's trouble as a finding: what is wrong with this token, module or PIN, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeGuard

from hsm import (
    CertificateMismatch,
    DeviceFault,
    KeyMissing,
    ModuleMissing,
    PinLastTry,
    PinLocked,
    PinSourceInvalid,
    PinUnsettled,
    PinWrong,
    TokenAmbiguous,
    TokenError,
    TokenMissing,
    TokenUnsuitable,
    UriInvalid,
    passes,
)
from secondseal.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a key's configuration names, for words about it. `seen`: labels and serials of the tokens plugged in."""

    token: str
    module: str
    certificate: str
    seen: tuple[str, ...] | None = None


def unclear_login(error: BaseException | None) -> TypeGuard[DeviceFault]:
    """A login refused for a reason only the driver knows: repeating it might lock the token."""
    return isinstance(error, DeviceFault) and error.call == "C_Login" and not passes(error)


def of_error(error: TokenError, sought: Sought) -> Finding:
    """The finding behind an error of the token's room; an unknown fault is never called a wrong PIN."""
    if unclear_login(error):
        text_vi, text_en = _login_unclear(error, sought)
        return Finding(code="login-unclear", state="fault", text_vi=text_vi, text_en=text_en)
    for kind, code, words in _WORDS:
        if isinstance(error, kind):
            text_vi, text_en = words(error, sought)
            return Finding(code=code, state="fault", text_vi=text_vi, text_en=text_en)
    return Finding(
        code="token-fault", state="fault", text_vi=error.text_vi, text_en=f"{error.text_en} ({error})".strip()
    )


Words = Callable[..., tuple[str, str]]


def _module_missing(error: ModuleMissing, sought: Sought) -> tuple[str, str]:
    return (
        f"Không nạp được trình điều khiển {sought.module}. Hãy cài trình điều khiển của hãng token, rồi kiểm tra "
        "module-path trong office.toml; xem trình điều khiển có trên máy: secondseal token list.",
        f"The driver {sought.module} cannot be loaded ({error}). Install the token maker's driver and check "
        "module-path in office.toml; drivers on this computer: secondseal token list.",
    )


def _token_missing(_: TokenMissing, sought: Sought) -> tuple[str, str]:
    others_vi = "; không thấy token nào" if not sought.seen else f"; đang thấy: {', '.join(sought.seen)}"
    others_en = "; no token is seen" if not sought.seen else f"; seen instead: {', '.join(sought.seen)}"
    return (
        f"Chưa thấy token “{sought.token}”{others_vi if sought.seen is not None else ''}. Hãy cắm lại token, hoặc kiểm "
        "tra HSM (nguồn, mạng) và dịch vụ pcscd.",
        f"The token “{sought.token}” is not there{others_en if sought.seen is not None else ''}. Plug it in again, or "
        "check the HSM (power, network) and the service pcscd.",
    )


def _token_ambiguous(error: TokenAmbiguous, sought: Sought) -> tuple[str, str]:
    return (
        f"Có {error.count} token cùng tên “{sought.token}”. Hãy ghi serial=... trong địa chỉ khóa, hoặc rút bớt token.",
        f"{error.count} tokens are called “{sought.token}”. Name serial=... in the key's address, or unplug others.",
    )


def _key_missing(_: KeyMissing | CertificateMismatch, sought: Sought) -> tuple[str, str]:
    return (
        f"Chứng thư {sought.certificate} không khớp với khóa nào trên token “{sought.token}”. Hãy kiểm tra certificate "
        "của con dấu trong office.toml: có thể là chứng thư của khóa khác, hoặc cắm nhầm token.",
        f"The certificate {sought.certificate} does not match any key on the token “{sought.token}”. Check the seal's "
        "certificate in office.toml: it may be another key's, or the wrong token is plugged in.",
    )


def _pin_source(error: PinSourceInvalid, _: Sought) -> tuple[str, str]:
    return (
        f"Không lấy được mã PIN: {error}. Tệp PIN phải thuộc người dùng của chương trình đóng dấu, không ai khác đọc "
        "được (mode 0600).",
        f"The PIN cannot be had: {error}. A PIN file must belong to the seal worker's user and be closed to all others "
        "(mode 0600).",
    )


def _pin_wrong(error: PinWrong, sought: Sought) -> tuple[str, str]:
    if not error.tried:
        return (
            f"Token “{sought.token}” đã từ chối mã PIN này, nên chương trình không gửi lại (không mất thêm lần thử). "
            "Hãy ghi mã PIN đúng vào nơi đã cấu hình.",
            f"The token “{sought.token}” has refused this PIN, so it is not sent again (no further try is lost). "
            "Put the right PIN where the settings say.",
        )
    left_vi = "" if error.tries_left is None else f" Token còn {error.tries_left} lần thử."
    left_en = "" if error.tries_left is None else f" The token has {error.tries_left} left."
    return (
        f"Mã PIN của token “{sought.token}” không đúng.{left_vi} Chương trình không tự thử lại: hãy ghi mã PIN đúng "
        "vào nơi đã cấu hình.",
        f"The PIN of the token “{sought.token}” is wrong.{left_en} It is never tried again by itself: put the right "
        "PIN where the settings say.",
    )


def _pin_last(_: PinLastTry, sought: Sought) -> tuple[str, str]:
    return (
        f"Token “{sought.token}” chỉ còn 1 lần thử mã PIN, nên chương trình không thử. Hãy kiểm tra mã PIN, đăng nhập "
        "đúng một lần bằng công cụ của hãng token, rồi chạy: secondseal token forget-logins.",
        f"The token “{sought.token}” has one PIN try left, so none is made. Check the PIN, log in once with the token "
        "maker's own tool, then run: secondseal token forget-logins.",
    )


def _pin_locked(_: PinLocked, sought: Sought) -> tuple[str, str]:
    return (
        f"Mã PIN của token “{sought.token}” đã bị khóa. Hãy nhờ đơn vị cấp token mở khóa (mã PUK hoặc SO-PIN), rồi ghi "
        "mã PIN mới vào nơi đã cấu hình.",
        f"The PIN of the token “{sought.token}” is locked. Have whoever issued the token unlock it (PUK or SO-PIN), "
        "then put the new PIN where the settings say.",
    )


def _pin_unsettled(error: PinUnsettled, sought: Sought) -> tuple[str, str]:
    return (
        f"{error.attempts} lần đăng nhập token “{sought.token}” không rõ kết quả (bị ngắt giữa chừng, hoặc token trả "
        "lời không rõ), nên chương trình không đăng nhập nữa. Hãy kiểm tra mã PIN bằng công cụ của hãng token, rồi "
        "chạy: secondseal token forget-logins.",
        f"The outcome of {error.attempts} logins to the token “{sought.token}” is unknown (cut short, or an unclear "
        "answer), so none is made any more. Check the PIN with the token maker's own tool, then run: secondseal token "
        "forget-logins.",
    )


def _unsuitable(error: TokenUnsuitable, sought: Sought) -> tuple[str, str]:
    return (
        f"Token “{sought.token}” hoặc khóa trên đó không dùng được cho con dấu: {error}.",
        f"The token “{sought.token}”, or the key on it, cannot be used for the seal: {error}.",
    )


def _uri(error: UriInvalid, _: Sought) -> tuple[str, str]:
    return (
        f"Địa chỉ khóa (pkcs11:) trong office.toml không đúng: {error}.",
        f"The key's address (pkcs11:) in office.toml is not right: {error}.",
    )


def _login_unclear(error: DeviceFault, sought: Sought) -> tuple[str, str]:
    return (
        f"Token “{sought.token}” không nói rõ vì sao từ chối đăng nhập ({error.ckr}). Có thể đã mất một lần thử mã "
        "PIN, nên chương trình không tự đăng nhập lại. Hãy kiểm tra mã PIN bằng công cụ của hãng token, rồi khởi động "
        "lại chương trình đóng dấu.",
        f"The token “{sought.token}” does not say clearly why it refused the login ({error.ckr}). That may have cost a "
        "PIN try, so it is not repeated. Check the PIN with the token maker's own tool, then restart the seal worker.",
    )


def _fault(error: DeviceFault, sought: Sought) -> tuple[str, str]:
    if error.ckr in {"CKR_SESSION_COUNT", "CKR_SESSION_EXISTS", "CKR_USER_ANOTHER_ALREADY_LOGGED_IN"}:
        return (
            f"Token “{sought.token}” đang bận ({error.ckr}): chương trình khác, có thể là chương trình đóng dấu đang "
            "chạy, đang giữ nó. Hãy dừng chương trình đó rồi thử lại.",
            f"The token “{sought.token}” is busy ({error.ckr}): another program holds it, maybe the running seal "
            "worker. Stop that one and try again.",
        )
    return (
        f"Token “{sought.token}” báo lỗi {error.ckr} ({error.call or 'driver'}); đây không phải lỗi sai mã PIN. Hãy "
        "kiểm tra HSM hoặc token, rút ra cắm lại; nếu vẫn lỗi, gửi mã này cho hãng token.",
        f"The token “{sought.token}” reported {error.ckr} ({error.call or 'driver'}); it is not a wrong PIN. Check the "
        "HSM or token, plug it in again; if it stays, send this code to the token's maker.",
    )


_WORDS: Final[tuple[tuple[type[TokenError], str, Words], ...]] = (
    (ModuleMissing, "module-missing", _module_missing),
    (TokenMissing, "token-missing", _token_missing),
    (TokenAmbiguous, "token-ambiguous", _token_ambiguous),
    (KeyMissing, "certificate-mismatch", _key_missing),
    (CertificateMismatch, "certificate-mismatch", _key_missing),
    (PinSourceInvalid, "pin-source", _pin_source),
    (PinWrong, "pin-wrong", _pin_wrong),
    (PinLastTry, "pin-last-try", _pin_last),
    (PinLocked, "pin-locked", _pin_locked),
    (PinUnsettled, "pin-unsettled", _pin_unsettled),
    (TokenUnsuitable, "token-unsuitable", _unsuitable),
    (UriInvalid, "address-invalid", _uri),
    (DeviceFault, "token-fault", _fault),
)
