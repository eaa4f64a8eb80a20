"""An office at work on real parts: PKI on loopback, the seal's key on SoftHSM, SQLite, the verifier's sandbox.

def test_something(desk_with):
    place = desk_with()                    # a fresh office; options as in `Place.make`
    document = place.paper()               # generated, waits for the officer
    place.approve(document.id)             # the officer's key signs
    place.confirm(document.id)             # the custodian confirms
    place.stamp()                          # the worker's turn
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_csr
from sqlalchemy import Engine

from hsm import CeremonyPlan, HsmKey, PinValue, make_key, open_key, subject_name
from office import Seal, demo_office_text
from register import CheckpointKey, Mover, office_versions, sign_version
from secondseal.demo.pki import Pki
from secondseal.institution import office_file
from signer import Level, Sources
from stamping import (
    Applicant,
    Desk,
    DocumentView,
    NewAttachment,
    NewDocument,
    NewDossier,
    NewForeign,
    OfficeInForce,
    approvals,
    confirmations,
    documents,
    office_acts,
    passage,
    receiving,
)
from store import Files, FolderFiles, migrate, open_database, read, vietnam_date
from templates import sample_seal_png, sample_signature_png
from tests.pki.fixtures import MakeKey
from tests.pki.software_key import SoftwareKey
from tests.templates.examples import sample_data
from tests.tokens.fixtures import USER_PIN, TokenFarm
from trust import NetworkPolicy, RevocationClient, TimestampClient, TrustStore
from verifier import Policy, Sandbox

ORGANISATION = "M01.X1"
ORGANISATION_NAME = "ỦY BAN NHÂN DÂN XÃ MẪU"
PROCEDURE = "1.001612"
OFFICER = "pho-chu-tich"
OFFICER_NAME = "Trần Thị Mẫu"
HEAD = "chu-tich"
HEAD_NAME = "Nguyễn Văn Mẫu"
"""Whom the papers of the foreign corpus name as their signer."""
CUSTODIAN = "van-thu"
SEAL = "x1-2"
FIRST = Mover(account="quan-tri-1", name="Đinh Văn Mẫu")
SECOND = Mover(account="quan-tri-2", name="Bùi Thị Mẫu")
"""The administrators: one proposes, the other confirms."""


@dataclass(kw_only=True)
class Place:
    """A fresh office. `seal_key.operations` counts what the seal's token signed."""

    desk: Desk
    worker: Desk
    fresh_sources: Callable[[], Sources]
    officer_key: SoftwareKey
    head_key: SoftwareKey
    seal_key: HsmKey
    office_text: str
    _dossiers: int = field(default=0)

    def clock(self) -> datetime:
        """What time it is at this desk."""
        return self.desk.clock()

    def today(self) -> date:
        """What day it is in Viet Nam: from 17:00 UTC not the day of UTC any more."""
        return vietnam_date(self.clock())

    def restart_worker(self) -> None:
        """The seal worker starts anew: it goes on from the database and remembers no answer of the authorities."""
        self.worker = replace(self.desk, sources=self.fresh_sources())
        passage.recover(self.worker)

    def paper(self, *, attached: Sequence[NewAttachment] = (), **changes: Any) -> DocumentView:
        """A generated paper of the demo procedure, with separate attachments where some are given."""
        new = NewDocument(
            dossier=self.dossier(),
            organisation=ORGANISATION,
            data=sample_data(),
            officer_id=OFFICER,
        )
        return receiving.create(self.desk, replace(new, **changes), "một cửa", attached=attached)

    def foreign(self, pdf: bytes, *, attached: Sequence[NewAttachment] = (), **changes: Any) -> DocumentView:
        """A PDF of another program, taken in."""
        new = NewForeign(
            dossier=self.dossier(), organisation=ORGANISATION, title="Giấy xác nhận", subject="mẫu", officer_id=HEAD
        )
        return receiving.create_from_pdf(self.desk, pdf, replace(new, **changes), "một cửa", attached=attached)

    def dossier(self) -> NewDossier:
        """A fresh dossier, received and appraised within the last hours."""
        self._dossiers += 1
        now = self.clock()
        return NewDossier(
            code=f"000.00.16.H05-261118-{self._dossiers:04d}",
            procedure=PROCEDURE,
            applicant=Applicant(name="Phạm Thị Mẫu", id_number="000000000001", phone="0200000001", address="Thôn Mẫu"),
            received_at=now - timedelta(hours=5),
            received_by="Phạm Văn Mẫu",
            due_at=None,
            appraised_at=now - timedelta(hours=1),
            appraised_by="Đỗ Thị Mẫu",
        )

    def approve(self, *document_ids: str, key: SoftwareKey | None = None) -> None:
        """The officer opens a list, the token signs what was prepared, the service takes it."""
        officer = documents.view(self.desk, document_ids[0]).officer_id
        key = key or (self.head_key if officer == HEAD else self.officer_key)
        ticket = approvals.open_list(self.desk, document_ids, officer, "cán bộ")
        der = key.certificate.public_bytes(Encoding.DER)
        for item in approvals.use_certificate(self.desk, ticket.id, der).documents:
            assert item.state == "prepared", item.problem
            assert item.digest is not None
            signature = key.sign(bytes.fromhex(item.digest), key.scheme)
            approvals.submit(self.desk, ticket.id, item.id, signature)

    def confirm(self, *document_ids: str, stepped_up_at: datetime | None = None) -> str:
        """The custodian confirms exactly these documents, freshly authenticated."""
        pending = {view.id: view for view in confirmations.pending(self.desk, CUSTODIAN).documents}
        shown = [pending[one].list_item for one in document_ids]
        return confirmations.confirm(
            self.desk,
            document_ids,
            confirmations.list_sha256(shown),
            custodian_id=CUSTODIAN,
            account="vanthu",
            stepped_up_at=stepped_up_at or self.clock(),
        )

    def confirmed(self) -> str:
        """A fresh paper as far as the custodian's confirmation."""
        document = self.paper()
        self.approve(document.id)
        self.confirm(document.id)
        return document.id

    def stamp(self, turns: int = 1) -> None:
        """The seal worker takes this many documents."""
        for _ in range(turns):
            assert passage.serve_one(self.worker, self.keys), "nothing was queued"

    def keys(self, seal: Seal) -> HsmKey:
        """What the worker opens keys with."""
        assert seal.id == SEAL
        return self.seal_key

    def sealed(self) -> DocumentView:
        """A paper carried to the end of the fourth stage."""
        document = self.paper()
        self.approve(document.id)
        self.confirm(document.id)
        self.stamp()
        return document

    def rewrite_office(self, *changes: tuple[str, str]) -> None:
        """Edit the office's file and import it: one administrator proposes, another confirms."""
        for old, new in changes:
            assert self.office_text.count(old) >= 1, old
            self.office_text = self.office_text.replace(old, new)
        (self.desk.home / "office.toml").write_text(self.office_text, encoding="utf-8")
        self.import_office()

    def import_office(self) -> int:
        """The office's file as it lies there, with the files it names, comes into force; gives the version."""
        text, files = office_file(self.desk.home / "office.toml")
        with read(self.desk.engine) as connection:
            base = office_versions.newest(connection)
        assert base is not None
        proposal = office_acts.propose(self.desk, text, files, base=base, why="thử nghiệm", by=FIRST)
        return office_acts.confirm(self.desk, proposal.id, by=SECOND, authenticated_at=self.clock())


def key_of(home: Path) -> CheckpointKey:
    """The register's own key, which the seal worker has."""
    return CheckpointKey.load_or_create(home / "checkpoint.key", origin="mau.example/office")


class PlaceMaker:
    """Makes fresh offices; the PKI, the keys and the sandbox are shared by the session."""

    def __init__(self, pki: Pki, seal_key: HsmKey, sandbox: Sandbox, software_key: MakeKey, folder: Path) -> None:
        self._pki = pki
        self._seal_key = seal_key
        self._sandbox = sandbox
        self._software_key = software_key
        self._folder = folder
        self._made = 0

    def __call__(
        self,
        *,
        level: Level = Level.B_LT,
        officer_key: SoftwareKey | None = None,
        tsa_urls: Sequence[str] | None = None,
        engine: Engine | None = None,
        files: Files | None = None,
    ) -> Place:
        """A fresh office. `engine` is a migrated database; default: SQLite in its folder, where `files` are too."""
        self._made += 1
        home = self._folder / f"office-{self._made}"
        home.mkdir()
        key = officer_key or self._software_key("person", name=OFFICER_NAME, organisation=ORGANISATION_NAME)
        head = self._software_key("person", name=HEAD_NAME, organisation=ORGANISATION_NAME)
        text = self._office_file(home, {OFFICER: key, HEAD: head})
        store = TrustStore.load(self._pki.anchors_pem, self._pki.intermediates_pem)
        policy = NetworkPolicy(allowed_hosts=frozenset({"127.0.0.1"}), allow_loopback=True)
        urls = tuple(tsa_urls if tsa_urls is not None else (self._pki.tsa_url,))

        def fresh_sources() -> Sources:
            revocation = RevocationClient(policy)
            time = TimestampClient(urls, store, policy, revocation)
            return Sources(time=time, revocation=revocation, store=store)

        founded = self._folder / f"founded-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        again = engine is None and files is None and founded.is_dir()
        if again:
            # founding takes longer than most tests: done once, then copied
            shutil.copytree(founded, home, dirs_exist_ok=True)
        engine, files, own = (
            engine or open_database(f"sqlite:///{home / 'office.db'}"),
            files or FolderFiles(home / "files"),
            not engine and not files,
        )
        desk = Desk(
            engine=engine,
            files=files,
            office=OfficeInForce(engine, files, lambda: key_of(home).public_key),
            sign_office=lambda number, digest: sign_version(key_of(home), number, digest),
            home=home,
            store=store,
            sources=fresh_sources(),
            sandbox=self._sandbox,
            policy=Policy(),
            clock=lambda: datetime.now(UTC),
            public_url="http://127.0.0.1:8000",
            system="Second Seal (thử nghiệm)",
            level=level,
        )
        if not again:
            migrate(desk.engine)
            office_acts.found(desk, *office_file(home / "office.toml"), why="thử nghiệm")
        if own and not again:
            desk.engine.dispose()  # the last connection closed, all of it is in the one file
            founded.mkdir()
            for name in ("office.db", "checkpoint.key"):
                shutil.copy(home / name, founded)
            shutil.copytree(home / "files", founded / "files")
        return Place(
            desk=desk,
            worker=replace(desk, sources=fresh_sources()),
            fresh_sources=fresh_sources,
            officer_key=key,
            head_key=head,
            seal_key=self._seal_key,
            office_text=text,
        )

    def _office_file(self, home: Path, keys: Mapping[str, SoftwareKey]) -> str:
        (home / "seal.png").write_bytes(self._picture("seal", sample_seal_png, ORGANISATION_NAME, "2"))
        (home / "officer.png").write_bytes(self._picture("officer", sample_signature_png, OFFICER_NAME))
        text = demo_office_text()
        text = text.replace(f'id = "{SEAL}"\n', f'id = "{SEAL}"\nimage = "seal.png"\n')
        for officer, key in keys.items():
            fingerprint = key.certificate.fingerprint(hashes.SHA256()).hex()
            added = f'certificates = ["{fingerprint}"]\nsignature_image = "officer.png"\n'
            text = text.replace(f'id = "{officer}"\n', f'id = "{officer}"\n{added}')
        (home / "office.toml").write_text(text, encoding="utf-8")
        return text

    def _picture(self, name: str, draw: Any, *words: str) -> bytes:
        kept = self._folder / f"{name}.png"
        if not kept.exists():
            kept.write_bytes(draw(*words))
        return kept.read_bytes()


_Shared = TypeVar("_Shared")
_SANDBOX = pytest.StashKey[Sandbox]()
_SEAL_KEY = pytest.StashKey[HsmKey]()
_DESK_WITH = pytest.StashKey[PlaceMaker]()


def _one_of_this_process(
    config: pytest.Config, key: pytest.StashKey[_Shared], made: Callable[[], AbstractContextManager[_Shared]]
) -> _Shared:
    """Each room that imports one of the fixtures below has its own; what is behind them is made once, and closed
    when the process has run its last test."""
    if key not in config.stash:
        closing = ExitStack()
        config.stash[key] = closing.enter_context(made())
        config.add_cleanup(closing.close)
    return config.stash[key]


@pytest.fixture(scope="session")
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """The verifier's sandbox."""
    return _one_of_this_process(request.config, _SANDBOX, Sandbox)


def make_seal(farm: TokenFarm, pki: Pki) -> HsmKey:
    """A seal on a SoftHSM token of its own, made by the ceremony, certified by the loopback PKI."""
    token = farm.token()
    state = farm.state()
    plan = CeremonyPlan(
        uri=token.uri,
        label="con dấu",
        algorithm="rsa-2048",
        subject=subject_name({"common_name": ORGANISATION_NAME, "country": "VN"}),
    )
    record = make_key(plan, PinValue(USER_PIN), state=state)
    public_key = load_pem_x509_csr(record.request_pem.encode()).public_key()
    assert isinstance(public_key, RSAPublicKey)
    label = "seal-" + hashlib.sha256(record.request_pem.encode()).hexdigest()[:8]
    certificate = pki.issue_organisation(label, ORGANISATION_NAME, public_key)
    return open_key(token.uri, PinValue(USER_PIN), certificate=certificate, state=state)


@pytest.fixture(scope="session")
def seal_key(request: pytest.FixtureRequest, farm: TokenFarm, pki: Pki) -> HsmKey:
    """The office's seal on SoftHSM."""
    return _one_of_this_process(request.config, _SEAL_KEY, lambda: make_seal(farm, pki))


@pytest.fixture(scope="session")
def desk_with(
    request: pytest.FixtureRequest,
    pki: Pki,
    seal_key: HsmKey,
    sandbox: Sandbox,
    software_key: MakeKey,
) -> PlaceMaker:
    """Makes fresh offices."""

    @contextmanager
    def made() -> Iterator[PlaceMaker]:
        # not of pytest, which another run may tidy away as soon as this session's fixtures are gone
        with tempfile.TemporaryDirectory(prefix="secondseal-offices-") as folder:
            yield PlaceMaker(pki, seal_key, sandbox, software_key, Path(folder))

    return _one_of_this_process(request.config, _DESK_WITH, made)
