import pytest
from tests.cards import scenes_tokens as SCENES
@pytest.mark.parametrize("scene",[SCENES.two_of_one_name,SCENES.another_in_place_of_ours,SCENES.another_at_the_start])
def test_x(stage, scene): stage.play(scene)
