"""POST /api/v1/verifications: anyone, any file; limits are said, not felt."""

import socket
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from stamping import documents
from tests.api.serving import NOBODYS_TLS, Running, serving
from tests.corpus.mutations import mutations, only_evidence
from tests.corpus.run import WORDS
from tests.stamping.office_desk import PlaceMaker

PDF = "application/pdf"
PATHS = ("/api/v1/verifications", "/verify")


def test_a_sealed_paper_is_genuine_without_login(service: Running) -> None:
    """AC-14, AC-71: no account is needed, and the seven items of TT 15/2025 are in the answer."""
    document = service.place.sealed()
    pdf, _, sha256 = documents.file(service.place.desk, document.id)
    answer = service.client().post("/api/v1/verifications", files={"file": ("a.pdf", pdf, PDF)})
    assert answer.status_code == 200
    verdict = answer.json()
    assert verdict["verdict"] == "genuine"
    assert verdict["sha256"] == sha256
    assert [one["role"] for one in verdict["signatures"]] == ["officer", "agency"]
    for signature in verdict["signatures"]:
        for member in ("issuer", "signer", "certificate_manager", "signed_at", "certificate_valid"):
            assert signature[member], member
        assert signature["intact"] is True
        assert signature["valid_at_signing"] is True


def test_whatever_the_file_is_the_answer_is_a_verdict(service: Running) -> None:
    for content in (b"", b"not a pdf", b"%PDF-1.7\n" + b"\0" * 5000):
        answer = service.client().post("/api/v1/verifications", files={"file": ("x", content, "image/png")})
        assert answer.status_code == 200, content
        assert answer.json()["verdict"] == "unreadable"


def test_mutations_of_a_sealed_paper_are_answered_with_a_verdict(service: Running) -> None:
    """Through HTTP and the sandbox; the same ways of damage as in tests/corpus/test_mutations.py."""
    document = service.place.sealed()
    pdf, _, _ = documents.file(service.place.desk, document.id)
    client = service.client()
    for one in mutations([pdf], range(36)):
        answer = client.post("/api/v1/verifications", files={"file": ("a.pdf", one.pdf, PDF)})
        assert answer.status_code == 200, (one.number, one.how)
        assert answer.json()["verdict"] in WORDS
        assert answer.json()["verdict"] != "genuine" or only_evidence(pdf, one.pdf), (one.number, one.how)


def test_422_only_when_the_form_itself_is_wrong(service: Running) -> None:
    client = service.client()
    for answer in (
        client.post("/api/v1/verifications"),
        client.post("/api/v1/verifications", files={"other": ("x", b"x", PDF)}),
        client.post("/api/v1/verifications", data={"file": "text"}),
        client.post(
            "/api/v1/verifications", content=b"broken", headers={"content-type": "multipart/form-data; boundary=x"}
        ),
    ):
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:secondseal:problem:request-invalid"


def test_too_large_is_refused_while_it_arrives(desk_with: PlaceMaker) -> None:
    """413 with the limit, whether the length was declared or not; the next try works."""
    with serving(desk_with(), max_file_bytes=200_000, max_form_bytes=100_000) as small:
        client = small.client()
        big = b"%PDF" + b"a" * 700_000
        declared = client.post("/api/v1/verifications", files={"file": ("a.pdf", big, PDF)})

        def streamed() -> object:
            yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
            for _ in range(7):
                yield b"a" * 100_000
            yield b"\r\n--x--\r\n"

        undeclared = client.post(
            "/api/v1/verifications",
            content=streamed(),  # type: ignore[arg-type]
            headers={"content-type": "multipart/form-data; boundary=x"},
        )
        for answer in (declared, undeclared):
            assert answer.status_code == 413
            assert answer.json()["type"] == "urn:secondseal:problem:body-too-large"
            assert answer.json()["limit"] == 200_000
        page = client.post("/verify", files={"file": ("a.pdf", big, PDF)})
        assert page.status_code == 413
        assert "Tệp quá lớn" in page.text
        described = small.program("documents:write").post("/api/v1/documents", json={"data": {"a": "x" * 3_000_000}})
        assert described.status_code == 413
        form = client.post("/api/v1/session", content=b"x" * 3_000_000, headers={"content-type": "application/json"})
        assert form.status_code == 413
        assert client.post("/api/v1/verifications", files={"file": ("a", b"x", PDF)}).status_code == 200


def test_more_than_fit_are_told_to_come_back(desk_with: PlaceMaker) -> None:
    """429 with Retry-After when as many verifications run as fit."""
    with serving(desk_with(), verifications_at_once=1) as narrow:
        gate = narrow.app.state.service.verifications
        with gate.passing():
            answer = narrow.client().post("/api/v1/verifications", files={"file": ("a", b"x", PDF)})
            page = narrow.client().post("/verify", files={"file": ("a", b"x", PDF)})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["type"] == "urn:secondseal:problem:busy"
        assert page.status_code == 429
        assert "Đang có nhiều người kiểm tra" in page.text
        assert narrow.client().post("/api/v1/verifications", files={"file": ("a", b"x", PDF)}).status_code == 200


def test_many_at_once_all_get_an_answer(service: Running) -> None:
    """Twelve at once against four places: each is a verdict or a 429, none hangs or breaks."""
    seen: list[int] = []
    lock = threading.Lock()

    def one() -> None:
        with httpx.Client(base_url=service.url, timeout=30, verify=NOBODYS_TLS) as client:
            status = client.post("/api/v1/verifications", files={"file": ("a", b"x" * 1000, PDF)}).status_code
        with lock:
            seen.append(status)

    threads = [threading.Thread(target=one) for _ in range(12)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) <= {200, 429}
    assert 200 in seen
    assert time.monotonic() - began < 20


def test_nothing_of_an_upload_is_left(desk_with: PlaceMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-14: the file is kept nowhere: not in the folder for what is under way, not open, not in the office;
    whether it was judged, too large, turned away, broken off, or looked at on the page."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    marker = b"NOT-TO-BE-KEPT-7f3a"
    pdf = b"%PDF-1.7\n" + marker * 80_000  # so large that it is written to a file while it arrives
    head = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    with serving(desk_with(), max_file_bytes=2_000_000, verifications_at_once=1) as own:
        client = own.client()
        statuses = [client.post(path, files={"file": ("a.pdf", pdf, PDF)}).status_code for path in PATHS]
        with own.app.state.service.verifications.passing():
            statuses += [client.post(path, files={"file": ("a.pdf", pdf, PDF)}).status_code for path in PATHS]
        statuses.append(client.post(PATHS[0], files={"file": ("a.pdf", pdf * 2, PDF)}).status_code)
        assert statuses == [200, 303, 429, 429, 413]
        place = urlsplit(own.url)
        with socket.create_connection((place.hostname, place.port)) as plain:
            named = f"POST {PATHS[0]} HTTP/1.1\r\nhost: x\r\ncontent-length: 1900000\r\n".encode()
            plain.sendall(named + b"content-type: multipart/form-data; boundary=x\r\n\r\n" + head + pdf[:1_100_000])
            for _ in range(200):  # it is being written: else nothing would be seen to go
                if _held(tmp_path):
                    break
                time.sleep(0.02)
            assert _held(tmp_path) != []
        for _ in range(100):
            if not (left := _held(tmp_path)):
                break
            time.sleep(0.05)
        assert left == []
        kept = [path for path in own.place.desk.home.rglob("*") if path.is_file() and marker in path.read_bytes()]
        assert kept == []


def _held(folder: Path) -> list[str]:
    """What lies in the folder, and what this process holds open of it though it has no name any more."""
    held = [str(path) for path in folder.rglob("*")]
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            target = str(link.readlink())
            held += [target] if target.startswith(str(folder)) else []
    return held
