"""A proof that a sealed paper stands in the register's log, to be kept beside the paper (C2SP tlog-proof).

It cannot be inside the paper: the leaf holds the hash of its bytes. Whoever has the file, the proof and the log's
public key needs no network and no service. The row of the register that names the file's hash travels in the proof's
`extra` line with its salt; it holds no personal data.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select

from trust import TimestampInvalid

from . import log, tables
from .canonical import canonical, hash_of_canonical
from .checkpoints import Checkpoint, CheckpointInvalid, open_checkpoint
from .errors import NotYetSigned
from .proven_times import check_time, times_of
from .tree import ProofInvalid, inclusion_proof, leaf_hash, root_from_inclusion

_HEAD: Final = "c2sp.org/tlog-proof@v1"
_SOURCE: Final = tables.revisions.name
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")
_LONGEST: Final = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Proven:
    """What a proof proves: the log under `checkpoint` holds, as its leaf number `leaf`, that this file's SHA-256 was
    recorded as this `kind` of revision at `recorded_at` (text as in the register, UTC). `proven_at` is the time of the
    authority's stamp over the checkpoint, None where the proof carries none."""

    sha256: str
    kind: str
    recorded_at: str
    leaf: int
    checkpoint: Checkpoint
    proven_at: datetime | None


def proof_of(connection: Connection, sha256: str) -> str:
    """The proof for a sealed file, under the newest checkpoint. Raises NotYetSigned where the register does not know
    these bytes as a sealed paper, or no checkpoint covers them yet."""
    revisions, checkpoints = tables.revisions, tables.checkpoints
    asked = (revisions.c.sha256 == sha256.lower()) & revisions.c.kind.in_(("sealed", "appendix_sealed"))
    row = connection.execute(select(revisions).where(asked).order_by(revisions.c.id).limit(1)).first()
    leaf = None if row is None else log.leaf_of(connection, _SOURCE, str(row.id))
    if row is None or leaf is None:
        raise NotYetSigned(
            "Sổ không có tệp đã đóng dấu này.", "The register does not know these bytes as a sealed paper."
        )
    covering = select(checkpoints).where(checkpoints.c.size > leaf.leaf).order_by(checkpoints.c.id.desc()).limit(1)
    found = connection.execute(covering).first()
    if found is None:
        raise NotYetSigned(
            "Điểm chốt gần nhất chưa gồm văn bản này; hãy thử lại sau ít phút.",
            "The newest checkpoint does not cover this paper yet; try again in some minutes.",
        )
    proof = inclusion_proof(leaf.leaf, found.size, lambda low, high: log.hash_of(connection, low, high))
    times = times_of(connection, found.id)
    extra = {
        "source": _SOURCE,
        "row": canonical(dict(row._mapping)).decode("utf-8"),
        "salt": leaf.salt.hex(),
        **({"timestamp": _base64(times[0].token)} if times else {}),
    }
    lines = [
        _HEAD,
        f"extra {_base64(json.dumps(extra, ensure_ascii=False, sort_keys=True).encode())}",
        f"index {leaf.leaf}",
        *(_base64(one) for one in proof),
    ]
    return "\n".join(lines) + "\n\n" + str(found.note)


def check_proof(text: str, public_key: Ed25519PublicKey, sha256: str) -> Proven:
    """Check a proof for the file with this SHA-256. Raises ProofInvalid.

    1 the form; 2 the checkpoint's signature; 3 the leaf made anew of the row and its salt; 4 the way from the leaf to
    the signed root; 5 the row is a sealed revision with this very hash; 6 the time stamp, where there is one, is over
    this checkpoint.
    """
    extra, leaf, siblings, note = _read(text)
    try:
        checkpoint = open_checkpoint(note, public_key)
    except CheckpointInvalid as error:
        raise ProofInvalid(error.text_vi, error.text_en) from error
    if extra["source"] != _SOURCE:
        raise _another_file()
    content, salt = extra["row"].encode("utf-8"), _salt(extra["salt"])
    committed = log.commitment(salt, leaf, hash_of_canonical(content))
    root = root_from_inclusion(leaf_hash(log.entry_of(extra["source"], committed)), leaf, checkpoint.size, siblings)
    if root.hex() != checkpoint.root:
        raise ProofInvalid(
            "Bằng chứng không dẫn đến gốc đã ký của nhật ký.", "The proof does not lead to the log's signed root."
        )
    row = _json(content)
    if row.get("kind") != "sealed" or row.get("sha256") != sha256.lower():
        raise _another_file()
    proven_at = None
    if "timestamp" in extra:
        try:
            proven_at = check_time(base64.b64decode(extra["timestamp"]), note)
        except (TimestampInvalid, ValueError) as error:
            raise ProofInvalid(
                "Dấu thời gian trong bằng chứng không đúng.", "The proof's time stamp is not for its checkpoint."
            ) from error
    return Proven(
        sha256=sha256.lower(),
        kind="sealed",
        recorded_at=str(row.get("recorded_at")),
        leaf=leaf,
        checkpoint=checkpoint,
        proven_at=proven_at,
    )


def _read(text: str) -> tuple[dict[str, str], int, tuple[bytes, ...], str]:
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    index = _INDEX.fullmatch(lines[2]) if len(lines) > 2 else None
    # ASCII: base64 outside it is no mere slip to Python's reader
    if len(text) > _LONGEST or not gap or not head.isascii() or lines[0] != _HEAD or index is None:
        raise _malformed()
    if not lines[1].startswith("extra "):
        raise _malformed()
    try:
        extra = _json(base64.b64decode(lines[1].removeprefix("extra "), validate=True))
        siblings = tuple(base64.b64decode(line, validate=True) for line in lines[3:])
    except binascii.Error as error:
        raise _malformed() from error
    known = all(isinstance(extra.get(name), str) for name in ("source", "row", "salt"))
    if not known or not all(isinstance(value, str) and _has_bytes(value) for value in extra.values()):
        raise _malformed()
    return extra, int(index[1]), siblings, note


def _has_bytes(text: str) -> bool:
    """JSON can say half a character, which no encoding has."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _json(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _malformed() from error
    if not isinstance(value, dict):
        raise _malformed()
    return value


def _salt(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise _malformed() from error


def _malformed() -> ProofInvalid:
    return ProofInvalid("Tệp này không phải bằng chứng của nhật ký.", "this text is no proof of the log")


def _another_file() -> ProofInvalid:
    return ProofInvalid("Bằng chứng này là của tệp khác.", "This proof is for another file.")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
