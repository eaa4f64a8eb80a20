"""A seal applied with its key on a card, by configuration alone (issue 3: small offices have only that)."""

from tests.cards import scenes_seal
from tests.cards.stage import Stage


def test_papers_are_sealed_by_a_card_pulled_out_meanwhile(stage: Stage) -> None:
    """Each is released exactly once, with its one entry in the seal register, and judged genuine."""
    seen = stage.play(scenes_seal.sealed_by_a_card)
    for paper in seen["papers"]:
        assert paper["state"] == "sealed", paper["problem"]
        assert paper["events"] == ["reserve", "conclude"]
        assert (paper["verdict"], paper["status"]) == ("genuine", "in_force")
    assert seen["nothing_left"]
    assert seen["intact"], "the seal register's chain holds"
    assert seen["software"] is False, "fit for an office that is no test office (AC-75)"
    assert seen["card_signed"] == seen["operations"] == 3, "two seals, and the signature nobody got"
    assert seen["pins"] == 2, "one PIN for the start, one for the return"
    assert seen["seconds"] < 8.0, "the interrupted seal, whole: signature, time stamp, revocation evidence"
