"""`secondseal office ...` as administrators type it: proposed, confirmed by another, remembered."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyotp
import pytest

from api import accounts, second_factor
from hsm import HsmKey
from office import Office, demo_office_text
from secondseal import office_edits
from secondseal.command import main
from secondseal.institution import institution, make_ready
from secondseal.office_key import office_signer
from secondseal.settings import load_settings
from stamping import OfficeDesk
from store import VIETNAM, FolderFiles, now, open_database
from tests.secondseal.terminal import at_a_terminal

Said = Callable[..., tuple[int, str]]
PASSWORDS = {"quantri": "mat-khau-thu-nhat", "quantri2": "mat-khau-thu-hai", "kiemtra": "mat-khau-thu-ba"}
NAMES = {"quantri": "Đinh Văn Mẫu", "quantri2": "Bùi Thị Mẫu", "kiemtra": "Vũ Thị Mẫu"}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A founded demo office with two administrators, to be copied."""
    folder = tmp_path_factory.mktemp("furnished")
    (folder / "office.toml").write_text(demo_office_text(), encoding="utf-8")
    settings = load_settings({}, home=folder)
    engine = open_database(settings.database)
    make_ready(
        OfficeDesk(engine=engine, files=FolderFiles(settings.files), clock=now, sign_office=office_signer(settings)),
        settings,
    )
    for name, password in PASSWORDS.items():
        role = "auditor" if name == "kiemtra" else "administrator"
        accounts.create(
            engine,
            name=name,
            password=password,
            roles=[role],  # type: ignore[list-item]
            now=now(),
            display_name=NAMES[name],
        )
    engine.dispose()
    return folder


@pytest.fixture
def home(furnished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Such an office of the test's own; the administrators' passwords lie in files beside it."""
    folder = tmp_path / "home"
    shutil.copytree(furnished, folder)
    for name, password in PASSWORDS.items():
        (tmp_path / f"{name}.txt").write_text(password + "\n", encoding="utf-8")
    monkeypatch.setenv("SECONDSEAL_HOME", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def said(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """Exit status and all that was said; `by` types their password, `why` the reason."""

    def run(*words: str, by: str = "", why: str = "") -> tuple[int, str]:
        person = ("--as", by, "--password-file", str(tmp_path / f"{by}.txt")) if by else ()
        reason = ("--why", why) if why else ()
        capsys.readouterr()
        status = main(["office", *words, *reason, *person])
        written = capsys.readouterr()
        return status, written.out + written.err

    return run


def in_force(home: Path) -> Office:
    return institution(load_settings({}, home=home))


def appointed_by(home: Path) -> str:
    custodian = in_force(home).custodian("van-thu")
    assert custodian is not None
    return custodian.appointed_by


def confirmed(said: Said, told: str) -> str:
    """The second administrator confirms what the first one's command said is waiting."""
    found = re.search(r"secondseal office confirm (\d+)", told)
    assert found, told
    status, told = said("confirm", found.group(1), by="quantri2")
    assert status == 0, told
    return told


def test_a_file_is_exported_edited_imported_and_confirmed_by_another(said: Said, home: Path, tmp_path: Path) -> None:
    """One readable file exports and imports all of it, comments included."""
    status, told = said("export", "-o", str(tmp_path / "a.toml"))
    assert (status, (tmp_path / "a.toml").read_text("utf-8")) == (0, demo_office_text())
    assert "--base 1" in told
    assert said("import", "a.toml", "--base", "1", by="quantri", why="thử")[0] == 1, "nothing to change"
    edited = demo_office_text().replace('appointed_by = "05/QĐ-MẪU"', 'appointed_by = "99/QĐ-MẪU" # mới')
    (tmp_path / "a.toml").write_text(edited, encoding="utf-8")
    status, told = said("diff", "1", "a.toml", "--text")
    assert (status, "needs a second person" in told, '+appointed_by = "99/QĐ-MẪU" # mới' in told) == (0, True, True)
    status, told = said("import", "a.toml", "--base", "1", by="quantri", why="Quyết định 99/QĐ-MẪU")
    assert status == 0, told
    assert "05/QĐ-MẪU, nay là 99/QĐ-MẪU" in told
    assert "Quyết định 99/QĐ-MẪU" in said("pending")[1]
    status, refusal = said("confirm", "2", by="quantri")
    assert (status, "cần người thứ hai" in refusal) == (1, True)
    assert appointed_by(home) == "05/QĐ-MẪU"
    assert "Phiên bản 2 có hiệu lực" in confirmed(said, told)
    assert appointed_by(home) == "99/QĐ-MẪU"
    assert 'appointed_by = "99/QĐ-MẪU" # mới\n' in said("show")[1]
    assert said("import", "a.toml", "--base", "1", by="quantri", why="lại")[0] == 1, "made from an old version"
    assert "Không có đề nghị nào đang chờ" in said("pending")[1]


def test_the_office_of_a_day_is_shown(said: Said, home: Path) -> None:
    """Was the officer allowed that day? The version in force then answers."""
    before = now()
    assert said("officer", "end", "pho-chu-tich", "--on", "2026-12-31", by="quantri", why="nghỉ hưu")[0] == 0
    then = f"{before.astimezone(VIETNAM):%Y-%m-%dT%H:%M:%S.%f}"
    assert 'until = "2026-12-31"' not in said("show", "--at", then)[1]
    told = said("show")[1]
    assert 'until = "2026-12-31"' in told
    assert "# Đề nghị · proposal 2, từ phiên bản · from version 1" in told
    assert "Đinh Văn Mẫu (quantri): nghỉ hưu" in told
    assert said("show", "--at", "2020-01-01")[0] == 2
    newest, first = json.loads(said("history", "--json")[1])
    assert (newest["version"], newest["proposed_by"], newest["why"]) == (2, "quantri", "nghỉ hưu")
    assert (first["version"], first["proposed_by"]) == (1, "(operator)")
    assert said("show", "--version", "9")[0] == 1


@pytest.mark.parametrize(
    ("words", "second", "check"),
    [
        (
            ("seal", "suspend", "x1-2", "--decision", "9/QĐ", "--on", "2026-01-01"),
            False,
            lambda office: office.seal("x1-2").decisions[-1].state == "suspended",
        ),
        (
            ("seal", "retire", "x1-2", "--decision", "9/QĐ", "--on", "2026-01-01", "--handover", "3/BB"),
            True,
            lambda office: office.seal("x1-2").decisions[-1].handover == "3/BB",
        ),
        (
            ("custodian", "appoint", "Hồ Thị Mẫu", "--organisation", "M01.X1", "--seal", "x1-2", "--decision", "9/QĐ",
             "--from", "2026-12-01"),
            True,
            lambda office: office.custodian("ho-thi-mau").seals == ("x1-2",),
        ),
        (
            ("custodian", "end", "van-thu", "--on", "2026-12-31"),
            True,
            lambda office: office.custodian("van-thu").period.until.year == 2026,
        ),
        (
            ("officer", "post", "pho-chu-tich", "CHỦ TỊCH"),
            True,
            lambda office: office.officer("pho-chu-tich").post == "CHỦ TỊCH",
        ),
        (
            ("delegation", "add", "pho-chu-tich", "--number", "8/QĐ", "--from", "2026-12-01", "--to", "2027-11-30",
             "--by", "chu-tich", "--procedure", "1.001612"),
            True,
            lambda office: [one.number for one in office.officer("pho-chu-tich").delegations][-1] == "8/QĐ",
        ),
        (
            ("organisation", "end", "M01.X1.HCC", "--on", "2026-12-31", "--successor", "M01.X1", "--from",
             "2027-01-01"),
            True,
            lambda office: office.organisation("M01.X1.HCC").successors[0].code == "M01.X1",
        ),
        (("holiday", "add", "2027-02-05", "2027-02-08"), False, lambda office: len(office.holidays) == 7),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_the_common_acts_keep_comments_and_ask_for_a_second_person_where_one_is_needed(
    said: Said, home: Path, words: tuple[str, ...], second: bool, check: Callable[[Office], bool]
) -> None:
    status, told = said(*words, by="quantri", why="theo quyết định")
    assert status == 0, told
    assert ("secondseal office confirm" in told) is second, told
    if second:
        assert not check_safely(check, in_force(home))
        confirmed(said, told)
    assert check(in_force(home))
    assert said("show")[1].count("# A district that ended with the reform of 2025") == 1


def check_safely(check: Callable[[Office], bool], office: Office) -> bool:
    try:
        return check(office)
    except (AttributeError, IndexError):
        return False


def test_a_seal_is_handed_over_to_who_was_appointed(said: Said, home: Path) -> None:
    """AC-62: appointed first; the record says from when the seal is in the other's hands."""
    appoint = ("custodian", "appoint", "Hồ Thị Mẫu", "--organisation", "M01.X1", "--seal", "x1-2")
    dated = ("--decision", "9/QĐ", "--decided-on", "2026-11-30", "--from", "2026-12-01")
    status, told = said(*appoint, *dated, by="quantri", why="theo quyết định")
    assert status == 0, told
    confirmed(said, told)
    over = ("custodian", "hand-over", "--seal", "x1-2", "--from", "van-thu", "--to", "ho-thi-mau")
    papers = ("--permission", "7/QĐ", "--minutes", "2/BB", "--at", "2026-12-02T08:00")
    status, told = said(*over, *papers, by="quantri", why="nghỉ phép")
    assert status == 0, told
    confirmed(said, told)
    assert in_force(home).handovers[-1].minutes == "2/BB"


def test_a_seal_that_was_in_use_without_a_decision_is_suspended_too() -> None:
    line = next(line for line in demo_office_text().splitlines() if line.startswith("states = [{") and "03/QĐ" in line)
    bare = demo_office_text().replace(line + "\n", "")
    text = office_edits.seal_state(bare, "x1-2", "suspended", decision="9/QĐ", on=date(2026, 12, 1))
    seal = Office.read(text, folder=Path("/nowhere")).seal("x1-2")
    assert seal is not None
    assert [one.state for one in seal.decisions] == ["active", "suspended"]


def test_an_officers_new_certificate_is_named_by_its_file(
    said: Said, home: Path, tmp_path: Path, seal_key: HsmKey
) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding

    (tmp_path / "moi.pem").write_bytes(seal_key.certificate.public_bytes(Encoding.PEM))
    status, told = said("officer", "certificate", "chu-tich", "moi.pem", by="quantri", why="chứng thư mới")
    assert status == 0, told
    confirmed(said, told)
    officer = in_force(home).officer("chu-tich")
    assert officer is not None
    assert officer.certificates == (seal_key.certificate.fingerprint(hashes.SHA256()).hex(),)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("seal", "suspend", "khong-co", "--decision", "9/QĐ", "--on", "2026-01-01"), "Không có con dấu khong-co"),
        (("seal", "activate", "x1-2", "--decision", "9/QĐ", "--on", "2026-01-01"), "cannot follow 'active'"),
        (("custodian", "appoint", "Lê Thị Mẫu", "--id", "van-thu", "--organisation", "M01.X1", "--seal", "x1-2",
          "--decision", "1"), "đã có"),
        (("organisation", "end", "M01.X1", "--on", "2026-12-31", "--successor", "M01"), "--from"),
        (("holiday", "add", "2026-01-01"), "đã là ngày nghỉ"),
        (("officer", "certificate", "chu-tich", "khong-co.pem"), "khong-co.pem"),
    ],
)  # fmt: skip
def test_an_act_that_cannot_be_done_is_refused_in_words(said: Said, words: tuple[str, ...], named: str) -> None:
    status, told = said(*words, by="quantri", why="thử")
    assert (status, named in told) == (1, True), told
    assert "Không có đề nghị nào đang chờ" in said("pending")[1]


def test_who_is_no_administrator_or_does_not_know_the_password_changes_nothing(said: Said, tmp_path: Path) -> None:
    status, told = said("holiday", "add", "2027-02-05", by="kiemtra", why="x")
    assert (status, "administrator" in told) == (1, True)
    (tmp_path / "quantri.txt").write_text("sai-mat-khau-roi", encoding="utf-8")
    for _ in range(5):
        status, told = said("holiday", "add", "2027-02-05", by="quantri", why="x")
        assert (status, "mã xác thực không đúng" in told) == (1, True)
    assert "Hãy đợi" in said("holiday", "add", "2027-02-05", by="quantri", why="x")[1], "counted as at the sign-in page"
    assert json.loads(said("history", "--json")[1])[0]["version"] == 1


def test_who_has_a_second_factor_types_its_code_at_the_shell(said: Said, home: Path) -> None:
    """Whose role must have one does nothing before; then the code is asked for beside the password, and counts once."""
    engine = open_database(load_settings({}, home=home).database)
    at = now()
    with (home / "secondseal.toml").open("a", encoding="utf-8") as settings:
        settings.write('second_factor_roles = ["administrator"]\n')
    status, told = said("holiday", "add", "2027-02-05", by="quantri", why="nghỉ Tết")
    assert (status, "needs two-step sign-in" in told) == (1, True)
    key = load_settings({}, home=home).second_factor_key
    secret = second_factor.begin(engine, "quantri", at, key=key)
    second_factor.confirm(engine, "quantri", pyotp.TOTP(secret).at(at), at, keep_session="", key=key)
    asking = ("office", "holiday", "add", "2027-02-05", "--why", "nghỉ Tết", "--as", "quantri")
    for code, words, ends in (
        (pyotp.TOTP(secret).at(at), "mã xác thực không đúng", 1),
        (None, "Version 2 is in force", 0),
    ):
        with at_a_terminal(home.parent, *asking, home=home) as (process, terminal):
            terminal.until("Password of quantri: ")
            terminal.type(PASSWORDS["quantri"])
            terminal.until("Code of the authenticator app: ")
            # the next one, which counts already: the first of all was taken when it was set up
            terminal.type(code or pyotp.TOTP(secret).at(now(), counter_offset=1))
            terminal.until(words)
            assert process.wait(60) == ends
            assert PASSWORDS["quantri"] not in terminal.shown
    assert json.loads(said("history", "--json")[1])[0]["version"] == 2


def test_a_proposal_is_rejected_or_withdrawn_by_command(said: Said) -> None:
    for number in (2, 3):
        assert said("officer", "post", "chu-tich", f"CHỦ TỊCH {number}", by="quantri", why="thử")[0] == 0
    assert "hãy rút lại" in said("reject", "2", by="quantri", why="thôi")[1]
    assert said("reject", "2", by="quantri2", why="chưa có quyết định")[0] == 0
    assert said("withdraw", "3", by="quantri")[0] == 0
    told = said("history")[1]
    assert "đã bị bác · rejected, Bùi Thị Mẫu (quantri2): chưa có quyết định" in told
    assert "đã rút · withdrawn" in told


def test_a_custodian_administers_nothing(home: Path) -> None:
    """Who uses a seal does not decide about it: neither by one account nor, under the same name, by two."""
    engine = open_database(load_settings({}, home=home).database)

    def make(name: str, shown: str, *roles: str) -> None:
        accounts.create(
            engine,
            name=name,
            password="mat-khau-du-dai",
            roles=roles,  # type: ignore[arg-type]
            now=now(),
            display_name=shown,
            custodian_id="van-thu" if "custodian" in roles else None,
        )

    with pytest.raises(accounts.AccountInvalid):
        make("ca-hai", "Lê Thị Mẫu", "administrator", "custodian")
    make("vanthu", "Lê Thị Mẫu", "custodian")
    with pytest.raises(accounts.AccountInvalid, match="vanthu"):
        make("quantri3", "LÊ THỊ MẪU", "administrator")
    with pytest.raises(accounts.AccountInvalid, match="quantri"):
        make("vanthu2", NAMES["quantri"], "custodian")
    engine.dispose()


def test_nothing_can_be_changed_before_the_office_is_founded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path))
    assert main(["office", "history"]) == 2
    assert "start the service once" in capsys.readouterr().err


def test_a_key_that_others_can_read_is_said(said: Said, home: Path) -> None:
    load_settings({}, home=home).checkpoint_key.chmod(0o644)
    status, told = said("holiday", "add", "2027-02-05", by="quantri", why="nghỉ Tết")
    assert (status, "register's key cannot be used" in told) == (1, True)
