"""The sources of a demo office, on the loopback PKI."""

from collections.abc import Iterator

import pytest

from secondseal.demo.pki import Pki
from signer import Sources
from trust import Fetcher, NetworkPolicy, RevocationClient, TimestampClient, TrustStore


@pytest.fixture
def sources(pki: Pki) -> Iterator[Sources]:
    """Fresh clients, so that no answer is remembered from another test."""
    store = TrustStore(anchors=(pki.root,), intermediates=(pki.subca,))
    policy = NetworkPolicy(allowed_hosts=frozenset({"127.0.0.1"}), allow_loopback=True)
    fetcher = Fetcher(policy)
    revocation = RevocationClient(policy, fetcher=fetcher)
    time = TimestampClient((pki.tsa_url,), store, policy, revocation, rounds=1, fetcher=fetcher)
    yield Sources(store=store, time=time, revocation=revocation)
    fetcher.close()
