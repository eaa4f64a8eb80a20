"""The certificates the operator trusts, and those that only help to build paths.

Every certificate in the anchors' file is an anchor, self-signed or not: pinning the G1 subordinate authority keeps old
signers valid without ever accepting a SHA-1 signature (AC-110). Nothing becomes an anchor by accident.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Self

from cryptography import x509

from trust.errors import AnchorsUnreadable

SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der"})


@dataclass(frozen=True, kw_only=True)
class TrustStore:
    """Anchors and intermediates. An anchor's own dates and revocation are the operator's business, not judged here.

    `ended`: certificates of either kind the operator relies on only for what is proven to be older than the moment
    given (aware). An anchor keeps its old signatures; an intermediate is no help from then on.
    """

    anchors: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()
    ended: Mapping[x509.Certificate, datetime] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def load(cls, anchors: Path | None, intermediates: Path | None = None) -> Self:
        """Read PEM files, or folders of PEM or DER files. Raises AnchorsUnreadable, also where a path of anchors is
        given and none is found there."""
        read = _read(anchors) if anchors else ()
        if anchors and not read:
            raise AnchorsUnreadable(str(anchors), "no certificate in it")
        return cls(anchors=read, intermediates=_read(intermediates) if intermediates else ())

    @cached_property
    def _anchor_set(self) -> frozenset[x509.Certificate]:
        return frozenset(self.anchors)

    def ended_among(self, chain: tuple[x509.Certificate, ...]) -> datetime | None:
        """The moment from which this chain (leaf first, anchor last) is relied on no more; None: no end is set."""
        return min((self.ended[one] for one in chain if one in self.ended), default=None) if self.ended else None

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.anchors, self.intermediates))  # once: paths are remembered by store

    def is_anchor(self, certificate: x509.Certificate) -> bool:
        """Whether exactly this certificate was named as an anchor."""
        return certificate in self._anchor_set


def _read(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        files = sorted(f for f in path.iterdir() if f.suffix.lower() in SUFFIXES) if path.is_dir() else [path]
        found = [certificate for file in files for certificate in _certificates(file)]
    except (OSError, ValueError, x509.InvalidVersion) as error:
        raise AnchorsUnreadable(str(path), str(error)) from error
    return tuple(dict.fromkeys(found))


def _certificates(file: Path) -> list[x509.Certificate]:
    data = file.read_bytes()
    if b"-----BEGIN" in data:
        return x509.load_pem_x509_certificates(data)
    return [x509.load_der_x509_certificate(data)]
