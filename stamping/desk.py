"""Everything one desk of the office works with, brought together once by `secondseal` and handed to every act."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from office import Office
from register import SignVersion
from signer import Level, Sources
from stamping.files_away import FilesAway
from store import Files
from templates import Catalogue, built_in
from trust import TrustStore
from verifier import PatientSandbox, Policy, Sandbox


class BookDesk(Protocol):
    """What an act of the register alone works with: no files, no keys, no authorities. Every `Desk` is one."""

    @property
    def engine(self) -> Engine: ...
    @property
    def office(self) -> Callable[[], Office]: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A seal worker among those that share a database. No two at work have one name.

    `lease`: how long a document in its hands is left to it without a sign of life, by the database's clock. `files`:
    what it said of files that are away.
    """

    name: str = ""
    lease: timedelta = timedelta(seconds=60)
    files: FilesAway = field(default_factory=FilesAway, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Database, files, the institution, trust and time.

    `office` answers with the institution in force now (it may be changed while the service runs), `clock` with the time
    in UTC. `home` is the folder that relative paths of an office read from its file stand in. `public_url` has no
    trailing slash and is printed on papers; `system` names this service in the papers' data. `sign_office` signs a
    version of the institution by number and digest; None in a process that cannot read the register's own key. `worker`
    is who takes the turns of documents to be sealed, in the seal worker's process. `papers` are those it can make.
    """

    engine: Engine
    files: Files
    office: Callable[[], Office]
    home: Path
    store: TrustStore
    sources: Sources
    sandbox: Sandbox | PatientSandbox
    policy: Policy
    clock: Callable[[], datetime]
    public_url: str
    system: str
    level: Level
    sign_office: SignVersion | None = None
    worker: Worker = field(default_factory=Worker)
    papers: Catalogue = field(default_factory=built_in)
