"""One own append for every structure of PDF; judged by pyHanko, poppler, OpenSSL and qpdf, never by ourselves."""

from pathlib import Path

import pytest
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.status import SignatureCoverageLevel

from secondseal.demo.pki import Pki
from signer import Level, Order, Placement, seal
from tests.pki.fixtures import MakeKey
from tests.signer import oracle, papers
from verifier.fields import OFFICER_FIELD, SEAL_FIELD

KINDS = {**papers.kinds(), "prepared": papers.prepared_paper()}
OFFICER = Order(
    role="officer", name=papers.SIGNER, level=Level.B_B, mark=papers.mark(50, 25, colour=(0, 0, 200)),
    placement=Placement(page=0, rect=papers.OFFICER_RECT), reason="Phê duyệt (kết quả)",
)  # fmt: skip
SEAL = Order(
    role="agency", name="UBND tỉnh Thử Nghiệm", level=Level.B_B, mark=papers.mark(),
    placement=Placement(page=0, rect=papers.SEAL_RECT),
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_officer_then_seal_on_every_structure(kind: str, pki: Pki, software_key: MakeKey, tmp_path: Path) -> None:
    """AC-2, AC-73, AC-115: two valid signatures, each an append behind untouched bytes."""
    pdf = KINDS[kind]
    approved = seal(pdf, OFFICER, software_key())
    sealed = seal(approved.pdf, SEAL, software_key("organisation"))
    assert approved.pdf.startswith(pdf)
    assert sealed.pdf.startswith(approved.pdf)

    oracle.qpdf_check(sealed.pdf, tmp_path)
    statuses = oracle.pyhanko(sealed.pdf, (pki.root,))
    assert set(statuses) == {OFFICER_FIELD, SEAL_FIELD}
    for status in statuses.values():
        assert status.intact
        assert status.valid
        assert status.trusted, status.pretty_print_details()
    assert statuses[SEAL_FIELD].coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert statuses[SEAL_FIELD].modification_level == ModificationLevel.NONE
    assert statuses[OFFICER_FIELD].modification_level == ModificationLevel.FORM_FILLING
    assert statuses[OFFICER_FIELD].docmdp_ok
    report = oracle.pdfsig(sealed.pdf, tmp_path)
    assert report.count("Signature is Valid") == 2
    assert report.count("Total document signed") == 1
    for index in range(2):
        assert "successful" in oracle.openssl_cms(sealed.pdf, index, (*pki.chain, pki.root), tmp_path)


@pytest.mark.parametrize("scheme", ["rsa-pkcs1v15-sha256", "rsa-pss-sha256", "ecdsa-sha256", "ecdsa-sha384"])
def test_every_scheme_is_valid_elsewhere(scheme: str, pki: Pki, software_key: MakeKey, tmp_path: Path) -> None:
    """AC-73: PKCS#1 v1.5, PSS and ECDSA, all with signing-certificate-v2 (`openssl cms -cades` demands it)."""
    key = software_key("organisation", scheme=scheme)  # type: ignore[arg-type]
    sealed = seal(KINDS["prepared"], SEAL, key)
    (status,) = oracle.pyhanko(sealed.pdf, (pki.root,)).values()
    assert status.bottom_line
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert "successful" in oracle.openssl_cms(sealed.pdf, 0, (*pki.chain, pki.root), tmp_path)
    assert "Signature is Valid" in oracle.pdfsig(sealed.pdf, tmp_path)
    assert b"/SubFilter/ETSI.CAdES.detached" in sealed.pdf


def test_a_prepared_field_changes_no_page_and_no_catalogue(software_key: MakeKey) -> None:
    """Filling a prepared field replaces the field alone: the least a later judge has to explain."""
    sealed = seal(KINDS["prepared"], SEAL, software_key("organisation"))
    added = sealed.pdf[len(KINDS["prepared"]) :]
    assert b"/Type /Catalog" not in added
    assert b"/Type /Page\n" not in added
    assert b"/MediaBox" not in added
