"""Fingerprints of authorities' certificates as public repositories show them: a help for comparing, never trust.

Nothing here makes an anchor. The operator compares with what VGCA (Government Cipher Committee) or NEAC publishes.
"""

from collections.abc import Mapping
from types import MappingProxyType

KNOWN: Mapping[str, str] = MappingProxyType(
    {
        "f04ba4b459a7c9a1b971ad9b1cb833e695a80c79aea63b174b66a70edfe2fdb8": "RootCA chuyên dùng Chính phủ G2",
        "d8cab7a4aef92e6bb2509d7c61cee7b44f3731b2d21074963530277b366fae4b": "CA phục vụ các cơ quan Nhà nước G2",
        "e4b402e3cb4cacc0a20d21fa49bce76beb4eb47ba7ffb7a8f71c554dbe561a81": "CA phục vụ các cơ quan Đảng G2",
        "f7bc89054cec7f12730d7b8cd3eb7955b163835087e5eb873edfb584763b3f90": "RootCA chuyên dùng Chính phủ (G1)",
        "75e969c07ba35c29c72bbc1bfb880f20f3891a619b00b77eb02ca6160736a1fe": "Cơ quan chứng thực số Chính phủ (G1)",
        "bac8bf609ab420a8ee1780d74f4de5c7f7184959d2a7375b0a75e4c29f0908e7": "Vietnam National Root CA (NEAC)",
        "7d6ba5245317f9ed5d8bc765a4634d26ac6340d36b9f584df3b52d9c4a81a306": "VNPT-CA SHA2",
    }
)
"""SHA-256 of the certificate (lower-case hexadecimal) to the name it is known by; seen in November 2026."""
