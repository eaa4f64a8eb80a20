"""The signature dictionary around the hole, read from its bytes in the one form in which the signer writes it.

Not a reader of PDF: any other spelling is refused. What passes has no comment, no dictionary within, no escape in a
name, no key but these, none of them twice. And every reader that takes the hole for the /Contents of a dictionary
takes it for this one's:

* one that starts reading further on, inside of it, meets no other `<<`;
* one that comes from further up is not inside anything: a comment ends with the line; a hexadecimal string has ended,
  as the last angle bracket before is a closing one; a literal string that were still open would stay so beyond the
  hole, since every parenthesis in here has its partner.
"""

import re
from dataclasses import dataclass

_REACH = 16 * 1024
"""Bytes before the hole in which the dictionary begins: some 3,500 letters of name, reason and place."""
_TEXT = rb"(?:\((?:[ -'*-\[\]-~]|\\[\\()])*\)|<FEFF(?:[0-9A-F]{4})*>)"
_BEFORE = re.compile(
    rb"\nendobj\n[1-9][0-9]* 0 obj\n<</Type/Sig/Filter/Adobe\.PPKLite/SubFilter/ETSI\.CAdES\.detached"
    rb"/M\(D:[0-9]{14}\+07'00'\)/Name" + _TEXT + rb"(?:/Reason<FEFF((?:[0-9A-F]{4})*)>)?(?:/Location" + _TEXT + rb")?"
    rb"/ByteRange\[0 ([1-9][0-9]*) ([1-9][0-9]*) ([1-9][0-9]*)\] */Contents"
)
_AFTER = b">>\nendobj\n"


class DictionaryInvalid(ValueError):
    """The hole does not lie in a signature dictionary as the signer writes it."""


@dataclass(frozen=True, kw_only=True)
class SignatureDictionary:
    """What the file itself says of the signature to come."""

    byte_range: tuple[int, int, int, int]
    reason: str
    """Empty where it states none."""


def read_dictionary(pdf: bytes, hole: tuple[int, int]) -> SignatureDictionary:
    """`hole`: offsets of `<` and of the byte after `>`. Raises `DictionaryInvalid`."""
    begin, end = hole
    start = pdf.rfind(b"\nendobj\n", max(0, begin - _REACH), begin)
    found = _BEFORE.fullmatch(pdf, start, begin) if start >= 0 else None
    if found is None or not pdf.startswith(_AFTER, end):
        raise DictionaryInvalid("not a signature dictionary as the signer writes it")
    if pdf.count(b"<<", start, begin) != 1 or pdf.rfind(b"<", 0, start) > pdf.rfind(b">", 0, start):
        raise DictionaryInvalid("another dictionary could hold the signature")
    try:
        reason = bytes.fromhex((found[1] or b"").decode("ascii")).decode("utf-16-be")
    except UnicodeDecodeError as error:
        raise DictionaryInvalid("its reason is no text") from error
    return SignatureDictionary(byte_range=(0, int(found[2]), int(found[3]), int(found[4])), reason=reason)
