"""What the commands work with: the database, the office's file, the clock; and who they say did it."""

import argparse
import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO

from sqlalchemy import Engine

from office import Office, issuing
from secondseal.institution import version_in_force
from secondseal.kept_files import kept_files
from secondseal.office_key import office_key
from secondseal.settings import Settings
from secondseal.wiring import now, open_existing
from stamping import OfficeInForce
from store import open_database


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandDesk:
    """A `stamping.BookDesk`."""

    engine: Engine
    office: Callable[[], Office]
    clock: Callable[[], datetime]


def desk_of(settings: Settings) -> CommandDesk:
    """The service's database and office. Raises `SettingsError` where there is no database yet."""
    engine = open_existing(settings.database)
    # asked for within a transaction: a pool of its own
    kept: Callable[[], Office] = OfficeInForce(
        open_database(settings.database), kept_files(settings), office_key(settings)
    )
    founded = version_in_force(settings) is not None
    return CommandDesk(engine=engine, office=kept if founded else partial(Office.load, settings.office), clock=now)


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """A file that stands there whole or not at all: what fails half-way leaves the one before."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        part = Path(file.name)
        try:
            yield file
        except BaseException:
            part.unlink()
            raise
    part.chmod(0o640)
    part.replace(path)


def by(parser: argparse.ArgumentParser) -> None:
    """--by NAME."""
    parser.add_argument("--by", help="who does it, for the register; default: this machine's user")


def actor(options: argparse.Namespace) -> str:
    """As the register names them."""
    return str(options.by or f"command:{pwd.getpwuid(os.getuid()).pw_name}")


def only_organisation(desk: CommandDesk, named: str | None) -> str:
    """The one that was named, else the office's one organisation that issues papers now; "" where there are several."""
    if named is not None:
        return named
    found = issuing(desk.office(), desk.clock())
    return found[0].code if len(found) == 1 else ""
