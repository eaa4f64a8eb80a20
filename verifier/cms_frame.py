"""What nobody signs of a CMS is as RFC 5652 has it, to the letter: a reader that goes by it must not be misled, and
nothing can be hidden there. asn1crypto reads over what stands behind the last part it knows.
"""

import re
from collections.abc import Iterator
from typing import Any

from verifier.ber import inside, parts, tags
from verifier.signature_value import CmsProblem

_SIGNED_DATA = re.compile(rb"\x02\x31\x30\xa0?\xa1?\x31")
_CONTENT = re.compile(rb"\x06\xa0?")
_SIGNER = re.compile(rb"\x02[\x30\x80]\x30\xa0?\x30\x04\xa1?")
_ATTRIBUTE = re.compile(rb"\x06\x31")
"""The parts there may be (5.1, 5.2, 5.3), by their tags."""
_LOOSE_NUMBER = re.compile(rb"(?:^|[\x00-\x7f])\x80")
"""A part of an object identifier with zeros in front (X.690, 8.19.2): the same number to some readers only."""
_NO_PARAMETERS = (b"", b"\x05\x00")
_WITH_PARAMETERS = ("rsassa_pss", "shake128_len", "shake256_len", "ec", "1.2.840.10045.2.1")
"""The last two: iText 5 (`signature_value`). The parameters of RSASSA-PSS are looked at where they are used."""


def check_frame(der: bytes, signed_data: Any) -> None:
    """`signed_data`: the asn1crypto value of the SignedData in the CMS `der`. Raises CmsProblem or BerProblem:
    cms_malformed, cms_version, cms_digest_algorithms."""
    whole = parts(inside(der))
    if len(whole) != 2 or _LOOSE_NUMBER.search(inside(whole[0])) or len(parts(inside(whole[1]))) != 1:
        raise CmsProblem("cms_malformed")
    if not all(shape.fullmatch(tags(part.contents)) for shape, part in _shapes(signed_data)):
        raise CmsProblem("cms_malformed")
    kind, *held = parts(signed_data["encap_content_info"].contents)
    if _LOOSE_NUMBER.search(inside(kind)) or (held and len(parts(inside(held[0]))) != 1):
        raise CmsProblem("cms_malformed")
    if not all(_plain(algorithm) for algorithm in _algorithms(signed_data)):
        raise CmsProblem("cms_malformed")
    _check_versions(signed_data)
    named = {algorithm["algorithm"].dotted for algorithm in signed_data["digest_algorithms"]}
    if named != {signer["digest_algorithm"]["algorithm"].dotted for signer in signed_data["signer_infos"]}:
        raise CmsProblem("cms_digest_algorithms")


def _shapes(signed_data: Any) -> Iterator[tuple[re.Pattern[bytes], Any]]:
    yield _SIGNED_DATA, signed_data
    yield _CONTENT, signed_data["encap_content_info"]
    for signer in signed_data["signer_infos"]:
        yield _SIGNER, signer
        for attribute in signer["unsigned_attrs"]:  # the others are signed as they are
            yield _ATTRIBUTE, attribute


def _algorithms(signed_data: Any) -> Iterator[Any]:
    yield from signed_data["digest_algorithms"]
    for signer in signed_data["signer_infos"]:
        yield signer["digest_algorithm"]
        yield signer["signature_algorithm"]


def _plain(algorithm: Any) -> bool:
    """No parameters, or the NULL that stands for none (RFC 5754, 2 and 3)."""
    held = parts(algorithm.contents)
    if _LOOSE_NUMBER.search(inside(held[0])):
        return False
    if algorithm["algorithm"].native in _WITH_PARAMETERS:
        return len(held) <= 2
    return b"".join(held[1:]) in _NO_PARAMETERS


def _check_versions(signed_data: Any) -> None:
    """Those of 5.1 and 5.3, in one byte each; and a signer's name is the two that it consists of."""
    for held in (signed_data, *signed_data["signer_infos"]):
        if len(held["version"].contents) != 1:
            raise CmsProblem("cms_version")
    if signed_data["version"].native not in ("v1", "v3", "v4", "v5"):
        raise CmsProblem("cms_version")
    for signer in signed_data["signer_infos"]:
        sid = signer["sid"]
        if signer["version"].native != ("v1" if sid.name == "issuer_and_serial_number" else "v3"):
            raise CmsProblem("cms_version")
        if sid.name == "issuer_and_serial_number" and sid.chosen.contents != b"".join(
            sid.chosen[part].dump() for part in ("issuer", "serial_number")
        ):
            raise CmsProblem("cms_malformed")
