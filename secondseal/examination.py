"""One seal's key examined: its certificate's dates, its token, a value signed and checked.

The worker does it at an interval (`canary`), the doctor at once; what is found, and in which words, is the same.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from hsm import KeyUri, Scheme, TokenError, TokenInfo, find_token, from_pem, list_tokens
from office import Seal
from secondseal import findings, token_findings
from secondseal.findings import Finding
from secondseal.keys import KeyInSoftware, SealKey, SealKeys, Which
from secondseal.settings import Settings
from stamping import KeyUnavailable

_PREFIX: Final = b"Second Seal canary\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was found about one key; `findings` is never empty."""

    seal: Seal
    which: Which
    address: str
    """The key's URI without module and PIN source."""
    findings: tuple[Finding, ...]
    certificate: x509.Certificate | None = None
    token: TokenInfo | None = None
    latency_s: float | None = None
    operations: int = 0
    recoveries: Mapping[str, int] = field(default_factory=dict)
    may_cost_a_try: bool = False
    """Looking again could use up a PIN try: a person must act first."""
    passing: bool = False
    """The key did not answer, and may do so again without a person."""

    @property
    def result(self) -> Finding:
        """The finding that decides."""
        return findings.worst(self.findings)


def examine(seal: Seal, which: Which, keys: SealKeys, settings: Settings, *, now: datetime) -> Examination:
    """Open the key if it is not, sign one value with it and check that. One key operation at most.

    Whether it answers at all is asked first, and not for long: documents may wait. A PIN is sent only where the record
    of logins allows it. The value signed can be no document's: it is the hash of a text of our own and 32 random bytes.
    """
    place = seal.key_on(now) if which == "current" else seal.waiting_on(now)
    if place is None or place.key is None or place.certificate is None:
        return Examination(seal=seal, which=which, address="", findings=(findings.not_configured(),))
    path = settings.home / place.certificate
    seen = Examination(seal=seal, which=which, address=_address(place.key), findings=())
    try:
        certificate = from_pem(path.read_bytes())
    except (OSError, ValueError) as error:
        return replace(seen, findings=(findings.certificate_unreadable(_shown(path), str(error)),))
    used_from = seal.next.since if which == "next" and seal.next is not None else now
    found = findings.validity(
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        used_from=max(now, used_from),
        warn_days=settings.expiry_warning_days,
    )
    seen = replace(seen, certificate=certificate)
    token = _with_keypad(place.key)
    if token is not None:
        return replace(seen, findings=(*found, findings.keypad(token)), token=token)
    try:
        key = keys.open_for(seal, which)
        key.reach()
        began = time.monotonic()
        key.sign(_value(key.scheme), key.scheme)
        latency = time.monotonic() - began
    except KeyUnavailable as error:
        return replace(
            seen,
            findings=(*found, _of(error, place.key, path)),
            may_cost_a_try=token_findings.unclear_login(error.__cause__),
            passing=error.passing,
        )
    seen = _counted(seen, key)
    return replace(seen, findings=(*found, findings.signed(key.token, seal.device_level)), latency_s=latency)


def _counted(seen: Examination, key: SealKey) -> Examination:
    recoveries = {rung.name.lower(): times for rung, times in sorted(key.recoveries.items())}
    return replace(seen, token=key.token, operations=key.operations, recoveries=recoveries)


def _with_keypad(uri: str) -> TokenInfo | None:
    try:
        token = find_token(KeyUri.parse(uri))
    except TokenError:
        return None  # opening it says why, or recovers
    return token if token.keypad else None


def _value(scheme: Scheme) -> bytes:
    text = _PREFIX + secrets.token_bytes(32)
    return (hashlib.sha384 if scheme == "ecdsa-sha384" else hashlib.sha256)(text).digest()


def _of(error: KeyUnavailable, uri: str, certificate: Path) -> Finding:
    if isinstance(error, KeyInSoftware):
        return findings.in_software()
    cause = error.__cause__
    if isinstance(cause, TokenError):
        return token_findings.of_error(cause, _sought(uri, certificate))
    return Finding(code=error.problem.code, state="fault", text_vi=error.problem.text_vi, text_en=error.problem.text_en)


def _sought(uri: str, certificate: Path) -> token_findings.Sought:
    try:
        named = KeyUri.parse(uri)
    except TokenError:
        return token_findings.Sought(token="", module="", certificate=_shown(certificate))
    module = named.module_path or ""
    seen: tuple[str, ...] | None = None
    try:
        seen = tuple(f"{token.label} ({token.serial})" for token in list_tokens(module)) if module else None
    except TokenError:
        seen = None  # the driver answers nothing: the finding itself says why
    token = named.token or named.serial or named.model or ""
    return token_findings.Sought(token=token, module=module, certificate=_shown(certificate), seen=seen)


def _shown(certificate: Path) -> str:
    """A kept certificate is named by its SHA-256: as much of it as people compare."""
    name = certificate.name
    return f"{name[:16]}…" if re.fullmatch("[0-9a-f]{64}", name) else str(certificate)


def _address(uri: str) -> str:
    try:
        return str(replace(KeyUri.parse(uri), module_path=None, pin_source=None))
    except TokenError:
        return ""
