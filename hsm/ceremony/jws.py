"""JSON Web Signatures for the record of a ceremony: RFC 7515 (general serialization), RFC 7517 and 7518.

Only what the record needs: four algorithms, a key named by `jwk` or by the certificate chain `x5c`, everything inside
the protected header. What else stands in a file is refused, not passed over.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding

from ..errors import DeviceFault, TokenUnsuitable
from ..foreign_certificates import from_der, signing_key
from ..mechanisms import PublicKey, Scheme, Way, usable

_ALGORITHMS: Final[dict[Scheme, str]] = {
    "rsa-pkcs1v15-sha256": "RS256",
    "rsa-pss-sha256": "PS256",
    "ecdsa-sha256": "ES256",
    "ecdsa-sha384": "ES384",
}
_SCHEMES: Final[dict[str, Scheme]] = {name: scheme for scheme, name in _ALGORITHMS.items()}
_CURVES: Final = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
_NAMES: Final = frozenset({"alg", "typ", "iat", "sub", "jwk", "x5c"})


class JwsInvalid(ValueError):
    """Not a signature of this form, or one that does not verify; the text says what is wrong (English)."""


@dataclass(frozen=True, kw_only=True)
class JwsSignature:
    """One signature: the protected header as it was signed (base64url) and the value (RSA, or r and s side by side)."""

    protected: str
    value: bytes

    @property
    def header(self) -> dict[str, Any]:
        """What the header says. Raises `JwsInvalid`."""
        header = _object(_decoded(self.protected), "protected header")
        if set(header) - _NAMES or not isinstance(header.get("alg"), str):
            raise JwsInvalid(f"the header holds {sorted(set(header) - _NAMES)}, or no alg")
        return header

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The certificates of `x5c`, the signer's first; empty where the key is named by `jwk`."""
        listed = self.header.get("x5c", [])
        if not isinstance(listed, list):
            raise JwsInvalid("x5c is no list")
        try:
            return tuple(from_der(base64.b64decode(one, validate=True)) for one in listed)
        except (ValueError, TypeError) as error:
            raise JwsInvalid(f"x5c cannot be read: {error}") from error

    @property
    def public_key(self) -> PublicKey:
        """The signer's key, from `x5c` or `jwk`: exactly one of them stands there. Raises `JwsInvalid`."""
        header = self.header
        if ("x5c" in header) == ("jwk" in header):
            raise JwsInvalid("the header names its key by one of x5c and jwk")
        try:
            return signing_key(self.chain[0]) if "x5c" in header else _from_jwk(header["jwk"])
        except (TokenUnsuitable, IndexError) as error:
            raise JwsInvalid(f"the signer's key cannot be used: {error}") from error


def sign(
    payload: bytes,
    header: Mapping[str, Any],
    public_key: PublicKey,
    scheme: Scheme,
    sign_digest: Callable[[bytes], bytes],
) -> JwsSignature:
    """One signature of `payload`. `header` gets its `alg`; `sign_digest` answers as `HsmKey.sign` does (ECDSA: DER)."""
    protected = _encoded(_json({"alg": _ALGORITHMS[scheme], **header}))
    value = sign_digest(_digest(payload, protected, scheme))
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        size = (public_key.curve.key_size + 7) // 8
        value = b"".join(number.to_bytes(size, "big") for number in utils.decode_dss_signature(value))
    return JwsSignature(protected=protected, value=value)


def check(payload: bytes, signature: JwsSignature) -> PublicKey:
    """Whose key made the signature. Raises `JwsInvalid`, also where algorithm and key do not fit."""
    public_key = signature.public_key
    scheme = _SCHEMES.get(signature.header["alg"])
    if scheme is None:
        raise JwsInvalid(f"algorithm {signature.header['alg']!r} is not one of {', '.join(_SCHEMES)}")
    value = signature.value
    try:
        if isinstance(public_key, ec.EllipticCurvePublicKey):
            size = (public_key.curve.key_size + 7) // 8
            fits = scheme == ("ecdsa-sha384" if public_key.curve.name == "secp384r1" else "ecdsa-sha256")
            if not fits or len(value) != 2 * size:
                raise JwsInvalid("the algorithm does not fit the key")
            value = utils.encode_dss_signature(int.from_bytes(value[:size], "big"), int.from_bytes(value[size:], "big"))
        elif not scheme.startswith("rsa"):
            raise JwsInvalid("the algorithm does not fit the key")
        Way(public_key, scheme).verify(value, _digest(payload, signature.protected, scheme))
    except DeviceFault as error:
        raise JwsInvalid("the signature does not verify") from error
    return public_key


def dump(payload: bytes, signatures: Iterable[JwsSignature]) -> str:
    """The general JSON serialization, as text with a line end."""
    written = [{"protected": one.protected, "signature": _encoded(one.value)} for one in signatures]
    return json.dumps({"payload": _encoded(payload), "signatures": written}, indent=2) + "\n"


def parse(text: str) -> tuple[bytes, tuple[JwsSignature, ...]]:
    """The payload and its signatures, none of them checked yet. Raises `JwsInvalid`."""
    whole = _object(text.encode("utf-8"), "file")
    if set(whole) != {"payload", "signatures"} or not isinstance(whole["signatures"], list):
        raise JwsInvalid("not a JWS in its general JSON form (RFC 7515, 7.2.1)")
    found = []
    for one in whole["signatures"]:
        if not isinstance(one, dict) or set(one) != {"protected", "signature"}:
            raise JwsInvalid("a signature has other members than protected and signature")
        found.append(JwsSignature(protected=str(one["protected"]), value=_decoded(one["signature"])))
    return _decoded(whole["payload"]), tuple(found)


def read_object(payload: bytes) -> dict[str, Any]:
    """A payload that is one JSON object, without a name that occurs twice. Raises `JwsInvalid`."""
    return _object(payload, "payload")


def jwk(public_key: PublicKey) -> dict[str, str]:
    """A public key (RFC 7517, RFC 7518 sections 6.2 and 6.3)."""
    if isinstance(public_key, rsa.RSAPublicKey):
        numbers = public_key.public_numbers()
        return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    point = public_key.public_numbers()
    size = (public_key.curve.key_size + 7) // 8
    curve = "P-384" if public_key.curve.name == "secp384r1" else "P-256"
    return {"kty": "EC", "crv": curve, "x": _number(point.x, size), "y": _number(point.y, size)}


def x5c(chain: Iterable[x509.Certificate]) -> list[str]:
    """Certificates for a header (RFC 7515, 4.1.6): DER in base64, not base64url."""
    return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in chain]


def _from_jwk(value: object) -> PublicKey:
    if not isinstance(value, dict):
        raise JwsInvalid("jwk is no object")
    try:
        if value.get("kty") == "RSA" and set(value) == {"kty", "n", "e"}:
            return usable(rsa.RSAPublicNumbers(_integer(value["e"]), _integer(value["n"])).public_key())
        if value.get("kty") == "EC" and set(value) == {"kty", "crv", "x", "y"} and value["crv"] in list(_CURVES):
            numbers = ec.EllipticCurvePublicNumbers(_integer(value["x"]), _integer(value["y"]), _CURVES[value["crv"]])
            return usable(numbers.public_key())
    except ValueError as error:
        raise JwsInvalid(f"jwk is no key: {error}") from error
    raise JwsInvalid("jwk is neither an RSA key nor one on P-256 or P-384")


def _digest(payload: bytes, protected: str, scheme: Scheme) -> bytes:
    hashed = hashlib.sha384 if scheme == "ecdsa-sha384" else hashlib.sha256
    return hashed(f"{protected}.{_encoded(payload)}".encode("ascii")).digest()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _object(raw: bytes, what: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise JwsInvalid(f"the {what} says one thing twice")
        return dict(pairs)

    try:
        value = json.loads(raw, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, JwsInvalid) else JwsInvalid(f"the {what} is not JSON") from error
    if not isinstance(value, dict):
        raise JwsInvalid(f"the {what} is no JSON object")
    return value


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(text: object) -> bytes:
    if not isinstance(text, str):
        raise JwsInvalid("a value is no text")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise JwsInvalid("a value is not base64url") from error
    if _encoded(raw) != text:
        raise JwsInvalid("a value is not base64url")
    return raw


def _number(value: int, size: int | None = None) -> str:
    return _encoded(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def _integer(text: object) -> int:
    return int.from_bytes(_decoded(text), "big")
