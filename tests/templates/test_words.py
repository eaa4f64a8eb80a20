"""Numbers in Vietnamese words, as they are read aloud."""

import pytest

from templates import in_words, money_in_words
from templates.words import with_dots

TABLE = {
    0: "không",
    1: "một",
    4: "bốn",
    5: "năm",
    10: "mười",
    11: "mười một",
    14: "mười bốn",
    15: "mười lăm",
    20: "hai mươi",
    21: "hai mươi mốt",
    24: "hai mươi tư",
    25: "hai mươi lăm",
    55: "năm mươi lăm",
    91: "chín mươi mốt",
    100: "một trăm",
    101: "một trăm linh một",
    104: "một trăm linh bốn",
    105: "một trăm linh năm",
    110: "một trăm mười",
    111: "một trăm mười một",
    115: "một trăm mười lăm",
    121: "một trăm hai mươi mốt",
    555: "năm trăm năm mươi lăm",
    1_000: "một nghìn",
    1_001: "một nghìn không trăm linh một",
    1_010: "một nghìn không trăm mười",
    1_021: "một nghìn không trăm hai mươi mốt",
    2_026: "hai nghìn không trăm hai mươi sáu",
    10_005: "mười nghìn không trăm linh năm",
    105_000: "một trăm linh năm nghìn",
    1_000_000: "một triệu",
    1_000_005: "một triệu không trăm linh năm",
    1_005_000: "một triệu không trăm linh năm nghìn",
    80_000_000: "tám mươi triệu",
    350_000_000: "ba trăm năm mươi triệu",
    1_000_000_000: "một tỷ",
    1_000_000_001: "một tỷ không trăm linh một",
    1_005_000_000: "một tỷ không trăm linh năm triệu",
    1_234_567_891: ("một tỷ hai trăm ba mươi tư triệu năm trăm sáu mươi bảy nghìn tám trăm chín mươi mốt"),
    21_000_000_000: "hai mươi mốt tỷ",
    987_654_321_015: (
        "chín trăm tám mươi bảy tỷ sáu trăm năm mươi tư triệu ba trăm hai mươi mốt nghìn không trăm mười lăm"
    ),
    1_000_000_000_000: "một nghìn tỷ",
    1_000_005_000_000_000: "một triệu không trăm linh năm tỷ",
    10**18: "một tỷ tỷ",
}


@pytest.mark.parametrize(("number", "words"), TABLE.items())
def test_in_words(number: int, words: str) -> None:
    assert in_words(number) == words


def test_money() -> None:
    assert money_in_words(350_000_000) == "Ba trăm năm mươi triệu đồng"
    assert money_in_words(1) == "Một đồng"
    assert with_dots(350_000_000) == "350.000.000"
    assert with_dots(999) == "999"


def test_negative_is_refused() -> None:
    with pytest.raises(ValueError, match="not -1"):
        in_words(-1)


def test_every_number_to_ten_thousand_is_read_in_one_way_only() -> None:
    assert len({in_words(number) for number in range(10_000)}) == 10_000
