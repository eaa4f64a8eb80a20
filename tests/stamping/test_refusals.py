"""What the stage refuses, each with its reason and without a key operation (AC-64, AC-70, AC-72, AC-120)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from secondseal.demo.pki import Pki
from stamping import Refusal, approvals, confirmations, documents, passage
from stamping.tables import confirmation_documents, judgements
from stamping.tables import confirmations as confirmation_rows
from stamping.tables import documents as document_rows
from store import write
from tests.pki.fixtures import MakeKey, label_of
from tests.stamping.office_desk import CUSTODIAN, OFFICER, OFFICER_NAME, ORGANISATION_NAME, Place, PlaceMaker


@pytest.fixture
def untouched(seal_key: object) -> Callable[[], bool]:
    """Says whether the seal's key has signed nothing since the test began."""
    before = seal_key.operations  # type: ignore[attr-defined]
    return lambda: bool(seal_key.operations == before)  # type: ignore[attr-defined]


def refused_by_worker(place: Place, document_id: str) -> str:
    """The worker's turn must end in a refusal that is kept on the document's row; gives its code."""
    place.stamp()
    view = documents.view(place.desk, document_id)
    assert view.state == "approved", view.state
    assert view.problem is not None
    assert view.problem.text_vi
    assert view.problem.text_en
    return view.problem.code


def test_a_paper_nobody_signed_is_not_stamped(desk_with: PlaceMaker, untouched: Callable[[], bool]) -> None:
    """AC-64 unsigned: the custodian cannot confirm it."""
    place = desk_with()
    document = place.paper()
    digest = confirmations.list_sha256([(document.id, document.revisions["generated"])])
    with pytest.raises(Refusal) as caught:
        confirmations.confirm(
            place.desk,
            [document.id],
            digest,
            custodian_id=CUSTODIAN,
            account="vanthu",
            stepped_up_at=place.clock(),
        )
    assert caught.value.code == "not-approved"
    assert not passage.serve_one(place.desk, place.keys)
    assert untouched()


def test_the_worker_believes_no_row_alone(desk_with: PlaceMaker, untouched: Callable[[], bool]) -> None:
    """AC-64: rows written around the rules (confirmed, but never approved) are refused by the worker itself."""
    place = desk_with()
    document = place.paper()
    generated = document.revisions["generated"]
    now = place.clock()
    with write(place.desk.engine) as connection:
        connection.execute(
            confirmation_rows.insert().values(
                id="f" * 32,
                custodian_id=CUSTODIAN,
                custodian_name="Lê Thị Mẫu",
                account="vanthu",
                seal_id=document.seal_id,
                list_sha256=confirmations.list_sha256([(document.id, generated)]),
                stepped_up_at=now,
                created_at=now,
            )
        )
        connection.execute(
            confirmation_documents.insert().values(
                confirmation_id="f" * 32,
                document_id=document.id,
                position=0,
                approved_sha256=generated,
                state="queued",
                attempt=0,
            )
        )
        connection.execute(
            document_rows.update()
            .where(document_rows.c.id == document.id)
            .values(state="confirmed", approved_sha256=generated)
        )
    assert refused_by_worker(place, document.id) == "not-approved"
    assert untouched()


def test_a_forged_judgement_does_not_make_a_seal(desk_with: PlaceMaker, untouched: Callable[[], bool]) -> None:
    """AC-64: not even with a stored judgement: the worker judges the officer's signature in the bytes itself."""
    place = desk_with()
    approved = place.paper()
    place.approve(approved.id)
    victim = place.paper()
    generated = victim.revisions["generated"]
    now = place.clock()
    with write(place.desk.engine) as connection:
        kept = connection.execute(judgements.select()).mappings().one()
        connection.execute(judgements.insert().values({**kept, "document_id": victim.id, "sha256": generated}))
        connection.execute(
            document_rows.update()
            .where(document_rows.c.id == victim.id)
            .values(state="approved", approved_sha256=generated, approved_at=now)
        )
    place.confirm(victim.id)
    assert refused_by_worker(place, victim.id) == "not-approved"
    assert untouched()


def test_a_confirmation_that_was_not_fresh_is_refused_by_the_worker(
    desk_with: PlaceMaker, untouched: Callable[[], bool]
) -> None:
    """AC-63: also when the row got into the database some other way."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    confirmation = place.confirm(document.id)
    with write(place.desk.engine) as connection:
        connection.execute(
            confirmation_rows.update()
            .where(confirmation_rows.c.id == confirmation)
            .values(stepped_up_at=place.clock() - timedelta(hours=1))
        )
    assert refused_by_worker(place, document.id) == "confirmation-required"
    assert untouched()


def test_an_expired_certificate_is_refused_before_anything_is_prepared(
    desk_with: PlaceMaker, software_key: MakeKey, untouched: Callable[[], bool]
) -> None:
    """AC-70 expired."""
    key = software_key(
        "person",
        name=OFFICER_NAME,
        organisation=ORGANISATION_NAME,
        fresh=True,
        not_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_after=datetime(2024, 1, 1, tzinfo=UTC),
    )
    place = desk_with(officer_key=key)
    document = place.paper()
    ticket = approvals.open_list(place.desk, [document.id], OFFICER, OFFICER_NAME)
    with pytest.raises(Refusal) as caught:
        approvals.use_certificate(place.desk, ticket.id, key.certificate.public_bytes(Encoding.DER))
    assert caught.value.code == "certificate-expired"
    assert "01/01/2024" in caught.value.text_vi
    assert approvals.view(place.desk, ticket.id).documents[0].state == "waiting"
    assert untouched()


def test_a_certificate_revoked_before_signing_is_refused(
    desk_with: PlaceMaker, software_key: MakeKey, pki: Pki, untouched: Callable[[], bool]
) -> None:
    """AC-70 revoked."""
    key = software_key("person", name=OFFICER_NAME, organisation=ORGANISATION_NAME, fresh=True)
    pki.revoke(label_of(pki, key))
    place = desk_with(officer_key=key)
    document = place.paper()
    with pytest.raises(Refusal) as caught:
        place.approve(document.id)
    assert caught.value.code == "certificate-revoked"
    assert key.operations == 0
    assert untouched()


def test_a_certificate_revoked_after_approval_stops_the_seal(
    desk_with: PlaceMaker, software_key: MakeKey, pki: Pki, untouched: Callable[[], bool]
) -> None:
    """AC-64 revoked, between the officer's signature and the seal."""
    key = software_key("person", name=OFFICER_NAME, organisation=ORGANISATION_NAME, fresh=True)
    place = desk_with(officer_key=key)
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    pki.revoke(label_of(pki, key))
    place.restart_worker()  # no OCSP answer from before the revocation is remembered
    assert refused_by_worker(place, document.id) == "certificate-revoked"
    assert untouched()


def test_an_officer_without_this_procedure_cannot_approve(desk_with: PlaceMaker, untouched: Callable[[], bool]) -> None:
    """AC-5, AC-64 wrong person: taken off the list before approving, and before stamping."""
    place = desk_with()
    first, second = place.paper(), place.paper()
    place.approve(second.id)
    place.confirm(second.id)
    place.rewrite_office(('procedures = ["1.001612", "2.000815"]', 'procedures = ["2.000815"]'))
    with pytest.raises(Refusal) as caught:
        place.approve(first.id)
    assert caught.value.code == "officer-not-authorised"
    assert refused_by_worker(place, second.id) == "officer-not-authorised"
    assert untouched()


def test_another_persons_certificate_cannot_approve(
    desk_with: PlaceMaker, software_key: MakeKey, untouched: Callable[[], bool]
) -> None:
    """AC-64 wrong person: a good certificate that is not this officer's."""
    place = desk_with()
    document = place.paper()
    stranger = software_key("person", name="Người Lạ Mẫu")
    with pytest.raises(Refusal) as caught:
        place.approve(document.id, key=stranger)
    assert caught.value.code == "officer-not-authorised"
    assert stranger.operations == 0
    assert untouched()


def test_bytes_changed_after_approval_are_not_sealed(desk_with: PlaceMaker, untouched: Callable[[], bool]) -> None:
    """AC-64 altered: the stored file no longer is what the officer signed."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    sha256 = documents.view(place.desk, document.id).revisions["approved"]
    stored = place.desk.files.folder / sha256[:2] / sha256
    content = bytearray(stored.read_bytes())
    content[len(content) // 2] ^= 1
    stored.chmod(0o600)
    stored.write_bytes(bytes(content))
    assert refused_by_worker(place, document.id) == "bytes-changed"
    assert untouched()


def test_a_file_that_is_gone_is_not_sealed(desk_with: PlaceMaker, untouched: Callable[[], bool]) -> None:
    """The approved file is missing from the store."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    sha256 = documents.view(place.desk, document.id).revisions["approved"]
    (place.desk.files.folder / sha256[:2] / sha256).unlink()
    assert refused_by_worker(place, document.id) == "bytes-changed"
    assert untouched()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            'handover = "01/BB-MẪU" }]',
            'handover = "01/BB-MẪU" }, { state = "suspended", decision = "09/QĐ-MẪU", date = "2026-01-01" }]',
        ),
        ('valid_from = "2025-07-01"\nstates', 'valid_from = "2025-07-01"\nvalid_to = "2026-01-01"\nstates'),
        ('valid_from = "2025-07-01"\nstates', 'valid_from = "2099-07-01"\nstates'),
    ],
    ids=["suspended", "past its dates", "not yet valid"],
)
def test_a_seal_out_of_use_is_not_used(
    desk_with: PlaceMaker, untouched: Callable[[], bool], old: str, new: str
) -> None:
    """AC-120: suspended, or outside its dates, after the custodian confirmed and before the worker's turn."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    place.rewrite_office((old, new))
    assert refused_by_worker(place, document.id) == "seal-not-active"
    assert untouched()


def test_a_custodian_no_longer_in_charge_stops_the_seal(desk_with: PlaceMaker, untouched: Callable[[], bool]) -> None:
    """AC-60, AC-62: custody is looked up again by the worker."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    place.rewrite_office(('appointed_by = "05/QĐ-MẪU"\n', 'appointed_by = "05/QĐ-MẪU"\nuntil = "2026-01-01"\n'))
    assert refused_by_worker(place, document.id) == "forbidden"
    assert untouched()


def test_no_confirmation_no_seal(desk_with: PlaceMaker, untouched: Callable[[], bool]) -> None:
    """AC-63: an approved paper alone gives the worker nothing to do."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    assert not passage.serve_one(place.desk, place.keys)
    assert untouched()


def test_an_old_authentication_does_not_confirm(desk_with: PlaceMaker, untouched: Callable[[], bool]) -> None:
    """AC-63: the custodian's own authentication must be fresh; nothing is queued."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    for when in (place.clock() - timedelta(minutes=6), place.clock() + timedelta(minutes=1)):
        with pytest.raises(Refusal) as caught:
            place.confirm(document.id, stepped_up_at=when)
        assert caught.value.code == "confirmation-required"
    assert not passage.serve_one(place.desk, place.keys)
    assert untouched()


def test_a_list_other_than_the_one_shown_is_refused(desk_with: PlaceMaker, untouched: Callable[[], bool]) -> None:
    """What is confirmed is what was shown: order and bytes."""
    place = desk_with()
    first, second = place.paper(), place.paper()
    place.approve(first.id, second.id)
    shown = confirmations.pending(place.desk, CUSTODIAN)
    assert {view.id for view in shown.documents} == {first.id, second.id}
    with pytest.raises(Refusal) as caught:
        confirmations.confirm(
            place.desk,
            [first.id],
            shown.list_sha256,
            custodian_id=CUSTODIAN,
            account="vanthu",
            stepped_up_at=place.clock(),
        )
    assert caught.value.code == "list-changed"
    assert documents.view(place.desk, first.id).state == "approved"
    assert untouched()


def test_revocation_services_away_stop_the_seal_until_they_are_back(desk_with: PlaceMaker, pki: Pki) -> None:
    """AC-72: OCSP and CRL both down: a stamp attempt is refused; afterwards the same paper is sealed."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    before = place.seal_key.operations
    place.restart_worker()
    with pki.down("ocsp", "crl"):
        assert refused_by_worker(place, document.id) == "revocation-unknown"
    assert place.seal_key.operations == before
    place.confirm(document.id)
    place.stamp()
    assert documents.view(place.desk, document.id).state == "sealed"


def test_time_authority_away_at_approval_loses_nothing(desk_with: PlaceMaker, pki: Pki) -> None:
    """The officer's signature is not half stored; the same value is taken when the time authority is back."""
    place = desk_with()
    document = place.paper()
    key = place.officer_key
    ticket = approvals.open_list(place.desk, [document.id], OFFICER, OFFICER_NAME)
    der = key.certificate.public_bytes(Encoding.DER)
    (item,) = approvals.use_certificate(place.desk, ticket.id, der).documents
    assert item.digest is not None
    signature = key.sign(bytes.fromhex(item.digest), key.scheme)
    with pki.down("tsa"):
        with pytest.raises(Refusal) as caught:
            approvals.submit(place.desk, ticket.id, document.id, signature)
        assert caught.value.code == "time-authority-unreachable"
        view = documents.view(place.desk, document.id)
        assert view.state == "awaiting_approval"
        assert "approved" not in view.revisions
    assert approvals.submit(place.desk, ticket.id, document.id, signature).state == "approved"
    assert approvals.submit(place.desk, ticket.id, document.id, signature).state == "approved", "the same answer again"
    with pytest.raises(Refusal) as again:
        approvals.submit(place.desk, ticket.id, document.id, signature[::-1])
    assert again.value.code == "approval-closed"


def test_time_authority_away_at_the_seal_loses_nothing(desk_with: PlaceMaker, pki: Pki) -> None:
    """Nothing is put on the paper; the try stands in the register as failed; the next one seals it once."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    with pki.down("tsa"):
        assert refused_by_worker(place, document.id) == "time-authority-unreachable"
        assert "sealed" not in documents.view(place.desk, document.id).revisions
    place.confirm(document.id)
    place.stamp()
    view = documents.view(place.desk, document.id)
    assert view.state == "sealed"
    assert view.problem is None


def test_a_signature_over_something_else_is_refused(desk_with: PlaceMaker) -> None:
    """A wrong signature value stores nothing; the right one is taken afterwards."""
    place = desk_with()
    document = place.paper()
    key = place.officer_key
    ticket = approvals.open_list(place.desk, [document.id], OFFICER, OFFICER_NAME)
    der = key.certificate.public_bytes(Encoding.DER)
    (item,) = approvals.use_certificate(place.desk, ticket.id, der).documents
    assert item.digest is not None
    with pytest.raises(Refusal) as caught:
        approvals.submit(place.desk, ticket.id, document.id, key.sign(bytes(32), key.scheme))
    assert caught.value.code == "signature-invalid"
    assert documents.view(place.desk, document.id).state == "awaiting_approval"
    good = key.sign(bytes.fromhex(item.digest), key.scheme)
    assert approvals.submit(place.desk, ticket.id, document.id, good).state == "approved"


def test_bytes_approved_as_another_document_are_not_sealed_twice(
    desk_with: PlaceMaker, untouched: Callable[[], bool]
) -> None:
    """AC-64: with every row of one document rewritten to another's approval, the register still knows whose it is."""
    place = desk_with()
    victim, approved = place.paper(), place.paper()
    place.approve(victim.id, approved.id)
    other = documents.view(place.desk, approved.id).revisions["approved"]
    with write(place.desk.engine) as connection:
        kept = connection.execute(judgements.select().where(judgements.c.document_id == approved.id)).mappings().one()
        connection.execute(judgements.insert().values({**kept, "document_id": victim.id}))
        connection.execute(document_rows.update().where(document_rows.c.id == victim.id).values(approved_sha256=other))
    place.confirm(victim.id)
    assert refused_by_worker(place, victim.id) == "bytes-changed"
    assert untouched()
