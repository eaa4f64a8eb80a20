"""Cards that bear the name of ours: the PIN goes to none but ours (tokens are often named alike); kinds of keys."""

from tests.cards import scenes_tokens
from tests.cards.stage import Stage


def test_two_of_one_name_are_told_apart_by_the_serial(stage: Stage) -> None:
    seen = stage.play(scenes_tokens.two_of_one_name)
    assert seen["said"] == "TokenAmbiguous 2"
    assert seen["sent_before"] == [0, 0]
    assert seen["found"]
    assert seen["sent"] == [1, 0]


def test_another_card_in_place_of_ours_is_sent_nothing(stage: Stage) -> None:
    """Once opened, the key knows its token by the serial, whatever the settings name it by."""
    seen = stage.play(scenes_tokens.another_in_place_of_ours)
    assert seen["other_seen"]
    assert seen["said"] == ["TokenMissing"] * 2
    assert seen["to_other"] == [0, 0]
    assert seen["to_ours"] == 2


def test_another_card_at_the_start_is_sent_nothing(stage: Stage) -> None:
    """Named by its label alone: the certificates it shows are not ours."""
    seen = stage.play(scenes_tokens.another_at_the_start)
    assert seen == {"said": "KeyMissing", "sent": 0}


def test_kinds_of_keys(stage: Stage) -> None:
    """What OpenSC offers for a PIV card: RSA with both paddings; a curve is refused at once, in its own words."""
    seen = stage.play(scenes_tokens.kinds_of_keys)
    assert seen == {
        "RSA-3072": ["signed", 1, 0],
        "PSS": ["signed", 1, 0],
        "P-256": ["TokenUnsuitable: CKR_MECHANISM_INVALID (C_SignInit)", 1, 0],
    }
