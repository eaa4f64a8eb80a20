"""AC-64 as one table: unsigned, expired, revoked, wrong person, altered: five refusals, no key operation.

Unsigned and altered come with every row forged that whoever holds the web process's database rights can write:
the document's state, a stored judgement, a confirmation with its documents.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pytest

from secondseal.demo.pki import Pki
from stamping import Refusal, confirmations, documents
from stamping.tables import confirmation_documents, judgements
from stamping.tables import confirmations as confirmation_rows
from stamping.tables import documents as document_rows
from store import write
from tests.pki.fixtures import MakeKey, label_of
from tests.stamping.office_desk import CUSTODIAN, OFFICER_NAME, ORGANISATION_NAME, Place, PlaceMaker
from tests.stamping.test_refusals import refused_by_worker

Case = Callable[[PlaceMaker, MakeKey, Pki], str]


def unsigned(desk_with: PlaceMaker, _software_key: MakeKey, _pki: Pki) -> str:
    """The paper as generated, with every row saying that it was approved and confirmed."""
    place = desk_with()
    document = place.paper()
    forge(place, document.id, document.revisions["generated"])
    return refused_by_worker(place, document.id)


def altered(desk_with: PlaceMaker, _software_key: MakeKey, _pki: Pki) -> str:
    """One byte of the signed file changed, stored as a file of its own, every row rewritten to its hash."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    signed = place.desk.files.get(documents.view(place.desk, document.id).revisions["approved"])
    content = bytearray(signed)
    content[len(content) // 3] ^= 1
    forge(place, document.id, place.desk.files.put(bytes(content)))
    return refused_by_worker(place, document.id)


def expired(desk_with: PlaceMaker, software_key: MakeKey, _pki: Pki) -> str:
    """The officer's certificate ended before they signed."""
    key = software_key(
        "person",
        name=OFFICER_NAME,
        organisation=ORGANISATION_NAME,
        fresh=True,
        not_before=datetime(2020, 1, 1, tzinfo=UTC),
        not_after=datetime(2024, 1, 1, tzinfo=UTC),
    )
    place = desk_with(officer_key=key)
    with pytest.raises(Refusal) as caught:
        place.approve(place.paper().id)
    assert key.operations == 0
    return caught.value.code


def revoked(desk_with: PlaceMaker, software_key: MakeKey, pki: Pki) -> str:
    """The officer's certificate was revoked between signing and the seal."""
    key = software_key("person", name=OFFICER_NAME, organisation=ORGANISATION_NAME, fresh=True)
    place = desk_with(officer_key=key)
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    pki.revoke(label_of(pki, key))
    place.restart_worker()
    return refused_by_worker(place, document.id)


def wrong_person(desk_with: PlaceMaker, _software_key: MakeKey, _pki: Pki) -> str:
    """Who signed may not sign papers of this procedure."""
    place = desk_with()
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    place.rewrite_office(('procedures = ["1.001612", "2.000815"]', 'procedures = ["2.000815"]'))
    return refused_by_worker(place, document.id)


TABLE: Final[dict[Case, str]] = {
    unsigned: "not-approved",
    expired: "certificate-expired",
    revoked: "certificate-revoked",
    wrong_person: "officer-not-authorised",
    altered: "not-approved",
}


def forge(place: Place, document_id: str, sha256: str) -> None:
    """Write, past every rule, that these bytes were judged good, approved and confirmed just now."""
    genuine = place.paper()
    place.approve(genuine.id)
    now, identity = place.clock(), "f" * 32
    with write(place.desk.engine) as connection:
        kept = judgements.select().where(judgements.c.document_id == genuine.id)
        judged = connection.execute(kept).mappings().one()
        connection.execute(judgements.insert().values({**judged, "document_id": document_id, "sha256": sha256}))
        connection.execute(
            document_rows.update()
            .where(document_rows.c.id == document_id)
            .values(state="confirmed", approved_sha256=sha256, approved_at=now)
        )
        connection.execute(
            confirmation_rows.insert().values(
                id=identity,
                custodian_id=CUSTODIAN,
                custodian_name="Lê Thị Mẫu",
                account="vanthu",
                seal_id=genuine.seal_id,
                list_sha256=confirmations.list_sha256([(document_id, sha256)]),
                stepped_up_at=now,
                created_at=now,
            )
        )
        connection.execute(
            confirmation_documents.insert().values(
                confirmation_id=identity,
                document_id=document_id,
                position=0,
                approved_sha256=sha256,
                state="queued",
                attempt=0,
            )
        )


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.__name__)
def test_ac64(case: Case, desk_with: PlaceMaker, software_key: MakeKey, pki: Pki, seal_key: object) -> None:
    """AC-64: refused with its own reason, and the seal's key has signed nothing."""
    before = seal_key.operations  # type: ignore[attr-defined]
    assert case(desk_with, software_key, pki) == TABLE[case]
    assert seal_key.operations == before  # type: ignore[attr-defined]
