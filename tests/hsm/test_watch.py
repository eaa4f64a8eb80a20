"""A call into a driver that does not come back is seen; a person who takes their time is not taken for one."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import TokenFarm

ROOT = Path(__file__).parents[2]


def run(program: str, *words: str, limit_s: float = 30) -> subprocess.CompletedProcess[str]:
    """In a process of its own: what is tested ends processes."""
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=limit_s, check=False)


SIGN = """
import hashlib, json, sys, threading
from pathlib import Path
from cryptography import x509
from hsm import KeyUri, PinValue, Watch, open_key
from tests.tokens.faults import FaultModule
uri, certificate, state, pin = sys.argv[1:]
seen, told = [], threading.Event()
def overdue(late):
    seen.append([Path(late.module_path).name, late.call, late.seconds])
    told.set()
own = x509.load_pem_x509_certificate(Path(certificate).read_bytes())
with open_key(KeyUri.parse(uri), PinValue(pin), certificate=own,
              state=Path(state)) as key:
    with Watch(0.6, overdue):
        for _ in range(12):  # each short, together longer than the limit
            key.sign(hashlib.sha256(b"x").digest())
        quiet = len(seen)
        thread = threading.Thread(target=key.sign, args=(hashlib.sha256(b"y").digest(),), daemon=True)
        print(json.dumps({"quiet": quiet}), flush=True)
        input()
        thread.start()
        told.wait(10)
        thread.join(10)
print(json.dumps({"seen": seen, "alive": thread.is_alive()}))
"""


def test_only_a_call_that_lasts_is_overdue_and_it_is_told_once(farm: TokenFarm, tmp_path: Path) -> None:
    """Named: the module and the function."""
    from cryptography.hazmat.primitives.serialization import Encoding

    fault = FaultModule(tmp_path)
    seat = farm.make("p-256")
    (tmp_path / "key.pem").write_bytes(seat.certificate.public_bytes(Encoding.PEM))
    uri = str(replace(seat.uri, module_path=str(fault.path)))
    fault.rules("C_Sign delay=100")
    words = [sys.executable, "-c", SIGN, uri, str(tmp_path / "key.pem"), str(tmp_path / "logins"), seat.pin]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"quiet": 0}
        fault.rules("C_Sign hang ms=2000")
        out, _ = process.communicate("\n", timeout=30)
    result = json.loads(out)
    assert len(result["seen"]) == 1
    name, call, seconds = result["seen"][0]
    assert (name, call) == (fault.path.name, "C_Sign")
    assert 0.6 < seconds < 1.9
    assert not result["alive"]


PERSON = """
import time
from hsm import Watch
from hsm.watch import away, inside, person
seen = []
with Watch(0.3, seen.append), inside("driver.so"):
    with person():  # C_Login of a token with a keypad of its own
        time.sleep(0.9)
    with away():  # a PIN is being typed, or another thread's login waited for
        time.sleep(0.9)
    assert not seen, seen
    time.sleep(0.9)
    assert len(seen) == 1, seen
print("well")
"""


def test_a_person_may_take_their_time(farm: TokenFarm) -> None:
    """At the token's keypad five minutes; while a PIN is typed nothing is timed."""
    done = run(PERSON)
    assert done.stdout == "well\n", done.stderr


LOCKED = """
import ctypes, os
from hsm import Watch
from hsm.watch import inside
with Watch(0.4, lambda late: os._exit(99)), inside("driver.so", "C_Sign"):
    import time
    time.sleep(0.2)  # the watch has looked once
    ctypes.PyDLL(None).sleep(60)  # a driver that keeps Python's lock
"""


def test_a_driver_that_hangs_with_pythons_lock_ends_the_process_too() -> None:
    """No thread of ours runs any more; the interpreter's own timer does."""
    done = run(LOCKED, limit_s=20)
    assert done.returncode == 1
    assert "Timeout" in done.stderr
