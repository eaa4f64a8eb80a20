"""The key: `HsmKey.sign`, each signature verified, against C_SignInit and C_Sign alone in a loop written in C.

Same module, same token, same key, same number of sessions; the C loop's threads have one each, ours share a pool.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.figure import Figure
from bench.hsm_peer import SignLoop
from bench.rates import Comparison, Gang, compared
from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import Seat, TokenFarm

SESSIONS = 8
DELAY_MS = 10


def figures() -> Iterator[Figure]:
    """Ratios to the C loop, 1 = as good; named `hsm_<condition>[_cpu]_vs_c`."""
    with tempfile.TemporaryDirectory() as name:
        farm = TokenFarm(Path(name) / "tokens")
        rsa, elliptic = farm.make("rsa-2048"), farm.make("p-256")
        yield from _figures("hsm_threads", "RSA-2048, 8 threads", _against_c(farm.module, rsa, SESSIONS))
        slow = FaultModule(Path(name) / "slow")
        slow.rules(f"C_Sign delay={DELAY_MS} capacity=64")
        found = _against_c(slow.path, rsa, SESSIONS)
        yield from _figures("hsm_latency", f"RSA-2048, 8 threads, {DELAY_MS} ms more a call", found)
        yield from _figures("hsm_single", "RSA-2048, 1 thread", _against_c(farm.module, rsa, 1))
        yield from _figures("hsm_p256_threads", "P-256, 8 threads", _against_c(farm.module, elliptic, SESSIONS))


def _figures(name: str, conditions: str, found: Comparison) -> Iterator[Figure]:
    yield Figure(
        name=f"{name}_vs_c", value=found.rate, unit="ratio", against=f"C loop; SoftHSM, {conditions}: {found.spoken()}"
    )
    yield Figure(name=f"{name}_cpu_vs_c", value=found.cpu, unit="ratio", against="the same, CPU per signature")


def _against_c(module: Path, seat: Seat, threads: int) -> Comparison:
    digest = hashlib.sha256(b"Second Seal").digest()
    seat = replace(seat, uri=replace(seat.uri, module_path=str(module)))
    with seat.open(sessions=threads) as key:
        loop = SignLoop(
            module=module, token=seat.token.label, key_id=seat.record.id, pin=seat.pin, digest=digest,
            scheme=key.scheme, threads=threads,
        )  # fmt: skip
        with loop, Gang(partial(key.sign, digest), threads) as ours:
            return compared(loop, ours)
