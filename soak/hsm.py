"""The key on its token: many threads at once, then a long life with every kind of trouble in it.

Each signature is verified here once more, with `cryptography` alone: the room's own check is under test as well.
"""

import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from hsm import HsmKey
from soak.finding import Finding, Size
from soak.flat import Looks, one_store
from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import Seat, TokenFarm

THREADS: Final = 8
WORKERS: Final = 4
"""Threads of the long life, each with a session at hand."""

RECOVERED: Final = (
    "C_Sign ckr=CKR_SESSION_HANDLE_INVALID times=1 after=11",
    "C_SignInit ckr=CKR_KEY_HANDLE_INVALID times=1 after=3",
    "C_SignInit ckr=CKR_USER_NOT_LOGGED_IN times=1 after=7",
    "C_Sign ckr=CKR_DEVICE_REMOVED times=1 after=5",
    "C_Sign ckr=CKR_DEVICE_ERROR times=1 after=9",
    "C_OpenSession ckr=CKR_FUNCTION_FAILED times=1",
)
"""One of these in every second step: all rungs of the ladder, the reinitialisation among them."""
WRONG: Final = ("C_Sign corrupt times=1 after=2", "C_Sign length=3 times=1 after=4")
"""And one of these at times: a wrong answer, which must be asked for again and never be let out."""


def findings(size: Size, say: Callable[[str], None]) -> Iterator[Finding]:
    """All of them; `say` hears how far it is."""
    one_store()
    with tempfile.TemporaryDirectory() as name:
        farm = TokenFarm(Path(name) / "tokens")
        yield from _at_once(farm, size, say)
        yield from _long_life(farm, FaultModule(Path(name) / "faults"), size, say)


def right(seat: Seat, data: bytes, signature: bytes) -> bool:
    """Whether `signature` is one of `data`'s SHA-256; raises `InvalidSignature` else."""
    public_key = seat.certificate.public_key()
    if isinstance(public_key, rsa.RSAPublicKey):
        public_key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(public_key, ec.EllipticCurvePublicKey)
        public_key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    return True


def _at_once(farm: TokenFarm, size: Size, say: Callable[[str], None]) -> Iterator[Finding]:
    seat, done = farm.make("rsa-2048"), Counter[int]()
    began = time.monotonic()

    def work(key: HsmKey, thread: int) -> int:
        good = 0
        for index in range(size.each):
            data = b"%d %d" % (thread, index)
            good += right(seat, data, key.sign(hashlib.sha256(data).digest()))
            done[thread] = good
            if thread == 0 and (index + 1) % max(size.each // 10, 1) == 0:
                say(f"{THREADS} threads: {sum(done.values()):,} of {THREADS * size.each:,} signatures verified")
        return good

    with seat.open(sessions=THREADS) as key, ThreadPoolExecutor(THREADS) as threads:
        good = sum(threads.map(lambda thread: work(key, thread), range(THREADS)))
        used, recovered = key.operations, sum(key.recoveries.values())
    took = time.monotonic() - began
    whole = THREADS * size.each
    yield Finding(
        name=f"RSA-2048 by {THREADS} threads, {THREADS} sessions",
        value=f"{good:,} verified, {used:,} key operations, {recovered} recoveries; {whole / took:.0f}/s",
        asked=f"all {whole:,}, one operation each, no fault",
        holds=good == used == whole and not recovered,
    )


class _Life:
    """Keys opened, used and closed through the fault module."""

    def __init__(self, farm: TokenFarm, fault: FaultModule) -> None:
        self._fault = fault
        self._seats = [self._through(farm.make("p-256")), self._through(farm.make("rsa-2048"))]
        self.good = self.recovered = 0

    def _through(self, seat: Seat) -> Seat:
        return replace(seat, uri=replace(seat.uri, module_path=str(self._fault.path)))

    def opened(self, index: int) -> AbstractContextManager[HsmKey]:
        """0: P-256, 1: RSA."""
        return self._seats[index].open(sessions=WORKERS)

    def sign(self, key: HsmKey, index: int, numbers: range, threads: ThreadPoolExecutor) -> None:
        """One signature for each number, `WORKERS` at once."""
        seat = self._seats[index]

        def one(number: int) -> bool:
            data = b"%d" % number
            return right(seat, data, key.sign(hashlib.sha256(data).digest()))

        self.good += sum(threads.map(one, numbers))


def _long_life(farm: TokenFarm, fault: FaultModule, size: Size, say: Callable[[str], None]) -> Iterator[Finding]:
    life, looks = _Life(farm, fault), Looks()
    wrong = highest = 0
    began = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as threads, ExitStack() as keys:
        elliptic = keys.enter_context(life.opened(0))
        for step, start in enumerate(range(0, size.total, size.step)):
            numbers = range(start, min(start + size.step, size.total))
            rules = [RECOVERED[step // 2 % len(RECOVERED)]] if step % 2 else []
            if step % 7 == 3:
                rules.append(WRONG[step // 7 % len(WRONG)])
                wrong += 1
            fault.rules(*rules)
            fresh = step % 5 == 0
            if fresh and step:
                # Closed and opened anew: the login ends and begins, its record on disk comes and goes.
                life.recovered += sum(elliptic.recoveries.values())
                keys.close()
                elliptic = keys.enter_context(life.opened(0))
            few = numbers[: len(numbers) // 10] if step % 3 == 0 else numbers[:0]
            if few:
                with life.opened(1) as other:
                    life.sign(other, 1, few, threads)
                    life.recovered += sum(other.recoveries.values())
            life.sign(elliptic, 0, numbers[len(few) :], threads)
            fault.rules()
            # A few by every thread without a rule, so that nothing is under way.
            life.good -= WORKERS
            life.sign(elliptic, 0, range(WORKERS), threads)
            looks.take(numbers[-1] + 1)
            highest = max(highest, fault.open_sessions())
            if step % 10 == 9:
                resident = looks.last("resident memory")
                say(f"{numbers[-1] + 1:,} of {size.total:,} signatures; {resident:,.0f} KiB resident")
        life.recovered += sum(elliptic.recoveries.values())
    took = time.monotonic() - began
    initialised = fault.succeeded()["C_Initialize"]
    yield Finding(
        name="P-256 and RSA-2048 with faults",
        value=(
            f"{life.good:,} verified, {life.recovered} recoveries, {wrong} of them from wrong answers,"
            f" {initialised} initialisations; {size.total / took:.0f}/s"
        ),
        asked=f"all {size.total:,}, no wrong one among them",
        holds=life.good == size.total and life.recovered > wrong and initialised > 1,
    )
    yield from looks.findings()
    left = fault.open_sessions()
    yield Finding(
        name="PKCS#11 sessions",
        value=f"{highest} at most while at rest, {left} once the keys are closed",
        asked=f"at most the pool's {WORKERS}; none",
        holds=highest <= WORKERS and left == 0,
    )
