"""From a signature scheme to what the token is asked, and from what it answers to what CMS wants. Pure.

Only raw mechanisms are used (the digest is made here): every token has them, while SoftHSM 2.6 and several others lack
combined ones. RFC 8017, 8.1 and 9.2; RFC 3279, 2.2.3 (Ecdsa-Sig-Value); PKCS #11 v2.40 mechanisms, 2.1 and 2.3.
"""

import struct
from collections.abc import Callable
from ctypes import c_ulong, sizeof
from dataclasses import dataclass
from functools import cached_property
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

    @cached_property
    def asked(self) -> tuple[int, bytes | None]:
        """What the driver is told."""
        return self.ckm, self.parameter


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


class Way:
    """One scheme with one key: all that does not depend on the digest, worked out once. Threads may share it."""

    __slots__ = ("_arguments", "_half", "_length", "_verify", "mechanism", "scheme")

    def __init__(self, public_key: PublicKey, scheme: Scheme) -> None:
        """Raises `TokenUnsuitable` where key and scheme do not fit."""
        self.mechanism = MECHANISMS[scheme]
        self.scheme = scheme
        algorithm = utils.Prehashed(hashes.SHA384() if scheme == "ecdsa-sha384" else hashes.SHA256())
        self._verify: Callable[..., None] = public_key.verify
        self._length = self._half = (public_key.key_size + 7) // 8
        if scheme.startswith("rsa") != isinstance(public_key, rsa.RSAPublicKey):
            raise TokenUnsuitable(f"{scheme} does not fit the key")
        if scheme == "rsa-pss-sha256":
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            self._arguments: tuple[object, ...] = (pss, algorithm)
        elif scheme == "rsa-pkcs1v15-sha256":
            self._arguments = (padding.PKCS1v15(), algorithm)
        else:
            self._length = -1
            self._arguments = (ec.ECDSA(algorithm),)

    def data(self, digest: bytes) -> bytes:
        """The bytes for `C_Sign`. Raises `TokenUnsuitable` for a digest of another size."""
        row = self.mechanism
        if len(digest) != row.size:
            raise TokenUnsuitable(f"{self.scheme} signs {row.size} bytes, not {len(digest)}")
        return row.prefix + digest

    def shape(self, raw: bytes) -> bytes:
        """The value for CMS: RSA as it is, ECDSA from r||s to DER. Raises `DeviceFault` for a wrong length."""
        if len(raw) == self._length:
            return raw
        if self._length >= 0:
            raise DeviceFault("CKR_SIGNATURE_LEN_RANGE", "C_Sign", f"{len(raw)} bytes")
        half = self._half
        if len(raw) == 2 * half:
            return utils.encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
        try:
            # Some drivers answer in DER already.
            utils.decode_dss_signature(raw)
        except ValueError:
            raise DeviceFault("CKR_SIGNATURE_LEN_RANGE", "C_Sign", f"{len(raw)} bytes") from None
        return raw

    def verify(self, signature: bytes, digest: bytes) -> None:
        """Raises `DeviceFault` unless the signature is right: a driver's wrong answer must not leave this room."""
        try:
            self._verify(signature, digest, *self._arguments)
        except InvalidSignature:
            raise _does_not_verify() from None

    def checked(self, digest: bytes, raw: bytes) -> bytes:
        """`shape` and `verify` in one: what the driver answered, as it may leave this room."""
        signature = raw if len(raw) == self._length else self.shape(raw)
        try:
            self._verify(signature, digest, *self._arguments)
        except InvalidSignature:
            raise _does_not_verify() from None
        return signature


def _does_not_verify() -> DeviceFault:
    return DeviceFault("CKR_SIGNATURE_INVALID", "C_Sign", "the signature does not verify")
