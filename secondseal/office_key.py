"""Who may bring a version of the office into force: processes that can read the register's own key."""

import os
from collections.abc import Callable
from functools import partial

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from register import CheckpointKey, SignVersion, sign_version
from secondseal.settings import Settings


def office_signer(settings: Settings) -> SignVersion | None:
    """Signs versions, by number and digest; None in a process that must not: where the web runs as a user of its own
    it cannot read the key."""
    return partial(_sign, settings) if _reachable(settings) else None


def office_key(settings: Settings) -> Callable[[], Ed25519PublicKey] | None:
    """Gives the key that versions are checked with; None where this process cannot read it."""
    return partial(_public, settings) if _reachable(settings) else None


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
