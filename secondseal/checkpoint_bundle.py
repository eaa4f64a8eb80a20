"""What is put out of this machine's reach: a signed checkpoint, and the time stamp over it where there is one."""

from dataclasses import dataclass
from datetime import date, datetime

from register import Checkpoint


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """One checkpoint as it leaves the house, on `day` (Viet Nam). `token`: RFC 3161 time stamp of the note (DER)."""

    checkpoint: Checkpoint
    day: date
    verifier: str
    token: bytes | None = None
    proven_at: datetime | None = None

    @property
    def name(self) -> str:
        """Files are named by day and size, so that they sort and no two are alike."""
        return f"{self.day:%Y-%m-%d}-{self.checkpoint.size:010d}"

    def files(self) -> dict[str, bytes]:
        """File name -> bytes: the note, its time stamp, and the public key both are checked with."""
        found = {f"{self.name}.note": self.checkpoint.note.encode(), "log.key": f"{self.verifier}\n".encode()}
        if self.token is not None:
            found[f"{self.name}.tst"] = self.token
        return found
