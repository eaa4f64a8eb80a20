"""Certificate paths for one file: asks `trust` once per question, because collecting and judging ask the same ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from cryptography import x509

from trust import PathCheck, RevocationEvidence, TrustStore, check_path, der_of, load_der

Use = Literal["signing", "timestamping"]


class Paths:
    """`trust.check_path` with a memory. One per file judged, by one `store`; not shared between threads."""

    def __init__(self, store: TrustStore) -> None:
        self.store = store
        self._known: dict[tuple[object, ...], PathCheck] = {}

    def check(
        self,
        certificate: bytes,
        *,
        others: Sequence[bytes] = (),
        at: datetime,
        evidence: RevocationEvidence,
        use: Use,
    ) -> PathCheck:
        """The path of a DER certificate at `at`, revocation required.

        `others` and the evidence's certificates help to build it.
        """
        key = (certificate, tuple(others), at, use, evidence)
        if key not in self._known:
            self._known[key] = check_path(
                load_der(certificate) or x509.load_der_x509_certificate(certificate),
                others=tuple(known for der in others if (known := load_der(der)) is not None),
                store=self.store,
                at=at,
                evidence=evidence,
                use=use,
                revocation="require",
            )
        return self._known[key]


def readable(der: bytes) -> bool:
    """Whether all of this certificate can be read: uploaded files carry broken ones, which help nobody."""
    return load_der(der) is not None


def der(certificate: x509.Certificate) -> bytes:
    """The certificate as DER."""
    return der_of(certificate)
