"""What the card itself counted: a wrong PIN costs one try, a locked card none, and a PUK brings it back (AC-114)."""

from tests.cards import scenes_pin
from tests.cards.stage import Stage


def test_a_wrong_pin_is_sent_once_by_five_processes(stage: Stage) -> None:
    """Restarted again and again, a service sends a refused PIN no second time; the right one still goes through."""
    seen = stage.play(scenes_pin.wrong_pin_in_five_processes)
    assert seen["said"] == ["PinWrong True"] + ["PinWrong False"] * 4
    assert seen["sent"] == 1
    assert seen["left"] == 2
    assert seen["right"] == "opened"
    assert seen["left_in_the_end"] == 3


def test_locked_by_the_third_wrong_pin_and_unblocked_by_the_puk(stage: Stage) -> None:
    """Each step: what was said, and how many PINs the card was sent."""
    seen = stage.play(scenes_pin.locked_and_unblocked)
    assert seen["steps"] == [
        ["PinWrong", 1],
        ["PinWrong 1", 1],
        ["PinLastTry", 0],  # a third one needs consent
        ["PinLastTry", 0],  # the right one, too: nobody can know
        ["PinLocked", 1],  # with consent
        ["PinLocked", 0],
        ["PinLocked", 0],  # consent or not, right or not
        ["PinLocked", 0],
        ["signed", 1],  # in the same process, after the PUK, with no record to clear by hand
    ]
    assert seen["left_when_locked"] == 0
    assert "Successfully unblocked" in seen["tool"]
    assert seen["failures_on_record"] == 0
    assert seen["left"] == 3


def test_locked_by_another_program_while_our_key_is_open(stage: Stage) -> None:
    """The login is gone, the token says it is locked: nothing is sent. After the PUK the same key signs."""
    seen = stage.play(scenes_pin.locked_by_another_program_while_open)
    assert seen["left_when_locked"] == 0
    assert seen["said"] == ["PinLocked"] * 3
    assert seen["sent_while_locked"] == 0
    assert seen["seconds_per_refusal"] < 1.0, "nobody waits for what only a person can change"
    assert seen["sent_after_unblocking"] == 1
    assert seen["rungs"] == {"LOGIN": 1}
    assert seen["left"] == 3


def test_a_pin_changed_by_another_program_costs_one_try(stage: Stage) -> None:
    """With OpenSC as it comes it is two: it keeps the PIN and sends it again by itself (deploy/opensc.conf)."""
    seen = stage.play(scenes_pin.pin_changed_by_another_program_while_open)
    assert seen["said"] == ["PinWrong"] * 4
    assert seen["refused"] == 1
    assert seen["left"] == 2


def test_a_key_that_wants_its_pin_at_each_signature(stage: Stage) -> None:
    """Slot 9C (CKA_ALWAYS_AUTHENTICATE): 20 signatures, a PIN with each, none without need."""
    seen = stage.play(scenes_pin.pin_at_every_signature)
    assert seen == {"at_opening": 1, "sent": 20, "asked": 21, "signed": 20, "operations": 20, "rungs": 0}


def test_four_threads_do_not_take_each_others_pin(stage: Stage) -> None:
    seen = stage.play(scenes_pin.pin_at_every_signature_from_four_threads)
    assert seen == {"faults": [], "sent": 13, "signed": 12, "left": 3, "rungs": {}}
