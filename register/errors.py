"""What the register refuses.

RegisterError
├── NumberUnknown        no such number was ever reserved
├── NumberSpent          the number is already used or voided
├── NotationTaken        this office already has a document of this number and symbol this year (PL VI)
├── DocumentUnknown      the register has no such document
├── AlreadyRegistered    the document or its code is in the register already
├── RevisionConflict     these bytes belong to another document
├── StatusRefused        a replaced or recalled document takes no further event
├── EntryClosed          the seal entry is unknown or already concluded
└── NotYetSigned         no signed checkpoint covers this paper
"""


class RegisterError(Exception):
    """The register refuses; nothing was written. `text_vi` and `text_en` are sentences for a person."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


class NumberUnknown(RegisterError):
    """No such number was ever reserved in this series."""


class NumberSpent(RegisterError):
    """The number already stands on a document, or was voided."""


class NotationTaken(RegisterError):
    """The same number and symbol of the same office in the same year (NĐ 30/2020, PL VI: duplicates must alert)."""


class DocumentUnknown(RegisterError):
    """The register has no document of this id."""


class AlreadyRegistered(RegisterError):
    """The document, or its code, is in the register already."""


class RevisionConflict(RegisterError):
    """The same bytes are recorded for another document or under another kind."""


class StatusRefused(RegisterError):
    """The event does not follow from the document's present status."""


class EntryClosed(RegisterError):
    """The seal log has no open entry of this id: unknown, or closed before."""


class NotYetSigned(RegisterError):
    """There is no proof to give: the paper is not in the log, or no signed checkpoint covers it yet."""
