"""The seal: our append against C_Sign alone, against pyHanko, and what B-LT costs more.

Work: the second seal on an approved paper of our own (one A4 page, officer's signature in it), key in SoftHSM.
"""

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.figure import Figure
from bench.seal_peer import pyhanko_seal
from bench.turns import in_turns, ratio
from secondseal.demo.pki import Pki
from signer import Level, Mark, Order, Sources, seal
from templates import (
    DrawnMark,
    officer_mark,
    render,
    sample_data,
    sample_issue,
    sample_seal_png,
    sample_signature_png,
    seal_mark,
)
from tests.pki.fixtures import make_key
from tests.tokens.fixtures import TokenFarm
from trust import Fetcher, NetworkPolicy, RevocationClient, TimestampClient, TrustStore
from verifier.fields import SEAL_FIELD

_PAPER: Final = "dang-ky-ho-kinh-doanh"


def figures() -> Iterator[Figure]:
    """What sealing costs beside the token's own work, and beside other programs."""
    with tempfile.TemporaryDirectory() as name, Pki.create(Path(name) / "pki") as pki:
        folder = Path(name)
        farm = TokenFarm(folder / "tokens")
        approved, mark = _approved_paper(pki)
        order = Order(role="agency", name="UBND", level=Level.B_B, mark=mark)
        digest = os.urandom(32)
        rsa, elliptic = farm.make("rsa-2048"), farm.make("p-256")
        with rsa.open() as key, elliptic.open() as quick:
            measured = in_turns(
                {
                    "raw": lambda: key.sign(digest, key.scheme),
                    "seal": lambda: seal(approved, order, key),
                    "p256": lambda: seal(approved, order, quick),
                }
            )
            raw, ours = measured["raw"], measured["seal"]
            yield Figure(
                name="seal_bb_cpu_vs_raw", value=ratio(raw, ours), unit="ratio",
                against=f"C_Sign alone, RSA-2048, SoftHSM; paper of {len(approved) / 1000:.0f} kB",
            )  # fmt: skip
            beside = ours.median_cpu_ms - raw.median_cpu_ms
            yield Figure(name="seal_bb_cpu_ms", value=beside, unit="ms", against="CPU beside C_Sign")
            rate = 1000 / measured["p256"].median_wall_ms
            yield Figure(name="seal_p256_per_s", value=rate, unit="1/s", against="one process, P-256, SoftHSM")
            peer = in_turns(
                {
                    "seal": lambda: seal(approved, order, key),
                    "pyhanko": pyhanko_seal(approved, SEAL_FIELD, mark, key, folder),
                },
                rounds=5,
                slice_s=0.4,
            )
            yield Figure(
                name="seal_vs_pyhanko", value=ratio(peer["pyhanko"], peer["seal"]), unit="times",
                against="pyHanko 0.38, CPU, mark imported once, bytes_reserved",
            )  # fmt: skip
        yield _long_term(pki, approved, order)
        yield from _big(order, pki)


def _long_term(pki: Pki, approved: bytes, order: Order) -> Figure:
    """Wall time that timestamp and evidence add, with warm caches and a loopback PKI in this process."""
    key = make_key(pki, "organisation")
    store = TrustStore(anchors=(pki.root,), intermediates=(pki.subca,))
    policy = NetworkPolicy(allowed_hosts=frozenset({"127.0.0.1"}), allow_loopback=True)
    fetcher = Fetcher(policy)
    revocation = RevocationClient(policy, fetcher=fetcher)
    sources = Sources(
        store=store,
        time=TimestampClient((pki.tsa_url,), store, policy, revocation, fetcher=fetcher),
        revocation=revocation,
    )
    long_term = Order(role="agency", name="UBND", level=Level.B_LT, mark=order.mark)
    measured = in_turns(
        {"bb": lambda: seal(approved, order, key), "blt": lambda: seal(approved, long_term, key, sources)}, rounds=5
    )
    fetcher.close()
    more = measured["blt"].median_wall_ms - measured["bb"].median_wall_ms
    return Figure(name="seal_blt_overhead_ms", value=more, unit="ms", against="B-LT over B-B, loopback TSA and OCSP")


def _big(order: Order, pki: Pki) -> Iterator[Figure]:
    """A file of 50 MB of pictures: time against hashing and copying it, and how much the process grows."""
    import hashlib
    import io

    import pikepdf

    key = make_key(pki, "organisation")
    paper = render(_PAPER, sample_data(_PAPER), sample_issue(_PAPER)).pdf
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(paper)) as pdf:
        for index in range(50):
            pdf.attachments[f"anh-{index}"] = os.urandom(1_000_000)
        pdf.save(out)
    big = out.getvalue()
    del out
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seal(big, order, key)
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    limits, ours = [], []
    for _ in range(3):
        start = time.perf_counter()
        hashlib.sha256(big).digest()
        bytes(bytearray(big))
        limits.append(time.perf_counter() - start)
        start = time.perf_counter()
        seal(big, order, key)
        ours.append(time.perf_counter() - start)
    against = f"SHA-256 and one copy of {len(big) / 1e6:.0f} MB"
    yield Figure(name="big_images_vs_copy", value=sorted(limits)[1] / sorted(ours)[1], unit="ratio", against=against)
    yield Figure(
        name="big_images_growth_mib", value=growth, unit="MiB", against=f"peak over a file of {len(big) / 1e6:.0f} MB"
    )


def _approved_paper(pki: Pki) -> tuple[bytes, Mark]:
    officer = make_key(pki)
    paper = render(_PAPER, sample_data(_PAPER), sample_issue(_PAPER)).pdf
    written = _mark(officer_mark(sample_signature_png("Nguyễn Văn Mẫu"), 50, 22))
    approved = seal(paper, Order(role="officer", name="Nguyễn Văn Mẫu", level=Level.B_B, mark=written), officer)
    return approved.pdf, _mark(seal_mark(sample_seal_png("UBND XÃ MẪU", "SỐ 2"), 36))


def _mark(drawn: DrawnMark) -> Mark:
    return Mark(pdf=drawn.pdf, width_pt=drawn.width_pt, height_pt=drawn.height_pt)
