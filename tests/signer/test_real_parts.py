"""Our own paper, the marks as templates draws them, keys on SoftHSM tokens, veraPDF as the judge."""

from functools import cache

import pytest

from hsm import PinValue, import_certificate
from secondseal.demo.pki import Pki
from signer import Level, Mark, Order, Sources, add_fields, choose_placement, seal
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
from tests.corpus import letter
from tests.pdfa.verapdf import validate
from tests.pki.fixtures import MakeKey
from tests.signer import oracle, papers
from tests.signer.test_corpus import CORPUS
from tests.tokens.fixtures import TokenFarm, farm
from verifier.fields import OFFICER_FIELD, SEAL_FIELD

__all__ = ["farm"]


def drawn(mark: DrawnMark) -> Mark:
    return Mark(pdf=mark.pdf, width_pt=mark.width_pt, height_pt=mark.height_pt)


@cache
def officer_drawn() -> Mark:
    return drawn(officer_mark(sample_signature_png("Nguyễn Văn Mẫu"), 50, 22))


@cache
def seal_drawn() -> Mark:
    return drawn(seal_mark(sample_seal_png("UBND XÃ MẪU", "SỐ 2"), 36))


@pytest.mark.parametrize("name", ["dang-ky-ho-kinh-doanh"])
def test_sealed_on_a_token_and_still_pdfa(
    name: str, pki: Pki, sources: Sources, software_key: MakeKey, farm: TokenFarm
) -> None:
    """Issue: two signatures, evidence and a document timestamp keep PDF/A and tags; one C_Sign for the seal (AC-73)."""
    paper = render(name, sample_data(name), sample_issue(name)).pdf
    officer = software_key()
    approved = seal(
        paper, Order(role="officer", name=papers.SIGNER, level=Level.B_T, mark=officer_drawn()), officer, sources
    )
    seat = farm.seat("rsa-2048")
    certificate = pki.issue_organisation(f"seal-{name}", "UBND xã Mẫu", seat.certificate.public_key())
    import_certificate(seat.uri, PinValue(seat.pin), certificate, state=seat.state)
    with seat.open(certificate=certificate, chain=pki.chain) as key:
        before = key.operations
        order = Order(role="agency", name="UBND xã Mẫu", level=Level.B_LTA, mark=seal_drawn())
        sealed = seal(approved.pdf, order, key, sources)
        assert key.operations == before + 1
    statuses = oracle.pyhanko(sealed.pdf, (pki.root,))
    assert set(statuses) == {OFFICER_FIELD, SEAL_FIELD}
    assert all(status.bottom_line for status in statuses.values())
    for flavour in ("3b", "3a", "ua1"):
        report = validate(sealed.pdf, flavour)
        assert report.compliant, str(report)


def test_a_foreign_pdfa_stays_pdfa(pki: Pki, software_key: MakeKey) -> None:
    """A PDF/A-2b made by LibreOffice is PDF/A-2b with our fields, both marks and a seal."""
    pdf = (CORPUS / "foreign" / "libreoffice-pdfa2b.pdf").read_bytes()
    places = choose_placement(pdf, signer_name=letter.SIGNER, officer_mark_mm=(50, 22), seal_diameter_mm=36)
    ready = add_fields(pdf, [(OFFICER_FIELD, places[0], "Chữ ký"), (SEAL_FIELD, places[1], "Con dấu")])
    assert validate(ready, "2b").compliant
    approved = seal(ready, Order(role="officer", name="A", level=Level.B_B, mark=officer_drawn()), software_key())
    sealed = seal(
        approved.pdf, Order(role="agency", name="U", level=Level.B_B, mark=seal_drawn()), software_key("organisation")
    )
    report = validate(sealed.pdf, "2b")
    assert report.compliant, str(report)
