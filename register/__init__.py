"""The memory: number series, outgoing documents, revisions, status, the seal log and its signed checkpoints.

Every function takes the connection of a `store.write` (or, where it only reads, `store.read`) transaction; what it
writes stands or falls with that transaction.
"""

from . import numbers
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

__all__ = [
    "AlreadyRegistered",
    "CodeInvalid",
    "DocumentUnknown",
    "EntryClosed",
    "NotationTaken",
    "NumberSpent",
    "NumberUnknown",
    "RegisterError",
    "RevisionConflict",
    "StatusRefused",
    "grouped",
    "new_code",
    "normalise",
    "numbers",
]
