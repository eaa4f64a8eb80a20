"""Where state is kept: the database, its migrations, and files. The store knows no room; tables stand in their rooms.

- `open_database(url)`, `write(engine)`, `read(engine)`, `migrate(engine)`
- `metadata`, `UtcDateTime` for the rooms' tables
- `Files`: content-addressed files, in a folder (`FolderFiles`) or an object store (`ObjectFiles`)
- `now()`, `VIETNAM`, `vietnam_date(moment)`
"""

from .append_only import make_append_only
from .clock import VIETNAM, now, vietnam_date
from .database import only_worker, open_database, read, write
from .errors import DatabaseUrlInvalid, FileDamaged, FileMissing, StoreAway, StoreError, WorkerElsewhere, WriterBusy
from .files import Files
from .folder_files import FolderFiles
from .metadata import UtcDateTime, metadata
from .migration import applied_revision, differences, migrate
from .object_files import ObjectFiles, open_object_store

__all__ = [
    "VIETNAM",
    "DatabaseUrlInvalid",
    "FileDamaged",
    "FileMissing",
    "Files",
    "FolderFiles",
    "ObjectFiles",
    "StoreAway",
    "StoreError",
    "UtcDateTime",
    "WorkerElsewhere",
    "WriterBusy",
    "applied_revision",
    "differences",
    "make_append_only",
    "metadata",
    "migrate",
    "now",
    "only_worker",
    "open_database",
    "open_object_store",
    "read",
    "vietnam_date",
    "write",
]
