"""The institution as it is in force: the newest version of the register, read once and kept until another follows."""

import hashlib
import logging
import threading
from collections.abc import Callable
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Engine

from office import Office, OfficeInvalid, changes
from register import OfficeVersion, is_signed, office_versions
from stamping.office_changes import told_changes
from stamping.office_text import read_office
from stamping.refusal import Refusal
from store import Files, read

log = logging.getLogger("secondseal.office")


class Highest(Protocol):
    """The highest version ever believed, kept where whoever fills the database cannot write."""

    def read(self) -> int:
        """0 before the first."""

    def keep(self, number: int) -> None:
        """Remember this one, unless a higher one is."""


class OfficeInForce:
    """Answers with the institution in force now; every process that holds one sees a new version at its next act.

    Each call asks the database which version that is. It is asked from within other transactions, so `engine` is best
    one of its own: who waits for a connection here must not hold one that another waits for.

    `key` gives the key that versions are signed with. Whoever has it believes the rows no further than that: a version
    without its signature is in force only where it follows one that is, and opens no way to a seal or a signature. It
    goes back to no earlier version than the highest it ever believed; `highest` remembers that over restarts.
    """

    def __init__(
        self,
        engine: Engine,
        files: Files,
        key: Callable[[], Ed25519PublicKey] | None = None,
        highest: Highest | None = None,
    ) -> None:
        self._engine = engine
        self._files = files
        self._key = key
        self._highest = highest
        self._lock = threading.Lock()
        self._held: tuple[int, Office] | None = None

    def __call__(self) -> Office:
        """Raises `Refusal` office-invalid where there is no version yet, or where it cannot be read: nothing is
        approved or stamped on what cannot be read."""
        held = self._held  # before the database is asked: what it says after that is no older
        with read(self._engine) as connection:
            number = office_versions.newest(connection)
            if held is not None and number == held[0]:
                return held[1]
            version = None if number is None else office_versions.version(connection, number)
        if version is None:
            raise Refusal(
                "office-invalid",
                "Chưa có phiên bản nào của cơ quan có hiệu lực. Hãy báo người quản trị.",
                "No version of the office is in force yet. Tell the administrator.",
            )
        office = self._read(version)
        self._check(version, office, held)
        with self._lock:
            taken_up = self._held is held
            if taken_up:
                if self._key is not None and self._highest is not None:
                    self._highest.keep(version.number)
                self._held = version.number, office
        if taken_up:
            _tell(version)
        return office

    def _read(self, version: OfficeVersion) -> Office:
        try:
            return read_office(version.proposal.text, version.proposal.files, self._files)
        except OfficeInvalid as error:
            log.error("version %d of the office: %s", version.number, error)  # noqa: TRY400 - the text lists all of it
            raise Refusal(
                "office-invalid",
                f"Phiên bản {version.number} của cơ quan có lỗi nên chưa làm được việc này. Hãy báo người quản trị.",
                f"Version {version.number} of the office has errors, so this cannot be done. Tell the administrator.",
            ) from error

    def _check(self, version: OfficeVersion, office: Office, held: tuple[int, Office] | None) -> None:
        """Back from a version to one that was signed, or believed before. Raises `Refusal` office-invalid."""
        if self._key is None:
            return
        key, newest = self._key(), version.number
        believed = max(0 if held is None else held[0], 0 if self._highest is None else self._highest.read())
        if newest < believed:
            # signed as it may be: what came after it, such as an officer's end, was cut off
            log.critical("version %d of the office is gone from the database: nothing is done on %d", believed, newest)
            raise Refusal(
                "office-invalid",
                f"Phiên bản {believed} của cơ quan đã mất khỏi cơ sở dữ liệu, nên không quay lại dùng phiên bản "
                f"{newest}. Hãy báo người quản trị ngay: cơ sở dữ liệu có thể đã bị sửa.",
                f"Version {believed} of the office is gone from the database, and version {newest} is not gone back "
                "to. Tell the administrator at once: the database may have been tampered with.",
            )
        while (held is None or version.number != held[0]) and not _signed(version, key):
            before = self._before(version, held)
            if before is None or any(change.second_person for change in changes(before[1], office)):
                log.critical(
                    "version %d of the office was put into the database past the register's key: nothing is done on it",
                    version.number,
                )
                raise Refusal(
                    "office-invalid",
                    f"Phiên bản {newest} của cơ quan không do khoá của sổ ký, nên không dùng được. Hãy báo người quản "
                    "trị ngay: cơ sở dữ liệu có thể đã bị sửa.",
                    f"Version {newest} of the office does not rest on the register's own signature, so it is not used. "
                    "Tell the administrator at once: the database may have been tampered with.",
                )
            version, office = before

    def _before(self, version: OfficeVersion, held: tuple[int, Office] | None) -> tuple[OfficeVersion, Office] | None:
        if version.number == 1:
            return None
        with read(self._engine) as connection:
            before = office_versions.version(connection, version.number - 1)
        # what was believed is compared as it was read then: its row may have been rewritten since
        known = held[1] if held is not None and before.number == held[0] else None
        return before, known or self._read(before)


def _signed(version: OfficeVersion, key: Ed25519PublicKey) -> bool:
    proposal = version.proposal
    # the digest speaks of the text's hash; the text itself is held against it here
    whole = hashlib.sha256(proposal.text.encode()).hexdigest() == proposal.sha256
    return whole and is_signed(version.decision.signature, key, version.number, proposal.digest)


def _tell(version: OfficeVersion) -> None:
    """In the log of each process that goes by it: the worker's is out of the web process's reach."""
    log.info(
        "version %d of the office is in force: proposed by %s, confirmed by %s at %s: %s",
        version.number,
        version.proposal.by.account,
        version.decision.by,
        version.decision.at.isoformat(timespec="seconds"),
        "; ".join(one.text_en for one in told_changes(version.proposal)) or version.proposal.why,
    )
