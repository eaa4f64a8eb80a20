"""`secondseal register checkpoint`, `log-key`: sign where the log stands, and put it out of this machine's reach."""

import argparse
import sys
from typing import Any

from register import CheckpointKey, last_checkpoint
from secondseal.settings import Settings


def add(verbs: Any) -> None:
    """checkpoint [--no-export]; log-key."""
    sign = verbs.add_parser(
        "checkpoint",
        help="sign where the register's log stands now, have it time-stamped, send it to every place of the settings",
        epilog="Example: secondseal register checkpoint",
    )
    sign.add_argument("--no-export", action="store_true", help="sign and stamp only")
    sign.set_defaults(act=_checkpoint)
    key = verbs.add_parser(
        "log-key",
        help="the public key checkpoints and proofs are checked with: keep it where the database is not",
        epilog="Example: secondseal register log-key > log.key",
    )
    key.set_defaults(act=_key)


def _checkpoint(options: argparse.Namespace, settings: Settings) -> int:
    # the network and the sandbox: nothing an audit needs
    from secondseal.keeper import Keeper
    from secondseal.wiring import build_desk, open_existing
    from store import read
    from verifier import Sandbox

    open_existing(settings.database)
    with Sandbox() as sandbox:
        desk = build_desk(settings, sandbox)
        failed = Keeper(settings, desk).keep([] if options.no_export else None)
        with read(desk.engine) as connection:
            point = last_checkpoint(connection)
    for one in failed:
        print(f"không xong · failed  {one}", file=sys.stderr)
    if point is not None:
        print(point.note, end="")
    return 1 if failed else 0


def _key(_options: argparse.Namespace, settings: Settings) -> int:
    print(CheckpointKey.load_or_create(settings.checkpoint_key, origin=settings.log_origin).verifier)
    return 0
