"""The canary and the doctor: what they find about a seal's key, in words that say what to do."""

import hashlib
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from api.formats import full_date
from hsm import HsmKey
from office import Office
from secondseal.canary import Canary
from secondseal.demo.pki import Pki
from secondseal.ics import Day, calendar
from secondseal.keys import SealKeys
from secondseal.notify import ServiceManager
from secondseal.settings import Settings, load_settings
from stamping import Desk, KeyHealth, KeyUnavailable, Refusal, key_health
from store import read, vietnam_date, write
from tests.secondseal.served import give_key, give_settings
from tests.stamping.office_desk import SEAL, Place, PlaceMaker, make_seal
from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import USER_PIN, Issuer, TokenFarm

MakeOffice = Callable[..., tuple[Place, FaultModule]]


@pytest.fixture
def office(desk_with: PlaceMaker, seal_key: HsmKey, pki: Pki, tmp_path: Path) -> MakeOffice:
    """An office whose seal is reached through a driver that fails as told."""

    def make(*, pin: str = USER_PIN, key: HsmKey = seal_key, **settings: object) -> tuple[Place, FaultModule]:
        place, fault = desk_with(), FaultModule(tmp_path / "driver")
        give_key(place, key, fault.path)
        give_settings(place, pki, pin=pin, **settings)
        return place, fault

    return make


@contextmanager
def canary(place: Place, desk: Desk | None = None) -> Iterator[Canary]:
    """As a worker just started has it; logged out at the end."""
    settings: Settings = load_settings({}, home=place.desk.home)
    keys = SealKeys(settings, desk or place.worker)
    made = Canary(settings, desk or place.worker, keys)
    made.begin()
    try:
        yield made
    finally:
        keys.close()


def found_by(place: Place, made: Canary, role: key_health.Role = "current") -> KeyHealth:
    """After every key that is due was looked at."""
    while made.look():
        continue
    with read(place.desk.engine) as connection:
        found = key_health.find(connection, SEAL, role)
    assert found is not None
    return found


def look(place: Place) -> KeyHealth:
    """One worker's first look."""
    with canary(place) as made:
        return found_by(place, made)


def test_a_wrong_pin_in_the_file_is_sent_once_over_restarts_and_canaries(office: MakeOffice) -> None:
    """AC-114: what the token refused is not sent again, whoever asks; the right one then works."""
    place, fault = office(pin="sai-ma-pin")
    for _ in range(3):
        found = look(place)
        assert (found.state, found.code) == ("fault", "pin-wrong")
        assert "hãy ghi mã PIN đúng vào nơi đã cấu hình" in found.text_vi.replace("Hãy", "hãy")
    assert fault.calls()["C_Login"] == 1
    assert "sai-ma-pin" not in str(found)
    give_settings(place, _pki_of(place), pin=USER_PIN)
    assert look(place).state == "good"
    assert fault.calls()["C_Login"] == 2


def test_a_login_refused_nobody_knows_why_is_not_repeated_by_itself(office: MakeOffice) -> None:
    """It may have cost a try of the PIN; it is never called a wrong PIN."""
    place, fault = office()
    fault.rules("C_Login ckr=CKR_FUNCTION_FAILED")
    with canary(place) as made:
        found = found_by(place, made)
        assert (found.state, found.code) == ("fault", "login-unclear")
        assert "CKR_FUNCTION_FAILED" in found.text_vi
        assert found.due_at - found.checked_at > timedelta(days=300)
    assert fault.calls()["C_Login"] == 1
    # workers started again and again: two such logins are the most, whatever the restarts
    assert [look(place).code for _ in range(3)] == ["login-unclear", "pin-unsettled", "pin-unsettled"]
    assert fault.calls()["C_Login"] == 2


@pytest.mark.parametrize(
    ("rule", "code", "todo"),
    [
        ("C_GetTokenInfo ckr=CKR_TOKEN_NOT_PRESENT", "token-missing", "Hãy cắm lại token"),
        ("C_SignInit ckr=CKR_FUNCTION_REJECTED", "token-fault", "đây không phải lỗi sai mã PIN"),
        ("C_OpenSession ckr=CKR_SESSION_COUNT", "token-fault", "đang bận (CKR_SESSION_COUNT)"),
    ],
)
def test_a_drivers_trouble_is_said_in_words(office: MakeOffice, rule: str, code: str, todo: str) -> None:
    """Each with what to do."""
    place, fault = office()
    fault.rules(rule)
    found = look(place)
    assert (found.state, found.code) == ("fault", code)
    assert todo in found.text_vi
    assert found.latency_ms is None


@pytest.mark.parametrize(
    ("path", "pem"),
    [
        ("seal\\u0000.pem", b""),
        ("ke-toan", b""),
        ("la.pem", bytes.fromhex("2A811CCF5501822D")),
        ("khac.pem", b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"),
    ],
    ids=["a name no file has", "a folder", "a key of an unknown curve", "no certificate"],
)
def test_no_certificate_in_the_offices_file_ends_the_worker(
    office: MakeOffice, seal_key: HsmKey, path: str, pem: bytes
) -> None:
    """Whatever is written there, the worker would only be started again to read it anew."""
    place, fault = office()
    (place.desk.home / "ke-toan").mkdir()
    if len(pem) == 8:
        key = ec.generate_private_key(ec.SECP256R1())
        der = Issuer().build(seal_key.certificate.subject, key.public_key()).public_bytes(Encoding.DER)
        pem = ssl.DER_cert_to_PEM_cert(der.replace(bytes.fromhex("2A8648CE3D030107"), pem)).encode()
    if pem:
        (place.desk.home / path).write_bytes(pem)
    change = ('certificate = "seal.pem"', f'certificate = "{path}"')
    if path == "la.pem":
        place.rewrite_office(change)
    else:
        with pytest.raises(Refusal, match="proposal-invalid"):
            place.rewrite_office(change)
        # and if it came to stand there all the same
        file = place.desk.home / "office.toml"
        place.desk = replace(place.desk, office=lambda: Office.load(file))
        place.worker = replace(place.worker, office=place.desk.office)
    found = look(place)
    assert found.state == "fault"
    assert found.code in {"certificate-unreadable", "token-unsuitable"}
    seal = place.desk.office().seal(SEAL)
    assert seal is not None
    with canary(place) as made, pytest.raises(KeyUnavailable) as raised:
        made(seal)
    assert not raised.value.passing
    assert fault.calls()["C_Login"] == 0


def test_a_certificate_without_an_end_is_good(office: MakeOffice, seal_key: HsmKey) -> None:
    """RFC 5280, 4.1.2.5: "no end" is the last second of the year 9999, which is no day in Viet Nam any more."""
    place, _ = office()
    authority = Issuer()
    endless = (
        x509.CertificateBuilder()
        .subject_name(seal_key.certificate.subject)
        .issuer_name(authority.name)
        .public_key(seal_key.certificate.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
        .sign(authority.key, hashes.SHA256())
    )
    (place.desk.home / "seal.pem").write_bytes(endless.public_bytes(Encoding.PEM))
    place.import_office()
    found = look(place)
    assert found.state != "fault", found.text_en
    assert found.not_after is not None
    assert found.not_after.year == 9999
    ends = vietnam_date(found.not_after)
    assert (ends.year, full_date(found.not_after, "vi")) == (9999, "31/12/9999")
    assert b"VEVENT" not in calendar(
        [Day(uid="1", day=ends, summary="", description="")], name="", at=datetime.now(UTC)
    )


def test_another_token_than_the_one_sought_is_named(office: MakeOffice, seal_key: HsmKey) -> None:
    """Which tokens are seen instead."""
    place, fault = office()
    give_key(place, seal_key, fault.path, token="con-dau-khac", serial=None)
    found = look(place)
    assert found.code == "token-missing"
    seen = f"{seal_key.token.label} ({seal_key.token.serial})"
    assert seen in found.text_vi.partition("đang thấy: ")[2]
    assert seen in found.text_en.partition("seen instead: ")[2]


def test_the_device_its_declared_level_and_what_was_recovered_are_told(office: MakeOffice) -> None:
    """AC-75: no driver proves a level, so the operator's word is told as such."""
    place, fault = office()
    place.rewrite_office(('certificate = "seal.pem"\n', 'certificate = "seal.pem"\ndevice_level = "FIPS 140-3"\n'))
    fault.rules("C_SignInit ckr=CKR_SESSION_HANDLE_INVALID times=1")
    found = look(place)
    assert (found.state, found.level, found.model) == ("good", "FIPS 140-3", "SoftHSM v2")
    assert "mức khai báo: FIPS 140-3" in found.text_vi
    assert found.recoveries == {"reopen": 1}


def test_every_code_stands_in_the_operators_page() -> None:
    """What /readyz and the doctor may say, and nothing else."""
    source = "".join(
        Path(name).read_text("utf-8")
        for name in (
            "secondseal/findings.py",
            "secondseal/token_findings.py",
            "stamping/key_health.py",
        )
    )
    said = set(re.findall(r'code="([a-z-]+)"', source)) | set(
        re.findall(r'^    \(\w+, "([a-z-]+)", ', source, re.MULTILINE)
    )
    table = (
        Path("docs/operations.md").read_text("utf-8").partition("| Code | State | Meaning |")[2].partition("\n\n")[0]
    )
    told = {
        code
        for line in table.splitlines()
        for code in re.findall(r"`([a-z-]+)`", line.split("|")[1] if "|" in line else "")
    }
    assert len(said) > 20
    assert said - {"driver-quirk"} == told


def test_a_certificate_of_another_key_is_told(office: MakeOffice, farm: TokenFarm, pki: Pki) -> None:
    """The certificate's file was exchanged."""
    place, _ = office()
    with make_seal(farm, pki) as other:
        pem = other.certificate.public_bytes(Encoding.PEM)
    (place.desk.home / "seal.pem").write_bytes(pem)
    assert look(place).state == "good", "a file has no effect until it is imported"
    place.import_office()
    found = look(place)
    assert (found.state, found.code) == ("fault", "certificate-mismatch")
    assert f"{hashlib.sha256(pem).hexdigest()[:16]}… không khớp với khóa nào" in found.text_vi


def test_a_software_token_outside_a_test_office_is_told(office: MakeOffice) -> None:
    """AC-75."""
    place, _ = office()
    place.rewrite_office(("test_office = true", "test_office = false"))
    found = look(place)
    assert (found.state, found.code) == ("fault", "token-software")


def test_a_certificate_near_and_past_its_end_is_told(office: MakeOffice, seal_key: HsmKey) -> None:
    """Care while it still signs, fault afterwards; with the days left and what to do."""
    place, fault = office()
    end = seal_key.certificate.not_valid_after_utc
    with canary(place, replace(place.worker, clock=lambda: end - timedelta(days=20))) as made:
        near = found_by(place, made)
    assert (near.state, near.code) == ("care", "certificate-expiring")
    assert near.latency_ms is not None
    assert near.not_after == end
    assert "còn 20 ngày" in near.text_vi
    assert "ends in 20 days" in near.text_en
    with canary(place, replace(place.worker, clock=lambda: end + timedelta(days=1))) as made:
        past = found_by(place, made)
    assert (past.state, past.code) == ("fault", "certificate-expired")
    assert fault.calls()["C_Sign"] == 2


def test_the_next_key_is_tried_before_its_day(office: MakeOffice, farm: TokenFarm, pki: Pki) -> None:
    """Its fault is told beside the key in force, which stays good."""
    place, _ = office()
    with make_seal(farm, pki) as following:
        (place.desk.home / "next.pem").write_bytes(following.certificate.public_bytes(Encoding.PEM))
        uri = str(following.token.uri)
    day = f"{place.clock() + timedelta(days=20):%Y-%m-%d}"
    added = f'next = {{ key = "{uri}", certificate = "next.pem", from = {day} }}\n'
    place.rewrite_office(('certificate = "seal.pem"\n', f'certificate = "seal.pem"\n{added}'))
    with canary(place) as made:
        assert found_by(place, made).state == "good"
        assert found_by(place, made, "next").state == "good"
    (place.desk.home / "next.pem").write_bytes((place.desk.home / "seal.pem").read_bytes())
    place.import_office()
    with canary(place) as made:
        assert found_by(place, made).state == "good"
        assert found_by(place, made, "next").code == "certificate-mismatch"


def test_a_key_that_ended_two_workers_is_left_alone_and_said(office: MakeOffice, seal_key: HsmKey) -> None:
    """What two workers that died over it leave behind; then the driver is not called at all."""
    place, fault = office()
    now = place.clock()
    with write(place.desk.engine) as connection:
        key_health.worker_started(connection, key_health.WorkerSeen(started_at=now, seen_at=now, deaths=1))
        key_health.worker_examines(connection, f"{SEAL}/current", now, deaths=1)
    with canary(place) as made:
        found = found_by(place, made)
        assert (found.state, found.code) == ("fault", "driver-fatal")
        seal = place.desk.office().seal(SEAL)
        assert seal is not None
        with pytest.raises(KeyUnavailable, match="hung or crashed") as refused:
            made(seal)
        assert refused.value.passing
    assert not fault.calls()["C_Sign"]
    with canary(place) as made:  # the test before had no victim: this worker looks again
        assert found_by(place, made).state == "good"


def test_a_key_that_stays_away_gets_one_fresh_process(office: MakeOffice) -> None:
    """The ladder's last rung: once for each time it went; a worker that never saw the key good does not end for it."""
    place, fault = office()
    often = load_settings({}, home=place.desk.home).model_copy(update={"canary_interval_s": 0.02})
    for sees_it_good in (True, False):
        keys = SealKeys(often, place.worker)
        made = Canary(often, place.worker, keys)
        made.begin()
        if sees_it_good:
            assert made.look()
        fault.rules("C_GetTokenInfo ckr=CKR_TOKEN_NOT_PRESENT", "C_GetSessionInfo ckr=CKR_DEVICE_REMOVED")
        looks = 0
        while looks < 5 and not made.restart_due:
            looks += made.look()
            time.sleep(0.02)
        assert made.restart_due is sees_it_good
        keys.close()
    with read(place.desk.engine) as connection:
        found = key_health.find(connection, SEAL, "current")
    assert found is not None
    assert (found.code, found.recoveries["restart"]) == ("token-missing", 1)


def test_what_is_signed_can_be_no_documents(office: MakeOffice) -> None:
    """One key operation a look, no entry in the seal register."""
    place, fault = office()
    found = look(place)
    assert (found.operations, found.canaries) == (1, 1)
    assert fault.calls()["C_Sign"] == 1
    with read(place.desk.engine) as connection:
        from register import seal_log

        assert not seal_log.open_entries(connection)


def test_the_doctor_says_the_same_and_what_the_worker_found(office: MakeOffice) -> None:
    """As an operator runs it; the worker is said to be away when it is."""
    place, fault = office(pin="sai-ma-pin")
    look(place)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSEAL_")}
    done = subprocess.run(
        [sys.executable, "-m", "secondseal.command", "token", "doctor", "--json"],
        env={**environment, "SECONDSEAL_HOME": str(place.desk.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    advice = {(one["code"], one["what"].rpartition(" ")[2]): one for one in json.loads(done.stdout)}
    own = next(one for one in advice.values() if one["state"] == "fault")
    assert own["code"] == "pin-wrong"
    assert "không mất thêm lần thử" in own["text_vi"]
    assert any("(worker)" in one["what"] and "thử lần cuối lúc" in one["text_vi"] for one in advice.values())
    assert fault.calls()["C_Login"] == 1


def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ready, alive (not at every turn), stopping; nothing without NOTIFY_SOCKET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        manager = ServiceManager()
        manager.ready()
        manager.alive()
        manager.alive()
        manager.stopping()
        assert [systemd.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]
    monkeypatch.delenv("NOTIFY_SOCKET")
    ServiceManager().ready()


def _pki_of(place: Place) -> Pki:
    """The PKI named in the office's settings."""
    settings = load_settings({}, home=place.desk.home)
    assert settings.trust_anchors is not None
    return Pki.open(settings.trust_anchors.parent)
