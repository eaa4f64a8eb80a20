"""Certificates as the key of what is remembered about them."""

from cryptography import x509


class Same:
    """These very certificates, in this order: compared as objects.

    A certificate's own hash and equality encode it anew each time, which costs more than most of what is remembered by
    them. Whoever asks about equal ones read from other bytes is answered afresh, which is right and only slower.
    """

    __slots__ = ("_hash", "certificates")

    def __init__(self, *certificates: x509.Certificate) -> None:
        self.certificates = certificates
        self._hash = hash(tuple(map(id, certificates)))  # they live as long as this does: no id is given again

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Same) or len(self.certificates) != len(other.certificates):
            return False
        return all(one is another for one, another in zip(self.certificates, other.certificates, strict=True))
