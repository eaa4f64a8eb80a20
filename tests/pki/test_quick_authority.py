"""The load tests' authority: believed by our own client and judge as the PKI's own services are."""

import hashlib
from pathlib import Path

from secondseal.demo.pki import Pki
from stamping import lookups
from stamping.documents import file
from tests.pki.fixtures import make_key
from tests.pki.quick_authority import QuickAuthority, process
from tests.stamping.conftest import farm, sandbox
from tests.stamping.office_desk import PlaceMaker, make_seal
from tests.tokens.fixtures import TokenFarm
from tests.trust.scene import LOOPBACK, now, store_of
from trust import PathStatus, RevocationClient, TimestampClient, check_path, verify_token
from verifier import Sandbox

__all__ = ["farm", "sandbox"]
DIGEST = hashlib.sha256(b"paper").digest()


def test_its_time_stamps_and_statuses_are_believed(tmp_path: Path) -> None:
    """As a process too; who is revoked while it runs is revoked from the next question on."""
    pki = Pki.create(tmp_path / "pki")
    key = make_key(pki)

    def status() -> PathStatus:
        evidence = RevocationClient(LOOPBACK).collect((key.certificate, *pki.chain), now=now())
        assert len(evidence.ocsp_responses) >= 2, "the answers were not taken, a CRL was"
        return check_path(key.certificate, store=store_of(pki), at=now(), evidence=evidence, use="signing").status

    with process(pki.folder):
        stamped = TimestampClient([pki.tsa_url], store_of(pki), LOOPBACK, RevocationClient(LOOPBACK)).timestamp(DIGEST)
        verify_token(stamped, DIGEST)
        assert stamped.certificate == pki.tsa
        assert status() is PathStatus.TRUSTED
        pki.revoke(pki.label_of(key.certificate))
        assert status() is PathStatus.REVOKED


def test_a_paper_sealed_by_its_answers_is_genuine(tmp_path: Path, farm: TokenFarm, sandbox: Sandbox) -> None:
    """B-LT, approved, sealed and judged with this authority alone."""
    pki = Pki.create(tmp_path / "pki")
    with QuickAuthority(pki.folder), make_seal(farm, pki) as seal:
        place = PlaceMaker(pki, seal, sandbox, lambda *kind, **terms: make_key(pki, *kind, **terms), tmp_path)()
        pdf = file(place.desk, place.sealed().id)[0]
        verdict = lookups.verify(place.desk, pdf)
    assert verdict.word == "genuine", verdict.as_json()
    assert verdict.signatures[-1].level == "B-LT"
