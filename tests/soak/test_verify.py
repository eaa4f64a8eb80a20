"""The short form of `make soak ROOM=verify`: sixty mutations through the sandbox."""

from soak.finding import SHORT
from soak.verify import findings


def test_short_soak_of_the_verifier_holds() -> None:
    said: list[str] = []
    found = list(findings(SHORT, said.append))
    assert [one.name for one in found if not one.holds] == []
    assert "judged" in found[0].value
    assert found[1].value == found[2].value == "0"
