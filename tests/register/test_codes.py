"""Public codes: enough randomness, and every simple slip of the hand noticed."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register import CodeInvalid, grouped, new_code, normalise

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def valid(code: str) -> bool:
    try:
        normalise(code)
    except CodeInvalid:
        return False
    return True


def test_a_code_is_26_random_letters_and_a_check_letter() -> None:
    """AC-92: 130 bits; contract: Crockford base32, no I L O U."""
    codes = [new_code() for _ in range(2000)]
    assert len(set(codes)) == 2000
    assert all(len(code) == 27 and set(code) <= set(ALPHABET) for code in codes)
    # Every letter occurs at every place: no place is fixed or narrowed.
    assert all(len({code[place] for code in codes}) == 32 for place in range(27))


def test_codes_printed_long_ago_stay_valid() -> None:
    """The check letter's rule must never change: these were made by its first version."""
    for code in FROZEN:
        assert normalise(code) == code


def test_case_spaces_and_hyphens_are_ignored() -> None:
    code = new_code()
    for typed in (code.lower(), grouped(code), grouped(code).replace("-", " "), f"  {code[:9]}–{code[9:]}\t\n"):
        assert normalise(typed) == code


def test_letters_that_look_alike_are_read_as_meant() -> None:
    code = with_check("0" * 13 + "1" * 13)
    for zero, one in itertools.product("oO0", "iIlL1"):
        assert normalise(code.replace("0", zero).replace("1", one)) == code


def test_printed_in_groups_of_three() -> None:
    assert grouped(FROZEN[0]) == "-".join(FROZEN[0][start : start + 3] for start in range(0, 27, 3))


@pytest.mark.parametrize(
    ("typed", "flaw"),
    [("", "length"), ("0" * 26, "length"), ("0" * 28, "length"), ("U" * 27, "letter"), ("0" * 26 + "*", "letter"),
     ("Đ" * 27, "letter"), ("0" * 26 + "1", "check")],
)  # fmt: skip
def test_a_wrong_code_is_refused_and_said_why(typed: str, flaw: str) -> None:
    with pytest.raises(CodeInvalid) as invalid:
        normalise(typed)
    assert invalid.value.flaw == flaw
    assert invalid.value.text_vi
    assert invalid.value.text_en


def test_every_single_wrong_letter_is_noticed() -> None:
    for code in (new_code() for _ in range(5)):
        for place, letter in itertools.product(range(27), ALPHABET):
            if code[place] != letter:
                assert not valid(code[:place] + letter + code[place + 1 :])


def test_every_swap_of_two_letters_is_noticed() -> None:
    """Neighbours and any other two places."""
    for code in (new_code() for _ in range(10)):
        for first, second in itertools.combinations(range(27), 2):
            letters = list(code)
            letters[first], letters[second] = letters[second], letters[first]
            if letters[first] != letters[second]:
                assert not valid("".join(letters))


def test_a_doubled_neighbour_typed_as_another_pair_is_noticed() -> None:
    for place, (old, new) in itertools.product(range(26), itertools.permutations("07KZ", 2)):
        code = with_check("".join(random.Random(place).choices(ALPHABET, k=26)))
        twin = with_check(code[:place] + old * 2 + code[place + 2 : 26]) if place < 25 else None
        if twin is not None:
            assert not valid(twin[:place] + new * 2 + twin[place + 2 :])


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_a_plain_refusal(text: str) -> None:
    if valid(text):
        assert set(normalise(text)) <= set(ALPHABET)


def with_check(letters: str) -> str:
    """The code that begins with these 26 letters."""
    (found,) = [letters + letter for letter in ALPHABET if valid(letters + letter)]
    return found


FROZEN = (
    "000000000000000000000000000",
    "0123456789ABCDEFGHJKMNPQRS1",
    "ZZZZZZZZZZZZZZZZZZZZZZZZZZQ",
    "7M6ETZWF057J6W0ZMDSGPPR4N5H",
    "JJX9K1QQXV5SZ7VZSGTY1E836VE",
)
