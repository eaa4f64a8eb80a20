"""A card pulled out and put back, pcscd killed and started again: the key signs again in the same process.

Each time the PIN is sent once more and no more, and every signature given out verifies (`HsmKey.sign` checks it).
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cards import scenes_unplugged
from tests.cards.stack import Stack
from tests.cards.stage import Stage

Scene = Callable[[Stack], dict[str, Any]]
WITHIN_S = 5.0
"""From its return until it signs again. Measured: 0.1 to 1.6 s, of which pcscd looks for cards every 0.4 s."""


@pytest.mark.parametrize(
    "scene",
    [
        scenes_unplugged.unplugged_while_idle,
        scenes_unplugged.replugged_before_anyone_looked,
        scenes_unplugged.replugged_behind_its_back,
        scenes_unplugged.service_killed_while_idle,
    ],
)
def test_signs_again_in_the_same_process(stage: Stage, scene: Scene) -> None:
    seen = stage.play(scene)
    assert seen["seconds"] < WITHIN_S
    assert seen["pins"] == 2, "one PIN for the start, one for the return"
    assert set(seen["rungs"]) & {"RESCAN", "REINITIALISE"}, "looked for its card again"
    assert seen["settled"], "once back, nothing needs recovering"
    assert seen["card_signed"] == 12


@pytest.mark.parametrize(
    "scene", [scenes_unplugged.unplugged_while_signing, scenes_unplugged.service_killed_while_signing]
)
def test_a_signature_cut_short_is_made_again(stage: Stage, scene: Scene) -> None:
    """The card began one that nobody got; the caller sees only that it took longer."""
    seen = stage.play(scene)
    assert seen["seconds"] < WITHIN_S
    assert seen["pins"] == 2
    assert seen["settled"]
    assert seen["card_signed"] == 13
    assert seen["operations"] == 13, "the one cut short is counted as well"


def test_gives_up_in_time_and_goes_on_when_it_is_back(stage: Stage) -> None:
    """Nobody waits longer than `Recovery.budget_s`; the error says that the token is not there."""
    seen = stage.play(scenes_unplugged.gone_for_longer_than_the_budget)
    assert seen["error"] == "TokenMissing"
    assert seen["gave_up_s"] < 2 * 0.6
    assert seen["seconds"] < WITHIN_S
    assert seen["pins"] == 2
    assert seen["settled"]
