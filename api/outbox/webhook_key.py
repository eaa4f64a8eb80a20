"""The key of all webhooks' secrets, and the signature a receiver checks (Standard Webhooks 1.0.0, symmetric).

A receiver's secret is made of this key and a salt kept in its row, so that a copy of the database holds no secret and
signs nothing. The key is a file of 32 random bytes for the web process and the courier; several machines share it.
"""

import base64
import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

_SIZE: Final = 32
PREFIX: Final = "whsec_"


class WebhookKeyUnsafe(Exception):
    """The key's file may be read by others, or holds no key. `text_vi` and `text_en` are sentences for the operator."""

    def __init__(self, path: Path, why_vi: str, why_en: str) -> None:
        super().__init__(f"{path}: {why_en}")
        self.text_vi = f"Khóa webhook {path}: {why_vi}"
        self.text_en = f"The webhook key {path}: {why_en}"


@dataclass(frozen=True, slots=True)
class WebhookKey:
    """What all secrets are made of."""

    _key: bytes = field(repr=False)

    @classmethod
    def load_or_create(cls, path: Path) -> "WebhookKey":
        """Read the key, or make it once with mode 0600; a file that is there is never replaced. Raises
        `WebhookKeyUnsafe`, `OSError`."""
        if not path.exists():
            _create(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise WebhookKeyUnsafe(path, "người khác đọc được; quyền phải là 0600", "others can read it; mode 0600")
        content = path.read_bytes()
        if len(content) != _SIZE:
            raise WebhookKeyUnsafe(path, f"không phải {_SIZE} byte", f"it is not {_SIZE} bytes")
        return cls(content)

    def secret(self, salt: str) -> str:
        """A receiver's secret as it is shown once: `whsec_` and 32 bytes in base64."""
        return PREFIX + base64.b64encode(hmac.digest(self._key, f"webhook {salt}".encode(), "sha256")).decode("ascii")


def new_salt() -> str:
    """Of a new secret."""
    return secrets.token_hex(16)


def fingerprint(secret: str) -> str:
    """By which a secret is known again without being kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def signed_headers(event_id: str, at: datetime, body: bytes, *keys: str) -> dict[str, str]:
    """The headers a receiver checks; one signature for each secret that is good now."""
    timestamp = str(int(at.timestamp()))
    signed = f"{event_id}.{timestamp}.".encode() + body
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in keys),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode("ascii")


def _create(path: Path) -> None:
    """Whole or not at all: of two processes that start together, the second reads the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_SIZE))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            return
    finally:
        fresh.unlink()
