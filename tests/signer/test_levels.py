"""B-B to B-LTA on the real PKI: what each level carries, and that nothing leaves when a source is away."""

import hashlib
import io
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.status import SignatureCoverageLevel

from secondseal.demo.pki import Pki
from signer import (
    CertificateUnusable,
    Level,
    Order,
    SealUnfinished,
    SignedDocument,
    Sources,
    SourcesMissing,
    complete,
    extend,
    prepare,
    seal,
)
from tests.pki.fixtures import MakeKey, label_of
from tests.signer import oracle, papers
from trust import RevocationUnavailable, TimeAuthorityUnreachable
from verifier.fields import OFFICER_FIELD, SEAL_FIELD

PAPER = papers.prepared_paper()


def officer_order(level: Level) -> Order:
    return Order(role="officer", name=papers.SIGNER, level=level, mark=papers.mark(50, 25, colour=(0, 0, 200)))


def seal_order(level: Level) -> Order:
    return Order(role="agency", name="UBND tỉnh Thử Nghiệm", level=level, mark=papers.mark())


def store_of(pdf: bytes) -> dict[str, int]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        store = opened.Root.get("/DSS")
        return {} if store is None else {str(k): len(store[k]) for k in store if k != "/Type"}


@pytest.mark.parametrize("level", list(Level))
def test_officer_then_seal_at_every_level(
    level: Level, pki: Pki, sources: Sources, software_key: MakeKey, tmp_path: Path
) -> None:
    """AC-73, AC-74: the seal at B-B, B-T, B-LT and B-LTA over an officer's B-T; both valid elsewhere."""
    officer, agency = software_key(), software_key("organisation")
    approved = seal(PAPER, officer_order(min(level, Level.B_T)), officer, sources)
    before = agency.operations
    sealed = seal(approved.pdf, seal_order(level), agency, sources)
    assert agency.operations == before + 1
    assert sealed.level == level
    assert sealed.sha256 == hashlib.sha256(sealed.pdf).hexdigest()
    assert sealed.pdf.startswith(approved.pdf)
    oracle.qpdf_check(sealed.pdf, tmp_path)

    statuses = oracle.pyhanko(sealed.pdf, (pki.root,))
    for status in statuses.values():
        assert status.bottom_line, status.pretty_print_details()
        assert (status.timestamp_validity is not None) == (level >= Level.B_T)
    last = statuses[SEAL_FIELD]
    if level <= Level.B_T:
        assert last.coverage == SignatureCoverageLevel.ENTIRE_FILE
    else:
        assert last.modification_level == ModificationLevel.LTA_UPDATES
    assert statuses[OFFICER_FIELD].modification_level == ModificationLevel.FORM_FILLING

    store = store_of(sealed.pdf)
    if level >= Level.B_LT:
        assert store["/VRI"] == 2
        assert store["/Certs"] >= 5
        assert store["/OCSPs"] >= 2
    else:
        assert not store
    assert (b"/ETSI.RFC3161" in sealed.pdf) == (level == Level.B_LTA)
    assert oracle.pdfsig(sealed.pdf, tmp_path).count("Signature is Valid") >= 2


def test_long_term_evidence_suffices_with_every_service_away(pki: Pki, sources: Sources, software_key: MakeKey) -> None:
    """AC-122: B-LTA is judged from its own evidence alone: revocation required, nothing fetched."""
    sealed = seal(PAPER, seal_order(Level.B_LTA), software_key("organisation"), sources)
    with pki.down("ocsp", "crl", "tsa"):
        (status,) = oracle.pyhanko_long_term(sealed.pdf, (pki.root,)).values()
    assert status.bottom_line, status.pretty_print_details()


def test_a_yearly_timestamp_adds_no_seal(pki: Pki, sources: Sources, software_key: MakeKey, tmp_path: Path) -> None:
    """AC-74: the job behind B-LTA adds evidence and a document timestamp; no key of ours is used."""
    agency = software_key("organisation")
    sealed = seal(PAPER, seal_order(Level.B_LT), agency, sources)
    used = agency.operations
    once = extend(sealed.pdf, Level.B_LTA, sources)
    twice = extend(once.pdf, Level.B_LTA, sources)
    assert agency.operations == used
    assert once.pdf.startswith(sealed.pdf)
    assert twice.pdf.startswith(once.pdf)
    assert store_of(twice.pdf)["/VRI"] == 2
    assert twice.timestamp is not None
    oracle.qpdf_check(twice.pdf, tmp_path)
    (status,) = oracle.pyhanko(twice.pdf, (pki.root,)).values()
    assert status.modification_level == ModificationLevel.LTA_UPDATES


def test_evidence_is_written_once(sources: Sources, software_key: MakeKey) -> None:
    """A second extension to the same level has nothing to add."""
    sealed = seal(PAPER, seal_order(Level.B_LT), software_key("organisation"), sources)
    assert extend(sealed.pdf, Level.B_LT, sources).pdf == sealed.pdf


def test_time_authority_away_then_back(pki: Pki, sources: Sources, software_key: MakeKey) -> None:
    """Issue: an unreachable TSA is a clear error, nothing is released, and the next try needs no second key
    operation."""
    agency = software_key("organisation")
    before = agency.operations
    with pki.down("tsa"), pytest.raises(SealUnfinished) as caught:
        seal(PAPER, seal_order(Level.B_T), agency, sources)
    assert isinstance(caught.value.__cause__, TimeAuthorityUnreachable)
    assert "dấu thời gian" in caught.value.text_vi
    assert not caught.value.prepared.redeemed
    finished = complete(caught.value.prepared, caught.value.signature_value, level=Level.B_T, sources=sources)
    assert finished.timestamp is not None
    assert agency.operations == before + 1


def test_revocation_sources_away_means_no_key_operation(pki: Pki, sources: Sources, software_key: MakeKey) -> None:
    """AC-72: OCSP and CRL both down: the stamp attempt is refused before the key is asked."""
    agency = software_key("organisation")
    before = agency.operations
    with pki.down("ocsp", "crl"), pytest.raises(RevocationUnavailable):
        seal(PAPER, seal_order(Level.B_LT), agency, sources)
    assert agency.operations == before


def test_revoked_certificate_means_no_key_operation(pki: Pki, sources: Sources, software_key: MakeKey) -> None:
    """AC-70: a revoked certificate is refused before the key is asked, in Vietnamese."""
    agency = software_key("organisation", fresh=True)
    pki.revoke(label_of(pki, agency))
    with pytest.raises(CertificateUnusable) as caught:
        seal(PAPER, seal_order(Level.B_LT), agency, sources)
    assert caught.value.text_vi.startswith("Chứng thư số không dùng được")
    assert agency.operations == 0


@pytest.mark.parametrize("dates", ["expired", "not yet"])
def test_certificate_out_of_its_dates(dates: str, software_key: MakeKey) -> None:
    """AC-70: expired or not yet valid: refused before the key is asked."""
    year = datetime.now(UTC).year
    span = (datetime(year - 3, 1, 1, tzinfo=UTC), datetime(year - 2, 1, 1, tzinfo=UTC))
    if dates == "not yet":
        span = (datetime(year + 2, 1, 1, tzinfo=UTC), datetime(year + 3, 1, 1, tzinfo=UTC))
    agency = software_key("organisation", fresh=True, not_before=span[0], not_after=span[1])
    with pytest.raises(CertificateUnusable):
        seal(PAPER, seal_order(Level.B_B), agency)
    assert agency.operations == 0


def test_sources_are_asked_for_before_the_key(sources: Sources, software_key: MakeKey) -> None:
    """A level that cannot be reached is refused before the key is asked."""
    agency = software_key("organisation")
    before = agency.operations
    with pytest.raises(SourcesMissing):
        seal(PAPER, seal_order(Level.B_T), agency)
    with pytest.raises(SourcesMissing):
        seal(PAPER, seal_order(Level.B_LT), agency, Sources(store=sources.store, time=sources.time))
    assert agency.operations == before


def test_officer_cut_between_prepare_and_complete(pki: Pki, sources: Sources, software_key: MakeKey) -> None:
    """The same steps for a token elsewhere: prepare here, sign there, complete at B-LT here."""
    officer = software_key()
    prepared = prepare(PAPER, officer_order(Level.B_LT), officer.certificate, officer.chain, officer.scheme)
    value = officer.sign(prepared.digest, prepared.scheme)
    approved: SignedDocument = complete(prepared, value, level=Level.B_LT, sources=sources)
    assert approved.level == Level.B_LT
    (status,) = oracle.pyhanko(approved.pdf, (pki.root,)).values()
    assert status.bottom_line
