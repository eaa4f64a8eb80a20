"""The keys that second factors' secrets are encrypted with at rest: a file of the web process, outside the database.

One key a line, as `cryptography.fernet` writes them. The first encrypts, all of them decrypt: a new key is put before
the old one, and the old one is taken away once nothing is under it any more (decision 0084).
"""

import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from api.key_files import make_once


class FactorKeysUnfit(Exception):
    """No key is there, others can read it, or it opens no secret. `text_vi` and `text_en` are sentences for people."""

    def __init__(self, why_vi: str, why_en: str) -> None:
        super().__init__(why_en)
        self.text_vi = f"Khóa của bước xác thực thứ hai: {why_vi}."
        self.text_en = f"The key of second factors: {why_en}."


@dataclass(frozen=True, slots=True)
class FactorKeys:
    """The keys of one file."""

    _keys: tuple[Fernet, ...] = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> "FactorKeys":
        """Raises `FactorKeysUnfit`."""
        try:
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise FactorKeysUnfit(
                    f"người khác đọc được {path}; quyền phải là 0600", f"others can read {path}; 0600"
                )
            lines = path.read_text(encoding="ascii").split()
            keys = tuple(Fernet(line) for line in lines)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise FactorKeysUnfit(f"không đọc được {path} ({why})", f"{path} cannot be read ({why})") from error
        except ValueError:
            # not chained: the library's words may repeat what it was given
            raise FactorKeysUnfit(f"{path} có dòng không phải là khóa", f"{path} has a line that is no key") from None
        if not keys:
            raise FactorKeysUnfit(f"{path} không có khóa nào", f"{path} holds no key")
        return cls(keys)

    @classmethod
    def create(cls, path: Path) -> "FactorKeys":
        """Make the file with mode 0600 where there is none; of two that do so at once one's is kept, and read by both.
        Raises `FactorKeysUnfit`."""
        try:
            make_once(path, Fernet.generate_key() + b"\n")
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise FactorKeysUnfit(f"không tạo được {path} ({why})", f"{path} cannot be made ({why})") from error
        return cls.load(path)

    def seal(self, account: str, secret: str) -> str:
        """A secret as it is kept: it opens for this account alone."""
        return self._keys[0].encrypt(f"{account}\n{secret}".encode()).decode("ascii")

    def open(self, account: str, sealed: str) -> str:
        """Raises `FactorKeysUnfit` where none of the keys fits, or it was sealed for another account."""
        try:
            owner, _, secret = MultiFernet(self._keys).decrypt(sealed.encode()).decode().partition("\n")
        except InvalidToken:
            raise FactorKeysUnfit("không mở được bí mật đã lưu", "it does not open what was kept") from None
        if owner != account:
            raise FactorKeysUnfit("bí mật đã lưu là của tài khoản khác", "what was kept is another account's")
        return secret

    def is_new(self, sealed: str) -> bool:
        """Whether it is under the first key."""
        try:
            self._keys[0].decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True
