"""The memory: number series, outgoing documents, revisions, status, the seal log and its signed checkpoints.

Every function takes the connection of a `store.write` transaction (those that only read: also of `store.read`); what
it writes stands or falls with that transaction. By noun:

- `numbers.series_of / reserve / void / open_numbers / notation`; `new_code`, `normalise`, `grouped` for public codes
- `outgoing.add / mark_issued / mark_received / find / entries / page / stream`;
  `outgoing_book`, `seal_book` and what writes them: `write_csv`, `write_xlsx`, `as_csv`
- `add_revision`, `revisions_of`, `revision_of_bytes`, `find_revision`, `find_code`, `find_document`
- `status.bring_into_force / replace / recall / correct / status_of`
- `seal_log.reserve / conclude / interrupted / failed / wet / open_entries / entries_of`, `seal_uses.uses_on / days`
- `office_versions.propose / confirm / reject / withdraw / in_force / newest / version / version_at / history`
- `ways`, `wet_times`: how documents came by their stamp; `inert` for cells of a spreadsheet
- `log.size`, `tiles.resource`: the Merkle log over all of it; `proof_of`, `check_proof` for one paper
- `CheckpointKey`, `sign_checkpoint`, `kept_checkpoints`, `last_checkpoint`, `open_checkpoint`, `load_public_key`;
  `keep_time`, `times_of`, `keep_export`, `last_exports` for their time stamps and where they went;
  `keep_note`, `read_notes` for checkpoints outside the database; `audit`
"""

from . import log, numbers, office_versions, outgoing, seal_log, seal_uses, status, tiles
from .auditing import audit
from .books import BOOKS, FORMATS, Book, BookFormat, BookName, outgoing_book, seal_book
from .checkpoint_key import CheckpointKey, CheckpointKeyUnsafe, load_public_key
from .checkpoints import (
    Checkpoint,
    CheckpointInvalid,
    LogRewritten,
    kept_checkpoints,
    last_checkpoint,
    open_checkpoint,
    sign_checkpoint,
)
from .codes import CodeInvalid, grouped, new_code, normalise
from .errors import (
    AlreadyRegistered,
    DocumentUnknown,
    EntryClosed,
    NotationTaken,
    NotYetSigned,
    NumberSpent,
    NumberUnknown,
    ProposalClosed,
    ProposalStale,
    ProposalUnknown,
    RegisterError,
    RevisionConflict,
    StatusRefused,
)
from .exchange import ExchangeFormat, ExchangeRecord, Misfit, one_exchange, write_exchange
from .log import LogTorn
from .notebook import keep_note, read_notes
from .office_signature import is_same_signature, is_signed, sign_version
from .office_versions import Mover, OfficeDecision, OfficeProposal, OfficeVersion, SignVersion
from .outgoing import OutgoingEntry, Registration, Selection
from .proofs import Proven, check_proof, proof_of
from .proven_times import keep_export, keep_time, last_exports, last_time, note_digest, times_of
from .report import AuditReport, Remark
from .revisions import (
    Known,
    NewRevision,
    Revision,
    RevisionKind,
    add_revision,
    add_revisions,
    find_code,
    find_document,
    find_revision,
    revision_of_bytes,
    revisions_of,
)
from .seal_log import Conclusion, LogRow, SealUse
from .sheet import as_csv, inert, write_csv, write_xlsx
from .stamped import Way, ways, wet_times
from .status import Correction, Decision, Status
from .tree import ProofInvalid

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
    "Conclusion",
    "Correction",
    "Decision",
    "DocumentUnknown",
    "EntryClosed",
    "ExchangeFormat",
    "ExchangeRecord",
    "Known",
    "LogRewritten",
    "LogRow",
    "LogTorn",
    "Misfit",
    "Mover",
    "NewRevision",
    "NotYetSigned",
    "NotationTaken",
    "NumberSpent",
    "NumberUnknown",
    "OfficeDecision",
    "OfficeProposal",
    "OfficeVersion",
    "OutgoingEntry",
    "ProofInvalid",
    "ProposalClosed",
    "ProposalStale",
    "ProposalUnknown",
    "Proven",
    "RegisterError",
    "Registration",
    "Remark",
    "Revision",
    "RevisionConflict",
    "RevisionKind",
    "SealUse",
    "Selection",
    "SignVersion",
    "Status",
    "StatusRefused",
    "Way",
    "add_revision",
    "add_revisions",
    "as_csv",
    "audit",
    "check_proof",
    "find_code",
    "find_document",
    "find_revision",
    "grouped",
    "inert",
    "is_same_signature",
    "is_signed",
    "keep_export",
    "keep_note",
    "keep_time",
    "kept_checkpoints",
    "last_checkpoint",
    "last_exports",
    "last_time",
    "load_public_key",
    "log",
    "new_code",
    "normalise",
    "note_digest",
    "numbers",
    "office_versions",
    "one_exchange",
    "open_checkpoint",
    "outgoing",
    "outgoing_book",
    "proof_of",
    "read_notes",
    "revision_of_bytes",
    "revisions_of",
    "seal_book",
    "seal_log",
    "seal_uses",
    "sign_checkpoint",
    "sign_version",
    "status",
    "tiles",
    "times_of",
    "ways",
    "wet_times",
    "write_csv",
    "write_exchange",
    "write_xlsx",
]
