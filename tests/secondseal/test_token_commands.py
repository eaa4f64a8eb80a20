"""`secondseal token ...` as an operator types it: the ceremony with its record, the calendar, the count of uses."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hsm import (
    CeremonyPlan,
    HsmKey,
    KeyUri,
    LoginLedger,
    PinValue,
    Witness,
    check_record,
    import_certificate,
    make_key,
    sign_as_witness,
)
from hsm.ceremony import jws
from secondseal.command import main
from secondseal.commands.token.ceremony import _keep
from secondseal.demo.pki import Pki
from secondseal.ics import Day, calendar
from secondseal.new_file import check_new, write_new
from store import VIETNAM
from tests.secondseal.served import give_settings
from tests.secondseal.test_keys import give_seal_its_key
from tests.secondseal.test_next_key import prepare_next
from tests.stamping.office_desk import OFFICER_NAME, SEAL, Place, PlaceMaker, make_seal
from tests.tokens.fixtures import USER_PIN, Seat, TokenFarm

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """`secondseal token WORDS`, standing in the test's folder: exit status, output, errors."""
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str, home: Path | None = None) -> tuple[int, str, str]:
        if home is not None:
            monkeypatch.setenv("SECONDSEAL_HOME", str(home))
        capsys.readouterr()
        status = main(["token", *words])
        written = capsys.readouterr()
        return status, written.out, written.err

    return run


@pytest.fixture(scope="module")
def witness(farm: TokenFarm) -> Seat:
    """A person with a token."""
    return farm.make("p-256", common_name="Lê Thị Chứng")


def pin_file(folder: Path, pin: str = USER_PIN, name: str = "pin") -> Path:
    path = folder / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as opened:
        opened.write(pin)
    return path


def plan_file(folder: Path, farm: TokenFarm, witness: Seat | None = None, *, witness_pin: Path | None = None) -> KeyUri:
    """A plan for a fresh token, whose PIN lies beside it."""
    uri = farm.token().uri
    people = (
        f'[[witnesses]]\nname = "Lê Thị Chứng"\npost = "Chánh văn phòng"\n'
        f'uri = "{witness.uri}&pin-source=file:{witness_pin}"\n'
        if witness
        else ""
    )
    (folder / "plan.toml").write_text(
        f'uri = "{uri}"\nlabel = "con dấu"\nalgorithm = "p-256"\ndevice_level = "FIPS 140-3 Level 3"\n'
        f'[subject]\ncountry = "VN"\ncommon_name = "ỦY BAN NHÂN DÂN XÃ MẪU"\n{people}',
        encoding="utf-8",
    )
    return uri


CEREMONY = ("ceremony", "plan.toml", "--csr", "seal.csr", "--record", "record.json", "--pin-file", "pin")


def test_a_ceremony_from_the_plan_to_the_imported_certificate(
    said: Said, tmp_path: Path, farm: TokenFarm, witness: Seat
) -> None:
    """A plan file in; a signed record, a request, and later the record of the certificate's arrival out."""
    pin_file(tmp_path)
    uri = plan_file(tmp_path, farm, witness, witness_pin=pin_file(tmp_path, witness.pin, "witness.pin"))
    status, out, err = said(*CEREMONY)
    assert status == 0, err
    assert "con dấu: p-256" in out
    for name in ("seal.csr", "record.json"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o644
    record = check_record((tmp_path / "record.json").read_text("utf-8"))
    assert record.whole
    request = x509.load_pem_x509_csr((tmp_path / "seal.csr").read_bytes())
    assert record.statement["request_pem"].encode() == (tmp_path / "seal.csr").read_bytes()

    status, out, _ = said("check-record", "record.json")
    assert status == 0
    assert "khóa của buổi lễ" in out
    assert "Lê Thị Chứng, Chánh văn phòng" in out
    assert "FIPS 140-3 Level 3" in out

    certificate = farm.issuer.issue(request.public_bytes(Encoding.PEM).decode())
    (tmp_path / "seal.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    words = ("import-certificate", str(uri), "seal.pem", "--record", "import.json", "--pin-file", "pin")
    status, _, err = said(*words)
    assert status == 0, err
    assert said("check-record", "import.json")[0] == 0
    status, _, err = said(*words)
    assert status == 1
    assert "không ghi đè" in err

    changed = (tmp_path / "record.json").read_text("utf-8").replace('"signature": "', '"signature": "A', 1)
    (tmp_path / "changed.json").write_text(changed, encoding="utf-8")
    status, out, _ = said("check-record", "changed.json", "--json")
    assert status == 1
    assert json.loads(out)["whole"] is False
    (tmp_path / "none.json").write_text("{}", encoding="utf-8")
    status, _, err = said("check-record", "none.json")
    assert (status, "Not a signed record" in err) == (1, True)


def test_a_records_certificates_are_judged_by_anchors(said: Said, tmp_path: Path, farm: TokenFarm, pki: Pki) -> None:
    """A witness whose certificate a trusted authority issued, and one whose certificate anybody could have made."""
    person = farm.make("p-256", common_name="Lê Thị Chứng")
    public_key: Any = person.certificate.public_key()
    trusted = pki.issue_person("witness-" + tmp_path.name, "Lê Thị Chứng", public_key, organisation="UBND XÃ MẪU")
    record = make_key(
        CeremonyPlan(
            uri=farm.token().uri,
            label="con dấu",
            algorithm="p-256",
            subject=farm.issuer.name,
            witnesses=(Witness(name="Lê Thị Chứng", post="", uri=person.uri),),
        ),
        PinValue(USER_PIN),
        state=farm.state(),
    )
    pin = PinValue(person.pin)
    anchors = ("--anchors", str(pki.anchors_pem), "--intermediates", str(pki.intermediates_pem))
    homemade = record.signed(sign_as_witness(record.payload, record.witnesses[0], pin, state=person.state))
    (tmp_path / "homemade.json").write_text(homemade.as_jws(), encoding="utf-8")
    status, out, _ = said("check-record", "homemade.json")
    assert (status, "Certificates were not judged" in out) == (0, True)
    status, out, _ = said("check-record", "homemade.json", *anchors)
    assert (status, "is not trusted: untrusted" in out) == (1, True)

    import_certificate(person.uri, pin, trusted, state=person.state, chain=[pki.subca])
    signed = record.signed(sign_as_witness(record.payload, record.witnesses[0], pin, state=person.state))
    assert check_record(signed.as_jws()).attestations[1].chain == (trusted, pki.subca), "the one that lasts longest"
    (tmp_path / "trusted.json").write_text(signed.as_jws(), encoding="utf-8")
    status, out, _ = said("check-record", "trusted.json", *anchors)
    assert status == 0, out


@pytest.mark.parametrize("taken", ["seal.csr", "record.json"])
def test_a_file_that_is_there_stops_the_ceremony_before_the_key(
    said: Said, tmp_path: Path, farm: TokenFarm, taken: str
) -> None:
    pin_file(tmp_path)
    plan_file(tmp_path, farm)
    (tmp_path / taken).write_text("kept")
    status, _, err = said(*CEREMONY)
    assert status == 1
    assert f"{taken} đã có; không ghi đè" in err
    assert (tmp_path / taken).read_text() == "kept"
    (tmp_path / taken).unlink()
    assert said(*CEREMONY)[0] == 0, "no key had been made"
    status, _, err = said("ceremony", "plan.toml", "--csr", "2.csr", "--record", "2.json", "--pin-file", "pin")
    assert (status, "KeyExists" in err) == (1, True)
    assert not (tmp_path / "2.csr").exists()
    status, _, err = said("ceremony", "plan.toml", "--csr", "no/2.csr", "--record", "2.json", "--pin-file", "pin")
    assert (status, "no/2.csr" in err) == (1, True)


def test_a_record_writes_no_lines_of_its_own_on_the_terminal(said: Said, tmp_path: Path, farm: TokenFarm) -> None:
    """Any key may sign any text: a label that says who signed is shown as the label it is."""
    seat = farm.make("p-256")
    lie = "dấu\n[đúng · good] 22/11/2026  Lê Thị Chứng\x1b[8m\u202e"
    record = replace(seat.record, label=lie, signatures=())
    public_key: Any = seat.certificate.public_key()
    with seat.open() as key:
        record = record.signed(jws.sign(record.payload, {"jwk": jws.jwk(public_key)}, public_key, key.scheme, key.sign))
    (tmp_path / "lie.json").write_text(record.as_jws(), encoding="utf-8")
    status, out, _ = said("check-record", "lie.json")
    assert status == 0
    assert [line for line in out.splitlines() if line.startswith("[")] == [
        line for line in out.splitlines() if line.startswith("[đúng · good] ?")
    ]
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_witness_who_could_not_sign_signs_later(said: Said, tmp_path: Path, farm: TokenFarm, witness: Seat) -> None:
    """The key is made, so the record is kept, and says who is missing; the first file is left as it was."""
    pin_file(tmp_path)
    plan_file(tmp_path, farm, witness, witness_pin=tmp_path / "witness.pin")
    status, out, err = said(*CEREMONY)
    assert status == 1
    assert "record.json" in out
    assert "Lê Thị Chứng chưa ký" in err
    assert said("check-record", "record.json")[0] == 1
    words = ("witness", "record.json", "--uri", str(witness.uri), "--out", "whole.json", "--pin-file", "witness.pin")
    pin_file(tmp_path, witness.pin, "witness.pin")
    status, _, err = said(*words, "--name", "Người khác")
    assert (status, "Lê Thị Chứng" in err) == (1, True)
    status, _, err = said(*words, "--name", "Lê Thị Chứng")
    assert status == 0, err
    assert said("check-record", "whole.json")[0] == 0


def test_a_record_that_cannot_be_written_is_shown(
    tmp_path: Path, farm: TokenFarm, capsys: pytest.CaptureFixture[str]
) -> None:
    """The key is on the token by then: where it is, and the whole record, are said."""
    record = farm.seat("p-256").record
    (tmp_path / "record.json").write_text("taken meanwhile")
    assert not _keep(record, tmp_path / "record.json")
    written = capsys.readouterr()
    assert written.out.strip() == record.as_jws().strip()
    assert record.id.hex() in written.err
    assert record.token.serial in written.err
    assert (tmp_path / "record.json").read_text() == "taken meanwhile"


def test_a_new_file_takes_no_others_place(tmp_path: Path) -> None:
    path = tmp_path / "a"
    check_new(path)
    write_new(path, b"1")
    for again in (lambda: check_new(path), lambda: write_new(path, b"2")):
        with pytest.raises(FileExistsError):
            again()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "dangling", b"3")
    assert [one.name for one in sorted(tmp_path.iterdir())] == ["a", "dangling"]
    assert path.read_bytes() == b"1"


@pytest.fixture(scope="module")
def office(desk_with: PlaceMaker, seal_key: HsmKey, farm: TokenFarm, pki: Pki) -> Place:
    """An office with a next key and a sealed paper."""
    place = desk_with()
    follower = make_seal(farm, pki)
    give_seal_its_key(place, seal_key)
    prepare_next(place, follower, (place.today() + timedelta(days=40)).isoformat())
    place.rewrite_office((f'id = "{SEAL}"\n', f'id = "{SEAL}"\ndaily_limit = 9\n'))
    give_settings(place, pki)
    place.sealed()
    follower.close()
    return place


def test_the_register_says_how_often_the_key_was_used(said: Said, office: Place) -> None:
    status, out, err = said("usage", "--json", home=office.desk.home)
    assert status == 0, err
    (row,) = json.loads(out)
    assert (row["seal"], row["uses"], row["daily_limit"], row["concluded"]) == (SEAL, 1, 9, 1)
    assert row["day"] == office.today().isoformat()
    assert f"{SEAL}  1/9" in said("usage")[1]


def test_the_calendar_names_every_certificate_with_what_to_do(
    said: Said, office: Place, tmp_path: Path, seal_key: HsmKey, pki: Pki
) -> None:
    status, out, err = said("calendar", "--json", home=office.desk.home)
    assert status == 0, err
    rows = json.loads(out)
    assert {row["role"] for row in rows} == {"seal", "next-seal", "officer", "time", "authority", "anchor"}
    assert [row["day"] for row in rows] == sorted(row["day"] for row in rows)
    (seal,) = [row for row in rows if row["role"] == "seal"]
    assert seal["serial"] == f"{seal_key.certificate.serial_number:x}"
    assert seal["act_by"] is None, "the next key is prepared"
    (after,) = [row for row in rows if row["role"] == "next-seal"]
    assert date.fromisoformat(after["act_by"]) == date.fromisoformat(after["day"]) - timedelta(days=30)
    assert [row["what"] for row in rows if row["role"] == "officer"] == [OFFICER_NAME]
    assert "chưa dùng ở đây lần nào" in err, "the head's certificate has not been seen"
    (time,) = [row for row in rows if row["role"] == "time"]
    assert time["serial"] == f"{pki.tsa.serial_number:x}"

    status, _, err = said("calendar", "--ics", str(tmp_path / "a.ics"))
    assert status == 0, err
    events = read_calendar((tmp_path / "a.ics").read_bytes())
    ends = {event["DTSTART;VALUE=DATE"] for event in events}
    assert seal["day"].replace("-", "") in ends
    assert after["act_by"].replace("-", "") in ends
    assert len({event["UID"] for event in events}) == len(events)
    assert said("calendar", "--ics", str(tmp_path / "a.ics"))[0] == 0, "written anew each time"

    status, out, _ = said("calendar")
    assert status == 0
    assert f"Đã có khóa kế tiếp, dùng từ {office.today() + timedelta(days=40):%d/%m/%Y}" in out


def test_a_gap_between_two_keys_is_a_fault(said: Said, desk_with: PlaceMaker, seal_key: HsmKey, pki: Pki) -> None:
    place = desk_with()
    give_seal_its_key(place, seal_key)
    prepare_next(place, seal_key, "2099-01-01")
    give_settings(place, pki)
    status, out, err = said("calendar", home=place.desk.home)
    assert status == 1, out + err
    assert "không dùng được" in out


def test_days_are_written_as_calendars_want_them() -> None:
    """RFC 5545: CRLF, lines of at most 75 octets, text escaped; read back as it was."""
    long = "Làm lễ tạo khóa kế tiếp; xin chứng thư, đối chiếu vân tay\\" * 4 + "\ndòng hai"
    written = calendar(
        [Day(uid="a@b", day=date(2027, 1, 31), summary="Hết hạn, x", description=long, remind_days=7)],
        name="Chứng thư",
        at=datetime(2026, 11, 22, 7, 0, tzinfo=VIETNAM),
    )
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert b"\n" not in written.replace(b"\r\n", b"")
    (event,) = read_calendar(written)
    assert event["DTSTAMP"] == "20261122T000000Z"
    assert event["DTSTART;VALUE=DATE"] == "20270131"
    assert event["DTEND;VALUE=DATE"] == "20270201"
    plain = event["DESCRIPTION"].replace("\\n", "\n").replace("\\;", ";").replace("\\,", ",").replace("\\\\", "\\")
    assert plain == long
    assert event["TRIGGER"] == "-P7D"


def read_calendar(content: bytes) -> list[dict[str, str]]:
    """The events of an iCalendar file, unfolded; an alarm's lines stand with its event's (DESCRIPTION: the event's)."""
    text = content.decode("utf-8")
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert text.endswith("END:VCALENDAR\r\n")
    events: list[dict[str, str]] = []
    for line in text.replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events:
            events[-1].setdefault(name, value)
    return events


def test_failed_logins_are_shown_and_cleared_by_a_person(said: Said, tmp_path: Path, farm: TokenFarm) -> None:
    """A wrong PIN is on record; the command shows it, asks, and clears it."""
    home = tmp_path / "home"
    uri = plan_file(tmp_path, farm)
    pin_file(tmp_path, "sai-ma-pin")
    status, _, err = said(*CEREMONY)
    assert (status, "PinWrong" in err) == (1, True)
    status, out, _ = said("forget-logins")
    assert status == 0
    assert "refused: 1" in out
    assert uri.token is not None
    for answer, left in (("không", 1), ("có", 0)):
        asked = subprocess.run(
            [sys.executable, "-m", "secondseal.command", "token", "forget-logins", uri.token],
            env={**os.environ, "SECONDSEAL_HOME": str(home), "PYTHONUTF8": "1"},
            input=f"{answer}\n",
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert asked.returncode == left, asked.stderr
        assert ("Cleared" in asked.stdout, "Nothing was cleared" in asked.stderr) == (not left, bool(left))
        assert len(LoginLedger(home / "state" / "logins").records()) == left
    assert said("forget-logins", uri.token)[0] == 1, "there is nothing on record any more"
    (home / "state" / "logins" / "ab.json").write_text("{")
    status, out, _ = said("forget-logins", "ab", "--yes")
    assert status == 0
    assert "damaged" in out
    assert not (home / "state" / "logins" / "ab.json").exists()
