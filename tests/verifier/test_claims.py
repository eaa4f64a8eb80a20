"""What a file says of itself decides nothing: claimed times beside proven ones, addresses of strangers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from secondseal.demo.pki import Pki
from tests.pki.fixtures import make_key
from tests.trust.raw_server import RawServer
from tests.verifier.desk import OFFICE, Desk, client_of
from tests.verifier.papers import sign
from trust import TrustStore
from verifier import OFFICER_FIELD, verify_facts
from verifier.facts import DocumentFacts
from verifier.gather import gather


def claiming(facts: DocumentFacts, moment: datetime | None) -> DocumentFacts:
    """The same facts with another claimed time, in the CMS and in the dictionary."""
    return replace(
        facts,
        signatures=tuple(
            replace(s, claimed_time=moment, mechanism=replace(s.mechanism, signing_time=moment))
            for s in facts.signatures
        ),
    )


CLAIMS = (None, timedelta(days=-400), timedelta(days=-7), timedelta(0), timedelta(days=400))


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_a_claimed_time_never_counts_beside_a_timestamp(desk: Desk, claim: timedelta | None) -> None:
    """Revoked before the stamped time, whatever is claimed; good at the stamped time, whatever is claimed."""
    moment = None if claim is None else datetime.now(UTC) + claim

    def revoked() -> bytes:
        key = desk.key("person", fresh=True)
        desk.pki.revoke(desk.pki.label_of(key.certificate), at=datetime.now(UTC) - timedelta(days=3))
        return desk.sign_lt(desk.paper, key, OFFICER_FIELD)

    bad = gather(desk.once("revoked before", revoked))
    for facts, word in ((bad, "invalid"), (gather(desk.sealed), "genuine")):
        verdict = verify_facts(claiming(facts, moment), store=desk.store, client=None)
        assert verdict.word == word
        assert {signature.time_source for signature in verdict.signatures} == {"timestamp"}


@pytest.mark.parametrize(("claim", "word"), [(timedelta(days=-7), "invalid"), (timedelta(0), "invalid")], ids=str)
def test_a_claimed_time_alone_hides_no_revocation(desk: Desk, claim: timedelta, word: str) -> None:
    """Without a timestamp a thief would claim a time before the revocation."""

    def revoked() -> bytes:
        key = desk.key("person", fresh=True)
        signed = sign(desk.paper, key, OFFICER_FIELD)
        desk.pki.revoke(desk.pki.label_of(key.certificate), at=datetime.now(UTC) - timedelta(days=3))
        return signed

    facts = claiming(gather(desk.once("revoked, claimed", revoked)), datetime.now(UTC) + claim)
    assert verify_facts(facts, store=desk.store, client=desk.client).word == word


def test_only_chains_to_an_anchor_are_asked_about(desk: Desk, tmp_path: Path) -> None:
    """A stranger's certificate names any address it likes (OCSP, CRL, AIA): nobody goes there, listed host or not."""
    strangers = Pki.create(tmp_path / "strangers", name="người lạ")
    key = make_key(strangers, "person", organisation=OFFICE)
    port = int(strangers.url.rpartition(":")[2])
    facts = gather(sign(desk.paper, key, OFFICER_FIELD))
    with RawServer(lambda path, body: None, port=port) as server:
        unknown = verify_facts(facts, store=desk.store, client=client_of(strangers))
        assert (unknown.word, server.connections) == ("untrusted", 0)
        anchored = TrustStore.load(strangers.anchors_pem, strangers.intermediates_pem)
        verify_facts(facts, store=anchored, client=client_of(strangers))
        assert server.connections > 0


def test_an_intermediate_is_not_fetched(desk: Desk) -> None:
    """docs/decisions/0037: the leaf alone leads nowhere where the operator has not named what is between."""
    pdf = desk.once("leaf alone", lambda: sign(desk.paper, desk.officer, OFFICER_FIELD, chain=False))
    assert desk.judge(pdf, online=True).word == "warning"
    assert desk.judge(pdf, online=True, store=TrustStore(anchors=desk.store.anchors)).word == "untrusted"
