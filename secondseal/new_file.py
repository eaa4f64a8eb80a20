"""A file that must not take another's place: the record of a ceremony, a certificate request."""

import errno
import os
import tempfile
from pathlib import Path


def check_new(path: Path) -> None:
    """Could the file be made now? For before an act that cannot be taken back. Raises `OSError`."""
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OSError(error.errno, os.strerror(error.errno or 0), str(path)) from error
    os.close(handle)
    Path(name).unlink()


def write_new(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write the whole file or none of it, and never over one that is there. Raises `OSError`."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            _fill(file.fileno(), content, mode)
        try:
            os.link(name, path)  # refuses where the name is taken, in one step; a rename would replace
        except FileExistsError:
            raise
        except OSError:
            _create(path, content, mode)  # a stick whose file system knows no second name for a file
    finally:
        Path(name).unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def replace_own(path: Path, before: bytes, after: bytes) -> None:
    """Put more into a file this program made just now, in one step. Raises `OSError` where it holds anything else."""
    if path.read_bytes() != before:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            _fill(file.fileno(), after, 0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _create(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        _fill(handle, content, mode)
    except BaseException:
        path.unlink()
        raise
    finally:
        os.close(handle)


def _fill(handle: int, content: bytes, mode: int) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]
    os.fchmod(handle, mode)
    os.fsync(handle)
