"""A seal retired, its certificate revoked, its office merged: what was sealed before stays what it was, and no new
stamp is possible (NQ 190/2025; rules 2.2 and 5.5)."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509

from hsm import HsmKey
from office import Office
from register import outgoing, seal_log
from secondseal.command import main
from secondseal.demo.pki import Pki
from stamping import (
    Desk,
    NewDocument,
    NewNumber,
    Refusal,
    confirmations,
    documents,
    lookups,
    numbering,
    passage,
    receiving,
)
from store import VIETNAM, read
from tests.pki.fixtures import MakeKey
from tests.stamping.office_desk import (
    CUSTODIAN,
    OFFICER,
    OFFICER_NAME,
    ORGANISATION,
    ORGANISATION_NAME,
    PROCEDURE,
    Place,
    PlaceMaker,
    make_seal,
)
from tests.templates.examples import sample_data
from tests.tokens.fixtures import TokenFarm
from verifier import Verdict

Issued = tuple[Place, str, bytes, datetime]
"""The office, a sealed paper of it: its id, its file, when it was sealed."""

_TODAY = datetime.now(UTC).astimezone(VIETNAM).date()
LAST_DAY = _TODAY + timedelta(days=9)
FIRST_DAY = _TODAY + timedelta(days=10)
"""The reform comes in ten days: the paper is sealed before it, and looked at long after."""
DAYS_LATER = 40

ENDS = f'code = "{ORGANISATION}"\nname = "{ORGANISATION_NAME}"\n'


def ended(*heirs: tuple[str, str]) -> tuple[tuple[str, str], str]:
    """The change of the office's file that ends the organisation in favour of these, and what is added to it."""
    named = ", ".join(f'{{ code = "{code}", from = "{FIRST_DAY}" }}' for code, _ in heirs)
    change = (ENDS, f'{ENDS}until = "{LAST_DAY}"\nsuccessors = [{named}]\n')
    added = "".join(
        f'\n[[organisations]]\ncode = "{code}"\nname = "{name}"\nplace = "Mẫu"\nfrom = "{FIRST_DAY}"\n'
        for code, name in heirs
    )
    return change, added


MERGE = (("M01.X7", "ỦY BAN NHÂN DÂN PHƯỜNG MẪU MỚI"),)
SPLIT = (("M01.X8", "ỦY BAN NHÂN DÂN XÃ MẪU ĐÔNG"), ("M01.X9", "ỦY BAN NHÂN DÂN XÃ MẪU TÂY"))
RENAME = (("M01.X1B", "ỦY BAN NHÂN DÂN ĐẶC KHU MẪU"),)
RETIRED = (
    'handover = "01/BB-MẪU" }]',
    'handover = "01/BB-MẪU" }, { state = "retired", decision = "77/QĐ-MẪU", date = "'
    f'{FIRST_DAY}", handover = "02/BB-MẪU" }}]',
)
REFORM = [(MERGE, "merge"), (SPLIT, "split"), (RENAME, "rename")]


@pytest.fixture(scope="module")
def old_seal(farm: TokenFarm, pki: Pki) -> Iterator[HsmKey]:
    """A seal of its own, whose certificate may be revoked."""
    with make_seal(farm, pki) as key:
        yield key


@pytest.fixture(scope="module")
def issued(desk_with: PlaceMaker, old_seal: HsmKey, software_key: MakeKey) -> Issued:
    """A paper carried to B-LT while everything stood."""
    officer = software_key("person", name=OFFICER_NAME, organisation=ORGANISATION_NAME, fresh=True)
    place = desk_with(officer_key=officer)
    place.seal_key = old_seal
    paper = place.sealed()
    view = documents.view(place.desk, paper.id)
    assert view.state == "sealed", view.problem
    stamped = view.stages[3].at
    assert stamped is not None
    return place, paper.id, documents.file(place.desk, paper.id)[0], stamped


@pytest.fixture
def revoked(pki: Pki, old_seal: HsmKey, issued: Issued) -> Iterator[Callable[..., None]]:
    """Revoke the seal's certificate (`officer`: the officer's too); taken back after the test."""
    labels = [pki.label_of(old_seal.certificate), pki.label_of(issued[0].officer_key.certificate)]

    def revoke(at: datetime, reason: str, *, officer: bool = False) -> None:
        for label in labels if officer else labels[:1]:
            pki.revoke(label, at=at, reason=reason)

    yield revoke
    for label in labels:
        pki.restore(label)


def later(place: Place, *changes: tuple[str, str], added: str = "", days: int = DAYS_LATER) -> Desk:
    """The desk so many days from now, with the office's file as it is by then and no answer remembered."""
    text = place.office_text
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = place.desk.home / f"office-{abs(hash((text, added)))}.toml"
    path.write_text(text + added, encoding="utf-8")
    office = Office.load(path)
    now = datetime.now(UTC) + timedelta(days=days)
    return replace(place.desk, office=lambda: office, clock=lambda: now, sources=place.fresh_sources())


def stays_genuine(verdict: Verdict) -> None:
    """As on the day it was sealed."""
    assert verdict.word == "genuine", verdict.as_json()
    assert verdict.status == "in_force"
    assert {signature.level for signature in verdict.signatures} == {"B-LT"}
    assert verdict.legal.equals_paper_original is True


@pytest.mark.parametrize("reason", ["cessation_of_operation", "superseded", "affiliation_changed", "key_compromise"])
@pytest.mark.parametrize("reachable", [True, False], ids=["authorities answer", "authorities are gone"])
def test_a_revocation_after_the_seal_leaves_the_paper_alone(
    issued: Issued, revoked: Callable[..., None], pki: Pki, reason: str, reachable: bool
) -> None:
    """AC-80, AC-122: whatever the reason. A time stamp proves that the seal is older than the revocation
    (EN 319 102-1, 5.5: past the revocation only a signature of unproven time is in doubt)."""
    place, _, pdf, stamped = issued
    revoked(stamped + timedelta(hours=2), reason, officer=True)
    change, added = ended(*MERGE)
    desk = later(place, change, RETIRED, added=added)
    pki.set_clock(desk.clock())
    try:
        with pki.down(*(() if reachable else ("ocsp", "crl", "tsa"))):
            stays_genuine(lookups.verify(desk, pdf))
    finally:
        pki.set_clock(None)


def test_after_the_certificates_have_expired(issued: Issued, pki: Pki) -> None:
    """AC-122: no certificate of it is valid any more, not its authorities' either, and nobody answers."""
    change, added = ended(*SPLIT)
    desk = later(issued[0], change, RETIRED, added=added, days=8500)
    with pikepdf.open(io.BytesIO(issued[2])) as pdf:
        brought = [x509.load_der_x509_certificate(one.read_bytes()) for one in pdf.Root.DSS.Certs]
    roots = x509.load_pem_x509_certificates(pki.anchors_pem.read_bytes())
    assert len(brought) > 2
    assert max(one.not_valid_after_utc for one in [*brought, *roots]) < desk.clock()
    with pki.down("ocsp", "crl", "tsa"):
        stays_genuine(lookups.verify(desk, issued[2]))


@pytest.mark.parametrize("offline", [True, False], ids=["offline", "asking"])
def test_the_command_says_the_same(
    issued: Issued,
    revoked: Callable[..., None],
    pki: Pki,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    offline: bool,
) -> None:
    """`secondseal verify`, which knows neither register nor office."""
    revoked(datetime.now(UTC), "cessation_of_operation", officer=True)
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path))
    monkeypatch.setenv("SECONDSEAL_ALLOWED_HOSTS", "127.0.0.1")
    monkeypatch.setenv("SECONDSEAL_ALLOW_LOOPBACK", "true")
    file = tmp_path / "paper.pdf"
    file.write_bytes(issued[2])
    trust = ["--anchors", str(pki.anchors_pem), "--intermediates", str(pki.intermediates_pem)]
    assert main(["verify", str(file), *trust, "--json", *(["--offline"] if offline else [])]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "genuine"


@pytest.mark.parametrize("reason", ["key_compromise", "cessation_of_operation"])
def test_a_revocation_dated_before_the_seal_is_found_out(
    issued: Issued, revoked: Callable[..., None], pki: Pki, reason: str
) -> None:
    """The authority learns afterwards since when the key was in wrong hands: what the paper brings says "good", what
    is asked says otherwise (EN 319 102-1, 5.2.6: revoked before the signature's proven time). Who cannot ask can
    only go by what the paper brings."""
    place, _, pdf, stamped = issued
    revoked(stamped - timedelta(hours=1), reason)
    verdict = lookups.verify(later(place, days=0), pdf)
    assert verdict.word == "invalid"
    agency = next(one for one in verdict.signatures if one.role == "agency")
    assert [finding.code for finding in agency.findings] == ["certificate_revoked"]
    assert verdict.status is None
    assert verdict.legal.equals_paper_original is not True
    with pki.down("ocsp", "crl"):
        assert lookups.verify(later(place, days=0), pdf).word == "genuine"


@pytest.fixture
def working(desk_with: PlaceMaker, old_seal: HsmKey, issued: Issued) -> Iterator[Place]:
    """Another desk with the same seal. At the end: no key operation, and nothing in the seal register."""
    place = desk_with(officer_key=issued[0].officer_key)
    place.seal_key = old_seal
    before = old_seal.operations
    yield place
    assert old_seal.operations == before
    with read(place.desk.engine) as connection:
        assert seal_log.head(connection)[0] == 0


def _change(kind: str) -> tuple[tuple[tuple[str, str], ...], str]:
    if kind == "retired":
        return (RETIRED,), ""
    change, added = ended(*MERGE)
    return (change,), added


@pytest.mark.parametrize(
    ("kind", "reason", "words"),
    [("retired", "seal-retired", "đã bị thu hồi"), ("merged", "organisation-inactive", "không hoạt động")],
)
def test_no_new_stamp_at_any_layer(working: Place, pki: Pki, kind: str, reason: str, words: str) -> None:
    """AC-80, AC-120: a paper that was approved, and one that was confirmed, when the seal went out of use."""
    place = working
    approved, waiting = place.paper(), place.paper()
    place.approve(approved.id, waiting.id)
    place.confirm(waiting.id)
    changes, added = _change(kind)
    desk = later(place, *changes, added=added)

    # the intake: nothing new is taken in for it
    dossier = replace(place.dossier(), received_at=desk.clock(), appraised_at=desk.clock())
    with pytest.raises(Refusal) as at_intake:
        receiving.create(
            desk,
            NewDocument(dossier=dossier, organisation=ORGANISATION, data=sample_data(), officer_id=OFFICER),
            "một cửa",
        )
    assert at_intake.value.code == ("seal-not-active" if kind == "retired" else "forbidden")

    # the custodian's list: the paper is not lost from sight, and says why it waits in vain
    listed = confirmations.pending(desk, CUSTODIAN)
    assert [view.id for view in listed.documents] == [approved.id]
    assert listed.refusals[approved.id].code == "seal-not-active"
    assert listed.refusals[approved.id].detail["reason"] == reason
    assert words in listed.refusals[approved.id].text_vi

    # the confirmation
    with pytest.raises(Refusal) as at_confirmation:
        confirmations.confirm(
            desk,
            [approved.id],
            listed.list_sha256,
            custodian_id=CUSTODIAN,
            account="vanthu",
            stepped_up_at=desk.clock(),
        )
    assert (at_confirmation.value.code, at_confirmation.value.detail["reason"]) == ("seal-not-active", reason)

    # the worker, which checks for itself
    pki.set_clock(desk.clock())
    try:
        assert passage.serve_one(desk, place.keys)
    finally:
        pki.set_clock(None)
    view = documents.view(place.desk, waiting.id)
    assert (view.state, view.problem and view.problem.code) == ("approved", "seal-not-active")
    assert view.problem is not None
    assert words in view.problem.text_vi


def test_a_revoked_seal_stops_at_the_worker(working: Place, revoked: Callable[..., None]) -> None:
    """The office's file still says "in use": the worker asks the authority before it reserves anything."""
    place = working
    waiting = place.confirmed()
    revoked(datetime.now(UTC) - timedelta(minutes=1), "cessation_of_operation")
    place.restart_worker()
    place.stamp()
    view = documents.view(place.desk, waiting)
    assert (view.state, view.problem and view.problem.code) == ("approved", "certificate-revoked")


@pytest.mark.parametrize(("heirs", "kind"), REFORM, ids=[kind for _, kind in REFORM])
def test_who_issued_it_and_who_succeeds_is_said(issued: Issued, heirs: tuple[tuple[str, str], ...], kind: str) -> None:
    """AC-121: the code on the paper leads where it always led, and so do its number and its organisation's code."""
    place, paper, pdf, _ = issued
    change, added = ended(*heirs)
    desk = later(place, change, added=added)
    view = documents.view(place.desk, paper)
    found = lookups.by_code(desk, view.code)
    names = "; ".join(name for _, name in heirs)
    day = f"{LAST_DAY.day}/{LAST_DAY.month}/{LAST_DAY.year}"
    assert found.issuer is not None
    assert found.issuer.line_vi == f"Cơ quan ban hành: {ORGANISATION_NAME} (đến {day}), kế thừa bởi: {names}"
    assert (
        found.issuer.line_en == f"Issued by: {ORGANISATION_NAME} (until {LAST_DAY.isoformat()}), succeeded by: {names}"
    )
    assert (found.number, found.organisation_name) == (view.number, ORGANISATION_NAME)
    issuer = lookups.issuer_of(desk, lookups.verify(desk, pdf))
    assert issuer == found.issuer
    on_the_day = later(place, change, added=added, days=0)
    early = lookups.by_code(on_the_day, view.code).issuer
    assert early is not None
    assert early.line_vi == f"Cơ quan ban hành: {ORGANISATION_NAME}", "until the reform it acts itself"


def test_the_successor_counts_anew_from_its_first_day(issued: Issued) -> None:
    """AC-123: at midnight in Viet Nam, by the office's file alone; the old series stays where it ended."""
    place = issued[0]
    change, added = ended(*MERGE)
    heir = MERGE[0][0]
    midnight = datetime.combine(FIRST_DAY, time.min, VIETNAM)
    before = replace(later(place, change, added=added), clock=lambda: midnight - timedelta(seconds=1))
    after = replace(before, clock=lambda: midnight)

    def reserve(desk: Desk, organisation: str) -> tuple[int, str | None]:
        given = numbering.reserve(desk, NewNumber(organisation=organisation, procedure=PROCEDURE), "một cửa")
        return given.number, given.notation

    with pytest.raises(Refusal):
        reserve(before, heir)
    assert reserve(before, ORGANISATION)[0] == (2 if LAST_DAY.year == _TODAY.year else 1), "each year counts anew"
    assert reserve(after, heir) == (1, "01/GCN-UBND")
    assert reserve(after, heir) == (2, "02/GCN-UBND")
    with pytest.raises(Refusal) as ended_now:
        reserve(after, ORGANISATION)
    assert ended_now.value.code == "forbidden"
    with read(place.desk.engine) as connection:
        kept = outgoing.entries(connection, organisation=ORGANISATION, year=_TODAY.year)
    assert [entry.notation for entry in kept] == ["01/GCN-UBND"]
