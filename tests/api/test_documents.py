"""/api/v1/documents: taken in once, refused with reasons, carried on."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from signer import preflight
from stamping.tables import events
from store import read
from tests.api.serving import Running
from tests.stamping.office_desk import OFFICER, ORGANISATION, PROCEDURE
from verifier import OFFICER_FIELD

SAMPLE = Path("tests/corpus/foreign")


def body(number: int, **changes: Any) -> dict[str, Any]:
    """A good request; `number` makes the dossier's code its own."""
    good = {
        "paper": "dang-ky-ho-kinh-doanh",
        "organisation": ORGANISATION,
        "officer_id": OFFICER,
        "dossier": {
            "code": f"000.00.16.H05-261118-{number}",
            "procedure": PROCEDURE,
            "applicant": {"name": "Phạm Thị Mẫu", "id_number": "000000000001", "phone": "0200000001"},
            "received_at": "2026-11-18T08:05:00+07:00",
        },
        "data": {
            "household_name": "HỘ KINH DOANH CƠ KHÍ MẪU",
            "business_line": "Gia công cơ khí (2592)",
            "capital_vnd": 350_000_000,
            "address": "Thôn Mẫu, xã Mẫu, tỉnh Bắc Ninh",
            "representative": {
                "name": "Phạm Thị Mẫu",
                "birth_date": "1988-02-29",
                "gender": "Nữ",
                "ethnicity": "Kinh",
                "nationality": "Việt Nam",
            },
            "registered_on": "2026-11-20",
        },
    }
    return good | changes


def test_a_paper_is_made_and_shows_where_it_stands(service: Running) -> None:
    client = service.program("documents:write", "documents:read")
    answer = client.post("/api/v1/documents", json=body(1001))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["state"] == "awaiting_approval"
    assert len(made["code"]) == 27
    assert answer.headers["location"] == made["links"]["self"]
    assert [stage["name"] for stage in made["stages"]] == ["received", "appraised", "approved", "stamped", "returned"]
    assert [stage["state"] for stage in made["stages"]] == ["done", "done", "now", "todo", "todo"]
    assert client.get(made["links"]["self"]).json() == made
    file = client.get(made["links"]["file"])
    assert file.headers["content-type"] == "application/pdf"
    assert file.content.startswith(b"%PDF")
    assert file.headers["etag"].strip('"') == made["revisions"]["generated"]
    assert client.get(made["links"]["file"], params={"revision": "sealed"}).status_code == 404
    assert made["id"] in {one["id"] for one in client.get("/api/v1/documents?limit=200").json()["documents"]}


def test_a_dossier_may_be_written_flat(service: Running) -> None:
    flat = body(1002)
    dossier = flat.pop("dossier")
    del flat["organisation"], flat["officer_id"]
    flat |= {**dossier, "dossier": dossier["code"]}
    del flat["code"]
    answer = service.program("documents:write").post("/api/v1/documents", json=flat)
    assert answer.status_code == 201, answer.text
    assert answer.json()["organisation"] == ORGANISATION


def test_the_same_key_makes_one_paper_and_another_body_is_a_conflict(service: Running) -> None:
    client = service.program("documents:write")
    key = {"idempotency-key": "don-1"}
    first = client.post("/api/v1/documents", json=body(1003), headers=key)
    again = client.post("/api/v1/documents", json=body(1003), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    other = client.post("/api/v1/documents", json=body(1004), headers=key)
    assert other.status_code == 409
    assert other.json()["type"] == "urn:secondseal:problem:idempotency-conflict"
    another_program = service.program("documents:write").post("/api/v1/documents", json=body(1004), headers=key)
    assert another_program.status_code == 201, "two callers never share a key"


def test_the_same_key_fifty_times_at_once_makes_one_paper_with_one_number(service: Running) -> None:
    client = service.program("documents:write", "documents:read")
    asked = body(1050)
    send = partial(client.post, "/api/v1/documents", json=asked, headers={"idempotency-key": "don-50"})
    with ThreadPoolExecutor(16) as pool:
        answers = [sent.result() for sent in [pool.submit(send) for _ in range(50)]]
    assert {answer.status_code for answer in answers} == {201}
    assert len({(answer.json()["id"], answer.json()["number"]) for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    kept = client.get("/api/v1/documents", params={"dossier": asked["dossier"]["code"]}).json()["documents"]
    assert len(kept) == 1


def test_every_act_on_a_paper_is_done_once_under_one_key(service: Running) -> None:
    client = service.program("documents:write")
    place = service.place
    decision = {"decision_number": "421/QĐ-UBND", "decided_on": "2026-11-22", "reason": "Sai tên"}
    letter = place.sealed().id
    acts: list[tuple[str, str, dict[str, Any], str, str]] = [
        (place.paper().id, "decline", {"kind": "withdrawn", "reason": "Người dân rút."}, "withdrawn", "reason"),
        (place.sealed().id, "return", {"received_by": "Phạm Thị Mẫu"}, "returned", "received_by"),
        (place.sealed().id, "correct", {"by_document": letter, "reason": "Sai số nhà"}, "sealed", "reason"),
        (place.sealed().id, "replace", decision | {"by_document": letter}, "replaced", "reason"),
        (place.sealed().id, "recall", decision, "recalled", "reason"),
    ]
    for document, act, asked, state, word in acts:
        send = partial(client.post, f"/api/v1/documents/{document}/{act}", headers={"idempotency-key": f"k-{act}"})
        with ThreadPoolExecutor(8) as pool:
            answers = [sent.result() for sent in [pool.submit(send, json=asked) for _ in range(8)]]
        assert {(answer.status_code, answer.json()["state"]) for answer in answers} == {(200, state)}, act
        assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1, act
        with read(place.desk.engine) as connection:
            lines = connection.execute(select(events.c.event).where(events.c.document_id == document)).scalars().all()
        assert len(lines) == len(set(lines)), f"{act}: {lines}"
        assert lines[-1] == ("document.corrected" if act == "correct" else f"document.{state}")
        other = send(json=asked | {word: "Việc khác"})
        assert other.json()["type"] == "urn:secondseal:problem:idempotency-conflict", act
        bare = client.post(f"/api/v1/documents/{document}/{act}", json=asked)
        assert bare.status_code == (200 if act == "correct" else 409), "without a key it is a new act"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"data": {}}, "paper-data-invalid"),
        ({"data": "text"}, "paper-data-invalid"),
        ({"unknown": 1}, "paper-data-invalid"),
        ({"paper": "khong-co"}, "paper-data-invalid"),
        ({"dossier": {"code": "x"}}, "dossier-invalid"),
        ({"organisation": "khong-co"}, "forbidden"),
        ({"officer_id": "khong-co"}, "officer-not-authorised"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(service: Running, change: dict[str, Any], problem: str) -> None:
    before = service.program("documents:read").get("/api/v1/documents?limit=200").json()["documents"]
    answer = service.program("documents:write").post("/api/v1/documents", json=body(1005, **change))
    assert answer.json()["type"] == f"urn:secondseal:problem:{problem}", answer.text
    assert answer.status_code in {403, 422}
    after = service.program("documents:read").get("/api/v1/documents?limit=200").json()["documents"]
    assert len(after) == len(before), "nothing half-written"


def test_a_letter_without_a_glyph_is_named(service: Running) -> None:
    data = body(1)["data"] | {"household_name": "HỘ \U0001f600"}
    answer = service.program("documents:write").post("/api/v1/documents", json=body(1006, data=data))
    assert answer.json()["type"].endswith(":glyph-missing")


def test_a_pdf_of_another_program_is_taken_in_or_refused(service: Running) -> None:
    client = service.program("documents:write")
    described = {name: value for name, value in body(1007).items() if name in {"dossier", "organisation", "officer_id"}}
    described |= {"title": "Giấy xác nhận", "subject": "Mẫu"}
    foreign = sorted(SAMPLE.glob("*.pdf"))[0].read_bytes()
    form = {"document": json.dumps(described)}
    taken = client.post("/api/v1/documents", data=form, files={"file": ("a.pdf", foreign, "application/pdf")})
    assert taken.status_code == 201, taken.text
    assert taken.json()["foreign"] is True
    refused = client.post("/api/v1/documents", data=form, files={"file": ("a.pdf", b"no pdf", "application/pdf")})
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:secondseal:problem:unsealable"
    missing = client.post("/api/v1/documents", data=form, files={"other": ("a.pdf", foreign, "application/pdf")})
    assert missing.json()["type"] == "urn:secondseal:problem:request-invalid"


def test_the_marks_stand_where_a_program_asks_for_them_or_the_refusal_says_what_was_found(service: Running) -> None:
    """By two printed lines, a point in millimetres, a field; nothing is stored where that cannot be."""
    client = service.program("documents:write", "documents:read")
    letter = ("a.pdf", (SAMPLE / "libreoffice-letter.pdf").read_bytes(), "application/pdf")

    def sent(number: int, place: dict[str, Any]) -> Any:
        described = {"dossier": body(number)["dossier"], "title": "Giấy xác nhận", "place": place}
        return client.post("/api/v1/documents", data={"document": json.dumps(described)}, files={"file": letter})

    taken = sent(1031, {"by": "anchors", "above": "CHỦ TỊCH", "below": "Nguyễn Văn Mẫu"})
    assert taken.status_code == 201, taken.text
    pdf = client.get(f"/api/v1/documents/{taken.json()['id']}/file").content
    field = preflight(pdf).field(OFFICER_FIELD)
    assert field is not None
    assert field.placement is not None
    assert field.placement.width == pytest.approx(50 * 72 / 25.4, abs=0.01)
    assert sent(1032, {"by": "coordinates", "page": 1, "x_mm": 120, "y_mm": 240.5}).status_code == 201
    for place, reason, found in (
        ({"by": "anchors", "above": "GIÁM ĐỐC", "below": "Nguyễn Văn Mẫu"}, "anchor_missing", {"text": "GIÁM ĐỐC"}),
        ({"by": "field", "field": "ChuKy"}, "field_missing", {"field": "ChuKy", "empty": []}),
        ({"by": "coordinates", "page": 2, "x_mm": 1, "y_mm": 1}, "no_page", {"page": 2, "pages": 1}),
    ):
        refused = sent(1033, place)
        assert refused.status_code == 422
        problem = refused.json()
        assert problem["type"] == "urn:secondseal:problem:unsealable"
        assert (problem["reason"], problem["found"]) == (reason, found)
    for wrong in ({"by": "guess"}, {"by": "coordinates", "page": 0, "x_mm": 1, "y_mm": 1}, {"by": "field"}):
        answer = sent(1033, wrong)
        assert answer.status_code == 422
        assert any("place" in str(error) for error in answer.json()["errors"])


def test_a_number_is_reserved_for_a_paper_printed_elsewhere(service: Running) -> None:
    """AC-8, AC-9: the number stands on the paper before anyone signs it."""
    client = service.program("documents:write")
    reserved = client.post("/api/v1/numbers", json={"procedure": PROCEDURE})
    assert reserved.status_code == 201, reserved.text
    number, notation = reserved.json()["number"], reserved.json()["notation"]
    described = {"dossier": body(1009)["dossier"], "title": "Giấy xác nhận", "number": number}
    foreign = sorted(SAMPLE.glob("*.pdf"))[0].read_bytes()
    form = {"document": json.dumps(described)}
    taken = client.post("/api/v1/documents", data=form, files={"file": ("a.pdf", foreign, "application/pdf")})
    assert taken.json()["number"] == notation
    unknown = client.post("/api/v1/numbers", json={"procedure": "9.999999"})
    assert unknown.json()["type"].endswith(":dossier-invalid")


def test_an_issued_paper_is_recalled_or_replaced_once(service: Running) -> None:
    """AC-11: nothing is edited; what follows is said to whoever asks."""
    client = service.program("documents:write", "documents:read")
    old, new = service.place.sealed().id, service.place.sealed().id
    decision = {"decision_number": "421/QĐ-UBND", "decided_on": "2026-11-22", "reason": "Sai tên"}
    early = client.post(f"/api/v1/documents/{service.place.paper().id}/recall", json=decision)
    assert early.json()["type"].endswith(":wrong-state")
    replaced = client.post(f"/api/v1/documents/{old}/replace", json=decision | {"by_document": new})
    assert replaced.json()["state"] == "replaced", replaced.text
    again = client.post(f"/api/v1/documents/{old}/recall", json=decision)
    assert again.status_code == 409
    assert again.json()["type"].endswith(":wrong-state")


def test_tokens_open_only_what_their_scopes_name(service: Running) -> None:
    assert service.client().get("/api/v1/documents").status_code == 401
    assert service.client(token="ssk_00_wrong").get("/api/v1/documents").status_code == 401
    assert service.client(token="gibberish").get("/api/v1/documents").status_code == 401
    reader = service.program("documents:read")
    assert reader.get("/api/v1/documents").status_code == 200
    refused = reader.post("/api/v1/documents", json=body(1008))
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:secondseal:problem:forbidden"
    assert service.signed_in("officer").post("/api/v1/documents", json=body(1008)).status_code == 403


def test_an_officer_sends_back_their_own_papers_with_a_reason(service: Running) -> None:
    document = service.place.paper()
    path = f"/api/v1/documents/{document.id}/decline"
    reason = {"kind": "amendment_requested", "reason": "Sai địa chỉ."}
    assert service.signed_in("clerk").post(path, json=reason).status_code == 403
    assert service.signed_in("officer").post(path, json=reason | {"reason": ""}).status_code == 422
    answer = service.signed_in("officer").post(path, json=reason)
    assert answer.json()["state"] == "amendment_requested"
    again = service.signed_in("officer").post(path, json=reason)
    assert again.status_code == 409
    assert again.json()["type"].endswith(":wrong-state")


def test_the_description_of_the_interface_names_every_call(service: Running) -> None:
    described = service.client().get("/api/v1/openapi.json").json()
    paths = described["paths"]
    assert described["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "detail"]
    assert paths["/api/v1/verifications"]["post"]["security"] == []
    assert paths["/api/v1/seals"]["post"]["security"] == [{"person": []}]
    for path, verbs in {
        "/api/v1/verifications": {"post"},
        "/api/v1/documents": {"post", "get"},
        "/api/v1/documents/{document_id}": {"get"},
        "/api/v1/documents/{document_id}/file": {"get"},
        "/api/v1/documents/{document_id}/approval": {"post", "put"},
        "/api/v1/approvals": {"post"},
        "/api/v1/approvals/{approval_id}": {"get"},
        "/api/v1/seals": {"post", "get"},
        "/api/v1/seals/{confirmation_id}": {"get"},
    }.items():
        assert verbs <= set(paths[path]), path


@pytest.mark.parametrize("address", ["/api/v1/documents?offset=", "/desk/documents?at=", "/desk/register?at="])
def test_a_number_beyond_every_list_is_no_fault_of_ours(service: Running, address: str) -> None:
    """Measured before: 500, and a fault in the log, for a number no database holds."""
    answer = service.signed_in("clerk").get(address + "9" * 22)
    assert answer.status_code == 422
