"""The institution changed: one proposes, another confirms, both in the log; nothing invalid is kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Engine, select

from hsm import HsmKey
from office import OfficeInvalid, demo_office_text
from register import Mover, OfficeProposal, office_versions, sign_version
from register.tables import log, office_decisions, office_proposals
from stamping import OfficeDesk, OfficeInForce, Refusal, documents, office_acts, passage, told_changes
from store import FolderFiles, read, write
from tests.stamping.office_desk import FIRST, SEAL, SECOND, PlaceMaker, key_of

NOW = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
TEXT = demo_office_text()
HOLIDAY = ('"2027-01-01"]', '"2027-01-01", "2027-02-05"]')
CUSTODIAN = (
    "[[procedures]]",
    '[[custodians]]\nid = "moi"\nname = "Hồ Thị Mẫu"\norganisation = "M01.X1"\nseals = ["x1-2"]\n'
    'appointed_by = "9/QĐ-MẪU"\naccount = "hothimau"\n\n[[procedures]]',
)
SUSPENDED = (
    'handover = "01/BB-MẪU" }]',
    'handover = "01/BB-MẪU" }, { state = "suspended", decision = "9/QĐ", date = "2026-01-01" }]',
)


@pytest.fixture
def desk(both: Engine, tmp_path: Path) -> OfficeDesk:
    """The demo office, founded, on either database."""
    made = office_desk_in(both, tmp_path)
    assert office_acts.found(made, TEXT, {}, why="thử nghiệm") == 1
    return made


def office_desk_in(engine: Engine, home: Path) -> OfficeDesk:
    """A desk that can sign versions, as a command on the server can."""
    return OfficeDesk(
        engine=engine,
        files=FolderFiles(home / "files"),
        clock=lambda: NOW,
        sign_office=lambda number, digest: sign_version(key_of(home), number, digest),
    )


def edited(*edits: tuple[str, str]) -> str:
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def propose(desk: OfficeDesk, *edits: tuple[str, str], by: Mover = FIRST, **files: bytes) -> OfficeProposal:
    named = {name.replace("_", "."): content for name, content in files.items()}
    return office_acts.propose(desk, edited(*edits), named, base=1, why="Quyết định 9/QĐ-MẪU", by=by)


def confirm(desk: OfficeDesk, proposal: OfficeProposal, by: Mover = SECOND) -> int:
    return office_acts.confirm(desk, proposal.id, by=by, authenticated_at=NOW)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    assert caught.value.text_vi
    assert caught.value.text_en
    return caught.value.code


def test_one_proposes_another_confirms_and_both_are_in_the_log(desk: OfficeDesk) -> None:
    """A custodian is appointed: who, when, why; and each row is bound by the journal."""
    in_force = OfficeInForce(desk.engine, desk.files)
    assert in_force().custodian("moi") is None
    proposal = propose(desk, CUSTODIAN)
    assert proposal.needs_second
    assert in_force().custodian("moi") is None, "nothing changes before it is confirmed"
    assert confirm(desk, proposal) == 2
    appointed = in_force().custodian("moi")
    assert appointed is not None
    assert appointed.appointed_by == "9/QĐ-MẪU"
    with read(desk.engine) as connection:
        version = office_versions.version(connection, 2)
        rows = connection.execute(select(log.c.source, log.c.key)).all()
    assert (version.proposal.by, version.decision.by) == (FIRST, SECOND.account)
    assert (version.proposal.why, version.proposal.at, version.decision.at) == ("Quyết định 9/QĐ-MẪU", NOW, NOW)
    assert "Hồ Thị Mẫu" in told_changes(version.proposal)[0].text_vi
    for table in (office_proposals, office_decisions):
        assert (table.name, str(proposal.id)) in {tuple(row) for row in rows}


@pytest.mark.parametrize(
    "second",
    [
        FIRST,
        Mover(account="khac", name="  ĐINH văn   mẫu "),
        Mover(account="khac", name="Người Khác", officer_id="chanh-van-phong"),
    ],
    ids=["the same account", "another account of the same name", "the same officer"],
)
def test_nobody_is_their_own_second_person(desk: OfficeDesk, second: Mover) -> None:
    proposal = propose(desk, CUSTODIAN, by=replace(FIRST, officer_id="chanh-van-phong"))
    assert refused(lambda: confirm(desk, proposal, second)) == "four-eyes"
    with read(desk.engine) as connection:
        assert office_versions.newest(connection) == 1
        assert office_versions.pending(connection) == (proposal,)


@pytest.mark.parametrize(
    "second",
    [
        Mover(account="khac", name="Hồ Thị Mẫu"),
        Mover(account="hothimau", name="Người Khác"),
        Mover(account="khac", name="Người Khác", custodian_id="moi"),
    ],
    ids=["by name", "by account", "by id"],
)
def test_who_is_appointed_does_not_confirm_it(desk: OfficeDesk, second: Mover) -> None:
    proposal = propose(desk, CUSTODIAN)
    assert refused(lambda: confirm(desk, proposal, second)) == "four-eyes"
    assert confirm(desk, proposal, Mover(account="khac", name="Người Khác", custodian_id="van-thu")) == 2


def test_who_gains_may_propose_when_another_confirms(desk: OfficeDesk) -> None:
    assert confirm(desk, propose(desk, CUSTODIAN, by=Mover(account="hothimau", name="Hồ Thị Mẫu"))) == 2


def test_what_is_harmless_needs_one_person(desk: OfficeDesk) -> None:
    proposal = propose(desk, HOLIDAY)
    assert not proposal.needs_second
    assert confirm(desk, proposal, FIRST) == 2


def test_a_comment_alone_is_a_version_too_and_nothing_at_all_is_none(desk: OfficeDesk) -> None:
    commented = propose(desk, ("# Cơ quan mẫu", "# Ghi chú mới. Cơ quan mẫu"))
    assert (commented.needs_second, told_changes(commented)) == (False, ())
    assert refused(lambda: propose(desk)) == "proposal-empty"


def test_a_proposal_overtaken_by_another_is_made_again(desk: OfficeDesk) -> None:
    first, second = propose(desk, HOLIDAY), propose(desk, CUSTODIAN)
    assert confirm(desk, first) == 2
    assert refused(lambda: confirm(desk, second)) == "proposal-stale"
    assert refused(lambda: propose(desk, CUSTODIAN)) == "proposal-stale"
    again = office_acts.propose(desk, edited(HOLIDAY, CUSTODIAN), {}, base=2, why="lại", by=FIRST)
    assert confirm(desk, again) == 3


def test_a_proposal_is_rejected_by_another_or_withdrawn_by_its_owner(desk: OfficeDesk) -> None:
    one, other = propose(desk, CUSTODIAN), propose(desk, HOLIDAY)
    assert refused(lambda: office_acts.reject(desk, one.id, by=FIRST, note="x")) == "forbidden"
    assert refused(lambda: office_acts.withdraw(desk, one.id, by=SECOND)) == "forbidden"
    assert refused(lambda: office_acts.reject(desk, one.id, by=SECOND, note=" ")) == "proposal-invalid"
    office_acts.reject(desk, one.id, by=SECOND, note="Chưa có quyết định.")
    office_acts.withdraw(desk, other.id, by=FIRST)
    for closed in (one, other):
        assert refused(lambda number=closed: confirm(desk, number)) == "proposal-closed"  # type: ignore[misc]
    assert refused(lambda: office_acts.withdraw(desk, 99, by=FIRST)) == "not-found"


def test_confirming_needs_a_fresh_authentication(desk: OfficeDesk) -> None:
    proposal = propose(desk, CUSTODIAN)
    for at in (None, NOW - timedelta(minutes=6), NOW + timedelta(minutes=1)):
        act = lambda at=at: office_acts.confirm(desk, proposal.id, by=SECOND, authenticated_at=at)  # noqa: E731
        assert refused(act) == "confirmation-required"


@pytest.mark.parametrize(
    ("edit", "files", "named"),
    [
        ((HOLIDAY[0], '"2027-13-01"]'), {}, "holidays"),
        (("test_office = true", "test_office = true\nla = 1"), {}, "la"),
        (("test_office = true", "test_office = " + "9" * 5000), {}, "TOML"),
        ((f'id = "{SEAL}"\n', f'id = "{SEAL}"\ncertificate = "seal.pem"\n'), {}, "seal.pem"),
        (
            (f'id = "{SEAL}"\n', f'id = "{SEAL}"\ncertificate = "seal.pem"\n'),
            {"seal_pem": b"-----BEGIN"},
            "seals[2].certificate",
        ),
        ((f'id = "{SEAL}"\n', f'id = "{SEAL}"\nimage = "seal.png"\n'), {"seal_png": b"\x89PNG"}, "seals[2].image"),
        ((f'id = "{SEAL}"\n', f'id = "{SEAL}"\nimage = "seal.png"\n'), {"seal_png": b"0" * 8_400_000}, "seal.png"),
        (HOLIDAY, {"thua_pem": b"x"}, "thua.pem"),
        (("# Cơ quan mẫu", "# \ud800"), {}, "half a character"),
    ],
)
def test_what_cannot_be_used_is_said_and_not_kept(
    desk: OfficeDesk, edit: tuple[str, str], files: dict[str, bytes], named: str
) -> None:
    with pytest.raises(Refusal) as caught:
        propose(desk, edit, **files)
    assert caught.value.code == "proposal-invalid"
    assert named in caught.value.text_en
    assert list(desk.files) == []
    with read(desk.engine) as connection:
        assert len(office_versions.history(connection)) == 1


def test_everything_that_is_wrong_is_said_at_once(desk: OfficeDesk) -> None:
    with pytest.raises(Refusal) as caught:
        propose(desk, ("working_days = 3", "working_days = 0"), ("diameter_mm = 36", "diameter_mm = -1"))
    problems = caught.value.detail["problems"]
    assert isinstance(problems, list)
    assert len(problems) == 2
    assert {"where", "line", "vi", "en"} == set(problems[0])


def test_the_reason_is_asked_for_and_says_nothing_unseen(desk: OfficeDesk) -> None:
    for why in ("", "  ", "a\u202eb", "x" * 2001):
        act = lambda why=why: office_acts.propose(desk, edited(HOLIDAY), {}, base=1, why=why, by=FIRST)  # noqa: E731
        assert refused(act) == "proposal-invalid"


def test_files_are_kept_with_their_version_and_taken_over_by_the_next(desk: OfficeDesk, seal_key: HsmKey) -> None:
    """A certificate's new bytes are a change although the text is the same; what is not sent again stays."""
    pem = seal_key.certificate.public_bytes(Encoding.PEM)
    named = (f'id = "{SEAL}"\n', f'id = "{SEAL}"\ncertificate = "seal.pem"\n')
    confirm(desk, propose(desk, named, seal_pem=pem))
    in_force = OfficeInForce(desk.engine, desk.files)
    seal = in_force().seal(SEAL)
    assert seal is not None
    assert seal.certificate is not None
    assert seal.certificate.read_bytes() == pem
    other = office_acts.propose(desk, edited(named), {"seal.pem": pem + b"\n"}, base=2, why="gia hạn", by=FIRST)
    assert other.needs_second, "another certificate for the seal"
    kept = office_acts.propose(desk, edited(named, HOLIDAY), {}, base=2, why="nghỉ", by=FIRST)
    assert (kept.needs_second, kept.files) == (False, propose_files(desk, 2))
    seal.certificate.chmod(0o600)
    seal.certificate.write_bytes(b"sua")
    assert refused(lambda: confirm(desk, kept)) == "proposal-invalid", "a file that was altered comes into no force"


def propose_files(desk: OfficeDesk, number: int) -> dict[str, str]:
    with read(desk.engine) as connection:
        return dict(office_versions.version(connection, number).proposal.files)


def test_an_office_is_founded_once_and_from_nothing_invalid(both: Engine, tmp_path: Path) -> None:
    desk = office_desk_in(both, tmp_path)
    in_force = OfficeInForce(both, desk.files)
    assert refused(in_force) == "office-invalid"
    with pytest.raises(OfficeInvalid):
        office_acts.found(desk, "test_office = 1", {}, why="x")
    assert office_acts.found(desk, TEXT, {}, why="x") == 1
    assert office_acts.found(desk, TEXT, {}, why="x") is None
    assert in_force().test_office


def test_a_version_that_cannot_be_read_stops_everything_and_is_replaced_by_two(desk: OfficeDesk) -> None:
    """After an upgrade that reads more strictly, say: nothing is stamped, and the way out needs four eyes. The
    register keeps what it is given, as a laxer release gave it."""
    with write(desk.engine) as connection:
        number = office_versions.propose(
            connection,
            text=edited(("test_office = true", "test_office = true\nla = 1")),
            files={},
            base=1,
            summary="[]",
            needs_second=True,
            why="bản trước đọc được",
            by=FIRST,
            at=NOW,
        )
        assert office_versions.confirm(connection, number, by=SECOND, at=NOW, sign=desk.sign_office) == 2
    assert refused(OfficeInForce(desk.engine, desk.files)) == "office-invalid"
    mended = office_acts.propose(desk, edited(HOLIDAY), {}, base=2, why="sửa", by=FIRST)
    assert mended.needs_second
    assert refused(lambda: confirm(desk, mended, FIRST)) == "four-eyes"
    assert confirm(desk, mended) == 3
    assert OfficeInForce(desk.engine, desk.files)().test_office


def test_a_suspended_seal_is_refused_at_the_very_next_paper(desk_with: PlaceMaker, seal_key: HsmKey) -> None:
    """AC-120: confirmed before, suspended now: the worker's next turn refuses, without a key operation."""
    place = desk_with()
    waiting = place.confirmed()
    before = seal_key.operations
    place.rewrite_office(SUSPENDED)
    assert passage.serve_one(place.worker, place.keys)
    view = documents.view(place.desk, waiting)
    assert view.problem is not None
    assert (view.state, view.problem.code) == ("approved", "seal-not-active")
    assert seal_key.operations == before
