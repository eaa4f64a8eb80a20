"""The seals' keys, opened once in the worker and kept; a token's trouble becomes words to act on."""

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Protocol

from cryptography import x509

from hsm import (
    HsmKey,
    KeyUri,
    PinLastTry,
    PinLocked,
    PinWrong,
    Recovery,
    Rung,
    Scheme,
    TokenError,
    TokenInfo,
    TokenMissing,
    from_pem,
    natural_scheme,
    open_key,
    passes,
    signing_key,
)
from office import Office, Seal, SealKeyPlace
from secondseal.kept_files import kept_files
from secondseal.pins import Pins
from secondseal.settings import Settings
from stamping import KeyUnavailable, Problem
from store import StoreError

log = logging.getLogger("secondseal.keys")

_ASKING: Final = Recovery(budget_s=0.5)
"""Asking whether a key answers: the other seals' documents wait meanwhile, and it is asked again."""
_SOFTHSM_VARIABLE: Final = "SOFTHSM2_CONF"

Which = Literal["current", "next"]
"""The key in force now, or the one prepared to follow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Identity:
    """What an open key was opened from: when any of it changes, the key is opened anew."""

    uri: str
    certificate: Path
    changed_ns: int
    test_office: bool


class Institution(Protocol):
    """What of the desk is asked here: the office in force, and the time (UTC)."""

    @property
    def office(self) -> Callable[[], Office]:
        """The institution."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """The time."""


class KeyInSoftware(KeyUnavailable):
    """A software token, in an office that is not declared a test office (AC-75)."""

    def __init__(self) -> None:
        super().__init__(
            Problem(
                "token-fault",
                "Khóa của con dấu nằm trong phần mềm (SoftHSM), chỉ dùng được ở cơ quan thử nghiệm.",
                "The seal's key is kept in software (SoftHSM), which only a declared test office may use.",
            )
        )


class SealKeys:
    """Opens a seal's key when it is first needed. Only the seal worker holds one of these.

    Safe to ask from several threads; a key that is no longer in force, nor about to be, is closed when its seal is
    next asked for.
    """

    def __init__(self, settings: Settings, desk: Institution, pins: Pins | None = None) -> None:
        self._settings = settings
        self._desk = desk
        self._pins = pins or Pins(settings)
        self._open: dict[str, dict[_Identity, SealKey]] = {}
        self._turn = threading.RLock()
        if settings.softhsm2_conf is not None:
            os.environ[_SOFTHSM_VARIABLE] = str(settings.softhsm2_conf)

    def __call__(self, seal: Seal) -> "SealKey":
        """The key of this seal that is in force now. Raises `KeyUnavailable`."""
        return self.open_for(seal, "current")

    def open_for(self, seal: Seal, which: Which) -> "SealKey":
        """The key in force now, or the one that waits for its day (to be tried before it).

        Opened anew when its address or its certificate's file has changed. Raises `KeyUnavailable`, also where there is
        no such key.
        """
        now = self._desk.clock()
        place = seal.key_on(now) if which == "current" else seal.waiting_on(now)
        try:
            with self._turn:
                wanted = self._identity(seal, place)
                kept = self._settle(seal, (wanted, *self._others(seal, which)))
                if wanted not in kept:
                    kept[wanted] = SealKey(self._open_key(wanted))
                return kept[wanted]
        except TokenError as error:
            log.warning("seal %s: %s: %s", seal.id, type(error).__name__, error.text_en)
            raise KeyUnavailable(problem_of(error), passing=passes(error)) from error
        except (OSError, ValueError, StoreError) as error:
            log.warning("seal %s: certificate: %s", seal.id, error)
            raise KeyUnavailable(
                Problem(
                    "token-fault",
                    f"Không đọc được chứng thư của con dấu {seal.id}. Hãy báo người quản trị.",
                    f"The certificate of seal {seal.id} cannot be read. Tell the administrator.",
                )
            ) from error

    def close(self) -> None:
        """Log out of every token."""
        with self._turn:
            for keys in self._open.values():
                for key in keys.values():
                    key.close()
            self._open.clear()

    def _settle(self, seal: Seal, in_use: tuple[_Identity, ...]) -> "dict[_Identity, SealKey]":
        """What is open for this seal, after closing what it no longer names."""
        kept = self._open.setdefault(seal.id, {})
        for identity in [one for one in kept if one not in in_use]:
            log.info("seal %s: the key of %s is closed", seal.id, identity.certificate.name)
            kept.pop(identity).close()
        return kept

    def _others(self, seal: Seal, which: Which) -> tuple[_Identity, ...]:
        """The seal's other key, where it has one that can be told: the current beside the next, or the reverse."""
        now = self._desk.clock()
        place = seal.waiting_on(now) if which == "current" else seal.key_on(now)
        try:
            return (self._identity(seal, place),)
        except (KeyUnavailable, OSError):
            return ()

    def _identity(self, seal: Seal, place: SealKeyPlace | None) -> _Identity:
        if place is None or place.key is None or place.certificate is None:
            raise KeyUnavailable(
                Problem(
                    "token-missing",
                    f"Con dấu {seal.id} chưa được gắn với khóa và chứng thư trong cấu hình của cơ quan.",
                    f"Seal {seal.id} has no key and certificate in the office's file.",
                )
            )
        certificate = self._settings.home / place.certificate
        return _Identity(
            uri=place.key,
            certificate=certificate,
            changed_ns=certificate.stat().st_mtime_ns,
            test_office=self._desk.office().test_office,
        )

    def _open_key(self, identity: _Identity) -> HsmKey:
        uri = KeyUri.parse(identity.uri)
        certificate = from_pem(kept_files(self._settings).read(identity.certificate))
        key = open_key(
            uri,
            self._pins.source(uri, test_office=identity.test_office),
            certificate=certificate,
            scheme=scheme_for(certificate, self._settings),
            sessions=self._settings.sessions,
            state=self._settings.state / "logins",
        )
        if key.token.is_software and not identity.test_office:
            key.close()
            raise KeyInSoftware
        return key


def scheme_for(certificate: x509.Certificate, settings: Settings) -> Scheme:
    """What the seal's key signs with: ECDSA by its curve, RSA by the setting `rsa_scheme` (TT 15/2025: either)."""
    natural = natural_scheme(signing_key(certificate))
    return "rsa-pss-sha256" if natural.startswith("rsa") and settings.rsa_scheme == "pss" else natural


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

    @property
    def recoveries(self) -> Counter[Rung]:
        """Rungs of the recovery ladder taken since the key was opened."""
        return self._key.recoveries

    @property
    def token(self) -> TokenInfo:
        """The token the key was found on."""
        return self._key.token

    def sign(self, digest: bytes, scheme: Scheme) -> bytes:
        """One key operation."""
        try:
            return self._key.sign(digest, scheme)
        except TokenError as error:
            log.warning("signing: %s: %s", type(error).__name__, error)
            raise KeyUnavailable(problem_of(error), passing=passes(error)) from error

    def reach(self) -> None:
        """Ask whether the key answers, without using it, and recover for a moment. Raises `KeyUnavailable`."""
        try:
            self._key.reach(_ASKING)
        except TokenError as error:
            log.warning("reaching the key: %s: %s", type(error).__name__, error)
            raise KeyUnavailable(problem_of(error), passing=passes(error)) from error

    def close(self) -> None:
        """Log out."""
        self._key.close()


def problem_of(error: TokenError) -> Problem:
    """The public problem of a token's error; an unknown fault is never called a wrong PIN."""
    text_vi, text_en = error.text_vi, error.text_en
    match error:
        case PinLocked():
            code = "pin-locked"
        case PinWrong() | PinLastTry():
            code = "pin-wrong"
        case TokenMissing():
            code = "token-missing"
            text_vi = (
                "Không thấy token hoặc HSM giữ khóa của con dấu. Hãy cắm lại token, hoặc kiểm tra HSM (nguồn, mạng)."
            )
            text_en = (
                "The token or HSM with the seal's key is not seen. Plug it in again, or check the HSM (power, network)."
            )
        case _:
            code = "token-fault"
    return Problem(code, text_vi, text_en)
