"""A seal retired, its certificate revoked, its office merged: what was sealed before stays what it was, and no new
stamp is possible (NQ 190/2025; rules 2.2 and 5.5)."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hsm import HsmKey
from office import Office
from register import seal_log
from secondseal.command import main
from secondseal.demo.pki import Pki
from stamping import Desk, Refusal, confirmations, documents, lookups, receiving
from stamping.tables import confirmation_documents
from store import VIETNAM, read
from tests.pki.fixtures import MakeKey
from tests.stamping.office_desk import (
    CUSTODIAN,
    OFFICER,
    OFFICER_NAME,
    ORGANISATION,
    ORGANISATION_NAME,
    Place,
    PlaceMaker,
    make_seal,
)
from tests.tokens.fixtures import TokenFarm
from trust import NetworkPolicy, RevocationClient
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
    'handover = "01/BB-MẪU" }, { state = "withdrawn", decision = "77/QĐ-MẪU", date = "'
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
    """AC-122: ten years on no certificate of it is valid any more, and nobody answers."""
    change, added = ended(*SPLIT)
    desk = later(issued[0], change, RETIRED, added=added, days=3650)
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
