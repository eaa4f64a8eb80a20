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
├── NotYetSigned         no signed checkpoint covers this paper
├── ProposalUnknown      nobody proposed such a change of the institution, or there is no such version
├── ProposalClosed       the change was confirmed, rejected or withdrawn before
└── ProposalStale        another version came into force since the change was proposed
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


class ProposalUnknown(RegisterError):
    """The register has no proposal, or no version of the institution, of this number."""

    def __init__(self, what_vi: str, what_en: str, number: int) -> None:
        super().__init__(f"Không có {what_vi} số {number}.", f"There is no {what_en} {number}.")
        self.number = number


class ProposalClosed(RegisterError):
    """The proposal was decided before; `outcome` says how."""

    def __init__(self, number: int, outcome: str, text_vi: str, text_en: str) -> None:
        super().__init__(text_vi, text_en)
        self.number = number
        self.outcome = outcome


class ProposalStale(RegisterError):
    """The proposal changes version `base`, and version `newest` is in force now."""

    def __init__(self, number: int, base: int, newest: int) -> None:
        super().__init__(
            f"Đề nghị {number} sửa từ phiên bản {base}, nhưng nay phiên bản {newest} đang có hiệu lực. Hãy lấy bản "
            "đang có hiệu lực, sửa lại rồi đề nghị lại.",
            f"Proposal {number} changes version {base}, but version {newest} is in force now. Take the text in force, "
            "make the change there and propose it again.",
        )
        self.number = number
        self.base = base
        self.newest = newest
