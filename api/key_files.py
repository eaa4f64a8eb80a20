"""Files of secrets that the web process makes for itself at first use."""

import os
import secrets
from pathlib import Path


def make_once(path: Path, content: bytes) -> None:
    """Make the file with mode 0600 where there is none; of two that do so at once one's is kept. Raises OSError."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    except FileExistsError:
        return  # the other one's
    finally:
        fresh.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)  # before anything is under the key: its name must outlive a power cut too
    finally:
        os.close(folder)
