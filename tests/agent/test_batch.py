"""The agent end to end: a token, a service, one list."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.serialization import Encoding

from agent.batch import Batch, TokenChoice
from agent.members import Problem
from agent.person import PersonAgreedBefore, PersonAtTerminal
from agent.service import Approval
from agent.words import say
from hsm import KeyUri, PinValue
from tests.agent.desk import (
    ATTACHED,
    Desk,
    approval_reason,
    extra_attribute,
    pdf_around,
    reason_entry,
    signed_attributes,
    with_attributes,
)
from tests.tokens.fixtures import Seat, TokenFarm


class Run:
    """One batch with everything it leaves behind."""

    def __init__(self, farm: TokenFarm, desk: Desk, seat: Seat, *, pin: str | None = None, ticket: str | None = None,
                 unnamed: bool = False):  # fmt: skip
        self.keys = []
        self.said = []
        person = PersonAgreedBefore("vi", PinValue(pin or seat.pin), unnamed=unnamed)
        person.tell = self.said.append
        choice = TokenChoice(module=farm.module, token=KeyUri(serial=seat.token.serial), state=seat.state)
        approval = Approval(desk.url, desk.approval, ticket or desk.ticket)
        self.progress = Batch(approval, choice, person, "vi", self.keys.append).run()

    @property
    def operations(self) -> int:
        return sum(key.operations for key in self.keys)


@pytest.mark.parametrize(
    ("algorithm", "scheme"),
    [("rsa-2048", "rsa-pkcs1v15-sha256"), ("rsa-2048", "rsa-pss-sha256"), ("p-256", "ecdsa-sha256"),
     ("p-384", "ecdsa-sha384")],
)  # fmt: skip
def test_every_paper_is_signed_by_the_officers_key(farm: TokenFarm, desk: Desk, algorithm, scheme):
    """AC-114: one login for the list; every signature verifies over the attributes."""
    seat = farm.seat(algorithm)
    desk.scheme = scheme
    run = Run(farm, desk, seat)
    assert run.progress.state == "done"
    assert (run.progress.done, run.progress.refused, run.progress.total) == (3, 0, 3)
    assert run.operations == 3
    hash_kind = hashes.SHA384() if scheme.endswith("384") else hashes.SHA256()
    for name, signature in desk.signatures.items():
        digest, key = desk.documents[name].digest, seat.certificate.public_key()
        if scheme.startswith("ecdsa"):
            key.verify(signature, digest, ec.ECDSA(utils.Prehashed(hash_kind)))
        else:
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            fill = pss if "pss" in scheme else padding.PKCS1v15()
            key.verify(signature, digest, fill, utils.Prehashed(hash_kind))
    assert "3 văn bản đã ký" in run.said[-1]


def test_attachments_are_shown_by_name(farm: TokenFarm, desk: Desk):
    """Each with its pages and hash below its paper."""
    desk.attached, desk.count = ATTACHED, 1
    run = Run(farm, desk, farm.seat("rsa-2048"))
    assert (run.progress.state, run.progress.done) == ("done", 1)
    at = next(index for index, line in enumerate(run.said) if "kèm theo" in line)
    assert run.said[at : at + 3] == [
        "   kèm theo, được ký cùng: 2",
        f"      1. Phụ lục I. Bản vẽ · 1 trang · mã băm {bytes(8).hex()}",
        f"      2. Phụ lục II. Danh sách · 3 trang · mã băm {bytes(range(8)).hex()}",
    ]
    assert not any("CHÚ Ý" in line for line in run.said)


def test_attachments_left_out_are_said_before_the_person_agrees(farm: TokenFarm, desk: Desk):
    """A service that is older, or that hides them: how many the signature binds stands at the paper and as the last
    line before the question."""
    desk.attached, desk.count, desk.names_them = ATTACHED, 1, False
    vietnamese, english = ("vi", "2, dịch vụ KHÔNG cho biết", "CHÚ Ý:"), ("en", "2, the service does NOT say", "NOTE:")
    for language, word, note in (vietnamese, english):
        said = []
        person = PersonAtTerminal(language, lambda question, said=said: said.append(question) or "")
        person.tell = said.append
        seat = farm.seat("rsa-2048")
        choice = TokenChoice(module=farm.module, token=KeyUri(serial=seat.token.serial), state=seat.state)
        Batch(Approval(desk.url, desk.approval, desk.ticket), choice, person, language).run()
        asked = said.index(say(language, "ask"))
        assert any(word in line for line in said[:asked])
        assert said[asked - 1].startswith(note)
        assert desk.signatures == {}


def test_where_nobody_is_asked_attachments_left_out_are_not_signed(farm: TokenFarm, desk: Desk):
    """Nobody would read the warning: nothing is signed and no PIN sent, unless that was agreed to as well."""
    desk.attached, desk.count, desk.names_them = ATTACHED, 2, False
    run = Run(farm, desk, farm.seat("rsa-2048"))
    assert (run.progress.state, run.progress.done) == ("failed", 0)
    assert (desk.signatures, run.keys) == ({}, [])
    assert run.progress.problem is not None
    assert run.progress.problem.type == "urn:secondseal:problem:agent-refused"
    assert "Chữ ký trên 2 văn bản" in run.progress.problem.title
    assert "--unnamed-attachments" in run.said[-1]
    again = Run(farm, desk, farm.seat("rsa-2048"), unnamed=True)
    assert (again.progress.state, again.progress.done) == ("done", 2)
    assert not any("Phụ lục" in line for line in again.said)
    desk.attached = ()
    desk.signatures.clear()
    none = Run(farm, desk, farm.seat("rsa-2048"))
    assert none.progress.done == 2, "a service that names none where there are none hides nothing"
    assert not any("CHÚ Ý" in line for line in none.said)


def other_bytes(document, desk):
    desk.files[document.id] += b"%"
    return document


def other_bytes_announced(document, desk):
    """The file was changed and its hash announced anew, but not what is signed."""
    pdf = desk.files[document.id].replace(b"doc", b"DOC")
    desk.files[document.id] = pdf
    return replace(document, file_sha256=hashlib.sha256(pdf).digest())


def other_document_digest(document, desk):
    return replace(document, document_digest=bytes(32))


def attributes_of_another_document(document, desk):
    der = desk.certificate.public_bytes(Encoding.DER)
    return with_attributes(document, signed_attributes(hashlib.sha256(b"other").digest(), der))


def attributes_of_another_certificate(document, desk):
    return with_attributes(document, signed_attributes(document.document_digest, b"other"))


def one_attribute_more(document, desk):
    der = desk.certificate.public_bytes(Encoding.DER)
    return with_attributes(document, signed_attributes(document.document_digest, der, extra_attribute()))


def one_attribute_less(document, desk):
    from asn1crypto import cms

    attributes = cms.CMSAttributes.load(document.signed_attributes)
    return with_attributes(
        document, cms.CMSAttributes([a for a in attributes if a["type"].native != "content_type"]).dump()
    )


def bare_digest(document, desk):
    """The signing oracle's dream: any hash, with attributes that look right."""
    return replace(document, digest=hashlib.sha256(b"anything").digest())


def rubbish_attributes(document, desk):
    return with_attributes(document, b"\x31\x03\x02\x01")


def wider_hole(document, desk):
    """The byte range leaves out more than the signature."""
    a, b, c, d = document.byte_range
    pdf = desk.files[document.id]
    byte_range = (a, b - 20, c, d)
    digest = hashlib.sha256(pdf[: b - 20] + pdf[c:]).digest()
    der = desk.certificate.public_bytes(Encoding.DER)
    changed = replace(document, byte_range=byte_range, document_digest=digest)
    return with_attributes(changed, signed_attributes(digest, der))


def range_short_of_the_end(document, desk):
    a, b, c, d = document.byte_range
    return replace(document, byte_range=(a, b, c, d - 5))


def filled_hole(document, desk):
    b = document.byte_range[1]
    pdf = desk.files[document.id]
    pdf = pdf[: b + 1] + b"41" + pdf[b + 3 :]
    desk.files[document.id] = pdf
    return replace(document, file_sha256=hashlib.sha256(pdf).digest())


def range_not_stated_in_the_file(document, desk):
    byte_range = document.byte_range
    pdf = desk.files[document.id].replace(b"[0 %d " % byte_range[1], b"[0 %d " % (byte_range[1] + 1))
    digest = hashlib.sha256(pdf[: byte_range[1]] + pdf[byte_range[2] :]).digest()
    desk.files[document.id] = pdf
    der = desk.certificate.public_bytes(Encoding.DER)
    changed = replace(document, file_sha256=hashlib.sha256(pdf).digest(), document_digest=digest)
    return with_attributes(changed, signed_attributes(digest, der))


def scheme_of_another_key(document, desk):
    return replace(document, scheme="ecdsa-sha256")


def attachment_renamed(document, desk):
    return replace(document, attachments=(replace(ATTACHED[0], title="Phụ lục khác"), ATTACHED[1]))


def attachment_exchanged(document, desk):
    return replace(document, attachments=(ATTACHED[0], replace(ATTACHED[1], sha256=bytes([1] * 32))))


def attachment_left_out(document, desk):
    return replace(document, attachments=ATTACHED[:1])


def attachments_hidden(document, desk):
    return replace(document, attachments=())


FAKE, TRUE = reason_entry(approval_reason(ATTACHED)), reason_entry(approval_reason(ATTACHED[:1]))
LITERAL = b"/Reason(\\376\\377" + approval_reason(ATTACHED[:1]).encode("utf-16-be").replace(b"\n", b"\\n") + b")"
NAME = b"/Name(Nguyen Van Mau)"


def told(document, desk, entries, attachments=ATTACHED, **around):
    """Another file, everything about it announced as it is; its attachments as told."""
    pdf, byte_range = pdf_around(document.id, entries, **around)
    digest = hashlib.sha256(pdf[: byte_range[1]] + pdf[byte_range[2] :]).digest()
    desk.files[document.id] = pdf
    der = desk.certificate.public_bytes(Encoding.DER)
    changed = replace(
        document,
        file_sha256=hashlib.sha256(pdf).digest(),
        byte_range=byte_range,
        document_digest=digest,
        attachments=attachments,
    )
    return with_attributes(changed, signed_attributes(digest, der))


def reason_in_a_comment(document, desk):
    """The true reason is a literal string, the one shown stands in a comment."""
    return told(document, desk, NAME + LITERAL + b"%" + FAKE + b"\n")


def reason_in_another_spelling(document, desk):
    return told(document, desk, NAME + LITERAL, ())


def key_in_another_spelling(document, desk):
    return told(document, desk, NAME + TRUE.replace(b"/Reason", b"/#52eason"), ())


def key_in_another_spelling_besides(document, desk):
    return told(document, desk, NAME + FAKE + TRUE.replace(b"/Reason", b"/#52eason"))


def two_reasons(document, desk):
    return told(document, desk, NAME + TRUE + FAKE)


def reason_of_a_dictionary_within(document, desk):
    return told(document, desk, NAME + b"/Prop_Build<<" + FAKE + b">>" + LITERAL)


def dictionary_within_another(document, desk):
    return told(document, desk, NAME + FAKE, opening=b"<<" + TRUE + b"/Prop_Build<<")


def dictionary_inside_a_string(document, desk):
    """A reader sent to the object in the place's literal string sees the true reason and this very hole."""
    inner = b"7 0 obj<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached" + TRUE + b"/X\\("
    return told(document, desk, NAME + FAKE + b"/Location(" + inner + b")")


def string_open_before(document, desk):
    """A reader that forgives what is no digit closes the string at the end of the reason shown."""
    return told(document, desk, NAME + FAKE, before=b"\nendobj\n8 0 obj\n<<" + TRUE + b"/Q<")


def reason_that_goes_on(document, desk):
    """The verifier reads 500 letters: there another list's hash would be the end."""
    true = approval_reason(ATTACHED[:1])
    return told(document, desk, NAME + reason_entry(" " * (500 - len(true)) + true + approval_reason(ATTACHED)))


def reason_too_long(document, desk):
    return told(document, desk, NAME + reason_entry(" " * 500 + approval_reason(ATTACHED)))


def reason_with_a_line_break(document, desk):
    """Told that there is none; the worker's own pattern would find it before the line break."""
    return told(document, desk, NAME + reason_entry(approval_reason(ATTACHED) + "\n"), ())


LIES = {
    other_bytes: 1,
    other_bytes_announced: 3,
    other_document_digest: 3,
    attributes_of_another_document: 4,
    attributes_of_another_certificate: 4,
    one_attribute_more: 4,
    one_attribute_less: 4,
    rubbish_attributes: 4,
    bare_digest: 5,
    wider_hole: 2,
    range_short_of_the_end: 2,
    filled_hole: 2,
    range_not_stated_in_the_file: 2,
    scheme_of_another_key: 5,
    attachment_renamed: 6,
    attachment_exchanged: 6,
    attachment_left_out: 6,
    attachments_hidden: 6,
    reason_in_a_comment: 2,
    reason_in_another_spelling: 2,
    key_in_another_spelling: 2,
    key_in_another_spelling_besides: 2,
    two_reasons: 2,
    reason_of_a_dictionary_within: 2,
    dictionary_within_another: 2,
    dictionary_inside_a_string: 2,
    string_open_before: 2,
    reason_that_goes_on: 6,
    reason_too_long: 6,
    reason_with_a_line_break: 6,
}


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lying_service_gets_no_signature(farm: TokenFarm, desk: Desk, lie):
    """One paper of three is a lie: nothing at all is signed, the token is not even logged in to."""
    desk.attached = ATTACHED
    desk.lie = lambda document, desk: lie(document, desk) if document.id == "doc2" else document
    run = Run(farm, desk, farm.seat("rsa-2048"))
    assert run.progress.state == "failed"
    assert run.progress.problem.type == "urn:secondseal:problem:agent-refused"
    assert f"bước kiểm tra {LIES[lie]}" in run.progress.problem.title
    assert run.keys == []
    assert run.operations == 0
    assert desk.signatures == {}


def test_the_same_file_told_truly_is_signed(farm: TokenFarm, desk: Desk):
    """What the lies above change is why they are refused."""
    desk.attached, desk.count = ATTACHED, 1
    desk.lie = lambda document, desk: told(document, desk, b"/Name(A \\(B\\) < C)" + FAKE + b"/Location<FEFF0041>")
    assert Run(farm, desk, farm.seat("rsa-2048")).progress.done == 1
    desk.signatures.clear()
    desk.lie = lambda document, desk: told(document, desk, NAME, ())
    assert Run(farm, desk, farm.seat("rsa-2048")).progress.done == 1


def test_list_for_another_certificate_another_list_or_too_late(farm: TokenFarm, desk: Desk):
    seat = farm.seat("rsa-2048")
    for lie in (
        lambda listed: replace(listed, certificate_sha256=bytes(32)),
        lambda listed: replace(listed, certificate_sha256=None),
        lambda listed: replace(listed, expires_at=datetime.now(UTC) - timedelta(seconds=1)),
        lambda listed: replace(listed, id="01JOTHER"),
        lambda listed: replace(listed, documents=()),
    ):
        desk.lie_list = lie
        run = Run(farm, desk, seat)
        assert run.progress.state == "failed"
        assert run.operations == 0
    assert desk.signatures == {}


def test_one_papers_problem_stays_with_it(farm: TokenFarm, desk: Desk):
    """The batch goes on and says which paper was left; a second run signs what is left."""
    problem = {"type": "urn:secondseal:problem:bytes-changed", "title": "Văn bản đã đổi.", "status": 409}
    desk.answer = lambda name: (409, problem) if name == "doc2" else None
    run = Run(farm, desk, farm.seat("rsa-2048"))
    assert run.progress.state == "done"
    assert (run.progress.done, run.progress.refused) == (2, 1)
    assert run.progress.documents[0][0] == "doc2"
    assert set(desk.signatures) == {"doc1", "doc3"}
    desk.answer = None
    run = Run(farm, desk, farm.seat("rsa-2048"))
    assert (run.progress.done, run.progress.total) == (1, 1)


def test_wrong_pin_stops_the_batch_and_is_not_repeated(farm: TokenFarm, desk: Desk):
    """AC-114."""
    seat = farm.make("p-256")
    desk.scheme = "ecdsa-sha256"
    run = Run(farm, desk, seat, pin="sai-roi")
    assert run.progress.problem.type == "urn:secondseal:problem:pin-wrong"
    assert "Mã PIN không đúng" in run.said[-1]
    again = Run(farm, desk, seat, pin="sai-roi")
    assert "không được gửi lại" in again.progress.problem.title
    assert desk.signatures == {}
    assert Run(farm, desk, seat).progress.done == 3


def test_refusals_of_the_service_are_passed_on(farm: TokenFarm, desk: Desk):
    seat = farm.seat("rsa-2048")
    assert Run(farm, desk, seat, ticket="wrong").progress.problem.title == "Vé không đúng."
    desk.refuse_certificate = Problem(
        type="urn:secondseal:problem:officer-not-authorised", title="Không có thẩm quyền.", status=403
    )
    run = Run(farm, desk, seat)
    assert run.progress.problem.type.endswith("officer-not-authorised")
    assert run.operations == 0


def test_a_spent_ticket_in_the_middle_stops_the_batch(farm: TokenFarm, desk: Desk):
    desk.answer = lambda name: (401, {"title": "Vé đã hết hạn."}) if name == "doc2" else None
    run = Run(farm, desk, farm.seat("rsa-2048"))
    assert run.progress.state == "failed"
    assert set(desk.signatures) == {"doc1"}


def test_connection_lost_is_tried_again_then_told(farm: TokenFarm, desk: Desk):
    seat = farm.seat("rsa-2048")
    desk.drop_next = 2
    assert Run(farm, desk, seat).progress.state == "done"
    desk.drop_next = 1000
    run = Run(farm, desk, seat)
    assert run.progress.problem.type.endswith("service-unreachable")


def test_another_persons_token(farm: TokenFarm, desk: Desk):
    """The list was prepared for one certificate; the token holds another."""
    one, other = farm.seat("rsa-2048"), farm.seat("p-256")
    desk.prepare(one.certificate.public_bytes(Encoding.DER))
    run = Run(farm, desk, other)
    assert run.progress.problem.type.endswith("token-missing")
    assert "Nguyễn Văn Mẫu" in run.progress.problem.title
    assert desk.signatures == {}


def test_a_person_who_stops_signs_nothing(farm: TokenFarm, desk: Desk):
    """Nothing is signed and no PIN is asked unless the person types the word."""
    seat = farm.seat("rsa-2048")
    answers = iter(["o 9", "có", ""])
    keys, said = [], []
    person = PersonAtTerminal("vi", lambda question: next(answers))
    person.tell = said.append
    choice = TokenChoice(module=farm.module, token=KeyUri(serial=seat.token.serial), state=seat.state)
    batch = Batch(Approval(desk.url, desk.approval, desk.ticket), choice, person, "vi", keys.append)
    assert batch.run().problem.type.endswith("cancelled")
    assert keys == []
    assert desk.signatures == {}
    assert any("01/GCN-UBND" in line for line in said)
    assert any(desk.documents["doc1"].document_digest.hex()[:16] in line for line in said)
