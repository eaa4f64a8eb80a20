"""An officer's card at the agent; and that the virtual card is one to other people's programs."""

from tests.cards import scenes_officer
from tests.cards.stage import Stage


def test_a_list_is_signed_with_the_officers_card(stage: Stage) -> None:
    """AC-114, with a key that wants its PIN at each signature and a card pulled out meanwhile."""
    seen = stage.play(scenes_officer.list_signed_at_the_officers_card)
    assert seen["seats"] == [True]
    assert seen["state"] == "done", seen["problem"]
    assert seen["verified"] == 3
    assert seen["counts"]["sign"] == 4, "three papers, and the signature nobody got"
    assert seen["counts"]["verify"] == 2 + 4, "two logins, and the PIN with each signature"
    assert seen["counts"]["left"] == 3
    assert seen["rungs"]


def test_a_card_made_by_a_vendors_tools(stage: Stage) -> None:
    """yubico-piv-tool, pkcs11-tool and openssl take it for a PIV card; our signature is theirs (PKCS #1 v1.5)."""
    seen = stage.play(scenes_officer.card_made_by_a_vendors_tools)
    assert "Successfully generated a new private key" in seen["made"]
    assert "Successfully imported a new certificate" in seen["stored"]
    assert seen["judged"] == "Verified OK"
    assert seen["same_signature"]
    assert seen["counts"] == {"verify": 2, "refused": 0, "unblock": 0, "sign": 2, "left": 3}
