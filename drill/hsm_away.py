"""hsm-away: an HSM that is killed and comes back during a batch of signatures by several threads over one key.

The batch runs in a process of its own (`python -m drill.hsm_away`), because a PKCS#11 module is initialised once.
"""

import argparse
import faulthandler
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from drill.outcome import DrillFailed, Outcome
from drill.remote_hsm import RemoteHsm, client_module
from hsm import HsmKey, PinValue, Recovery, Rung, open_key

NAME = "hsm-away"
DIGESTS = 1000
RETURN_LIMIT_S = 5.0
"""From the server's return to the first good signature."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What became of the orders. `operations`: C_Sign called by the key; `reached`: those the device itself saw;
    `back_s`: from each return of the server to the first good signature after it."""

    orders: int
    answers: int
    wrong: int
    doubled: int
    failures: list[str]
    operations: int
    reached: int
    back_s: list[float]
    reinitialised: int
    processes: int

    @property
    def lost(self) -> int:
        """Orders without a verified signature."""
        return self.orders - self.answers


def batch(
    folder: Path,
    *,
    digests: int = DIGESTS,
    threads: int = 4,
    kills: int = 1,
    away_s: float = 3.0,
    budget_s: float = 30.0,
) -> Batch:
    """Run one batch in a process of its own. Raises `DrillFailed`."""
    words = [str(folder), str(digests), str(threads), str(kills), str(away_s), str(budget_s)]
    done = subprocess.run(
        [sys.executable, "-m", "drill.hsm_away", *words],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=90 + kills * (away_s + budget_s),
        check=False,
    )
    if done.returncode != 0:
        raise DrillFailed(done.stderr.strip())
    return Batch(**json.loads(done.stdout))


def drill(*, digests: int = DIGESTS, kills: int = 3) -> Outcome:
    """A batch of `digests` signatures during which the HSM is killed `kills` times."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="secondseal-drill-") as folder:
        made = batch(Path(folder), digests=digests, kills=kills)
    counted = f"{made.operations} C_Sign asked, {made.reached} reached the device, {made.answers} signatures let out"
    return Outcome(
        name=NAME,
        did=f"{made.orders} signatures by 4 threads over one key, HSM killed {kills} times for 3 s; back after "
        f"{max(made.back_s, default=0):.2f} s at most; {counted}",
        seconds=time.monotonic() - began,
        lost=made.lost,
        doubled=made.doubled,
        wrong=faults_of(made, kills),
    )


def faults_of(made: Batch, kills: int) -> tuple[str, ...]:
    """What did not hold, in words."""
    found = list(made.failures)
    if made.wrong:
        found.append(f"{made.wrong} signatures do not verify")
    if len(made.back_s) != kills:
        found.append(f"{len(made.back_s)} returns seen of {kills}")
    found += [f"{one:.2f} s from the return to the first signature" for one in made.back_s if one >= RETURN_LIMIT_S]
    if made.processes != 1:
        found.append("not in one process")
    return tuple(found)


class _Orders:
    """Digests to sign, handed out once each; answers as they come."""

    def __init__(self, key: HsmKey, count: int) -> None:
        self._key = key
        self._left = [hashlib.sha256(b"order %d" % number).digest() for number in reversed(range(count))]
        self._turn = threading.Lock()
        self.answers: list[tuple[float, bytes, bytes]] = []
        self.failures: list[str] = []
        self.processes: set[int] = set()

    def work(self) -> None:
        """Sign until nothing is left. Each order is given to the key once."""
        while True:
            with self._turn:
                if not self._left:
                    return
                digest = self._left.pop()
            try:
                signature = self._key.sign(digest)
            except Exception as error:  # noqa: BLE001  counted: the order is lost
                with self._turn:
                    self.failures.append(f"{type(error).__name__}: {error}")
                continue
            with self._turn:
                self.answers.append((time.monotonic(), digest, signature))
                self.processes.add(os.getpid())


def _verified(key: HsmKey, digest: bytes, signature: bytes) -> bool:
    public_key = key.certificate.public_key()
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    try:
        public_key.verify(signature, digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    except Exception:  # noqa: BLE001  counted by the caller, whatever it was
        return False
    return True


def _wait_for(orders: _Orders, answers: int, threads: list[threading.Thread]) -> None:
    while len(orders.answers) < answers and any(thread.is_alive() for thread in threads):
        time.sleep(0.002)


def _in_this_process(folder: Path, digests: int, workers: int, kills: int, away_s: float, budget_s: float) -> Batch:
    from tests.tokens.faults import FaultModule
    from tests.tokens.fixtures import TokenFarm

    farm = TokenFarm(folder)
    seat = farm.make("p-256")
    device = FaultModule(folder / "device")  # lets everything pass, and counts
    hsm = RemoteHsm(folder / "p11", device.path, os.environ)
    os.environ.update(hsm.environment)
    uri = replace(seat.uri, module_path=str(client_module()))
    recovery = Recovery(budget_s=budget_s)
    returns: list[float] = []
    with hsm:
        key = open_key(
            uri,
            PinValue(seat.pin),
            certificate=seat.certificate,
            state=seat.state,
            sessions=workers,
            recovery=recovery,
        )
        orders = _Orders(key, digests)
        threads = [threading.Thread(target=orders.work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for number in range(kills):
            _wait_for(orders, digests * (number + 1) // (kills + 2), threads)
            hsm.kill()
            time.sleep(away_s)
            hsm.start()
            returns.append(time.monotonic())
        for thread in threads:
            thread.join()
        back = [
            min((at - returned for at, _, _ in orders.answers if at > returned), default=None) for returned in returns
        ]
        each = Counter(digest for _, digest, _ in orders.answers)
        good = [_verified(key, digest, signature) for _, digest, signature in orders.answers]
        made = Batch(
            orders=digests,
            answers=len({digest for (_, digest, _), fine in zip(orders.answers, good, strict=True) if fine}),
            wrong=good.count(False),
            doubled=sum(times - 1 for times in each.values()),
            failures=orders.failures,
            operations=key.operations,
            reached=device.calls()["C_Sign"],
            back_s=[one for one in back if one is not None],
            reinitialised=key.recoveries[Rung.REINITIALISE],
            processes=len(orders.processes),
        )
        key.close()
    return made


def main() -> None:
    """The batch itself; the result as JSON."""
    parser = argparse.ArgumentParser(prog="drill.hsm_away", description=__doc__)
    parser.add_argument("folder", type=Path)
    for name in ("digests", "threads", "kills"):
        parser.add_argument(name, type=int)
    for name in ("away_s", "budget_s"):
        parser.add_argument(name, type=float)
    given = parser.parse_args()
    # one that stands still says where, and ends
    faulthandler.dump_traceback_later(60 + given.kills * (given.away_s + given.budget_s), exit=True)
    made = _in_this_process(given.folder, given.digests, given.threads, given.kills, given.away_s, given.budget_s)
    print(json.dumps(asdict(made)))


if __name__ == "__main__":
    main()
