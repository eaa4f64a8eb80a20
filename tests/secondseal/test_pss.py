"""A seal that signs RSASSA-PSS because the setting says so (TT 15/2025, annex I; AC-73)."""

import re
import subprocess
from pathlib import Path

from hsm import HsmKey
from secondseal.demo.pki import Pki
from secondseal.keys import SealKeys
from stamping import documents, lookups, passage
from tests.secondseal.test_keys import give_seal_its_key, settings_of
from tests.signer import oracle
from tests.stamping.office_desk import PlaceMaker
from tests.tokens.fixtures import USER_PIN
from verifier import SEAL_FIELD


def test_a_paper_sealed_with_pss_is_genuine_to_every_reader(
    desk_with: PlaceMaker, seal_key: HsmKey, pki: Pki, tmp_path: Path
) -> None:
    """AC-73: one setting; our verifier, pyHanko, OpenSSL and poppler agree."""
    place = desk_with()
    give_seal_its_key(place, seal_key)
    document_id = place.confirmed()
    settings = settings_of(place, USER_PIN).model_copy(update={"rsa_scheme": "pss"})
    keys = SealKeys(settings, place.worker)
    assert passage.serve_one(place.worker, keys)
    keys.close()
    assert documents.view(place.desk, document_id).state == "sealed"
    pdf = documents.file(place.desk, document_id)[0]

    verdict = lookups.verify(place.desk, pdf)
    assert verdict.word == "genuine", verdict.as_json()
    assert oracle.pyhanko(pdf, (pki.root,))[SEAL_FIELD].bottom_line
    assert "CAdES Verification successful" in oracle.openssl_cms(pdf, 1, (pki.root,), tmp_path)
    cms = subprocess.run(
        ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", tmp_path / "cms.der"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # the signer's own algorithm with its parameters (RFC 4055); certificates and time stamp have theirs
    signer = cms.split("signatureAlgorithm:")[-1]
    assert "rsassaPss (1.2.840.113549.1.1.10)" in signer
    named = re.findall(r"(?:OBJECT|INTEGER) +:(\w+)", signer.split("signature:")[0])
    assert named == ["sha256", "mgf1", "sha256", "20"], "hash, mask generation and its hash, salt length (hexadecimal)"
    assert oracle.pdfsig(pdf, tmp_path).count("Signature is Valid") == 2
