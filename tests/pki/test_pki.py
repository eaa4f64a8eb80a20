"""The loopback PKI itself: what the other tests stand on."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from secondseal.demo.pki import Pki, PkiError


def test_opened_again_it_is_the_same(tmp_path: Path) -> None:
    """A restart changes no certificate, serial, key or address: papers sealed yesterday stay verifiable."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    first = Pki.create(tmp_path / "pki")
    issued = first.issue_person("o", "Nguyễn Văn Ổn", key, organisation="UBND")
    first.revoke("o", at=datetime(2026, 1, 2, tzinfo=UTC))
    again = Pki.open(tmp_path / "pki")
    assert again.issue_person("o", "Nguyễn Văn Ổn", key, organisation="UBND") == issued
    assert (again.root, again.subca, again.tsa, again.url) == (first.root, first.subca, first.tsa, first.url)
    assert again.label_of(issued) == "o"
    with pytest.raises(PkiError):
        again.issue_person("o", "Khác", ec.generate_private_key(ec.SECP256R1()).public_key(), organisation="UBND")
    with pytest.raises(PkiError):
        Pki.create(tmp_path / "pki")


def test_the_chain_has_the_shape_of_the_agencies(pki: Pki) -> None:
    """As the state agencies' chain: root, one subordinate authority of path length 0, addresses inside."""
    pki.subca.verify_directly_issued_by(pki.root)
    pki.tsa.verify_directly_issued_by(pki.root)
    assert isinstance(pki.root.public_key(), rsa.RSAPublicKey)
    assert pki.anchors_pem.read_text().count("BEGIN CERTIFICATE") == 1


def test_the_process_answers_and_ends_politely(tmp_path: Path) -> None:
    """SIGTERM ends it with 0, its port is free again, and a second start finds the same port."""
    pki = Pki.create(tmp_path / "pki")
    for _ in range(2):
        with pki.process() as child:
            os.kill(child.pid, signal.SIGTERM)
            assert child.wait(5) == 0
    with pki, pytest.raises(PkiError, match="ended with 1"), pki.process():
        pass


def test_its_clock_can_stand_elsewhere(tmp_path: Path) -> None:
    """Papers of other years can be made without waiting."""
    pki = Pki.create(tmp_path / "pki")
    pki.set_clock(datetime(2027, 3, 1, tzinfo=UTC))
    assert abs(pki.now() - datetime(2027, 3, 1, tzinfo=UTC)) < timedelta(seconds=5)
    pki.set_clock(None)
    assert abs(pki.now() - datetime.now(UTC)) < timedelta(seconds=5)
