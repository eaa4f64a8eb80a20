"""A document handed in with its attachments: one form, one document, one ZIP."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx

from stamping import confirmations
from tests.api.serving import Running
from tests.api.test_documents import body
from tests.api.test_seals import step_up
from tests.stamping.test_attachments import LIST, MAP

FOREIGN = Path("tests/corpus/foreign/libreoffice-letter.pdf")
TITLES = [{"title": MAP.title}, {"title": LIST.title}]
FILES = [("attachment", (f"../{n}.pdf", one.pdf, "application/pdf")) for n, one in enumerate((MAP, LIST))]


def hand_in(client: httpx.Client, document: dict[str, Any], files: list[Any], **headers: str) -> httpx.Response:
    return client.post("/api/v1/documents", data={"document": json.dumps(document)}, files=files, headers=headers)


def test_a_bundle_from_the_form_to_the_zip(service: Running) -> None:
    """AC-39, AC-63: handed in, approved, confirmed by a list whose hash covers the attachments, sealed, fetched."""
    client, place = service.program("documents:write", "documents:read"), service.place
    made = hand_in(client, body(2001, attachments=TITLES), FILES)
    assert made.status_code == 201, made.text
    document = made.json()
    assert [(one["n"], one["title"], one["state"]) for one in document["attachments"]] == [
        (1, MAP.title, "generated"),
        (2, LIST.title, "generated"),
    ]
    assert [one["original_sha256"] for one in document["attachments"]] == [MAP.sha256, LIST.sha256]
    early = client.get(document["links"]["bundle"])
    assert (early.status_code, early.json()["type"]) == (409, "urn:secondseal:problem:wrong-state")
    place.approve(document["id"])
    custodian = service.signed_in("custodian")
    pending = next(one for one in custodian.get("/api/v1/seals").json()["documents"] if one["id"] == document["id"])
    assert [one["title"] for one in pending["attachments"]] == [MAP.title, LIST.title]
    item = (document["id"], pending["approved_sha256"], pending["attachments_sha256"])
    shown = {"documents": [document["id"]], "list_sha256": confirmations.list_sha256([item])}
    assert step_up(custodian, shown["list_sha256"]).status_code == 201
    assert custodian.post("/api/v1/seals", json=shown).status_code == 202
    place.stamp()
    sealed = client.get(document["links"]["self"]).json()
    assert sealed["state"] == "sealed"
    first = sealed["attachments"][0]
    assert (first["state"], first["sealed_at"] is not None) == ("sealed", True)
    file = client.get(first["links"]["file"])
    assert hashlib.sha256(file.content).hexdigest() == first["revisions"]["sealed"]
    before = client.get(first["links"]["file"], params={"revision": "generated"})
    assert file.content.startswith(before.content)
    assert client.get(f"{sealed['links']['self']}/attachments/3/file").status_code == 404
    verdict = service.client().post("/api/v1/verifications", files={"file": ("a.pdf", file.content)}).json()
    assert (verdict["verdict"], verdict["situation"]) == ("genuine", "attachment")
    assert sealed["number"] in verdict["words"]["en"]["sentence"]
    zipped = client.get(sealed["links"]["bundle"])
    assert zipped.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as archive:
        name = sealed["number"].replace("/", "-")
        assert archive.namelist() == [f"{name}.pdf", f"{name}-kem-theo-01.pdf", f"{name}-kem-theo-02.pdf"]
        assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}
        hashes = [hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()]
    assert hashes == [sealed["revisions"]["sealed"], *(one["revisions"]["sealed"] for one in sealed["attachments"])]
    assert client.get(sealed["links"]["bundle"]).content == zipped.content


def test_a_foreign_paper_is_handed_in_with_its_attachments_once(service: Running) -> None:
    """The same Idempotency-Key with the same files is one document; with another attachment it is a conflict."""
    client = service.program("documents:write", "documents:read")
    given = body(2002, title="Giấy xác nhận", attachments=TITLES[:1])
    del given["paper"], given["data"]
    files = [("file", ("a.pdf", FOREIGN.read_bytes(), "application/pdf")), FILES[0]]
    first = hand_in(client, given, files, **{"Idempotency-Key": "bundle-1"})
    assert first.status_code == 201, first.text
    again = hand_in(client, given, files, **{"Idempotency-Key": "bundle-1"})
    assert (again.json()["id"], again.headers["idempotent-replayed"]) == (first.json()["id"], "true")
    other = hand_in(client, given, [files[0], FILES[1]], **{"Idempotency-Key": "bundle-1"})
    assert other.json()["type"].endswith(":idempotency-conflict")


def test_a_form_that_does_not_fit_is_refused(service: Running) -> None:
    """More titles than files or fewer; an attachment that is no file; one that may not be sealed is named."""
    client = service.program("documents:write", "documents:read")
    for titles, files in ((TITLES, FILES[:1]), (TITLES[:1], FILES)):
        answer = hand_in(client, body(2003, attachments=titles), files)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:secondseal:problem:attachments-invalid")
    alone = client.post("/api/v1/documents", json=body(2003, attachments=TITLES))
    assert alone.json()["type"].endswith(":attachments-invalid")
    form = {"document": json.dumps(body(2003, attachments=TITLES[:1])), "attachment": "no file"}
    assert client.post("/api/v1/documents", data=form, files=FILES[:1]).status_code == 422
    bad = [("attachment", ("a.pdf", b"%PDF-1.7 nothing", "application/pdf"))]
    refused = hand_in(client, body(2003, attachments=TITLES[:1]), bad)
    assert refused.json()["type"].endswith(":unsealable")
    assert refused.json()["attachment"] == 1
    assert MAP.title in refused.json()["detail"]
