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
        self._open: dict[str, HsmKey] = {}
        if settings.softhsm2_conf is not None:
            os.environ[_SOFTHSM_VARIABLE] = str(settings.softhsm2_conf)

    def __call__(self, seal: Seal) -> HsmKey:
        """The key of this seal. Raises `KeyUnavailable`."""
        if seal.id not in self._open:
            try:
                self._open[seal.id] = self._open_key(seal)
            except TokenError as error:
                log.warning("seal %s: %s: %s", seal.id, type(error).__name__, error.text_en)
                raise KeyUnavailable(problem_of(error)) from error
        return self._open[seal.id]

    def close(self) -> None:
        """Log out of every token."""
        for key in self._open.values():
            key.close()
        self._open.clear()

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
