"""What our own signer prepares is what the agent accepts."""

import hashlib
from datetime import UTC, datetime

import pytest

from agent.check import DocumentRefused, check_document
from agent.messages import PreparedDocument
from signer import Level, Order, Placement, complete, prepare
from tests.tokens.fixtures import TokenFarm


def blank_pdf() -> bytes:
    """One empty A4 page."""
    import io

    import pikepdf

    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595.28, 841.89))
    room = io.BytesIO()
    pdf.save(room)
    return room.getvalue()


@pytest.mark.parametrize(
    ("algorithm", "scheme"),
    [("rsa-2048", "rsa-pkcs1v15-sha256"), ("rsa-2048", "rsa-pss-sha256"), ("p-256", "ecdsa-sha256"),
     ("p-384", "ecdsa-sha384")],
)  # fmt: skip
def test_prepared_document_is_accepted_and_signed(farm: TokenFarm, algorithm, scheme):
    seat = farm.seat(algorithm)
    order = Order(
        field=None,
        placement=Placement(page=0, rect=(100, 100, 200, 150)),
        mark=None,
        signed_at=datetime.now(UTC),
        name="Nguyễn Văn Mẫu",
        reason=None,
        location=None,
        role="officer",
        level=Level.B_B,
    )
    prepared = prepare(blank_pdf(), order, seat.certificate, (), scheme)
    document = PreparedDocument(
        id="1",
        title="",
        number="",
        holder="",
        pages=1,
        file_url="/x",
        file_sha256=hashlib.sha256(prepared.pdf_with_hole).digest(),
        byte_range=prepared.byte_range,
        document_digest=prepared.document_digest,
        signed_attributes=prepared.signed_attributes,
        digest=prepared.digest,
        scheme=scheme,
    )
    check_document(document, prepared.pdf_with_hole, seat.certificate)
    with pytest.raises(DocumentRefused):
        check_document(document, prepared.pdf_with_hole, farm.issuer.certificate)
    with seat.open() as key:
        signed = complete(prepared, key.sign(document.digest, scheme))
    assert signed.pdf.startswith(prepared.pdf_with_hole[: prepared.byte_range[1]])
