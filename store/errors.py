"""What can go wrong where state is kept.

StoreError
├── DatabaseUrlInvalid   the setting does not name a database we can keep state in
├── WriterBusy           the writers before this one took too long
├── WorkerElsewhere      another session is the database's seal worker
├── StoreAway            files can be neither kept nor given back for now
├── FileMissing          a stored file is gone
└── FileDamaged          a stored file no longer has the bytes it was stored with
"""


class StoreError(Exception):
    """State cannot be kept or given back. `text_vi` and `text_en` are sentences for a person."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


class DatabaseUrlInvalid(StoreError):
    """The database address is of no known kind, or names a database that would vanish with the process."""

    def __init__(self, kind: str) -> None:
        # Only the kind is repeated: an address may hold a password.
        super().__init__(
            f"Địa chỉ cơ sở dữ liệu loại “{kind}” không dùng được: cần sqlite:///đường-dẫn hoặc postgresql://…",
            f"A database address of kind {kind!r} cannot be used: give sqlite:///path or postgresql://….",
        )
        self.kind = kind


class WriterBusy(StoreError):
    """The turn to write did not come within `wait_ms` milliseconds; of this transaction nothing was done."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(
            "Cơ sở dữ liệu đang bận ghi việc khác. Yêu cầu này chưa được thực hiện trọn; hãy thử lại sau một phút.",
            "The database is busy writing other work. This request was not completed; try again in a minute.",
        )
        self.wait_ms = wait_ms


class WorkerElsewhere(StoreError):
    """Another session, perhaps of another machine, is this database's seal worker."""

    def __init__(self) -> None:
        super().__init__(
            "Cơ sở dữ liệu này đã có một chương trình đóng dấu khác đang chạy.",
            "Another seal worker, perhaps on another machine, serves this database.",
        )


class StoreAway(StoreError):
    """The disk is full, the share or the object store does not answer: it may do so again. `why` is for the operator.

    Nothing was kept, and what is kept there is as it was.
    """

    def __init__(self, why: str) -> None:
        super().__init__(
            f"Nơi lưu tệp tạm thời không dùng được ({why}). Hãy thử lại sau ít phút.",
            f"The place of files cannot be used for now ({why}). Try again in a few minutes.",
        )
        self.why = why


class FileMissing(StoreError):
    """No file with this SHA-256 is stored."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"Không còn tệp lưu {sha256}.", f"The stored file {sha256} is missing.")
        self.sha256 = sha256


class FileDamaged(StoreError):
    """The stored file `sha256` now holds bytes whose SHA-256 is `found`."""

    def __init__(self, sha256: str, found: str) -> None:
        super().__init__(
            f"Tệp lưu {sha256} đã bị thay đổi (nay là {found}).",
            f"The stored file {sha256} was altered (it now hashes to {found}).",
        )
        self.sha256 = sha256
        self.found = found
