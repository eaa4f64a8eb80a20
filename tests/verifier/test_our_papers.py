"""Papers that our own rooms made: templates draw, signer signs, the verifier judges; pyHanko is asked as an oracle."""

import io
from datetime import UTC, datetime

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signer import Level, Mark, Order, Sources, seal
from templates import DrawnMark, officer_mark, render, sample_issue, sample_seal_png, sample_signature_png, seal_mark
from tests.templates.examples import NAME, issue, sample_data
from tests.verifier import attacks
from tests.verifier.cases import CASES, Case
from tests.verifier.desk import Desk, as_asn1
from trust import Fetcher, NetworkPolicy, RevocationClient, TimestampClient
from verifier import OFFICER_FIELD, Sandbox
from verifier.gather import gather

MM = 72 / 25.4
ASKED = (
    "officer and seal, B-LT",
    "officer and seal, B-LTA",
    "ECDSA P-256",
    "adbe.pkcs7.detached",
    "certified P=2, prepared field",
    "form nobody touched",
)


def as_order_mark(drawn: DrawnMark) -> Mark:
    return Mark(pdf=drawn.pdf, width_pt=drawn.width_pt, height_pt=drawn.height_pt)


@pytest.fixture(scope="module")
def ours(desk: Desk) -> bytes:
    """The catalogue's sample paper with both marks, B-LT, in the fields it was born with."""
    fetcher = Fetcher(NetworkPolicy(allowed_hosts=("127.0.0.1",), allow_loopback=True, allowed_ports=_ports(desk)))
    client = RevocationClient(fetcher_policy(desk), fetcher=fetcher)
    time = TimestampClient((desk.pki.tsa_url,), desk.store, fetcher_policy(desk), client, rounds=1, fetcher=fetcher)
    sources = Sources(store=desk.store, time=time, revocation=client)
    office = sample_issue(NAME).organisation
    officer = desk.key("person", organisation=office)
    agency = desk.key("organisation", name=office, organisation=office)
    paper = render(NAME, sample_data(), issue()).pdf
    now = datetime.now(UTC)
    signed = paper
    left, bottom, right, top = next(f for f in gather(paper).empty_fields if f.field == OFFICER_FIELD).boxes[0].rect
    handwriting = officer_mark(sample_signature_png("Nguyễn Văn Ổn"), (right - left) / MM, (top - bottom) / MM)
    for role, name, key, drawn in (
        ("officer", "Nguyễn Văn Ổn", officer, handwriting),
        ("agency", office, agency, seal_mark(sample_seal_png(office, "TN-02"), issue().seal_diameter_mm)),
    ):
        order = Order(
            role=role,  # type: ignore[arg-type]
            name=name,
            level=Level.B_LT,
            mark=as_order_mark(drawn),
            signed_at=now,
        )
        signed = seal(signed, order, key, sources).pdf
    fetcher.close()
    return signed


def _ports(desk: Desk) -> tuple[int, ...]:
    return (int(desk.pki.url.rpartition(":")[2]),)


def fetcher_policy(desk: Desk) -> NetworkPolicy:
    return NetworkPolicy(allowed_hosts=("127.0.0.1",), allow_loopback=True, allowed_ports=_ports(desk))


def test_our_sealed_paper_is_genuine(desk: Desk, sandbox: Sandbox, ours: bytes) -> None:
    """AC-2, AC-36, AC-73: both signatures count, and the seal over a third of the signature hides nothing."""
    facts = sandbox.gather(ours)
    verdict = desk.judge(ours)
    assert [finding.code for finding in verdict.all_findings] == []
    assert verdict.word == "genuine"
    assert verdict.legal.equals_paper_original is True
    assert [signature.level for signature in verdict.signatures] == ["B-LT", "B-LT"]
    assert {signature.subfilter for signature in facts.signatures} == {"/ETSI.CAdES.detached"}
    assert facts.data is not None
    assert facts.data.organisation == sample_issue(NAME).organisation
    assert [c.what for c in facts.covered] == ["mark"]
    assert 0.15 < facts.covered[0].share <= 0.40


@pytest.mark.parametrize(
    "attack",
    [attacks.change_content, attacks.add_annotation, attacks.add_page, attacks.unsign, attacks.tail, attacks.rewrite],
    ids=lambda attack: attack.__name__,
)
def test_our_sealed_paper_attacked(desk: Desk, ours: bytes, attack: object) -> None:
    assert callable(attack)
    assert desk.judge(attack(ours)).word == "changed"


def test_our_paper_cut_back_to_the_officers_revision(desk: Desk, ours: bytes) -> None:
    facts = gather(ours)
    seal_revision = facts.signatures[1].revision
    verdict = desk.judge(ours[: facts.revisions[seal_revision - 1].end])
    assert verdict.word == "warning"
    assert [finding.code for finding in verdict.findings] == ["not_sealed"]


@pytest.mark.parametrize("chosen", [c for c in CASES if c.name in ASKED], ids=lambda c: c.name)
def test_pyhanko_agrees_that_a_genuine_paper_is_intact(desk: Desk, chosen: Case) -> None:
    """The oracle: never more lenient than pyHanko's own validation of each signature."""
    reader = PdfFileReader(io.BytesIO(chosen.make(desk)))
    roots = [as_asn1(desk.pki.root), as_asn1(desk.pki.subca)]
    for signature in reader.embedded_regular_signatures:
        context = ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")
        status = validate_pdf_signature(signature, context)
        assert status.intact
        assert status.valid
        assert status.docmdp_ok
