"""The memory: number series, outgoing documents, revisions, status, the seal log and its signed checkpoints.

Every function takes the connection of a `store.write` transaction (those that only read: also of `store.read`); what
it writes stands or falls with that transaction. By noun:

- `numbers.series_of / reserve / void / open_numbers / notation`; `new_code`, `normalise`, `grouped` for public codes
- `outgoing.add / mark_issued / mark_received / find / entries / page / stream`;
  `outgoing_book`, `seal_book` and what writes them: `write_csv`, `write_xlsx`, `as_csv`
- `add_revision`, `revisions_of`, `find_revision`, `find_code`, `find_document`
- `status.bring_into_force / replace / recall / correct / status_of`
- `seal_log.reserve / conclude / interrupted / failed / wet / open_entries / entries_of`, `seal_uses.uses_on / days`
- `CheckpointKey`, `sign_checkpoint`, `kept_checkpoints`, `open_checkpoint`, `load_public_key`;
  `keep_note`, `read_notes` for checkpoints outside the database; `audit`
"""

from . import numbers, outgoing, seal_log, seal_uses, status
from .auditing import audit
from .books import BOOKS, FORMATS, Book, BookFormat, BookName, outgoing_book, seal_book
from .checkpoints import (
    Checkpoint,
    CheckpointInvalid,
    CheckpointKey,
    CheckpointKeyUnsafe,
    kept_checkpoints,
    load_public_key,
    open_checkpoint,
    sign_checkpoint,
)
from .codes import CodeInvalid, grouped, new_code, normalise
from .errors import (
    AlreadyRegistered,
    DocumentUnknown,
    EntryClosed,
    NotationTaken,
    NumberSpent,
    NumberUnknown,
    RegisterError,
    RevisionConflict,
    StatusRefused,
)
from .exchange import ExchangeFormat, ExchangeRecord, Misfit, one_exchange, write_exchange
from .notebook import keep_note, read_notes
from .outgoing import OutgoingEntry, Registration, Selection
from .report import AuditReport, Remark
from .revisions import (
    Known,
    Revision,
    RevisionKind,
    add_revision,
    find_code,
    find_document,
    find_revision,
    revisions_of,
)
from .seal_log import LogRow, SealUse
from .sheet import as_csv, write_csv, write_xlsx
from .status import Correction, Decision, Status

__all__ = [
    "BOOKS",
    "FORMATS",
    "AlreadyRegistered",
    "AuditReport",
    "Book",
    "BookFormat",
    "BookName",
    "Checkpoint",
    "CheckpointInvalid",
    "CheckpointKey",
    "CheckpointKeyUnsafe",
    "CodeInvalid",
    "Correction",
    "Decision",
    "DocumentUnknown",
    "EntryClosed",
    "ExchangeFormat",
    "ExchangeRecord",
    "Known",
    "LogRow",
    "Misfit",
    "NotationTaken",
    "NumberSpent",
    "NumberUnknown",
    "OutgoingEntry",
    "RegisterError",
    "Registration",
    "Remark",
    "Revision",
    "RevisionConflict",
    "RevisionKind",
    "SealUse",
    "Selection",
    "Status",
    "StatusRefused",
    "add_revision",
    "as_csv",
    "audit",
    "find_code",
    "find_document",
    "find_revision",
    "grouped",
    "keep_note",
    "kept_checkpoints",
    "load_public_key",
    "new_code",
    "normalise",
    "numbers",
    "one_exchange",
    "open_checkpoint",
    "outgoing",
    "outgoing_book",
    "read_notes",
    "revisions_of",
    "seal_book",
    "seal_log",
    "seal_uses",
    "sign_checkpoint",
    "status",
    "write_csv",
    "write_exchange",
    "write_xlsx",
]
