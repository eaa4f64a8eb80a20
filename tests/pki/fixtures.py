"""Session fixtures around the loopback PKI. In tests/conftest.py: `pytest_plugins = ["tests.pki.fixtures"]`.

- `pki`: the running PKI (`secondseal.demo.pki.Pki`), one per test session (per xdist worker).
- `other_pki`: a second, independent one that nobody configured (AC: unknown issuer).
- `g1_pki`: SHA-1 root and subordinate authority, SHA-256 leaves, the subordinate authority pinned (AC-110).
- `software_key`: a maker of keys with certificates: `software_key()` a person's, `software_key("organisation")`
  a seal's.
  The same arguments give the same key again within a session; `fresh=True` (to revoke it, say) makes a new one.
"""

from collections.abc import Iterator
from itertools import count
from typing import Literal, Protocol, Unpack

import pytest

from secondseal.demo.pki import Pki
from secondseal.demo.pki_shapes import Terms
from tests.pki.software_key import Scheme, SoftwareKey, make_private_key

PERSON = "Nguyễn Văn Ổn"
ORGANISATION = "UBND tỉnh Thử Nghiệm"
Kind = Literal["person", "organisation"]
_numbers = count(1)


class MakeKey(Protocol):
    """What the `software_key` fixture is."""

    def __call__(
        self,
        kind: Kind = "person",
        *,
        scheme: Scheme = "rsa-pkcs1v15-sha256",
        name: str | None = None,
        organisation: str = ORGANISATION,
        fresh: bool = False,
        at: Pki | None = None,
        **terms: Unpack[Terms],
    ) -> SoftwareKey:
        """A key with a certificate of the session's PKI, or of `at`. `terms` as `Terms` (not_before, usages...)."""


def make_key(
    pki: Pki,
    kind: Kind = "person",
    *,
    scheme: Scheme = "rsa-pkcs1v15-sha256",
    name: str | None = None,
    organisation: str = ORGANISATION,
    **terms: Unpack[Terms],
) -> SoftwareKey:
    """A new key with a certificate of `pki`, without any fixture (benchmarks, scripts)."""
    private_key = make_private_key(scheme)
    public_key = private_key.public_key()
    label = f"{kind}-{next(_numbers)}"
    if kind == "person":
        certificate = pki.issue_person(label, name or PERSON, public_key, organisation=organisation, **terms)
    else:
        certificate = pki.issue_organisation(label, name or organisation, public_key, **terms)
    return SoftwareKey(private_key=private_key, certificate=certificate, chain=pki.chain, scheme=scheme)


def label_of(pki: Pki, key: SoftwareKey) -> str:
    """The label a key's certificate was issued under: `pki.revoke(label_of(pki, key))`."""
    return pki.label_of(key.certificate)


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """The session's PKI, answering on loopback."""
    with Pki.create(tmp_path_factory.mktemp("pki") / "g2") as running:
        yield running


@pytest.fixture(scope="session")
def other_pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """An independent PKI that no trust store of the tests names."""
    with Pki.create(tmp_path_factory.mktemp("pki") / "other", name="khác") as running:
        yield running


@pytest.fixture(scope="session")
def g1_pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """The older shape: SHA-1 root and subordinate authority."""
    with Pki.create(tmp_path_factory.mktemp("pki") / "g1", shape="g1") as running:
        yield running


@pytest.fixture(scope="session")
def software_key(pki: Pki) -> MakeKey:
    """Make keys with certificates; see the module's text."""
    kept: dict[tuple[object, ...], SoftwareKey] = {}

    def make(
        kind: Kind = "person",
        *,
        scheme: Scheme = "rsa-pkcs1v15-sha256",
        name: str | None = None,
        organisation: str = ORGANISATION,
        fresh: bool = False,
        at: Pki | None = None,
        **terms: Unpack[Terms],
    ) -> SoftwareKey:
        where = at or pki
        wanted = (where, kind, scheme, name, organisation, tuple(sorted(terms.items())))
        if fresh:
            return make_key(where, kind, scheme=scheme, name=name, organisation=organisation, **terms)
        if wanted not in kept:
            kept[wanted] = make_key(where, kind, scheme=scheme, name=name, organisation=organisation, **terms)
        return kept[wanted]

    return make
