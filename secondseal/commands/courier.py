"""`secondseal courier`: sends events to webhooks."""

import argparse
import logging
import signal
import threading
from types import FrameType

from api.outbox import WebhookKey, WebhookKeyUnsafe
from secondseal.courier import Courier
from secondseal.settings import SettingsError, load_settings
from secondseal.wiring import now, webhook_policy
from store import migrate, open_database

log = logging.getLogger("secondseal.courier")


def arguments(_parser: argparse.ArgumentParser) -> None:
    """None: everything is in the settings."""


def run(_options: argparse.Namespace) -> int:
    """Send until SIGTERM or SIGINT."""
    settings = load_settings()
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    try:
        key = WebhookKey.load_or_create(settings.webhook_key)
    except WebhookKeyUnsafe as error:
        raise SettingsError(f"{error.text_vi}\n{error.text_en}") from error
    except OSError as error:
        raise SettingsError(f"webhook_key: {settings.webhook_key}: {error.strerror}") from error
    engine = open_database(settings.database)
    migrate(engine)
    log.info("ready")
    Courier(engine, key, webhook_policy(settings), public_url=settings.public_url, clock=now).run(stop)
    return 0
