"""Several people or programs do the same thing at the same moment: it is done once, on both databases."""

import io
import threading
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Engine, func, select

from stamping import Refusal, approvals, confirmations, documents, endings, lookups, once_of, passage, tables
from store import FolderFiles
from tests.stamping.office_desk import CUSTODIAN, OFFICER, PlaceMaker


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act answered or was refused with, all begun together."""
    gate, answers = threading.Barrier(len(acts)), [object()] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            answers[index] = act()
        except Refusal as refusal:
            answers[index] = refusal

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_confirmed_by_many_and_served_by_two_workers_it_is_sealed_once(desk_with: PlaceMaker, both: Engine) -> None:
    """AC-63: one confirmation, one key operation, one release."""
    place = desk_with(engine=both)
    document = place.paper()
    place.approve(document.id)
    shown = confirmations.pending(place.desk, CUSTODIAN).list_sha256

    def confirm() -> str:
        now = place.clock()
        return confirmations.confirm(
            place.desk, [document.id], shown, custodian_id=CUSTODIAN, account="vanthu", stepped_up_at=now
        )

    answers = at_once(*[confirm] * 4)
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["list-changed"] * 3
    used = place.seal_key.operations
    second = replace(place.desk, sources=place.fresh_sources())  # past the lock file that forbids it
    served = at_once(*[lambda desk=desk: passage.serve_one(desk, place.keys) for desk in (place.worker, second)])
    assert sorted(map(str, served)) == ["False", "True"]
    assert place.seal_key.operations == used + 1
    assert documents.view(place.desk, document.id).state == "sealed"


def test_one_signature_sent_twice_and_another_at_once_approve_once(desk_with: PlaceMaker, both: Engine) -> None:
    """The repeated value hears the same answer; that of another list is refused; one approval in the history."""
    place = desk_with(engine=both)
    document, certificate = place.paper(), place.officer_key.certificate.public_bytes(Encoding.DER)
    made: list[tuple[str, bytes]] = []
    for _ in range(2):
        opened = approvals.open_list(place.desk, [document.id], OFFICER, "cán bộ")
        item = approvals.use_certificate(place.desk, opened.id, certificate).documents[0]
        assert item.digest is not None
        made.append((opened.id, place.officer_key.sign(bytes.fromhex(item.digest), place.officer_key.scheme)))
    sent = [made[0], made[0], made[1]]
    answers = at_once(*[lambda one=one: approvals.submit(place.desk, one[0], document.id, one[1]) for one in sent])
    refused = [isinstance(answer, Refusal) for answer in answers]
    assert refused in ([False, False, True], [True, True, False])
    history = documents.view(place.desk, document.id).history
    assert [event.event for event in history].count("document.approved") == 1


def test_one_request_sent_at_once_opens_and_prepares_one_list(desk_with: PlaceMaker, both: Engine) -> None:
    """Of a certificate that is refused there is no list, and the key may be used again; then one list for all."""
    place = desk_with(engine=both)
    document, key = place.paper(), place.officer_key

    def opened(certificate: bytes) -> tuple[str, str, str | None, bool | None]:
        once = once_of("một cửa", "mở-một-lần", {"document": document.id})
        ticket, view = approvals.open_prepared(
            place.desk, document.id, None, "một cửa", certificate, once, "bí mật của khóa này"
        )
        (item,) = view.documents
        return ticket.id, ticket.ticket, item.digest, once and once.replayed

    with pytest.raises(Refusal, match="certificate"):
        opened(b"none")
    with place.desk.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.approvals)) == 0
    answers = at_once(*[lambda: opened(key.certificate.public_bytes(Encoding.DER))] * 3)
    assert len({answer[:3] for answer in answers if isinstance(answer, tuple)}) == 1, answers
    assert sorted(answer[3] for answer in answers if isinstance(answer, tuple)) == [False, True, True]
    with place.desk.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.approvals)) == 1
        assert connection.scalar(select(func.count()).select_from(tables.approval_documents)) == 1


def test_withdrawn_and_confirmed_at_once_it_is_one_of_the_two(desk_with: PlaceMaker, both: Engine) -> None:
    place = desk_with(engine=both)
    document = place.paper()
    place.approve(document.id)
    shown = confirmations.pending(place.desk, CUSTODIAN).list_sha256

    def confirm() -> str:
        now = place.clock()
        return confirmations.confirm(
            place.desk, [document.id], shown, custodian_id=CUSTODIAN, account="vanthu", stepped_up_at=now
        )

    answers = at_once(
        confirm, lambda: endings.decline(place.desk, document.id, "withdrawn", "người dân rút", "một cửa")
    )
    assert [isinstance(answer, Refusal) for answer in answers].count(True) == 1
    sealed = not isinstance(answers[0], Refusal)
    assert passage.serve_one(place.worker, place.keys) is sealed
    assert documents.view(place.desk, document.id).state == ("sealed" if sealed else "withdrawn")


class _DiesAfterPut(FolderFiles):
    def put(self, content: bytes) -> str:
        super().put(content)
        raise KeyboardInterrupt


def test_a_worker_that_dies_with_the_file_stored_releases_it_once(desk_with: PlaceMaker, both: Engine) -> None:
    """Between the file and the transaction that says it exists: the next worker seals anew, one is released."""
    place = desk_with(engine=both)
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    dying = replace(place.worker, files=_DiesAfterPut(place.desk.home / "files"))
    with pytest.raises(KeyboardInterrupt):
        passage.serve_one(dying, place.keys)
    assert documents.view(place.desk, document.id).state == "confirmed"
    place.restart_worker()
    place.stamp()
    assert not passage.serve_one(place.worker, place.keys)
    pdf, revision, _ = documents.file(place.desk, document.id)
    assert revision == "sealed"
    assert lookups.verify(place.desk, pdf).word == "genuine"


@pytest.mark.parametrize("said", ["a\0b", "Trần\u202eMẫu", "a\u200bb", "a\u2066b", "x\r\nSet-Cookie: a=b"])
def test_what_nobody_can_see_is_refused_in_names_and_titles(desk_with: PlaceMaker, said: str) -> None:
    """A direction mark shows the officer another name than the one that is kept."""
    place = desk_with()
    pdf, _, _ = documents.file(place.desk, place.paper().id)
    dossier = place.dossier()
    hidden = replace(dossier, applicant=replace(dossier.applicant, name=said))
    with pytest.raises(Refusal) as in_title:
        place.foreign(pdf, title=said)
    with pytest.raises(Refusal) as in_name:
        place.paper(dossier=hidden)
    with pytest.raises(Refusal) as in_who:
        endings.return_to_citizen(place.desk, place.paper().id, "một cửa", said)
    codes = [caught.value.code for caught in (in_title, in_name, in_who)]
    assert codes == ["paper-data-invalid", "dossier-invalid", "paper-data-invalid"]


def test_a_foreign_paper_that_names_another_office_is_not_taken_in(desk_with: PlaceMaker) -> None:
    """Sealed, it would be "warning: wrong organisation" for ever; it is said before anyone signs."""
    place, out = desk_with(), io.BytesIO()
    with pikepdf.new() as paper:
        paper.add_blank_page(page_size=(595, 842))
        paper.attachments["data.json"] = '{"organisation": "ỦY BAN NHÂN DÂN XÃ KHÁC"}'.encode()
        paper.save(out)
    with pytest.raises(Refusal, match="XÃ KHÁC") as caught:
        place.foreign(out.getvalue())
    assert (caught.value.code, caught.value.detail["reason"]) == ("unsealable", "wrong_organisation")
