"""`secondseal webhooks ...`: the receivers of events, for the operator."""

import argparse
import sys

from sqlalchemy import Engine

from api.outbox import Receiver, WebhookKey, WebhookKeyUnsafe, receivers
from secondseal.settings import Settings, SettingsError, load_settings
from secondseal.wiring import now, open_existing, webhook_policy
from stamping import Refusal


def arguments(parser: argparse.ArgumentParser) -> None:
    """list, add, remove, secret, repeat."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser(
        "list",
        help="every receiver: how many events wait, arrived, and failed for good",
        epilog="Example: secondseal webhooks list",
    )
    add = verbs.add_parser(
        "add",
        help="a receiver of the office's own; prints its secret once",
        epilog="Example: secondseal webhooks add https://motcua.example.gov.vn/su-kien --event document.sealed",
    )
    add.add_argument("url", metavar="URL", help="https://host/path")
    add.add_argument("--event", action="append", default=[], metavar="TYPE", help="document.<state>; none: every kind")
    for verb, told, example in (
        ("remove", "send nothing there any more", "secondseal webhooks remove 0123456789abcdef"),
        (
            "secret",
            "a new secret, printed once; the one before signs for another day",
            "secondseal webhooks secret 0123456789abcdef",
        ),
        (
            "repeat",
            "send again what failed, to one that was silenced as well",
            "secondseal webhooks repeat 0123456789abcdef",
        ),
    ):
        verbs.add_parser(verb, help=told, epilog=f"Example: {example}").add_argument("id", metavar="ID")


def run(options: argparse.Namespace) -> int:
    """Exit status 1 where it cannot be done as asked."""
    settings = load_settings()
    engine = open_existing(settings.database)
    try:
        return _done(options, settings, engine)
    except Refusal as error:
        print(f"secondseal webhooks: {error.text_vi}\n{error.text_en}", file=sys.stderr)
        return 1


def _done(options: argparse.Namespace, settings: Settings, engine: Engine) -> int:
    match options.verb:
        case "list":
            for one in receivers.listed(engine, None):
                print(_line(one))
        case "add":
            made, secret = receivers.register(
                engine,
                _key(settings),
                webhook_policy(settings),
                url=options.url,
                events=options.event,
                client_id=None,
                by="người vận hành · operator",
                now=now(),
            )
            print(f"{made.id}\n{secret}")
        case "remove":
            receivers.remove(engine, options.id, None)
        case "secret":
            print(receivers.renew_secret(engine, _key(settings), options.id, None, now=now()))
        case "repeat":
            waiting = receivers.repeat(engine, options.id, None, now=now())
            print(f"{waiting} sự kiện chờ gửi · events wait to be sent")
    return 0


def _line(one: Receiver) -> str:
    state = "" if one.active else f" (tạm dừng · silenced: {one.why})"
    kinds = " ".join(one.events) or "*"
    return (
        f"{one.id:18} {one.url} {kinds}\n"
        f"{'':18} chờ · waiting {one.pending}, đã gửi · delivered {one.delivered}, "
        f"hỏng · failed {one.failed}, {one.created_by}{state}"
    )


def _key(settings: Settings) -> WebhookKey:
    try:
        return WebhookKey.load_or_create(settings.webhook_key)
    except WebhookKeyUnsafe as error:
        raise SettingsError(f"{error.text_vi}\n{error.text_en}") from error
    except OSError as error:
        raise SettingsError(f"webhook_key: {settings.webhook_key}: {error.strerror}") from error
