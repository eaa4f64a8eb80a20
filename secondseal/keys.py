"""The seals' keys, opened once per seal in the worker and kept; a token's trouble becomes words to act on."""

import logging
import os
from typing import Final

from cryptography import x509

from hsm import (
    HsmKey,
    KeyUri,
    PinFile,
    PinLastTry,
    PinLocked,
    PinSourceInvalid,
    PinWrong,
    Scheme,
    TokenError,
    TokenMissing,
    open_key,
)
from office import Seal
from secondseal.settings import Settings
from stamping import Desk, KeyUnavailable, Problem

log = logging.getLogger("secondseal.keys")

_SOFTHSM_VARIABLE: Final = "SOFTHSM2_CONF"


class SealKeys:
    """Opens a seal's key when it is first needed. Only the seal worker holds one of these."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        self._settings = settings
        self._desk = desk
        self._open: dict[str, tuple[object, SealKey]] = {}
        if settings.softhsm2_conf is not None:
            os.environ[_SOFTHSM_VARIABLE] = str(settings.softhsm2_conf)

    def __call__(self, seal: Seal) -> "SealKey":
        """The key of this seal, opened anew when its certificate or address has changed. Raises `KeyUnavailable`."""
        try:
            identity = self._identity(seal)
            kept = self._open.get(seal.id)
            if kept is not None and kept[0] == identity:
                return kept[1]
            if kept is not None:
                kept[1].close()
                del self._open[seal.id]
            opened = SealKey(self._open_key(seal))
        except TokenError as error:
            log.warning("seal %s: %s: %s", seal.id, type(error).__name__, error.text_en)
            raise KeyUnavailable(problem_of(error)) from error
        except (OSError, ValueError) as error:
            log.warning("seal %s: certificate: %s", seal.id, error)
            raise KeyUnavailable(
                Problem(
                    "token-fault",
                    f"Không đọc được chứng thư của con dấu {seal.id}. Hãy báo người quản trị.",
                    f"The certificate of seal {seal.id} cannot be read. Tell the administrator.",
                )
            ) from error
        self._open[seal.id] = (identity, opened)
        return opened

    def close(self) -> None:
        """Log out of every token."""
        for _, key in self._open.values():
            key.close()
        self._open.clear()

    def _identity(self, seal: Seal) -> object:
        path = self._settings.home / seal.certificate if seal.certificate else None
        changed = path.stat().st_mtime_ns if path else None
        return (seal.key, path, changed, self._desk.office().test_office)

    def _open_key(self, seal: Seal) -> HsmKey:
        if seal.key is None or seal.certificate is None:
            raise KeyUnavailable(
                Problem(
                    "token-missing",
                    f"Con dấu {seal.id} chưa được gắn với khóa và chứng thư trong cấu hình của cơ quan.",
                    f"Seal {seal.id} has no key and certificate in the office's file.",
                )
            )
        if self._settings.pin_file is None:
            raise PinSourceInvalid("pin_file", "not set")
        certificate = x509.load_pem_x509_certificate((self._settings.home / seal.certificate).read_bytes())
        key = open_key(
            KeyUri.parse(seal.key),
            PinFile(self._settings.pin_file),
            certificate=certificate,
            sessions=self._settings.sessions,
            state=self._settings.state / "logins",
        )
        if key.token.is_software and not self._desk.office().test_office:
            key.close()
            raise KeyUnavailable(
                Problem(
                    "token-fault",
                    "Khóa của con dấu nằm trong phần mềm (SoftHSM), chỉ dùng được ở cơ quan thử nghiệm.",
                    "The seal's key is kept in software (SoftHSM), which only a declared test office may use.",
                )
            )
        return key


class SealKey:
    """A seal's key on its token; what goes wrong there is said as `KeyUnavailable`, in words for the custodian."""

    def __init__(self, key: HsmKey) -> None:
        self._key = key
        self.certificate = key.certificate
        self.chain = key.chain
        self.scheme: Scheme = key.scheme

    @property
    def operations(self) -> int:
        """`C_Sign` calls really made."""
        return self._key.operations

    def sign(self, digest: bytes, scheme: Scheme) -> bytes:
        """One key operation."""
        try:
            return self._key.sign(digest, scheme)
        except TokenError as error:
            log.warning("signing: %s: %s", type(error).__name__, error)
            raise KeyUnavailable(problem_of(error)) from error

    def close(self) -> None:
        """Log out."""
        self._key.close()


def problem_of(error: TokenError) -> Problem:
    """The public problem of a token's error; an unknown fault is never called a wrong PIN."""
    match error:
        case PinLocked():
            code = "pin-locked"
        case PinWrong() | PinLastTry():
            code = "pin-wrong"
        case TokenMissing():
            code = "token-missing"
        case _:
            code = "token-fault"
    return Problem(code, error.text_vi, error.text_en)
