"""A ceremony whose witnesses share one reader: each card is asked for, and signs, while it is in."""

from tests.cards import scenes_witnesses
from tests.cards.stage import Stage


def test_witnesses_take_turns_in_one_reader(stage: Stage) -> None:
    """One PIN and one signature for each card; without it nothing but `TokenMissing`."""
    seen = stage.play(scenes_witnesses.one_reader_for_all)
    assert seen["said"] == ["TokenMissing", "TokenMissing"]
    assert seen["whole"]
    assert seen["names"] == ["", "Lê Thị Chứng", "Phạm Văn Kiến"]
    assert seen["verified"] == [1, 1]
    assert seen["signed"] == [1, 1]
