"""What can go wrong with a key on a token.

    TokenError
    |-- UriInvalid            a pkcs11: URI that cannot be read (RFC 7512)
    |-- ModuleMissing         the driver is not there or cannot be loaded
    |-- ModuleInOtherProcess  the driver was loaded before a fork: .loaded_by (process id)
    |-- TokenMissing          no such token is plugged in: .others
    |-- TokenAmbiguous        several tokens answer to the name: .count
    |-- TokenUnsuitable       the token cannot do what is asked: a software token, a mechanism, a refused attribute
    |-- KeyMissing            no private key belongs to the certificate
    |-- KeyExists             the ceremony would overwrite a key: .label
    |-- CertificateMismatch   a certificate that does not belong to the key
    |-- PinError
    |   |-- PinSourceInvalid  the PIN's file, credential or variable is absent or unsafe: .where
    |   |-- PinWrong          the token refused the PIN: .tries_left (None: the token does not say), .tried
    |   |-- PinLastTry        one try is left and nobody consented to use it
    |   |-- PinUnsettled      the outcome of earlier logins is unknown (cut short, or an unclear answer): .attempts
    |   `-- PinLocked         the token accepts no PIN any more
    `-- DeviceFault           anything else the driver said: .ckr, .call

Every error carries `text_vi` and `text_en` for people; neither ever holds a PIN.
"""


class TokenError(Exception):
    """Base of this room's errors."""

    text_vi = "Token báo lỗi."
    text_en = "The token reported an error."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.text_en)
        self.detail = detail


class UriInvalid(TokenError):
    """A `pkcs11:` URI that is not one, or holds a PIN value."""

    text_vi = "Địa chỉ khóa (pkcs11:) trong cấu hình không đúng."
    text_en = "The key's address (pkcs11:) in the settings is not right."


class ModuleMissing(TokenError):
    """The PKCS#11 module is absent, not loadable, or not a PKCS#11 module."""

    text_vi = "Không tìm thấy hoặc không nạp được trình điều khiển token trên máy này. Hãy cài trình điều khiển."
    text_en = "The token's driver was not found on this computer or cannot be loaded. Install the driver."


class ModuleInOtherProcess(TokenError):
    """The module was loaded in another process (before a fork); `loaded_by` is that process's id."""

    text_vi = "Lỗi của chúng tôi: trình điều khiển token đã được nạp ở tiến trình khác."
    text_en = "Our fault: the token's driver was loaded in another process."

    def __init__(self, loaded_by: int) -> None:
        super().__init__(f"loaded by process {loaded_by}")
        self.loaded_by = loaded_by


class TokenMissing(TokenError):
    """The token is not plugged in, or was pulled out. `others`: how many tokens the module sees, where known."""

    text_vi = "Không thấy USB token. Hãy cắm lại token."
    text_en = "The USB token is gone. Plug it in again."

    def __init__(self, detail: str = "", *, others: int | None = None) -> None:
        super().__init__(detail)
        self.others = others


class TokenAmbiguous(TokenError):
    """`count` tokens match; the URI must name one, by its serial."""

    text_vi = "Có nhiều token cùng tên. Hãy ghi số sê-ri của token trong cấu hình, hoặc rút bớt token."
    text_en = "Several tokens have this name. Name the token's serial in the settings, or unplug the others."

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} tokens match")
        self.count = count


class TokenUnsuitable(TokenError):
    """The token or its key cannot be used for what is asked."""

    text_vi = "Token hoặc khóa trên token không dùng được cho việc này."
    text_en = "This token, or the key on it, cannot be used for this."


class KeyMissing(TokenError):
    """No private key on the token belongs to the certificate."""

    text_vi = "Trên token không có khóa của chứng thư này."
    text_en = "The token holds no key for this certificate."


class KeyExists(TokenError):
    """The ceremony found a key, or part of one, under the label or id it was to use. Nothing was changed."""

    text_vi = "Trên token đã có khóa mang tên này; khóa cũ được giữ nguyên, chưa tạo khóa mới."
    text_en = "The token already has a key of this name; it was left as it is and no new key was made."

    def __init__(self, label: str) -> None:
        super().__init__(f"label or id in use: {label}")
        self.label = label


class CertificateMismatch(TokenError):
    """The certificate's public key is not the key's."""

    text_vi = "Chứng thư không khớp với khóa trên token."
    text_en = "The certificate does not match the key on the token."


class PinError(TokenError):
    """Base of what concerns the PIN. A batch stops at the first of these."""


class PinSourceInvalid(PinError):
    """Where the PIN should come from is absent or open to others; `where` names it, never what it holds."""

    text_vi = "Không đọc được mã PIN từ nơi đã cấu hình, hoặc nơi đó không đủ kín."
    text_en = "The PIN cannot be read from where the settings say, or that place is open to others."

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where


class PinWrong(PinError):
    """The token refused this PIN.

    `tries_left` is None where the token does not say. `tried` is False when this value had been refused before and was
    therefore not sent to the token again: that cost no try.
    """

    def __init__(self, tries_left: int | None, *, tried: bool = True) -> None:
        self.tries_left = tries_left
        self.tried = tried
        super().__init__(
            f"tries left: {'unknown' if tries_left is None else tries_left}{'' if tried else ', not sent'}"
        )

    @property
    def text_vi(self) -> str:  # type: ignore[override]
        """Says the tries left when they are known."""
        if not self.tried:
            return "Mã PIN này đã bị token từ chối trước đó nên không được gửi lại. Token không mất lần thử nào."
        left = (
            "Token không cho biết còn mấy lần thử; nhiều loại khóa sau 3 lần sai."
            if self.tries_left is None
            else f"Token còn {self.tries_left} lần thử."
        )
        return f"Mã PIN không đúng. {left} Chương trình không tự thử lại mã PIN."

    @property
    def text_en(self) -> str:  # type: ignore[override]
        """The same in English."""
        if not self.tried:
            return "The token refused this PIN before, so it was not sent again. No try was used."
        left = (
            "The token does not say how many tries are left; many lock after 3."
            if self.tries_left is None
            else f"The token has {self.tries_left} {'try' if self.tries_left == 1 else 'tries'} left."
        )
        return f"Wrong PIN. {left} The program never tries a PIN again by itself."


class PinLastTry(PinError):
    """One try is left (said by the token, or assumed after two failures); it needs a person's consent."""

    text_vi = "Chỉ còn 1 lần thử. Sai lần nữa, token sẽ bị khóa. Nếu không nhớ chắc mã PIN, đừng thử tiếp."
    text_en = "One try is left. If it is wrong the token locks. If you are not sure, do not try."


class PinUnsettled(PinError):
    """The outcome of `attempts` logins with this PIN is unknown: the driver crashed, or answered what nobody knows."""

    text_vi = "Các lần đăng nhập token trước không rõ kết quả. Hãy kiểm tra mã PIN rồi xóa ghi nhớ đăng nhập."
    text_en = "The outcome of earlier logins to the token is unknown. Check the PIN, then clear the login record."

    def __init__(self, attempts: int) -> None:
        super().__init__(f"{attempts} logins without an outcome")
        self.attempts = attempts


class PinLocked(PinError):
    """The PIN is locked; only the token's administrator can unlock it."""

    text_vi = "Token đã bị khóa. Hãy liên hệ người quản lý token để mở khóa. Văn bản đã ký vẫn giữ nguyên."
    text_en = "The token is locked. Ask your token administrator to unlock it. What was signed stays signed."


class DeviceFault(TokenError):
    """The driver answered `ckr` (its PKCS#11 name, or a hexadecimal code it alone knows) to `call`."""

    def __init__(self, ckr: str, call: str = "", detail: str = "") -> None:
        self.ckr = ckr
        self.call = call
        super().__init__(" ".join(part for part in (ckr, f"({call})" if call else "", detail) if part))

    @property
    def text_vi(self) -> str:  # type: ignore[override]
        """Names the code, for support."""
        if self.call == "C_Login":
            return (
                f"Token báo lỗi chưa rõ ({self.ckr}) khi nhận mã PIN và không nói mã PIN đúng hay sai. "
                "Hãy kiểm tra token và mã PIN trước khi thử lại."
            )
        return f"Token báo lỗi chưa rõ ({self.ckr}). Đây không phải lỗi sai mã PIN. Rút ra cắm lại rồi thử tiếp."

    @property
    def text_en(self) -> str:  # type: ignore[override]
        """The same in English."""
        if self.call == "C_Login":
            return (
                f"The token reported an unknown fault ({self.ckr}) on receiving the PIN and did not say whether it is "
                "right. Check the token and the PIN before trying again."
            )
        return f"The token reported an unknown fault ({self.ckr}). It is not a wrong PIN. Plug it in again and go on."
