"""The corpus: papers that other programs really made are sealed, papers no seal may be put on are refused."""

import json
from pathlib import Path

import pytest

from secondseal.demo.pki import Pki
from signer import Level, Order, Unsealable, add_fields, choose_placement, seal
from tests.corpus import letter
from tests.pki.fixtures import MakeKey
from tests.signer import oracle, papers
from verifier.fields import OFFICER_FIELD, SEAL_FIELD

CORPUS = Path(__file__).parents[1] / "corpus"
FOREIGN = sorted((CORPUS / "foreign").glob("*.pdf"))
EXPECTED: dict[str, str] = json.loads((CORPUS / "unsealable" / "expected.json").read_text())


@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.stem)
def test_foreign_paper_is_sealed(path: Path, pki: Pki, software_key: MakeKey, tmp_path: Path) -> None:
    """Issue: papers made by other programs, placed by the signer's printed name, sealed, valid for other judges."""
    pdf = path.read_bytes()
    officer, agency = choose_placement(
        pdf, signer_name=letter.SIGNER, officer_mark_mm=(50, 22), seal_diameter_mm=36
    )  # fmt: skip
    ready = add_fields(pdf, [(OFFICER_FIELD, officer, "Chữ ký"), (SEAL_FIELD, agency, "Con dấu")])
    approved = seal(
        ready, Order(role="officer", name=letter.SIGNER, level=Level.B_B, mark=papers.mark(50, 22)), software_key()
    )
    sealed = seal(
        approved.pdf, Order(role="agency", name="U", level=Level.B_B, mark=papers.mark()), software_key("organisation")
    )
    oracle.qpdf_check(sealed.pdf, tmp_path)
    statuses = oracle.pyhanko(sealed.pdf, (pki.root,))
    assert set(statuses) == {OFFICER_FIELD, SEAL_FIELD}
    assert all(s.bottom_line for s in statuses.values())
    assert oracle.pdfsig(sealed.pdf, tmp_path).count("Signature is Valid") == 2


@pytest.mark.parametrize("name", EXPECTED)
def test_unsealable_paper_is_refused(name: str, software_key: MakeKey) -> None:
    """Issue: refused for the reason the corpus states, with no key operation."""
    agency = software_key("organisation")
    before = agency.operations
    pdf = (CORPUS / "unsealable" / name).read_bytes()
    with pytest.raises(Unsealable) as caught:
        seal(pdf, Order(role="agency", name="U", level=Level.B_B), agency)
    assert caught.value.reason == EXPECTED[name], str(caught.value)
    assert agency.operations == before
