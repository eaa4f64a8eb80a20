"""One list, from its ticket to the last signature.

1 read the list · 2 choose the certificate · 3 offer it · 4 read the prepared list · 5 download and check every paper ·
6 show them and ask · 7 log in once · 8 sign one by one and hand each back.
Up to step 7 anything wrong stops the batch with nothing signed. In step 8 a paper's own problem stays with that paper;
a problem of the token, the PIN or the connection stops the batch, and what was signed stays signed.
"""

import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from hsm import HsmKey, KeyUri, PinLastTry, TokenError, open_key

from .check import DocumentRefused, check_document
from .members import Problem
from .messages import ApprovalList, PreparedDocument
from .page_messages import JobProgress
from .person import Person
from .problems import PREFIX, BatchStopped, own_problem, problem_of, words_of
from .seats import Seat, choose, find_seats
from .service import Approval, ServiceProblem, ServiceUnreachable
from .words import Language, say

_ENDS_THE_BATCH = frozenset({401, 410})
"""The ticket is spent: no further paper would fare better."""


@dataclass(frozen=True, kw_only=True)
class TokenChoice:
    """Where the officer's token is: its driver, and label or serial where several are plugged in."""

    module: Path
    token: KeyUri
    state: Path
    """Folder where failed logins are counted."""
    certificate: bytes | None = None
    """SHA-256 of the certificate to use, where there are several."""


class Batch:
    """Runs once. `progress` may be read from other threads meanwhile."""

    def __init__(
        self,
        approval: Approval,
        choice: TokenChoice,
        person: Person,
        language: Language = "vi",
        opened: Callable[[HsmKey], None] | None = None,
    ) -> None:
        """`opened` is told of the key once it is open, for those who count its operations."""
        self._approval = approval
        self._choice = choice
        self._person = person
        self._language = language
        self._opened = opened
        self._turn = threading.Lock()
        self._progress = JobProgress(id=approval.id, state="waiting", total=0, done=0, refused=0, problem=None)

    @property
    def progress(self) -> JobProgress:
        """As it stands."""
        with self._turn:
            return self._progress

    def run(self) -> JobProgress:
        """The whole batch. Raises nothing the protocol knows: what went wrong is in the answer's `problem`."""
        try:
            self._run()
        except (BatchStopped, DocumentRefused, ServiceProblem, ServiceUnreachable, TokenError) as error:
            self.stop(problem_of(error, self._language))
        except OSError as error:
            self.stop(
                own_problem(self._language, "agent-fault", "no-room", 500, why=error.strerror or type(error).__name__)
            )
        finally:
            self._approval.close()
        return self.progress

    def stop(self, problem: Problem) -> None:
        """End the batch as failed."""
        self._note(state="failed", problem=problem)
        now = self.progress
        why = words_of(problem)
        self._person.tell(say(self._language, "stopped", why=why, done=now.done, total=now.total))

    def _run(self) -> None:
        self._note(state="preparing")
        asked = self._approval.read()  # 1
        seats = find_seats(self._choice.module, self._choice.token)
        wanted = self._choice.certificate or asked.certificate_sha256
        seat = choose(seats, wanted, self._language)  # 2
        self._approval.offer(seat.der)  # 3
        listed = self._approval.read()  # 4
        self._require_ours(listed, seat)
        self._note(total=len(listed.documents))
        with tempfile.TemporaryDirectory(prefix="secondseal-") as folder:
            files = {
                document.id: Path(folder) / f"{index:04d}.pdf" for index, document in enumerate(listed.documents, 1)
            }
            unnamed = {one.id: self._fetch(one, seat, files[one.id]) for one in listed.documents}  # 5
            self._note(state="asking")
            if not self._person.agrees(listed, files, seat, unnamed):  # 6
                raise BatchStopped(own_problem(self._language, "cancelled", "cancelled"))
            with closing(self._open(seat)) as key:  # 7
                if self._opened is not None:
                    self._opened(key)
                self._note(state="signing")
                for document in listed.documents:  # 8
                    self._sign(key, document)
        self._note(state="done")
        now = self.progress
        self._person.tell(say(self._language, "summary", done=now.done, refused=now.refused, total=now.total))

    def _require_ours(self, listed: ApprovalList, seat: Seat) -> None:
        if listed.certificate_sha256 != seat.sha256:
            raise BatchStopped(own_problem(self._language, "agent-refused", "other-list"))
        if listed.expires_at <= datetime.now(UTC):
            raise BatchStopped(own_problem(self._language, "list-expired", "expired"))
        if not listed.documents:
            raise BatchStopped(own_problem(self._language, "nothing-to-sign", "nothing"))

    def _fetch(self, document: PreparedDocument, seat: Seat, path: Path) -> int:
        """Into `path`, once it is checked; how many attachments it binds that the service has not named."""
        pdf = self._approval.download(document)
        unnamed = check_document(document, pdf, seat.certificate)
        path.write_bytes(pdf)
        return unnamed

    def _open(self, seat: Seat) -> HsmKey:
        uri = replace(seat.token.uri, id=seat.key_id or None)
        pin = self._person.pin(seat)
        log_in = partial(
            open_key,
            uri,
            pin,
            certificate=seat.certificate,
            state=self._choice.state,
            sessions=1,
            # Whether the officer's key can leave their own token was settled by whoever issued it.
            require_non_extractable=False,
        )
        try:
            return log_in()
        except PinLastTry as error:
            text = error.text_vi if self._language == "vi" else error.text_en
            if not self._person.consents_to_last_try(text):
                raise
            return log_in(allow_last_try=True)

    def _sign(self, key: HsmKey, document: PreparedDocument) -> None:
        signature = key.sign(document.digest, document.scheme)
        try:
            outcome = self._approval.reply(document, signature)
        except ServiceProblem as error:
            if error.problem.status in _ENDS_THE_BATCH:
                raise
            self._refused(document, error.problem)
            return
        if outcome.state != "approved":
            self._refused(document, Problem(type=PREFIX + "not-approved", title=outcome.state, status=409))
            return
        self._note(done=self.progress.done + 1)
        now = self.progress
        shown = {"number": document.number, "title": document.title}
        self._person.tell(say(self._language, "signed", done=now.done, total=now.total, **shown))

    def _refused(self, document: PreparedDocument, problem: Problem) -> None:
        now = self.progress
        self._note(refused=now.refused + 1, documents=(*now.documents, (document.id, problem)))
        why = words_of(problem)
        self._person.tell(say(self._language, "refused", number=document.number, title=document.title, why=why))

    def _note(self, **changes: object) -> None:
        with self._turn:
            self._progress = replace(self._progress, **changes)  # type: ignore[arg-type]
