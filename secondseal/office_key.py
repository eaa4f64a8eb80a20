"""Who may bring a version of the office into force: processes that can read the register's own key."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from register import CheckpointKey, SignVersion, sign_version
from secondseal.settings import Settings, SettingsError


def office_signer(settings: Settings) -> SignVersion | None:
    """Signs versions, by number and digest; None in a process that must not: where the web runs as a user of its own
    it cannot read the key."""
    return partial(_sign, settings) if _reachable(settings) else None


def office_key(settings: Settings) -> Callable[[], Ed25519PublicKey] | None:
    """Gives the key that versions are checked with; None where this process cannot read it."""
    return partial(_public, settings) if _reachable(settings) else None


@dataclass(frozen=True)
class HighestVersion:
    """The highest version of the office this machine ever believed, in a file beside the worker's other state."""

    file: Path

    def read(self) -> int:
        """0 before the first. Raises `SettingsError` for a file that holds no number."""
        try:
            return int(self.file.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0
        except ValueError as error:
            raise SettingsError(f"{self.file} holds no version of the office: look who wrote it.") from error

    def keep(self, number: int) -> None:
        """Never a lower one, and never half a number."""
        if number <= self.read():
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        aside = self.file.with_name(f"{self.file.name}.{os.getpid()}.new")
        with aside.open("w", encoding="ascii") as kept:
            kept.write(f"{number}\n")
            kept.flush()
            os.fsync(kept.fileno())
        aside.replace(self.file)


def highest_version(settings: Settings) -> HighestVersion:
    """Of this service."""
    return HighestVersion(settings.state / "office.version")


def _reachable(settings: Settings) -> bool:
    file = settings.checkpoint_key
    return os.access(file, os.R_OK) if file.exists() else os.access(_nearest(settings), os.W_OK | os.X_OK)


def _nearest(settings: Settings) -> str:
    folder = settings.checkpoint_key.parent
    while not folder.exists():
        folder = folder.parent
    return str(folder)


def _key(settings: Settings) -> CheckpointKey:
    return CheckpointKey.load_or_create(settings.checkpoint_key, origin=f"{settings.log_origin}/office")


def _sign(settings: Settings, number: int, digest: str) -> str:
    return sign_version(_key(settings), number, digest)


def _public(settings: Settings) -> Ed25519PublicKey:
    return _key(settings).public_key
