"""The office in force, for every process and command: founded once from its file, afterwards kept by the register."""

import hashlib
import logging
from contextlib import suppress
from pathlib import Path

from sqlalchemy import inspect

from office import Office, OfficeInvalid
from register import OfficeVersion, office_versions
from secondseal.kept_files import kept_files
from secondseal.settings import Settings, SettingsError
from secondseal.wiring import open_existing
from stamping import Refusal, names_of, office_acts, office_review, read_office
from store import migrate, read

log = logging.getLogger("secondseal.office")


def make_ready(desk: office_review.Keeping, settings: Settings) -> None:
    """Bring the database up to date and found the office where there is none yet. For a process that begins to serve.

    Raises `SettingsError` where there is nothing to found it from, or what there is cannot be used.
    """
    migrate(desk.engine)
    with read(desk.engine) as connection:
        version = office_versions.in_force(connection)
    if version is None:
        _found(desk, settings)
    elif (warning := differing(settings, version)) is not None:
        log.warning("%s", warning)


def differing(settings: Settings, version: OfficeVersion) -> str | None:
    """What to say where the office's file says something else than the version in force; None where it does not."""
    try:
        text, files = office_file(settings.office)
    except (OSError, UnicodeDecodeError, OfficeInvalid):
        text, files = None, {}
    if text is None and not settings.office.exists():
        return None
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    # a file that is not beside it would be taken from the version in force
    if text == version.proposal.text and hashes.items() <= version.proposal.files.items():
        return None
    return (
        f"{settings.office} differs from the office in force (version {version.number}) and has no effect; to propose "
        f"it: secondseal office import {settings.office} --why '...' --as ACCOUNT"
    )


def office_file(path: Path) -> tuple[str, dict[str, bytes]]:
    """An office's text with the files it names that can be read beside it. Raises `OfficeInvalid`, `OSError`,
    `UnicodeDecodeError`."""
    text = path.read_bytes().decode("utf-8")
    files: dict[str, bytes] = {}
    for name in names_of(text):
        with suppress(OSError, ValueError):  # ValueError: a name no file can have
            files[name] = (path.resolve().parent / name).read_bytes()
    return text, files


def institution(settings: Settings) -> Office:
    """The office in force, for commands that only look; where none is founded yet, as its file says.

    Raises `OfficeInvalid`, `OSError`.
    """
    version = version_in_force(settings)
    if version is None:
        return Office.load(settings.office)
    return read_office(version.proposal.text, version.proposal.files, kept_files(settings))


def version_in_force(settings: Settings) -> OfficeVersion | None:
    """The newest version of the register; None where there is no register yet, or no version in it."""
    try:
        engine = open_existing(settings.database)
    except SettingsError:
        return None
    try:
        with read(engine) as connection:
            # a database that waits for this version's migration
            if not inspect(connection).has_table("register_office_decisions"):
                return None
            return office_versions.in_force(connection)
    finally:
        engine.dispose()


def _why_founded(settings: Settings) -> str:
    """Kept for good and shown on pages: the file's name, not where it lies on the server."""
    return f"Lập từ tệp {settings.office.name} · Founded from {settings.office.name}"


def _found(desk: office_review.Keeping, settings: Settings) -> None:
    try:
        text, files = office_file(settings.office)
        number = office_acts.found(desk, text, files, why=_why_founded(settings))
    except OfficeInvalid as error:
        raise SettingsError(f"{settings.office} cannot be used:\n{error.text_vi}\n{error.text_en}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"There is no office yet, and {settings.office} cannot be read ({error}).") from error
    except Refusal as error:
        raise SettingsError(
            "There is no office yet, and this process cannot read the key to found it: start the seal worker first."
        ) from error
    if number is not None:
        log.info("the office is founded from %s: version %d is in force, by the operator", settings.office, number)
