"""The short way to a signature wakes whoever waits: for a session, for a turn in the driver, for all to leave it."""

import hashlib
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from hsm import HsmKey, Module
from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import Seat, TokenFarm

EACH = 15


def through(seat: Seat, fault: FaultModule) -> Seat:
    return replace(seat, uri=replace(seat.uri, module_path=str(fault.path)))


def sign_at_once(keys: list[HsmKey], threads: int) -> float:
    """Each of `threads` signs `EACH` times with each key; seconds. Raises what one of them raised."""
    faults: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            for index in range(EACH):
                for key in keys:
                    key.sign(hashlib.sha256(b"%d %d" % (thread, index)).digest())
        except BaseException as error:  # noqa: BLE001  raised below
            faults.append(error)

    began = time.monotonic()
    running = [threading.Thread(target=work, args=(thread,), daemon=True) for thread in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(30)
    if faults:
        raise faults[0]
    assert not any(thread.is_alive() for thread in running)
    return time.monotonic() - began


def test_driver_that_takes_one_thread_at_a_time(farm: TokenFarm, tmp_path: Path) -> None:
    """CKR_CANT_LOCK: initialised without locks, one session a key, and no two threads inside at once."""
    fault = FaultModule(tmp_path)
    one, other = through(farm.make("p-256"), fault), through(farm.make("p-256"), fault)
    fault.rules("C_Initialize ckr=CKR_CANT_LOCK times=1")
    with one.open(sessions=4) as first, other.open(sessions=4) as second:
        assert not Module.load(fault.path).concurrent
        fault.rules("C_Sign delay=2")
        took = sign_at_once([first, second], 4)
        assert first.operations == second.operations == 4 * EACH
        assert not first.recoveries
        assert not second.recoveries
        assert took >= 2 * 4 * EACH * 0.002
        assert fault.open_sessions() == 2


@pytest.mark.parametrize("sessions", [1, 3])
def test_those_who_wait_for_a_session_get_the_next_one(farm: TokenFarm, tmp_path: Path, sessions: int) -> None:
    """Six threads share fewer sessions: nobody sleeps longer than somebody signs."""
    fault = FaultModule(tmp_path)
    with through(farm.make("p-256"), fault).open(sessions=sessions) as key:
        fault.rules("C_Sign delay=4")
        took = sign_at_once([key], 6)
        assert key.operations == 6 * EACH
        assert 6 * EACH * 0.004 / sessions <= took < 6 * EACH * 0.004 / sessions + 10
        assert fault.open_sessions() == sessions
