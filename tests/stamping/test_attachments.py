"""A document and its separate attachments: taken in together, approved together, sealed as one, all or none."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas
from sqlalchemy import select, update

from register import audit, find_revision, seal_log
from stamping import (
    MOST_ATTACHMENTS,
    NewAttachment,
    NewDocument,
    Refusal,
    approvals,
    attachments,
    confirmations,
    documents,
    endings,
    lookups,
    once_of,
    passage,
    receiving,
)
from stamping.tables import attachments as attachment_rows
from stamping.tables import confirmation_documents
from stamping.tables import documents as document_rows
from store import read, write
from templates import ATTACHMENT
from tests.stamping.office_desk import CUSTODIAN, HEAD, OFFICER, ORGANISATION, Place, PlaceMaker, key_of
from tests.templates.examples import sample_data
from verifier import words

LETTER = (Path(__file__).parents[1] / "corpus" / "foreign" / "libreoffice-letter.pdf").read_bytes()


def drawing(words: str) -> bytes:
    """A page of another program that says this and has room at its top."""
    out = io.BytesIO()
    sheet = canvas.Canvas(out, pagesize=A4, invariant=True)
    sheet.drawString(90, 600, words)
    sheet.showPage()
    sheet.save()
    return out.getvalue()


MAP, LIST = (
    NewAttachment(title="Phụ lục I. Bản vẽ", pdf=drawing("ban ve MAU")),
    NewAttachment(title="Phụ lục II. Danh sách", pdf=drawing("danh sach MAU")),
)


def entries(place: Place, document_id: str) -> list[tuple[str, str, bool]]:
    """The document's lines in the seal register: purpose, event, and whether the key was or may have been used."""
    with read(place.desk.engine) as connection:
        return [(row.purpose, row.event, row.key_operation) for row in seal_log.entries_of(connection, document_id)]


def clean(place: Place) -> bool:
    with read(place.desk.engine) as connection:
        report = audit(connection, place.desk.files, key_of(place.desk.home).public_key)
    assert report.intact, report.findings
    return True


def confirmed(place: Place, *attached: NewAttachment) -> str:
    document = place.paper(attached=attached or (MAP, LIST))
    place.approve(document.id)
    place.confirm(document.id)
    return document.id


def test_a_paper_and_its_attachments_are_sealed_as_one(desk_with: PlaceMaker) -> None:
    """AC-39: the organisation signs each separate file; each use of the key has its entry; all of it is in force."""
    place = desk_with()
    before = place.seal_key.operations
    document = place.paper(attached=(MAP, LIST))
    assert [(one.n, one.title) for one in document.attachments] == [(1, MAP.title), (2, LIST.title)]
    assert [one.original_sha256 for one in document.attachments] == [MAP.sha256, LIST.sha256]
    place.approve(document.id)
    place.confirm(document.id)
    assert place.seal_key.operations == before
    place.stamp()
    view = documents.view(place.desk, document.id)
    assert view.state == "sealed", view.problem
    assert place.seal_key.operations == before + 3
    assert entries(place, document.id) == [
        ("issue", "reserve", False),
        ("appendix", "reserve", False),
        ("appendix", "reserve", False),
        ("issue", "conclude", True),
        ("appendix", "conclude", True),
        ("appendix", "conclude", True),
    ]
    assert lookups.verify(place.desk, documents.file(place.desk, document.id)[0]).word == "genuine"
    for one in view.attachments:
        pdf, revision, sha256 = attachments.file(place.desk, document.id, one.n)
        assert (revision, sha256) == ("sealed", one.revisions["sealed"])
        assert pdf.startswith(attachments.file(place.desk, document.id, one.n, "generated")[0])
        with pypdfium2.PdfDocument(pdf) as opened:
            opened.init_forms()
            assert len(opened) == 1
        with pikepdf.open(io.BytesIO(pdf)) as opened_pdf:
            look = opened_pdf.Root.AcroForm.Fields[0].AP.N
            assert b"/Image" not in look.unparse(resolved=True)
            form = look.Resources.XObject.M
            assert "/XObject" not in form.Resources, "no picture of the seal"
    assert clean(place)


def test_a_sealed_attachment_is_recognised_and_said_plainly(desk_with: PlaceMaker) -> None:
    """It is genuine under the organisation's key alone, names its paper, and claims no more."""
    place = desk_with()
    document_id = confirmed(place)
    place.stamp()
    document = documents.view(place.desk, document_id)
    pdf, _, sha256 = attachments.file(place.desk, document_id, 2)
    verdict = lookups.verify(place.desk, pdf)
    assert verdict.word == "genuine", verdict.as_json()
    assert (verdict.legal.officer_signed, verdict.legal.agency_sealed) == (False, True)
    assert verdict.legal.equals_paper_original is False
    assert verdict.facts.known_to_register is True
    assert verdict.status == "in_force"
    told = verdict.as_json()
    assert told["situation"] == "attachment"
    assert told["tone"] == "info", "green only where all of it is proven"
    assert document.number in told["words"]["vi"]["headline"]
    assert document.number in told["conclusion"]["en"]
    assert "người có thẩm quyền nằm trên văn bản đó" in words(verdict, "vi").sentence
    with read(place.desk.engine) as connection:
        known = find_revision(connection, sha256)
        assert known is not None
        assert known.attached
        assert (known.document_id, known.number) == (document_id, document.number)
        before = find_revision(connection, document.attachments[1].revisions["generated"])
        assert before is not None
        assert before.superseded
        assert before.newest.sha256 == sha256
    # a file that was changed names the paper, and stays changed
    assert lookups.verify(place.desk, pdf + b"\n% more\n").word == "changed"
    # what covers the paper covers its attachments
    today = place.today()
    endings.recall(place.desk, document_id, "9/QĐ-UBND", today, "cấp nhầm", "một cửa")
    again = lookups.verify(place.desk, pdf).as_json()
    assert (again["status"], again["situation"]) == ("recalled", "recalled")


def test_a_foreign_paper_has_attachments_too(desk_with: PlaceMaker) -> None:
    """The list is bound by the officer's signature, which every paper has."""
    place = desk_with()
    document = place.foreign(LETTER, attached=(MAP,))
    place.approve(document.id)
    place.confirm(document.id)
    place.stamp()
    assert documents.view(place.desk, document.id).state == "sealed"
    facts = place.desk.sandbox.gather(documents.file(place.desk, document.id)[0])
    (reason,) = [one.reason for one in facts.signatures if one.field == "OfficerSignature"]
    listed = attachments.attachments_sha256([(1, document.attachments[0].revisions["generated"], MAP.title)])
    assert listed == document.attachments_sha256
    assert reason == f"Phê duyệt {document.number} cùng 1 văn bản kèm theo, danh mục SHA-256 {listed}"
    assert clean(place)


def test_the_paper_names_its_attachments_before_anyone_signs(desk_with: PlaceMaker) -> None:
    """In the data attached to a generated paper; the officer's list shows them; a paper without any says nothing."""
    place = desk_with()
    document = place.paper(attached=(MAP, LIST))
    pdf, revision, _ = documents.file(place.desk, document.id)
    assert revision == "generated"

    def data(file: bytes) -> dict[str, object]:
        with pikepdf.open(io.BytesIO(file)) as opened:
            return dict(json.loads(opened.attachments[ATTACHMENT].get_file().read_bytes()))

    assert data(pdf)["attachments"] == [
        {"title": one.title, "sha256": one.revisions["generated"]} for one in document.attachments
    ]
    plain = place.paper()
    assert "attachments" not in data(documents.file(place.desk, plain.id)[0])
    assert (plain.attachments, plain.attachments_sha256) == ((), None)
    ticket = approvals.open_list(place.desk, [document.id, plain.id], OFFICER, "cán bộ")
    shown = approvals.view(place.desk, ticket.id).documents
    assert [[one.title for one in item.attachments] for item in shown] == [[MAP.title, LIST.title], []]


def test_the_custodians_list_covers_the_attachments(desk_with: PlaceMaker) -> None:
    """Its hash does; a list of papers without attachments is hashed as ever."""
    place = desk_with()
    document = place.paper(attached=(MAP,))
    place.approve(document.id)
    (shown,) = confirmations.pending(place.desk, CUSTODIAN).documents
    assert [one.title for one in shown.attachments] == [MAP.title]
    approved = shown.revisions["approved"]
    line = f"{document.id} {approved} {document.attachments_sha256}\n"
    assert confirmations.pending(place.desk, CUSTODIAN).list_sha256 == hashlib.sha256(line.encode()).hexdigest()
    plain = confirmations.list_sha256([(document.id, approved)])
    assert plain == hashlib.sha256(f"{document.id} {approved}\n".encode()).hexdigest()
    with pytest.raises(Refusal) as caught:
        confirmations.confirm(
            place.desk, [document.id], plain, custodian_id=CUSTODIAN, account="vanthu", stepped_up_at=place.clock()
        )
    assert caught.value.code == "list-changed"


@pytest.mark.parametrize("what", ["another file", "another title", "none", "one more", "the list hash", "the document"])
def test_who_can_write_rows_cannot_swap_an_attachment(desk_with: PlaceMaker, what: str) -> None:
    """A stolen credential of the web process: whatever it writes after the officer signed, no key is used."""
    place = desk_with()
    document_id = confirmed(place)
    other = place.paper(attached=(NewAttachment(title=MAP.title, pdf=drawing("ban ve khac MAU")),))
    forged = other.attachments[0].revisions["generated"]
    first = (attachment_rows.c.document_id == document_id) & (attachment_rows.c.n == 1)
    with write(place.desk.engine) as connection:
        if what in ("another file", "the list hash", "the document"):
            connection.execute(update(attachment_rows).where(first).values(generated_sha256=forged))
        elif what == "another title":
            connection.execute(update(attachment_rows).where(first).values(title="Phụ lục khác"))
        elif what == "none":
            connection.execute(attachment_rows.delete().where(attachment_rows.c.document_id == document_id))
            nothing = {"attachments_sha256": None}
            connection.execute(update(document_rows).where(document_rows.c.id == document_id).values(nothing))
        else:
            row = dict(connection.execute(select(attachment_rows).where(first)).mappings().one())
            connection.execute(attachment_rows.insert().values({**row, "n": 3, "generated_sha256": forged}))
        rows = attachments.rows_of_all(connection, [document_id])[document_id]
        listed = attachments.listed_sha256(rows)
        if what in ("the list hash", "one more"):
            values = {"attachments_sha256": listed}
            connection.execute(update(document_rows).where(document_rows.c.id == document_id).values(values))
        if what == "the list hash":
            mine = confirmation_documents.c.document_id == document_id
            connection.execute(update(confirmation_documents).where(mine).values(attachments_sha256=listed))
    used = place.seal_key.operations
    assert passage.serve_one(place.worker, place.keys)
    view = documents.view(place.desk, document_id)
    assert view.state == "approved"
    assert view.problem is not None
    assert view.problem.code in ("bytes-changed", "confirmation-required")
    assert place.seal_key.operations == used
    assert entries(place, document_id) == []


def test_a_swap_before_the_signature_arrives_is_seen(desk_with: PlaceMaker) -> None:
    """What was prepared for the token names the list as it was; the signature is not taken for another."""
    place = desk_with()
    document = place.paper(attached=(MAP,))
    other = place.paper(attached=(LIST,))
    forged = {"attachments_sha256": other.attachments_sha256}
    with write(place.desk.engine) as connection:
        connection.execute(update(document_rows).where(document_rows.c.id == document.id).values(forged))
    with pytest.raises(AssertionError, match="bytes-changed"):
        place.approve(document.id)  # the rows and the document's hash differ: nothing is prepared
    with write(place.desk.engine) as connection:
        mine = attachment_rows.c.document_id == document.id
        connection.execute(attachment_rows.delete().where(mine))
        row = dict(connection.execute(select(attachment_rows)).mappings().one())
        connection.execute(attachment_rows.insert().values({**row, "document_id": document.id}))
    place.approve(document.id)  # the officer was shown the other file, and approved that
    (shown,) = [one for one in confirmations.pending(place.desk, CUSTODIAN).documents if one.id == document.id]
    assert [one.title for one in shown.attachments] == [LIST.title]


def test_a_file_lost_or_damaged_stops_the_bundle(desk_with: PlaceMaker) -> None:
    place = desk_with()
    document_id = confirmed(place)
    sha256 = documents.view(place.desk, document_id).attachments[1].revisions["generated"]
    path = place.desk.files.place(sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b" ")
    used = place.seal_key.operations
    assert passage.serve_one(place.worker, place.keys)
    problem = documents.view(place.desk, document_id).problem
    assert problem is not None
    assert problem.code == "bytes-changed"
    assert place.seal_key.operations == used


@pytest.mark.parametrize(
    ("attached", "code", "at"),
    [
        ([replace(MAP, title=" ")], "attachments-invalid", 1),
        ([replace(MAP, title="Phụ lục\u202e")], "attachments-invalid", None),
        ([replace(MAP, title=f"Một\n2 {'0' * 64} Hai")], "attachments-invalid", None),
        ([MAP, replace(MAP, title="nữa")], "attachments-invalid", 2),
        ([replace(MAP, title=f"Phụ lục {n}") for n in range(MOST_ATTACHMENTS + 1)], "attachments-invalid", None),
        ([MAP, NewAttachment(title="Không phải PDF", pdf=b"hello")], "unsealable", 2),
    ],
    ids=["no title", "a direction mark", "a line break", "twice", "too many", "no PDF"],
)
def test_what_may_not_be_attached_is_refused_by_name(
    desk_with: PlaceMaker, attached: list[NewAttachment], code: str, at: int | None
) -> None:
    """Nothing is stored, no number is taken."""
    place = desk_with()
    with pytest.raises(Refusal) as caught:
        place.paper(attached=attached)
    assert caught.value.code == code
    assert caught.value.detail.get("attachment") == at
    if code == "unsealable":
        assert "Không phải PDF" in caught.value.text_vi
    assert documents.list_documents(place.desk) == ()


def test_every_kind_that_may_not_be_sealed_may_not_be_attached(desk_with: PlaceMaker) -> None:
    """The same preflight as a paper's: two of its kinds (the others: test_foreign)."""
    corpus = Path(__file__).parents[1] / "corpus" / "unsealable"
    expected = json.loads((corpus / "expected.json").read_text(encoding="utf-8"))
    place = desk_with()
    for reason in ("encrypted", "javascript"):
        name = next(name for name, why in expected.items() if why == reason)
        with pytest.raises(Refusal) as caught:
            place.paper(attached=[MAP, NewAttachment(title=name, pdf=(corpus / name).read_bytes())])
        assert (caught.value.code, caught.value.detail["reason"]) == ("unsealable", reason)
        assert caught.value.detail["attachment"] == 2


def test_the_same_request_twice_is_one_document(desk_with: PlaceMaker) -> None:
    """Idempotency-Key: with the same attachments; with others it is another request."""
    place = desk_with()
    new = NewDocument(dossier=place.dossier(), organisation=ORGANISATION, data=sample_data(), officer_id=OFFICER)
    sent = [once_of("một cửa", "k", receiving.asked(new, (MAP,))) for _ in range(2)]
    first, again = (receiving.create(place.desk, new, "một cửa", once, attached=(MAP,)) for once in sent)
    assert ([once and once.replayed for once in sent], again.id) == ([False, True], first.id)
    for attached in ((), (LIST,), (replace(MAP, title="khác"),)):
        other = once_of("một cửa", "k", receiving.asked(new, attached))
        with pytest.raises(Refusal) as caught:
            receiving.create(place.desk, new, "một cửa", other, attached=attached)
        assert caught.value.code == "idempotency-conflict"


def test_a_seal_that_is_not_for_attachments_takes_none(desk_with: PlaceMaker) -> None:
    """AC-66: the office's file says what a seal is for; asked at the door, at the confirmation and at the seal."""
    place = desk_with()
    waiting, confirmed_before = place.paper(attached=(MAP,)), confirmed(place)
    place.approve(waiting.id)
    place.rewrite_office(('id = "x1-2"\n', 'id = "x1-2"\npurposes = ["issue"]\n'))
    with pytest.raises(Refusal) as caught:
        place.paper(attached=(MAP,))
    assert (caught.value.code, caught.value.detail["reason"]) == ("seal-not-active", "seal-not-for-purpose")
    pending = confirmations.pending(place.desk, CUSTODIAN)
    assert pending.refusals[waiting.id].code == "seal-not-active"
    with pytest.raises(Refusal):
        place.confirm(waiting.id)
    used = place.seal_key.operations
    assert passage.serve_one(place.worker, place.keys)
    assert documents.view(place.desk, confirmed_before).state == "approved"
    assert place.seal_key.operations == used
    assert place.paper().state == "awaiting_approval", "papers alone go on"


def test_a_bundle_that_would_break_the_daily_limit_is_not_begun(desk_with: PlaceMaker) -> None:
    place = desk_with()
    place.rewrite_office(('id = "x1-2"\n', 'id = "x1-2"\ndaily_limit = 3\n'))
    place.sealed()
    bundle = confirmed(place)
    used = place.seal_key.operations
    assert passage.serve_one(place.worker, place.keys)
    problem = documents.view(place.desk, bundle).problem
    assert problem is not None
    assert (problem.code, problem.detail["wanted"]) == ("seal-daily-limit", 3)
    assert place.seal_key.operations == used
    smaller = confirmed(place, MAP)
    place.stamp()
    assert documents.view(place.desk, smaller).state == "sealed", "one and two are three"


def test_without_a_stamping_stage_nothing_is_attached(desk_with: PlaceMaker) -> None:
    """4 tại chỗ: nobody would sign the attachments, so none are taken."""
    place = desk_with()
    place.rewrite_office(
        ("working_days = 3\n", 'working_days = 3\nstages = ["received", "appraised", "approved", "returned"]\n')
    )
    with pytest.raises(Refusal) as caught:
        place.foreign(LETTER, attached=(MAP,), officer_id=HEAD)
    assert caught.value.code == "attachments-invalid"
