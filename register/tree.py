"""Merkle trees as RFC 6962, section 2.1, has them: pure hashing, no database.

Leaves are numbered from 0. A tree of `size` leaves is described by hashes of ranges of leaves `[low, high)`.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256().digest()
"""The root of a tree without leaves."""

HashOf = Callable[[int, int], bytes]
"""The Merkle tree hash of the leaves `[low, high)`, for ranges that RFC 6962 cuts a tree into."""


class ProofInvalid(ValueError):
    """The proof does not lead from this leaf to this root. `text_vi` and `text_en` are for a person."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf that holds `entry`."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Peaks:
    """A tree growing at its right edge, kept as the roots of its perfect subtrees, the largest first."""

    def __init__(self, like: "Peaks | None" = None) -> None:
        """Empty, or as `like` stands now."""
        self._peaks: list[tuple[int, bytes]] = list(like._peaks) if like else []

    def add(self, root: bytes, height: int = 0) -> None:
        """Put a perfect subtree of 2^height leaves to the right; no smaller one may stand there yet."""
        while self._peaks and self._peaks[-1][0] == height:
            root = node_hash(self._peaks.pop()[1], root)
            height += 1
        self._peaks.append((height, root))

    def root(self) -> bytes:
        """The root of everything added so far."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            root = node_hash(left, root)
        return root


def inclusion_proof(leaf: int, size: int, hash_of: HashOf) -> tuple[bytes, ...]:
    """The siblings on the way from `leaf` up to the root of the tree of `size` leaves (RFC 6962, 2.1.1)."""
    if not 0 <= leaf < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {leaf}")
    low, high = 0, size
    siblings: list[bytes] = []
    while high - low > 1:
        middle = low + _largest_power_below(high - low)
        if leaf < middle:
            siblings.append(hash_of(middle, high))
            high = middle
        else:
            siblings.append(hash_of(low, middle))
            low = middle
    return tuple(reversed(siblings))


def root_from_inclusion(hashed: bytes, leaf: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that a leaf's hash and its siblings lead to (RFC 9162, 2.1.3.2). Raises ProofInvalid where the proof
    has another length than the way."""
    if not 0 <= leaf < size:
        raise _wrong_length()
    position, last, root = leaf, size - 1, hashed
    for sibling in proof:
        if last == 0:
            raise _wrong_length()
        if position & 1 or position == last:
            root = node_hash(sibling, root)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise _wrong_length()
    return root


def _largest_power_below(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def _wrong_length() -> ProofInvalid:
    return ProofInvalid(
        "Bằng chứng không khớp với vị trí và độ dài của nhật ký.", "The proof does not fit the position and the size."
    )
