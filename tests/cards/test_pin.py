import json
import pytest
from tests.cards import scenes_pin as SCENES


@pytest.mark.parametrize(
    "scene",
    [
        SCENES.wrong_pin_in_five_processes,
        SCENES.locked_and_unblocked,
        SCENES.locked_by_another_program_while_open,
        SCENES.pin_changed_by_another_program_while_open,
        SCENES.pin_at_every_signature,
        SCENES.pin_at_every_signature_from_four_threads,
    ],
)
def test_x(stage, scene):
    stage.play(scene)
