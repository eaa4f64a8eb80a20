"""What was found in files a moment ago, so that the same bytes need not be read again.

Kept are facts, never verdicts: they are a pure function of the file, so they cannot be out of date. Evidence, register,
policy and the moment are asked anew for each verdict (docs/decisions/0036).

Nobody reads what is kept but by bringing the file again. One keyed hash of the file (BLAKE2b, a key of this process)
gives both the place where its facts lie and the key they are encrypted with; neither stays, the file itself least.
"""

import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from verifier.facts import DocumentFacts
from verifier.facts_json import from_json, to_json

LIFE_S: Final = 600.0
LARGEST: Final = 1024 * 1024
"""Bytes of one file's facts. Those of a paper with two signatures are some 40,000."""
ROOM: Final = 64 * 1024 * 1024
"""Bytes of all that is kept; the oldest goes first."""
_NONCE_SIZE: Final = 12


@dataclass(frozen=True, slots=True)
class _Kept:
    sealed: bytes
    until: float


class KnownFiles:
    """Facts of files read within the last minutes. Thread-safe; in the memory of this process alone.

    `clock` counts seconds and never goes back.
    """

    def __init__(
        self, *, life_s: float = LIFE_S, room: int = ROOM, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._life_s = life_s
        self._room = room
        self._clock = clock
        self._secret = os.urandom(64)
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def facts(self, pdf: bytes, read: Callable[[bytes], DocumentFacts]) -> DocumentFacts:
        """The facts of `pdf`, as `read` found them now or a moment ago. Raises what `read` raises."""
        place, key = self._place_and_key(pdf)
        known = self._open(place, key)
        if known is not None:
            return known
        facts = read(pdf)
        # What a limit of time or memory cut short may be found whole the next time.
        whole = facts.problem != "over_limits" and facts.cover_unknown is None
        if whole and (facts.sha256, facts.size) == (hashlib.sha256(pdf).hexdigest(), len(pdf)):
            self._keep(place, key, facts)
        return facts

    def _place_and_key(self, pdf: bytes) -> tuple[bytes, bytes]:
        both = hashlib.blake2b(pdf, key=self._secret).digest()
        return both[:32], both[32:]

    def _open(self, place: bytes, key: bytes) -> DocumentFacts | None:
        with self._lock:
            self._forget(self._clock())
            kept = self._kept.get(place)
        if kept is None:
            return None
        try:  # which also proves that they are this very file's: no other gives the key
            text = AESGCM(key).decrypt(kept.sealed[:_NONCE_SIZE], kept.sealed[_NONCE_SIZE:], place)
        except InvalidTag:
            return None
        return from_json(DocumentFacts, text.decode())

    def _keep(self, place: bytes, key: bytes, facts: DocumentFacts) -> None:
        text = to_json(facts).encode()
        if len(text) > min(LARGEST, self._room):
            return
        nonce = os.urandom(_NONCE_SIZE)
        sealed = nonce + AESGCM(key).encrypt(nonce, text, place)
        now = self._clock()
        with self._lock:
            old = self._kept.pop(place, None)
            self._size += len(sealed) - (len(old.sealed) if old else 0)
            self._kept[place] = _Kept(sealed, now + self._life_s)
            self._forget(now)

    def _forget(self, now: float) -> None:
        while self._kept:
            oldest = next(iter(self._kept.values()))
            if oldest.until > now and self._size <= self._room:
                return
            self._kept.popitem(last=False)
            self._size -= len(oldest.sealed)
