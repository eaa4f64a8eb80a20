"""The CMS as programs really spell it: definite and indefinite lengths are one value, anything else is none."""

import pytest

from verifier.ber import MAX_DEPTH, BerProblem, definite, read_cms

DER = bytes.fromhex("300c 0603 2a0304 a005 0403 616263")


def indefinite(der: bytes) -> bytes:
    """The outermost element of `der` with an indefinite length (short lengths only)."""
    return der[:1] + b"\x80" + der[2:] + b"\0\0"


@pytest.mark.parametrize(
    "spelled",
    [
        DER,
        indefinite(DER),
        b"\x30\x80" + DER[2:7] + b"\xa0\x80" + b"\x04\x03abc" + b"\0\0" + b"\0\0",
        b"\x30\x80" + DER[2:7] + b"\xa0\x80" + b"\x24\x80\x04\x01a\x04\x02bc\0\0" + b"\0\0" + b"\0\0",
        b"\x30\x80" + DER[2:7] + b"\xa0\x80" + b"\x24\x80\x04\x01a\x24\x80\x04\x02bc\0\0\0\0" + b"\0\0" + b"\0\0",
    ],
)
def test_every_spelling_is_one_value(spelled: bytes) -> None:
    """Bouncy Castle writes the shell with indefinite lengths and strings in pieces."""
    assert read_cms(spelled) == DER
    assert read_cms(spelled + b"\0" * 100) == DER
    assert definite(spelled) == DER


@pytest.mark.parametrize(
    ("spelled", "code"),
    [
        (b"", "cms_malformed"),
        (b"\x30", "cms_malformed"),
        (b"\0" * 64, "cms_malformed"),
        (b"\x04\x01a", "cms_malformed"),
        (b"\x30\x05\x04", "cms_malformed"),
        (b"\x30\x85\0\0\0\0\1a", "cms_malformed"),
        (b"\x30\x80\x04\x80\0\0\0\0", "cms_malformed"),
        (b"\x30\x80\x1f\x01\0\0", "cms_malformed"),
        (b"\x30\x80\x04\x01a", "cms_malformed"),
        (b"\x30\x80\x24\x80\x02\x01a\0\0\0\0", "cms_malformed"),
        (b"\x30\x80" * (MAX_DEPTH + 2) + b"\0\0" * (MAX_DEPTH + 2), "cms_malformed"),
        (DER + b"\0\1", "cms_trailing_data"),
        (indefinite(DER) + b"\0\0\1", "cms_trailing_data"),
    ],
)
def test_what_is_no_single_value_is_refused(spelled: bytes, code: str) -> None:
    """Cut off, primitive without a length, nested without end, or followed by more than padding."""
    with pytest.raises(BerProblem, match=code):
        read_cms(spelled)
