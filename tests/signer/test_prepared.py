"""A prepared signature: storable, checked before release, redeemed once."""

import random
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from secondseal.demo.pki import Pki
from signer import (
    AlreadyRedeemed,
    CertificateUnusable,
    ContentsTooSmall,
    FieldUnusable,
    Level,
    Mark,
    MarkDoesNotFit,
    MarkUnusable,
    Order,
    Placement,
    PreparedDamaged,
    PreparedSignature,
    SelfCheckFailed,
    SignerError,
    WrongSignature,
    complete,
    prepare,
    seal,
)
from tests.pki.fixtures import MakeKey
from tests.pki.software_key import SoftwareKey
from tests.signer import oracle, papers
from verifier.fields import OFFICER_FIELD

PAPER = papers.prepared_paper()
_VALUES = re.compile(
    rb"/(?:T|FT|Kids|Rect|AP|P|Annots|AcroForm|Fields|SigFlags|Parent|Type|MediaBox|Count|ID|Info|F) ?([^/>\n]{2,12})"
)
ORDER = Order(role="officer", name=papers.SIGNER, level=Level.B_B, mark=papers.mark(50, 25), reason="Phê duyệt")


def prepared_for(key: SoftwareKey, order: Order = ORDER) -> PreparedSignature:
    return prepare(PAPER, order, key.certificate, key.chain, key.scheme)


def test_kept_and_redeemed_later(pki: Pki, software_key: MakeKey, tmp_path: Path) -> None:
    """The officer's token answers later, in another process: the kept bytes are enough."""
    officer = software_key()
    kept = prepared_for(officer).to_bytes()
    again = PreparedSignature.from_bytes(kept)
    signed = complete(again, officer.sign(again.digest, again.scheme))
    (status,) = oracle.pyhanko(signed.pdf, (pki.root,)).values()
    assert status.bottom_line
    assert "successful" in oracle.openssl_cms(signed.pdf, 0, (*pki.chain, pki.root), tmp_path)


def test_redeemed_once(software_key: MakeKey) -> None:
    """One prepared signature, one released document."""
    officer = software_key()
    prepared = prepared_for(officer)
    value = officer.sign(prepared.digest, prepared.scheme)
    complete(prepared, value)
    with pytest.raises(AlreadyRedeemed):
        complete(prepared, value)
    with pytest.raises(AlreadyRedeemed):
        prepared.to_bytes()


def test_redeemed_once_by_many_threads(software_key: MakeKey) -> None:
    """Of eight that try at once, one gets the document."""
    officer = software_key()
    prepared = prepared_for(officer)
    value = officer.sign(prepared.digest, prepared.scheme)
    outcomes: list[str] = []
    barrier = threading.Barrier(8)

    def attempt() -> None:
        barrier.wait()
        try:
            complete(prepared, value)
            outcomes.append("released")
        except AlreadyRedeemed:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 7 + ["released"]


@pytest.mark.parametrize("scheme", ["rsa-pkcs1v15-sha256", "rsa-pss-sha256", "ecdsa-sha256", "ecdsa-sha384"])
def test_wrong_value_is_refused_and_the_right_one_still_taken(scheme: str, software_key: MakeKey) -> None:
    """House trap: a wrong signature gives a well-formed PDF and no exception; here it never leaves."""
    officer, other = software_key(scheme=scheme), software_key(scheme=scheme, fresh=True)  # type: ignore[arg-type]
    prepared = prepared_for(officer)
    right = officer.sign(prepared.digest, prepared.scheme)
    for wrong in (other.sign(prepared.digest, prepared.scheme), right[:-1] + bytes([right[-1] ^ 1]), b"", b"\0" * 256):
        with pytest.raises(WrongSignature):
            complete(prepared, wrong)
    assert complete(prepared, right).pdf.startswith(PAPER)


def test_a_digest_info_without_its_null_is_refused(software_key: MakeKey) -> None:
    """House trap: PKCS#1 v1.5 over a malformed DigestInfo looks like a signature everywhere but at the verifier."""
    officer = software_key()
    prepared = prepared_for(officer)
    public = officer.private_key.private_numbers()  # type: ignore[union-attr]
    malformed = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + prepared.digest
    padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(malformed)) + b"\x00" + malformed
    value = pow(int.from_bytes(padded, "big"), public.d, public.public_numbers.n).to_bytes(256, "big")  # type: ignore[union-attr]
    with pytest.raises(WrongSignature):
        complete(prepared, value)


def test_one_byte_changed_is_refused(software_key: MakeKey) -> None:
    """AC-115: the bytes that were signed are the bytes that leave."""
    officer = software_key()
    prepared = prepared_for(officer)
    value = officer.sign(prepared.digest, prepared.scheme)
    whole = prepared.pdf_with_hole
    for position in (10, len(PAPER) // 2, len(PAPER) + 40, len(whole) - 8):
        prepared.pdf_with_hole = whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :]
        with pytest.raises(PreparedDamaged):
            complete(prepared, value)
    prepared.pdf_with_hole = whole
    assert complete(prepared, value).pdf.startswith(PAPER)


def test_the_hole_is_exactly_contents(software_key: MakeKey) -> None:
    """Step 8: a byte range over other bytes than all but /Contents never leaves."""
    officer = software_key()
    prepared = prepared_for(officer)
    a, b, c, d = prepared.byte_range
    forged = PreparedSignature(
        pdf_with_hole=prepared.pdf_with_hole, byte_range=(a, b - 2, c, d), certificate=officer.certificate,
        chain=officer.chain, scheme=officer.scheme, field=prepared.field, level=Level.B_B,
        signing_time=prepared.signing_time,
    )  # fmt: skip
    with pytest.raises(SelfCheckFailed):
        complete(forged, officer.sign(forged.digest, forged.scheme))


@pytest.mark.parametrize("where", [0, 60, 2_000, -5])
def test_kept_bytes_altered(where: int, software_key: MakeKey) -> None:
    """What comes back from storage is checked."""
    kept = bytearray(prepared_for(software_key()).to_bytes())
    kept[where] ^= 1
    with pytest.raises(SignerError):
        complete(PreparedSignature.from_bytes(bytes(kept)), b"")


def test_too_little_room_is_an_error_before_the_key(software_key: MakeKey) -> None:
    """performance.md: /Contents too small is an error before signing; the numbers are told."""
    agency = software_key("organisation")
    before = agency.operations
    order = Order(role="agency", name="UBND", level=Level.B_T, mark=papers.mark(), reserve=4_096)
    with pytest.raises(ContentsTooSmall) as caught:
        prepared_for(agency, order)
    assert caught.value.reserved == 4_096
    assert caught.value.needed > 8_000
    with pytest.raises(ContentsTooSmall):
        seal(PAPER, replace(order, level=Level.B_B, reserve=1_000), agency)
    assert agency.operations == before


def test_exactly_one_key_operation(software_key: MakeKey) -> None:
    """House: exactly one key operation per seal."""
    agency = software_key("organisation")
    before = agency.operations
    seal(PAPER, Order(role="agency", name="UBND", level=Level.B_B, mark=papers.mark()), agency)
    assert agency.operations == before + 1


def test_nothing_personal_in_representations(software_key: MakeKey) -> None:
    """Logs show neither the paper nor the certificate."""
    prepared = prepared_for(software_key())
    assert len(repr(prepared)) < 120
    assert papers.SIGNER not in repr(prepared)


def test_fields_that_cannot_be_used(software_key: MakeKey) -> None:
    """Taken, of another type, nowhere, or on a page that is not there."""
    officer = software_key()
    signed = seal(PAPER, Order(role="officer", name="A", level=Level.B_B), officer)
    with pytest.raises(FieldUnusable, match="signed already"):
        seal(signed.pdf, Order(role="officer", name="A", level=Level.B_B), officer)
    form = papers.kinds()["direct form"]
    with pytest.raises(FieldUnusable, match="not a signature field"):
        seal(form, Order(role="officer", name="A", level=Level.B_B, field="dossier"), officer)
    with pytest.raises(FieldUnusable, match="no placement"):
        seal(papers.paper(), ORDER_WITHOUT_PLACE, officer)
    with pytest.raises(FieldUnusable, match="no such page"):
        seal(papers.paper(), _placed(Placement(page=7, rect=papers.OFFICER_RECT)), officer)
    with pytest.raises(FieldUnusable, match="full stop"):
        seal(papers.paper(), _placed(Placement(page=0, rect=papers.OFFICER_RECT), field="a.b"), officer)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda field, page: field.__setattr__("F", 2), "it is hidden"),
        (lambda field, page: field.__setattr__("F", 4 | 32), "it is hidden"),
        (lambda field, page: field.__setattr__("Rect", pikepdf.Array([500, 800, 700, 902])), "outside its page"),
        (lambda field, page: page.__setattr__("Annots", pikepdf.Array([])), "no page shows it"),
        (lambda field, page: field.__setattr__("T", pikepdf.String(OFFICER_FIELD)), "two signature fields of one name"),
    ],
)
def test_a_seal_nobody_would_see(
    change: Callable[[pikepdf.Object, pikepdf.Object], None], words: str, software_key: MakeKey
) -> None:
    """A prepared field that is hidden, off the page or doubled would swallow the seal: refused before the key."""
    agency = software_key("organisation")
    before = agency.operations
    bad = papers.rewritten(PAPER, lambda pdf: change(pdf.Root.AcroForm.Fields[1], pdf.pages[0].obj))
    with pytest.raises(SignerError, match=words):
        seal(bad, Order(role="agency", name="U", level=Level.B_B, mark=papers.mark()), agency)
    assert agency.operations == before


@pytest.mark.parametrize("seed", range(20))
def test_damaged_papers_are_refused_or_sealed_soundly(seed: int, software_key: MakeKey, tmp_path: Path) -> None:
    """Whatever three damaged places do to a paper: a typed refusal, or a file that qpdf finds sound."""
    chance = random.Random(seed)
    agency = software_key("organisation")
    for base in (PAPER, papers.kinds()["direct form"]):
        damaged = bytearray(base)
        for _ in range(3):
            found = chance.choice(list(_VALUES.finditer(base)))
            room = found.end(1) - found.start(1)
            value = chance.choice([b"null", b"[]", b"<<>>", b"-1", b"2 0 R", b"99 0 R", b"(x)", b"/X", b"3.5"])
            if len(value) < room:
                damaged[found.start(1) : found.end(1)] = b" " + value.ljust(room - 1)
        order = Order(
            role="agency", name="U", level=Level.B_B, mark=papers.mark(),
            placement=Placement(page=0, rect=papers.SEAL_RECT),
        )  # fmt: skip
        try:
            sealed = seal(bytes(damaged), order, agency)
        except SignerError:
            continue
        oracle.qpdf_check(sealed.pdf, tmp_path)


def test_marks_that_cannot_be_used(software_key: MakeKey) -> None:
    """AC-36: the seal in its real size or not at all; a mark is one page of the stated size."""
    agency = software_key("organisation")
    before = agency.operations
    with pytest.raises(MarkDoesNotFit):
        seal(PAPER, Order(role="agency", name="U", level=Level.B_B, mark=papers.mark(42, 42)), agency)
    good = papers.mark()
    for bad in (
        Mark(pdf=b"%PDF-1.4", width_pt=102, height_pt=102),
        Mark(pdf=good.pdf, width_pt=90, height_pt=102),
        Mark(pdf=papers.paper(pages=2), width_pt=595.3, height_pt=841.9),
    ):
        with pytest.raises(MarkUnusable):
            seal(PAPER, Order(role="agency", name="U", level=Level.B_B, mark=bad), agency)
    assert agency.operations == before


def test_weak_and_unfitting_keys(software_key: MakeKey) -> None:
    """AC-73: the scheme must fit the certificate's key."""
    rsa, elliptic = software_key(), software_key(scheme="ecdsa-sha256")
    with pytest.raises(CertificateUnusable):
        prepare(PAPER, ORDER, rsa.certificate, rsa.chain, "ecdsa-sha256")
    with pytest.raises(CertificateUnusable):
        prepare(PAPER, ORDER, elliptic.certificate, elliptic.chain, "rsa-pss-sha256")


def _placed(placement: Placement, field: str | None = None) -> Order:
    return Order(
        role="officer", name="A", level=Level.B_B, mark=papers.mark(50, 25), placement=placement, field=field
    )  # fmt: skip


ORDER_WITHOUT_PLACE = Order(role="officer", name="A", level=Level.B_B, mark=papers.mark(50, 25))
