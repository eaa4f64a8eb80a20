"""The register's log and its proofs over HTTP: for anyone, without signing in, in C2SP's layout."""

import base64

import pytest

from register import CheckpointKey, check_proof, sign_checkpoint
from register.tree import leaf_hash
from store import write
from tests.api.serving import Running


def sign(service: Running) -> CheckpointKey:
    key_file = service.place.desk.home / "checkpoint.key"
    with write(service.place.desk.engine) as connection:
        sign_checkpoint(connection, key_file=key_file, origin="mau.example/log")
    return CheckpointKey.load_or_create(key_file, origin="mau.example/log")


def test_anyone_can_follow_the_log(service: Running) -> None:
    service.place.sealed()
    sign(service)
    caller = service.client()
    answer = caller.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "max-age=5" in answer.headers["cache-control"]
    origin, size, root = answer.text.split("\n")[:3]
    assert (origin, len(base64.b64decode(root))) == ("mau.example/log", 32)
    width = int(size) % 256
    tile = caller.get(f"/log/tile/0/000.p/{width}" if int(size) < 256 else "/log/tile/0/000")
    assert tile.headers["content-type"] == "application/octet-stream"
    assert "immutable" in tile.headers["cache-control"]
    entries = caller.get(tile.request.url.path.replace("/tile/0/", "/tile/entries/")).content
    first = entries[2 : 2 + int.from_bytes(entries[:2])]
    assert leaf_hash(first) == tile.content[:32]
    assert first.startswith(b"register_")


@pytest.mark.parametrize(
    "path", ["tile/0/999", "tile/0/0", "tile/0/../checkpoint", "tile/entries/000.p/0", "tile/9/000"]
)
def test_what_is_not_there_is_not_found(service: Running, path: str) -> None:
    answer = service.client().get(f"/log/{path}")
    assert answer.status_code == 404


def test_a_paper_s_proof_is_offered_on_the_page_of_its_code_and_to_programs(service: Running) -> None:
    document = service.place.sealed()
    key = sign(service)
    page = service.client().get(f"/v/{document.code}").text
    assert f'href="/v/{document.code}/proof"' in page
    by_code = service.client().get(f"/v/{document.code}/proof")
    assert by_code.headers["content-disposition"] == f'attachment; filename="{document.code}.tlog-proof"'
    program = service.program("documents:read")
    by_id = program.get(f"/api/v1/documents/{document.id}/proof")
    assert by_id.text == by_code.text
    sealed = program.get(f"/api/v1/documents/{document.id}").json()["revisions"]["sealed"]
    assert check_proof(by_code.text, key.public_key, sealed if isinstance(sealed, str) else sealed["sha256"])
    assert service.client().get(f"/api/v1/documents/{document.id}/proof").status_code == 401


def test_there_is_no_proof_before_a_checkpoint_covers_the_paper_nor_for_a_code_never_given(service: Running) -> None:
    sign(service)
    document = service.place.sealed()
    answer = service.client().get(f"/v/{document.code}/proof")
    assert answer.status_code == 404
    assert "thử lại sau ít phút" in answer.text
    for code in ("0" * 27, "nothing"):
        assert service.client().get(f"/v/{code}/proof").status_code == 404
    waiting = service.place.paper()
    answer = service.program("documents:read").get(f"/api/v1/documents/{waiting.id}/proof")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:secondseal:problem:not-found")
