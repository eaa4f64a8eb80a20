"""Trust stores from files."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from secondseal.demo.pki import Pki
from trust import AnchorsUnreadable, TrustStore


def test_every_certificate_of_the_file_is_an_anchor(pki: Pki, tmp_path: Path) -> None:
    """AC-110: self-signed or pinned; intermediates are not."""
    both = tmp_path / "anchors.pem"
    both.write_bytes(pki.subca.public_bytes(Encoding.PEM) + pki.root.public_bytes(Encoding.PEM))
    store = TrustStore.load(both)
    assert store.is_anchor(pki.subca)
    assert store.is_anchor(pki.root)
    store = TrustStore.load(pki.anchors_pem, pki.intermediates_pem)
    assert store.is_anchor(pki.root)
    assert not store.is_anchor(pki.subca)
    assert store.intermediates == (pki.subca,)


def test_folders_may_hold_pem_and_der(pki: Pki, tmp_path: Path) -> None:
    """A folder is read file by file; what is no certificate file by its name is left alone."""
    (tmp_path / "a.crt").write_bytes(pki.root.public_bytes(Encoding.DER))
    (tmp_path / "b.pem").write_bytes(pki.subca.public_bytes(Encoding.PEM))
    (tmp_path / "README").write_text("not a certificate")
    assert set(TrustStore.load(tmp_path).anchors) == {pki.root, pki.subca}


def test_unusable_files_are_named(tmp_path: Path) -> None:
    """No silent empty trust: the path and the reason are said."""
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    for path in (broken, empty, tmp_path / "missing.pem"):
        with pytest.raises(AnchorsUnreadable) as caught:
            TrustStore.load(path)
        assert caught.value.path == str(path)
        assert str(path) in caught.value.text_vi
