"""The officer's signature through HTTP, as the agent's protocol has it."""

import base64
import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Engine

from agent.check import DocumentRefused, check_document
from agent.members import Problem
from agent.messages import ApprovalList, DocumentOutcome
from api import accounts
from api.asking import LONGEST_KEY
from tests.api.serving import PASSWORD, Running, serving
from tests.stamping.office_desk import OFFICER, PlaceMaker
from tests.stamping.test_attachments import LIST, MAP


def certificate(service: Running) -> str:
    return base64.b64encode(service.place.officer_key.certificate.public_bytes(Encoding.DER)).decode()


def signature(service: Running, digest: bytes) -> str:
    key = service.place.officer_key
    return base64.b64encode(key.sign(digest, key.scheme)).decode()


def test_a_list_is_signed_by_the_agents_protocol(service: Running) -> None:
    """agent.messages, (a) to (d); AC-65: neither PIN nor key comes here."""
    papers = [service.place.paper().id for _ in range(2)]
    opened = service.signed_in("officer").post("/api/v1/approvals", json={"documents": papers})
    assert opened.status_code == 201, opened.text
    here, ticket = opened.json()["links"]["self"], opened.json()["ticket"]
    agent = service.client(token=ticket)

    before = ApprovalList.from_json(agent.get(here).json())
    assert (before.certificate_sha256, before.documents) == (None, ())

    offered = agent.post(f"{here}/certificate", json={"certificate": certificate(service)})
    assert offered.status_code == 204, offered.text
    listed = ApprovalList.from_json(agent.get(here).json())
    assert [one.id for one in listed.documents] == papers
    for one in listed.documents:
        prepared = agent.get(one.file_url)
        assert prepared.headers["content-type"] == "application/pdf"
        assert hashlib.sha256(prepared.content).digest() == one.file_sha256
        a, b, c, d = one.byte_range
        covered = prepared.content[a : a + b] + prepared.content[c : c + d]
        assert hashlib.sha256(covered).digest() == one.document_digest
        assert hashlib.sha256(one.signed_attributes).digest() == one.digest

    first, second = listed.documents
    path = f"{here}/documents/{first.id}"
    wrong = agent.put(path, json={"signature": signature(service, b"\0" * 32)})
    assert Problem.from_json(wrong.json()).type.endswith(":signature-invalid")
    good = {"signature": signature(service, first.digest)}
    for _ in range(2):
        answer = agent.put(path, json=good)
        assert answer.status_code == 200, answer.text
        assert DocumentOutcome.from_json(answer.json()).state == "approved"
    left = ApprovalList.from_json(agent.get(here).json())
    assert [one.id for one in left.documents] == [second.id], "an interrupted batch goes on where it stopped"
    watched = service.signed_in("officer").get(here).json()
    assert [one["state"] for one in watched["documents"]] == ["signed", "prepared"]


def test_many_signatures_come_in_one_call_each_for_itself(service: Running) -> None:
    """What is refused says the same as alone and holds up no other; sent again, each answer is the same."""
    papers = [service.place.paper().id for _ in range(3)]
    program = service.program("approvals", "documents:read")
    opened = program.post("/api/v1/approvals", json={"documents": papers}).json()
    here = opened["links"]["self"]
    assert program.post(f"{here}/certificate", json={"certificate": certificate(service)}).status_code == 204
    agent = service.client(token=opened["ticket"])
    digests = {one.id: one.digest for one in ApprovalList.from_json(agent.get(here).json()).documents}
    values = {paper: signature(service, digests[paper]) for paper in papers}
    values[papers[1]] = signature(service, b"\0" * 32)
    outside = service.place.paper().id
    asked = {"signatures": [{"id": one, "signature": values[one]} for one in papers]}
    asked["signatures"].append({"id": outside, "signature": values[papers[0]]})

    for key in ("mot-luot", "mot-luot", ""):
        answer = agent.put(f"{here}/documents", json=asked, headers={"idempotency-key": key} if key else {})
        assert answer.status_code == 200, answer.text
        first, wrong, last, not_listed = answer.json()["documents"]
        assert first == {"id": papers[0], "status": 200, "state": "approved"}
        assert last == {"id": papers[2], "status": 200, "state": "approved"}
        for one in (wrong, not_listed):
            value = {"signature": next(sent["signature"] for sent in asked["signatures"] if sent["id"] == one["id"])}
            alone = agent.put(f"{here}/documents/{one['id']}", json=value)
            assert (one["status"], one["problem"]) == (alone.status_code, alone.json())
        assert wrong["problem"]["type"].endswith(":signature-invalid")
    states = {one: program.get(f"/api/v1/documents/{one}").json()["state"] for one in papers}
    assert states == dict(zip(papers, ("approved", "awaiting_approval", "approved"), strict=True))

    another = {"signatures": [{"id": papers[0], "signature": values[papers[1]]}]}
    conflict = agent.put(f"{here}/documents", json=another, headers={"idempotency-key": "mot-luot"})
    (refused,) = conflict.json()["documents"]
    assert (refused["status"], refused["problem"]["type"].rpartition(":")[2]) == (409, "idempotency-conflict")


@pytest.mark.parametrize("both", ["postgresql"], indirect=True)  # SQLite counts no characters
def test_the_longest_name_key_and_list_item_fit_where_keys_are_kept(desk_with: PlaceMaker, both: Engine) -> None:
    """And are told from another of the same length."""
    with serving(desk_with(engine=both)) as office:
        name, key = "a" * 63, "k" * LONGEST_KEY
        accounts.create(
            both, name=name, password=PASSWORD, roles=["officer"], officer_id=OFFICER, now=office.place.clock()
        )
        officer = office.client()
        assert officer.post("/api/v1/session", json={"name": name, "password": PASSWORD}).status_code == 201
        papers = [office.place.paper().id for _ in range(2)]
        here = officer.post("/api/v1/approvals", json={"documents": papers}).json()["links"]["self"]
        offered = officer.post(f"{here}/certificate", json={"certificate": certificate(office)})
        assert offered.status_code == 204, offered.text
        prepared = officer.get(here).json()["documents"]
        values = {one["id"]: signature(office, bytes.fromhex(one["to_sign"]["digest"])) for one in prepared}
        asked = {"signatures": [{"id": one, "signature": values[one]} for one in papers]}
        for replayed in (None, "true"):
            answer = officer.put(f"{here}/documents", json=asked, headers={"idempotency-key": key})
            assert [one["status"] for one in answer.json()["documents"]] == [200, 200], answer.text
            assert answer.headers.get("idempotent-replayed") == replayed
        swapped = {
            "signatures": [{"id": papers[0], "signature": values[papers[1]]}, {"id": "x" * 100, "signature": ""}]
        }
        answer = officer.put(f"{here}/documents", json=swapped, headers={"idempotency-key": key})
        assert [one["status"] for one in answer.json()["documents"]] == [409, 404], answer.text


def test_attachments_are_named_to_an_agent_that_asks_and_counted_for_one_that_does_not(service: Running) -> None:
    """What the service prepared passes the agent's own checks, the list in the signature's reason among them; an agent
    of before reads the answer it knows."""
    place = service.place
    with_two, alone = place.paper(attached=(MAP, LIST)), place.paper()
    opened = service.signed_in("officer").post("/api/v1/approvals", json={"documents": [with_two.id, alone.id]}).json()
    here, agent = opened["links"]["self"], service.client(token=opened["ticket"])
    assert agent.get(f"{here}?attachments=named").json()["documents"] == []
    agent.post(f"{here}/certificate", json={"certificate": certificate(service)})
    named = ApprovalList.from_json(agent.get(f"{here}?attachments=named").json()).documents
    told = [[(one.title, one.pages, one.sha256.hex()) for one in document.attachments or ()] for document in named]
    kept = [(one.title, one.pages, one.revisions["generated"]) for one in with_two.attachments]
    assert told == [kept, []]
    assert [document.title for document in named] == [with_two.title, alone.title]
    for document in named:
        check_document(document, agent.get(document.file_url).content, place.officer_key.certificate)
    pdf = agent.get(named[0].file_url).content
    with pytest.raises(DocumentRefused, match="check 6"):
        check_document(replace(named[0], attachments=()), pdf, place.officer_key.certificate)
    older = agent.get(here).json()["documents"]
    assert [document["title"] for document in older] == [f"{with_two.title} (cùng 2 văn bản kèm theo)", alone.title]
    assert all("attachments" not in document for document in older)


def test_one_document_is_approved_by_a_workflow_system(service: Running) -> None:
    """POST, then PUT .../approval."""
    paper = service.place.paper()
    client = service.program("approvals", "documents:read")
    path = f"/api/v1/documents/{paper.id}/approval"
    opened = client.post(path, json={"certificate": certificate(service)})
    assert opened.status_code == 201, opened.text
    (item,) = opened.json()["documents"]
    digest = bytes.fromhex(item["to_sign"]["digest"])
    done = client.put(path, json={"approval_id": opened.json()["approval_id"], "signature": signature(service, digest)})
    assert done.status_code == 200, done.text
    assert done.json()["state"] == "approved"
    assert done.json()["revisions"]["approved"]


def test_a_ticket_opens_its_own_list_only(service: Running) -> None:
    officer = service.signed_in("officer")
    one, other = (
        officer.post("/api/v1/approvals", json={"documents": [service.place.paper().id]}).json() for _ in range(2)
    )
    agent = service.client(token=one["ticket"])
    assert agent.get(one["links"]["self"]).status_code == 200
    assert agent.get(other["links"]["self"]).status_code == 401
    assert agent.get("/api/v1/documents").status_code == 401
    assert agent.get("/api/v1/seals").status_code == 403
    assert service.client().get(one["links"]["self"]).status_code == 401


def test_only_the_officer_opens_their_list(service: Running) -> None:
    papers = {"documents": [service.place.paper().id]}
    assert service.signed_in("clerk").post("/api/v1/approvals", json=papers).status_code == 403
    for_another = service.signed_in("officer").post("/api/v1/approvals", json=papers | {"officer_id": "ai-khac"})
    assert for_another.status_code == 403
    program = service.program("approvals").post("/api/v1/approvals", json=papers | {"officer_id": "ai-khac"})
    assert program.json()["type"].endswith(":forbidden")


def test_a_certificate_that_is_none_prepares_nothing(service: Running) -> None:
    opened = service.signed_in("officer").post("/api/v1/approvals", json={"documents": [service.place.paper().id]})
    agent = service.client(token=opened.json()["ticket"])
    here = opened.json()["links"]["self"]
    refused = agent.post(f"{here}/certificate", json={"certificate": base64.b64encode(b"none").decode()})
    assert refused.json()["type"].endswith(":certificate-unknown")
    assert agent.post(f"{here}/certificate", json={"certificate": "not base64!"}).status_code == 422
    assert agent.get(here).json()["documents"] == []
