"""Certificates with something in them that no authority would sign, signed by one all the same: the same number always
gives the same damage."""

import random
from collections.abc import Sequence

from asn1crypto import parser
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.verifier.raw_cms import element

_TAGS = (1, 2, 3, 4, 5, 6, 0x0C, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1A, 0x1C, 0x1E, 0x30, 0x31, 0xA0, 0xA3, 0x80, 0x82)
_TIMES = (
    b"500101000000Z", b"491231235959Z", b"20500101000000Z", b"20260101000000Z", b"2601010000Z", b"20260101000000.5Z",
    b"20260101000000+0700", b"20261231235960Z", b"99991231235959Z", b"19491231000000Z",
)  # fmt: skip


def mutated(der: bytes, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, chosen: random.Random) -> bytes:
    """A certificate with one value of it changed, taken out, doubled or moved, and signed again by `key`."""
    told, algorithm, _ = _inside(der)
    told = _changed(told, chosen, 0)
    if chosen.random() < 0.15:
        algorithm = _changed(algorithm, chosen, 1)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        value = key.sign(told, ec.ECDSA(hashes.SHA256()))
    else:
        value = key.sign(told, padding.PKCS1v15(), hashes.SHA256())
    return element(0x30, told + algorithm + element(0x03, b"\0" + value))


def _inside(der: bytes) -> list[bytes]:
    contents, parts, place = parser.parse(der)[4], [], 0
    while place < len(contents):
        size = parser.peek(contents[place:])
        parts.append(contents[place : place + size])
        place += size
    return parts


def _changed(der: bytes, chosen: random.Random, depth: int) -> bytes:
    tag, contents = der[0], parser.parse(der)[4]
    if tag & 0x20 and (depth == 0 or chosen.random() < 0.85):
        return element(tag, b"".join(_rearranged(_inside(der), chosen, depth)))
    if tag == 0x04 and chosen.random() < 0.7:
        try:
            return element(tag, _changed(contents, chosen, depth + 1))
        except (ValueError, IndexError):
            pass  # no DER inside
    if chosen.random() < 0.25:
        return element(chosen.choice(_TAGS), contents)
    if tag in (0x17, 0x18):
        return element(tag, chosen.choice(_TIMES))
    return element(tag, _spoilt(contents, chosen))


def _rearranged(parts: Sequence[bytes], chosen: random.Random, depth: int) -> list[bytes]:
    parts = list(parts)
    if not parts:
        return parts
    place, how = chosen.randrange(len(parts)), chosen.random()
    if depth and how < 0.06:
        parts.insert(place, parts[place])
    elif depth and how < 0.12:
        del parts[place]
    elif depth and how < 0.17:
        chosen.shuffle(parts)
    else:
        parts[place] = _changed(parts[place], chosen, depth + 1)
    return parts


def _spoilt(contents: bytes, chosen: random.Random) -> bytes:
    if not contents:
        return bytes((chosen.randrange(256),))
    place, how = chosen.randrange(len(contents)), chosen.random()
    if how < 0.15:
        return contents.swapcase()
    head, tail = contents[:place], contents[place + 1 :]
    if how < 0.3:
        return head + tail
    if how < 0.5:
        return head + chosen.choice((b"\0", b"\xff", b" ", b"A")) + contents[place:]
    return head + bytes((contents[place] ^ (1 << chosen.randrange(8)),)) + tail
