"""Files under the hash of their bytes: whole or not there, and never silently wrong."""

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from store import FileDamaged, FileMissing, FolderFiles


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "files")


def place(files: FolderFiles, sha256: str) -> Path:
    return files.folder / sha256[:2] / sha256


def test_what_is_put_is_got(files: FolderFiles) -> None:
    sha256 = files.put(b"%PDF-1.7")
    assert sha256 == hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert files.get(sha256) == b"%PDF-1.7"
    assert files.exists(sha256)
    assert list(files) == [sha256]


def test_putting_again_changes_nothing(files: FolderFiles) -> None:
    sha256 = files.put(b"once")
    before = place(files, sha256).stat()
    assert files.put(b"once") == sha256
    after = place(files, sha256).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_path_into_the_folder_is_read_as_its_name_says(files: FolderFiles, tmp_path: Path) -> None:
    """Files elsewhere are taken as they are."""
    outside = tmp_path / "seal.pem"
    outside.write_bytes(b"elsewhere")
    assert files.read(outside) == b"elsewhere"
    kept = files.place(files.put(b"kept"))
    assert files.read(kept) == b"kept"
    kept.unlink()
    with pytest.raises(FileMissing):
        files.read(kept)
    kept.write_bytes(b"swapped")
    with pytest.raises(FileDamaged):
        files.read(kept)


def test_kept_files_are_read_only(files: FolderFiles) -> None:
    assert place(files, files.put(b"kept")).stat().st_mode & 0o777 == 0o440


@pytest.mark.parametrize("read", [FolderFiles.get, FolderFiles.check])
def test_a_changed_file_is_damaged_never_returned(files: FolderFiles, read: object) -> None:
    sha256 = files.put(b"the true bytes")
    place(files, sha256).chmod(0o600)
    place(files, sha256).write_bytes(b"other bytes")
    with pytest.raises(FileDamaged) as damaged:
        read(files, sha256)  # type: ignore[operator]
    assert damaged.value.sha256 == sha256
    assert damaged.value.found == hashlib.sha256(b"other bytes").hexdigest()


def test_damaged_evidence_is_not_painted_over(files: FolderFiles) -> None:
    sha256 = files.put(b"the true bytes")
    place(files, sha256).chmod(0o600)
    place(files, sha256).write_bytes(b"other bytes")
    with pytest.raises(FileDamaged):
        files.put(b"the true bytes")
    assert place(files, sha256).read_bytes() == b"other bytes"


@pytest.mark.parametrize("read", [FolderFiles.get, FolderFiles.check])
def test_a_missing_file_is_missing(files: FolderFiles, read: object) -> None:
    with pytest.raises(FileMissing):
        read(files, "0" * 64)  # type: ignore[operator]
    assert not files.exists("0" * 64)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_a_name_never_walks_out_of_the_folder(files: FolderFiles, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        files.get(name)


_WRITE_TOO_MUCH = """
import resource, signal, sys
from pathlib import Path
from store import FolderFiles, StoreAway
signal.signal(signal.SIGXFSZ, getattr(signal, sys.argv[2]))
files = FolderFiles(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    files.put(b"y" * 10_000)
except StoreAway:
    sys.exit(3)
"""
"""A process that may write no file beyond 4096 bytes: the write fails (SIG_IGN) or kills it in the middle (SIG_DFL)."""


def write_too_much(folder: Path, on_limit: str) -> int:
    command = [sys.executable, "-c", _WRITE_TOO_MUCH, str(folder), on_limit]
    return subprocess.run(command, check=False, cwd=Path(__file__).parents[2]).returncode


def test_a_full_disk_leaves_nothing_behind(files: FolderFiles) -> None:
    assert write_too_much(files.folder, "SIG_IGN") == 3
    assert [path for path in files.folder.rglob("*") if path.is_file()] == []


def test_a_process_killed_while_writing_leaves_no_half_file(files: FolderFiles) -> None:
    assert write_too_much(files.folder, "SIG_DFL") == -signal.SIGXFSZ
    sha256 = hashlib.sha256(b"y" * 10_000).hexdigest()
    assert list(files) == []
    assert files.put(b"y" * 10_000) == sha256
    assert list(files) == [sha256]
