"""The worker under the real supervisor; its driver hangs, crashes and loses its token: sealed once, and said."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hsm import HUNG, HsmKey
from register import seal_log
from secondseal.demo.pki import Pki
from secondseal.serve import DRIVER_SILENT, reason
from stamping import KeyHealth, documents, key_health
from store import read
from tests.secondseal.served import Served, give_key, give_settings, serving, until
from tests.stamping.office_desk import SEAL, Place, PlaceMaker
from tests.tokens.faults import FaultModule

READY = f'secondseal_key_ready{{seal="{SEAL}",which="current"}}'


@pytest.fixture(scope="module")
def fault(tmp_path_factory: pytest.TempPathFactory) -> FaultModule:
    """The seal's driver."""
    return FaultModule(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def place(desk_with: PlaceMaker, seal_key: HsmKey, pki: Pki, fault: FaultModule) -> Place:
    """An office whose seal is reached through that driver."""
    office = desk_with()
    give_key(office, seal_key, fault.path)
    give_settings(office, pki, key_call_limit_s=5, canary_interval_s=10)
    return office


@pytest.fixture(scope="module")
def served(place: Place) -> Iterator[Served]:
    """Its service."""
    with serving(place) as running:
        until(lambda: state(place) == "good", 30, "the first canary")
        yield running


def health(place: Place) -> KeyHealth | None:
    """What the worker wrote about the key last."""
    with read(place.desk.engine) as connection:
        return key_health.find(connection, SEAL, "current")


def state(place: Place) -> str:
    """Its state."""
    found = health(place)
    return found.state if found is not None else ""


def sealed_once(place: Place, document_id: str) -> bool:
    """Sealed, and released once in the register."""
    if documents.view(place.desk, document_id).state != "sealed":
        return False
    with read(place.desk.engine) as connection:
        events = [row.event for row in seal_log.entries_of(connection, document_id)]
    assert events.count("conclude") == 1
    assert events[-1] == "conclude"
    return True


def test_both_processes_take_up_a_changed_list_of_authorities(served: Served, place: Place) -> None:
    """Or do not, and say so: a line in the log of each, and /readyz degraded."""
    file, name = place.desk.home / "trust-list.jsonl", "trust_list"
    said = "the list of authorities is not taken up"
    file.write_text("no act\n", "utf-8")
    until(lambda: served.ready()[1][name] == "failing" and served.said().count(said) == 2, 30, "the damaged list")
    assert served.ready()[1]["status"] == "degraded"
    file.unlink()
    until(lambda: served.ready()[1][name] == "ok", 30, "no list again")


def test_the_first_canary_is_on_readyz_and_in_the_metrics(served: Served, place: Place) -> None:
    """The web process, which reaches no key, says how it is; the log names the device (AC-75)."""
    status, body = served.ready("?keys=required")
    assert (status, body["status"]) == (200, "ready"), body
    assert body["keys"][0] | {"age_s": 0} == {
        "seal": SEAL,
        "which": "current",
        "state": "good",
        "code": "signed",
        "age_s": 0,
    }
    samples = served.metrics()
    assert samples[READY] == 1
    labels = READY.removeprefix("secondseal_key_ready")
    assert samples[f"secondseal_key_canaries_total{labels}"] >= 1
    assert 0 < samples[f"secondseal_key_canary_seconds{labels}"] < 5
    found = health(place)
    assert found is not None
    assert found.not_after is not None
    expires = samples[f"secondseal_key_certificate_expires_timestamp_seconds{labels}"]
    assert expires == found.not_after.timestamp()
    assert f"seal {SEAL} (current key): SoftHSM project SoftHSM v2, firmware" in served.said()
    assert "declared level: none" in served.said()


def test_a_driver_that_hangs_ends_the_worker_within_its_limit_and_the_paper_is_sealed_once(
    served: Served, place: Place, fault: FaultModule
) -> None:
    """C_Sign never comes back: ended after its limit, said why, started again, gone on from the database."""
    before = len(served.processes("worker"))
    fault.rules("C_Sign hang times=1")
    paper = place.confirmed()
    until(lambda: "worker ended: a token's driver did not answer (status 70)" in served.said(), 30, "its end")
    assert re.search(r"has not answered C_Sign for [56] s", served.said())
    until(lambda: sealed_once(place, paper), 90, "sealed by the next worker")
    assert len(served.processes("worker")) == before + 1
    until(lambda: state(place) == "good", 10, "the key is good again")


def test_a_driver_that_crashes_ends_the_worker_alone_and_the_paper_is_sealed_once(
    served: Served, place: Place, fault: FaultModule
) -> None:
    """SIGSEGV inside C_Sign: the pages stay, the next worker goes on."""
    fault.rules("C_Sign crash times=1")
    paper = place.confirmed()
    until(lambda: "worker ended: crashed (SIGSEGV), as a token's driver may make it" in served.said(), 30, "its end")
    assert served.ready()[0] == 200
    until(lambda: sealed_once(place, paper), 90, "sealed by the next worker")


def test_a_token_that_is_away_is_told_and_comes_back_by_itself(
    served: Served, place: Place, fault: FaultModule
) -> None:
    """/readyz degraded, 503 only where keys are required; metrics 0; one line in the log; good again unasked."""
    until(lambda: state(place) == "good", 60, "good before")
    lines = served.said().count("was good, is fault")
    fault.rules(
        "C_GetTokenInfo ckr=CKR_TOKEN_NOT_PRESENT",
        "C_OpenSession ckr=CKR_TOKEN_NOT_PRESENT",
        "C_SignInit ckr=CKR_DEVICE_REMOVED",
        "C_GetSessionInfo ckr=CKR_DEVICE_REMOVED",
    )
    os.kill(served.processes("worker")[-1], signal.SIGKILL)  # the next one looks first: no waiting for the interval
    until(lambda: state(place) == "fault", 60, "the canary notices")
    found = health(place)
    assert found is not None
    assert found.code == "token-missing"
    assert "Hãy cắm lại token" in found.text_vi
    assert "Plug it in again" in found.text_en
    status, body = served.ready()
    assert (status, body["status"]) == (200, "degraded")
    assert served.ready("?keys=required")[0] == 503
    assert served.metrics()[READY] == 0
    fault.rules()
    until(lambda: state(place) == "good", 60, "back by itself")
    assert served.ready("?keys=required")[0] == 200
    assert served.metrics()[READY] == 1
    assert served.said().count("was good, is fault") == lines + 1
    assert "worker ended: killed (SIGKILL)" in served.said()


def test_the_supervisor_says_why_a_process_ended(tmp_path: Path) -> None:
    """In words; the parent loads no PKCS#11, so it repeats the status."""
    assert DRIVER_SILENT == HUNG
    assert reason(-9) == "killed (SIGKILL)"
    assert reason(-6) == "crashed (SIGABRT), as a token's driver may make it"
    assert reason(1) == "status 1"
