"""From a signature scheme to what the token is asked, and from what it answers to what CMS wants. Pure.

Only raw mechanisms are used (the digest is made here): every token has them, while SoftHSM 2.6 and several others lack
combined ones. RFC 8017, 8.1 and 9.2; RFC 3279, 2.2.3 (Ecdsa-Sig-Value); PKCS #11 v2.40 mechanisms, 2.1 and 2.3.
"""

import struct
from ctypes import c_ulong, sizeof
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from .errors import DeviceFault, TokenUnsuitable

Scheme = Literal["rsa-pkcs1v15-sha256", "rsa-pss-sha256", "ecdsa-sha256", "ecdsa-sha384"]
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_DIGEST_INFO_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
"""DigestInfo up to the digest, with the NULL parameter: without it verifiers refuse the signature (RFC 8017, 9.2)."""
_CKM_SHA256, _CKG_MGF1_SHA256 = 0x250, 2
_SHORTEST_RSA = 2048


@dataclass(frozen=True, kw_only=True)
class Mechanism:
    """One row: the CKM_ number, its parameter, what goes before the digest, the digest's size in bytes."""

    ckm: int
    parameter: bytes | None
    prefix: bytes
    size: int


def _ulongs(*values: int) -> bytes:
    return struct.pack("@" + ("L" if sizeof(c_ulong) == struct.calcsize("@L") else "I") * len(values), *values)


MECHANISMS: dict[Scheme, Mechanism] = {
    "rsa-pkcs1v15-sha256": Mechanism(ckm=0x0001, parameter=None, prefix=_DIGEST_INFO_SHA256, size=32),
    "rsa-pss-sha256": Mechanism(ckm=0x000D, parameter=_ulongs(_CKM_SHA256, _CKG_MGF1_SHA256, 32), prefix=b"", size=32),
    "ecdsa-sha256": Mechanism(ckm=0x1041, parameter=None, prefix=b"", size=32),
    "ecdsa-sha384": Mechanism(ckm=0x1041, parameter=None, prefix=b"", size=48),
}
_CURVES: dict[str, Scheme] = {"secp256r1": "ecdsa-sha256", "secp384r1": "ecdsa-sha384"}


def usable(public_key: object) -> PublicKey:
    """The key, if it is of a kind and size this program signs with (TT 15/2025: RSA from 2048, P-256, P-384)."""
    if isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size >= _SHORTEST_RSA:
        return public_key
    if isinstance(public_key, ec.EllipticCurvePublicKey) and public_key.curve.name in _CURVES:
        return public_key
    raise TokenUnsuitable("a key of this kind or size is not used for signing")


def natural_scheme(public_key: PublicKey) -> Scheme:
    """What a key signs with unless told otherwise: PKCS#1 v1.5, as the state's own signatures do, or ECDSA."""
    return "rsa-pkcs1v15-sha256" if isinstance(public_key, rsa.RSAPublicKey) else _CURVES[public_key.curve.name]


def to_sign(public_key: PublicKey, digest: bytes, scheme: Scheme) -> tuple[Mechanism, bytes]:
    """The mechanism and the bytes for `C_Sign`. Raises `TokenUnsuitable` where key, scheme and digest do not fit."""
    row = MECHANISMS[scheme]
    if scheme.startswith("rsa") != isinstance(public_key, rsa.RSAPublicKey):
        raise TokenUnsuitable(f"{scheme} does not fit the key")
    if len(digest) != row.size:
        raise TokenUnsuitable(f"{scheme} signs {row.size} bytes, not {len(digest)}")
    return row, row.prefix + digest


def shape(public_key: PublicKey, raw: bytes) -> bytes:
    """The signature value for CMS: RSA as it is, ECDSA from r||s to DER. Raises `DeviceFault` for a wrong length."""
    if isinstance(public_key, rsa.RSAPublicKey):
        if len(raw) != (public_key.key_size + 7) // 8:
            raise DeviceFault("CKR_SIGNATURE_LEN_RANGE", "C_Sign", f"{len(raw)} bytes")
        return raw
    half = (public_key.curve.key_size + 7) // 8
    if len(raw) == 2 * half:
        return utils.encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    try:
        # Some drivers answer in DER already.
        utils.decode_dss_signature(raw)
    except ValueError:
        raise DeviceFault("CKR_SIGNATURE_LEN_RANGE", "C_Sign", f"{len(raw)} bytes") from None
    return raw


def verify(public_key: PublicKey, signature: bytes, digest: bytes, scheme: Scheme) -> None:
    """Raises `DeviceFault` unless the signature is right: a driver's wrong answer must not leave this room."""
    algorithm = utils.Prehashed(hashes.SHA384() if scheme == "ecdsa-sha384" else hashes.SHA256())
    try:
        if isinstance(public_key, ec.EllipticCurvePublicKey):
            public_key.verify(signature, digest, ec.ECDSA(algorithm))
        elif scheme == "rsa-pss-sha256":
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            public_key.verify(signature, digest, pss, algorithm)
        else:
            public_key.verify(signature, digest, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        raise DeviceFault("CKR_SIGNATURE_INVALID", "C_Sign", "the signature does not verify") from None
