"""Files in a real S3 server: whole or not there, never silently wrong, and away is no answer."""

import hashlib
from pathlib import Path
from typing import Any

import obstore
import pytest

from store import FileDamaged, FileMissing, FolderFiles, ObjectFiles, StoreAway
from tests.ports import free_port
from tests.store.object_store import ObjectStore


@pytest.fixture(scope="module")
def url(object_store: ObjectStore) -> str:
    return f"s3://{object_store.bucket()}/files"


@pytest.fixture
def files(object_store: ObjectStore, url: str, tmp_path: Path) -> ObjectFiles:
    return ObjectFiles(url, object_store.options, near=tmp_path / "near")


def written_over(object_store: ObjectStore, url: str, sha256: str, content: bytes) -> Any:
    """What somebody with the store's key may do."""
    store = object_store.opened(url)
    obstore.put(store, f"{sha256[:2]}/{sha256}", content)
    return store


def test_what_is_put_is_got(files: ObjectFiles) -> None:
    sha256 = files.put(b"%PDF-1.7")
    assert sha256 == hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert files.get(sha256) == b"%PDF-1.7"
    files.check(sha256)
    assert files.exists(sha256)
    assert sha256 in list(files)


def test_names_come_in_order_and_nothing_else_does(object_store: ObjectStore, tmp_path: Path) -> None:
    url = f"s3://{object_store.bucket()}"  # with an object in it that is none of ours
    files = ObjectFiles(url, object_store.options, near=tmp_path)
    kept = sorted(files.put(bytes([letter])) for letter in range(5))
    assert list(files) == kept


def test_putting_again_changes_nothing(files: ObjectFiles, object_store: ObjectStore, url: str) -> None:
    sha256 = files.put(b"once")
    before = obstore.head(object_store.opened(url), f"{sha256[:2]}/{sha256}")
    assert files.put(b"once") == sha256
    after = obstore.head(object_store.opened(url), f"{sha256[:2]}/{sha256}")
    assert after["last_modified"] == before["last_modified"]


@pytest.mark.parametrize("read", [ObjectFiles.get, ObjectFiles.check])
def test_a_changed_object_is_damaged_never_returned_nor_painted_over(
    files: ObjectFiles, object_store: ObjectStore, url: str, read: Any
) -> None:
    true = b"the true bytes" + read.__name__.encode()
    sha256 = files.put(true)
    store = written_over(object_store, url, sha256, b"other bytes")
    with pytest.raises(FileDamaged) as damaged:
        read(files, sha256)
    assert (damaged.value.sha256, damaged.value.found) == (sha256, hashlib.sha256(b"other bytes").hexdigest())
    with pytest.raises(FileDamaged):
        files.put(true)
    assert bytes(obstore.get(store, f"{sha256[:2]}/{sha256}").bytes()) == b"other bytes"


@pytest.mark.parametrize("read", [ObjectFiles.get, ObjectFiles.check])
def test_a_missing_object_is_missing(files: ObjectFiles, read: Any) -> None:
    with pytest.raises(FileMissing):
        read(files, "0" * 64)
    assert not files.exists("0" * 64)
    assert not files.place("0" * 64).exists()


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_name_never_walks_out_of_the_store(files: ObjectFiles, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        files.get(name)


def test_what_is_read_by_its_path_is_a_copy_near_by_that_is_hashed(files: ObjectFiles, tmp_path: Path) -> None:
    sha256 = files.put(b"seal.png")
    near = files.place(sha256)
    assert near.is_relative_to(tmp_path / "near")
    assert files.read(near) == b"seal.png"
    near.chmod(0o600)
    near.write_bytes(b"another seal")
    with pytest.raises(FileDamaged):
        files.read(near)
    outside = tmp_path / "seal.pem"
    outside.write_bytes(b"elsewhere")
    assert files.read(outside) == b"elsewhere"
    assert list(FolderFiles(tmp_path / "near")) == [sha256], "papers are not kept near by"


def test_a_store_that_does_not_answer_is_away_and_tells_no_secret(
    object_store: ObjectStore, url: str, tmp_path: Path
) -> None:
    """Never `missing`: a paper must not be called lost over a cable."""
    away = object_store.options | {"aws_endpoint": f"http://127.0.0.1:{free_port()}"}
    files = ObjectFiles(url, away, near=tmp_path / "near")
    for act in (files.get, files.check, files.exists, files.place):
        with pytest.raises(StoreAway) as told:
            act("0" * 64)
        assert told.value.why == f"{url}: GenericError", "the kind of error, and nothing of the request"
    for name in ("put", "reach", "list"):
        with pytest.raises(StoreAway):
            {"put": lambda: files.put(b"x"), "reach": files.reach, "list": lambda: list(files)}[name]()


def test_a_wrong_key_is_away_too(object_store: ObjectStore, url: str, tmp_path: Path) -> None:
    files = ObjectFiles(url, object_store.options | {"aws_secret_access_key": "not it"}, near=tmp_path / "near")
    with pytest.raises(StoreAway):
        files.reach()
    with pytest.raises(StoreAway):
        files.get("0" * 64)


def test_a_store_that_answers_is_reached(files: ObjectFiles) -> None:
    files.reach()
