"""The officer before the program: sees the list, opens papers, agrees or stops, types the PIN."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from getpass import getpass
from pathlib import Path
from typing import Protocol

from hsm import PinPrompt, PinSource

from .messages import ApprovalList
from .problems import BatchStopped, own_problem
from .seats import Seat
from .words import Language, say

_YES = {"ký", "ky", "sign"}
_SURE = {"tôi chắc", "toi chac", "i am sure"}


class Person(Protocol):
    """Who decides. Nothing is signed unless `agrees` answered True to this very list."""

    def agrees(self, listed: ApprovalList, files: Mapping[str, Path], seat: Seat, unnamed: Mapping[str, int]) -> bool:
        """Show the list; `files` maps document ids to the downloaded PDFs, `unnamed` to how many attachments the
        signature binds that the service has not named."""

    def consents_to_last_try(self, text: str) -> bool:
        """One PIN try is left."""

    def pin(self, seat: Seat) -> PinSource:
        """Where the PIN comes from."""

    def tell(self, text: str) -> None:
        """A line for the person to read."""


class PersonAtTerminal:
    """Asks on the terminal. The PIN is typed unseen and only after the list was agreed to."""

    def __init__(self, language: Language, read: Callable[[str], str] = input) -> None:
        self._language = language
        self._read = read

    def agrees(self, listed: ApprovalList, files: Mapping[str, Path], seat: Seat, unnamed: Mapping[str, int]) -> bool:
        """Until the person signs or stops, papers can be opened by their number."""
        show_list(self.tell, self._language, listed, seat, unnamed)
        while True:
            answer = self._read(say(self._language, "ask")).strip().casefold()
            if not answer:
                return False
            if answer in _YES:
                return True
            number = answer.removeprefix("o").strip()
            if number.isdecimal():
                self._open(listed, files, int(number))

    def consents_to_last_try(self, text: str) -> bool:
        """Typed in words, so that no Enter pressed by habit locks a token."""
        self.tell(text)
        return self._read(say(self._language, "last-try")).strip().casefold() in _SURE

    def pin(self, seat: Seat) -> PinSource:
        """Asked on the terminal when the token needs it."""
        return PinPrompt(say(self._language, "pin", token=seat.token.label), getpass)

    def tell(self, text: str) -> None:
        """To the terminal."""
        print(plain(text), flush=True)  # noqa: T201

    def _open(self, listed: ApprovalList, files: Mapping[str, Path], number: int) -> None:
        if not 1 <= number <= len(listed.documents):
            self.tell(say(self._language, "no-such", index=number))
            return
        path = files[listed.documents[number - 1].id]
        self.tell(say(self._language, "opened" if open_file(path) else "not-opened", path=path))


class PersonAgreedBefore:
    """No one is asked: the person agreed on the command line (`--yes`), and the PIN comes from a file.

    `unnamed`: they agreed to attachments that the service does not name, too (`--unnamed-attachments`).
    """

    def __init__(self, language: Language, pin: PinSource, *, unnamed: bool = False) -> None:
        self._language = language
        self._pin = pin
        self._unnamed = unnamed

    def agrees(
        self,
        listed: ApprovalList,
        files: Mapping[str, Path],  # noqa: ARG002
        seat: Seat,
        unnamed: Mapping[str, int],
    ) -> bool:
        """The list is still shown. Raises `BatchStopped` where a signature binds what nobody was told of."""
        show_list(self.tell, self._language, listed, seat, unnamed)
        hiding = sum(1 for count in unnamed.values() if count)
        if hiding and not self._unnamed:
            raise BatchStopped(own_problem(self._language, "agent-refused", "unnamed-refused", count=hiding))
        return True

    def consents_to_last_try(self, text: str) -> bool:
        """Never without a person."""
        self.tell(text)
        return False

    def pin(self, seat: Seat) -> PinSource:  # noqa: ARG002
        """The given source."""
        return self._pin

    def tell(self, text: str) -> None:
        """To the standard output."""
        print(plain(text), flush=True)  # noqa: T201


def show_list(
    tell: Callable[[str], None], language: Language, listed: ApprovalList, seat: Seat, unnamed: Mapping[str, int]
) -> None:
    """The list in plain lines: number, title, holder, pages, the hash of what is signed; and the attachments, or how
    many the service has not named."""
    tell(say(language, "list", name=listed.officer_name, count=len(listed.documents)))
    until = f"{seat.certificate.not_valid_after_utc:%d/%m/%Y}"
    tell(say(language, "certificate", subject=seat.name, until=until, token=seat.token.label))
    for index, document in enumerate(listed.documents, 1):
        tell(say(language, "row", index=index, number=document.number, title=document.title))
        more = _extent(document.pages, document.document_digest)
        tell(say(language, "row-more", holder=document.holder, **more))
        if document.attachments:
            tell(say(language, "attached", count=len(document.attachments)))
        if unnamed.get(document.id):
            tell(say(language, "unnamed", count=unnamed[document.id]))
        for n, one in enumerate(document.attachments or (), 1):
            tell(say(language, "attached-row", n=n, title=one.title, **_extent(one.pages, one.sha256)))
    tell(say(language, "checked"))
    hiding = sum(1 for count in unnamed.values() if count)
    if hiding:
        tell(say(language, "unnamed-any", count=hiding))


def _extent(pages: int, digest: bytes) -> dict[str, object]:
    return {"pages": pages, "pages_word": "page" if pages == 1 else "pages", "digest": digest.hex()[:16]}


def plain(text: str) -> str:
    """One line without anything that could move the terminal's cursor: parts of it are the service's words."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:2000]


def open_file(path: Path) -> bool:
    """With the system's viewer, where there is one."""
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606
        return True
    program = "open" if sys.platform == "darwin" else "xdg-open"
    try:
        subprocess.Popen([program, str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    except OSError:
        return False
    return True
