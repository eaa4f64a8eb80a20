"""Candidate chains from a certificate to an anchor, by names, key identifiers and signatures. Nothing is judged."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from cryptography import x509

from trust.anchors import TrustStore
from trust.signature_value import ALLOWED_HASHES, algorithm_of, names_one_algorithm, signed_by

MAX_CHAINS = 8
MAX_LENGTH = 8
MAX_STEPS = 400  # a hostile file can bring certificates that all seem to have issued each other

Chain = tuple[x509.Certificate, ...]


def chains(certificate: x509.Certificate, helping: Sequence[x509.Certificate], store: TrustStore) -> list[Chain]:
    """Up to MAX_CHAINS chains, each from `certificate` to an anchor. Empty: nothing leads to an anchor."""
    steps = iter(range(MAX_STEPS))
    found: list[Chain] = []
    for chain in _walk((certificate,), helping, store, steps):
        found.append(chain)
        if len(found) == MAX_CHAINS:
            break
    return found


def _walk(
    so_far: Chain, helping: Sequence[x509.Certificate], store: TrustStore, steps: Iterator[int]
) -> Iterator[Chain]:
    top = so_far[-1]
    if store.is_anchor(top):
        yield so_far
        return
    if len(so_far) >= MAX_LENGTH:
        return
    for issuer in (*store.anchors, *helping):
        if issuer in so_far or not _seems_issued_by(top, issuer):
            continue
        if next(steps, None) is None:
            return
        yield from _walk((*so_far, issuer), helping, store, steps)


@lru_cache(maxsize=4096)
def _seems_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    if certificate.issuer != issuer.subject:
        return False
    wanted, has = _authority_key(certificate), _subject_key(issuer)
    if wanted is not None and has is not None and wanted != has:
        return False
    if not names_one_algorithm(certificate):
        return False
    algorithm, _ = algorithm_of(certificate)
    if algorithm is None or algorithm.name not in ALLOWED_HASHES:
        return True  # kept, so that the judgement can name the algorithm instead of "no path"
    return signed_by(certificate, issuer)


def _authority_key(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except (x509.ExtensionNotFound, ValueError):
        return None


def _subject_key(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except (x509.ExtensionNotFound, ValueError):
        return None
