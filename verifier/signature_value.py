"""Digests and signature values of CMS signers, by the names their algorithms have in a CMS."""

import hashlib
import re
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import PublicKeyAlgorithmOID

from verifier.ber import inside, parts, tags

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha512_224": hashes.SHA512_224,
    "sha512_256": hashes.SHA512_256,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}
_HASHLIB = {*_HASHES, "md5"}
_SHAKES = {"shake128": ("shake_128", 32), "shake256": ("shake_256", 64)}  # octets of output: RFC 8702, 3.1
_PURE = ("ed25519", "ed448")
_PSS_PARTS = re.compile(rb"\xa0?\xa1?\xa2?\xa3?")
_EC_KEY = "1.2.840.10045.2.1"  # iText 5 names the key's kind where the signature's algorithm belongs

Parts = tuple[memoryview, memoryview]
"""The two parts of a byte range."""


class CmsProblem(ValueError):
    """The CMS is not one detached signature by one signer; the text is a code of `findings`."""


def hash_of(name: str, data: bytes) -> bytes:
    """The digest called `name` of `data`. Raises CmsProblem."""
    return digest_of(name, (memoryview(data), memoryview(b"")))


def digest_of(name: str, signed: Parts) -> bytes:
    """The digest called `name` of a byte range. Raises CmsProblem."""
    if name in _SHAKES:
        kind, octets = _SHAKES[name]
        extended = hashlib.new(kind, usedforsecurity=False)
        for part in signed:
            extended.update(part)
        return extended.digest(octets)  # type: ignore[call-arg]
    if name not in _HASHLIB:
        raise CmsProblem("algorithm_unknown")
    running = hashlib.new(name, usedforsecurity=False)
    for part in signed:
        running.update(part)
    return running.digest()


def digest_name(algorithm: Any) -> str:
    """The digest a DigestAlgorithm names; SHAKE256 with its length spelled out is the one RFC 8419 asks of Ed448."""
    name = str(algorithm["algorithm"].native)
    if name == "shake256_len" and algorithm["parameters"].native == 512:
        return "shake256"
    return name


def algorithm_name(algorithm: Any, digest: str) -> str:
    """ "rsa-pkcs1v15-sha256", "rsa-pss-sha256", "ecdsa-sha384", "ed25519"; anything else keeps its own name."""
    name = str(algorithm["algorithm"].native)
    if name == "rsassa_pss":  # by the weaker of its two hashes
        used = (str(algorithm.hash_algo), _mask_hash(algorithm["parameters"]))
        return f"rsa-pss-{'sha1' if 'sha1' in used else used[0]}"
    if name == "rsassa_pkcs1v15":
        return f"rsa-pkcs1v15-{digest}"
    if name.endswith("_rsa"):
        return f"rsa-pkcs1v15-{name.removesuffix('_rsa')}"
    if name.endswith("_ecdsa"):
        return f"ecdsa-{name.removesuffix('_ecdsa')}"
    if name in ("ec", "ecdsa", _EC_KEY):
        return f"ecdsa-{digest}"
    return name


def value_verifies(
    signer: Any,
    certificate: bytes | None,
    digest: str,
    value: bytes,
    held: bytes | None,
    signed: Parts,
) -> bool | None:
    """Whether `value` is over the signer's attributes, or where it has none over `held` or else the byte range itself.

    None without a certificate. Raises CmsProblem for an algorithm that is not known here.
    """
    if certificate is None:
        return None
    algorithm = signer["signature_algorithm"]
    name = algorithm_name(algorithm, digest)
    loaded = x509.load_der_x509_certificate(certificate)
    if loaded.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS and not _key_allows(certificate, algorithm):
        return False
    key = loaded.public_key()
    encoded = bytes(signer["signed_attrs"].dump())
    try:
        if not encoded:
            return _holds(key, value, _direct(digest, held, signed), name, algorithm, prehashed=True)
        if encoded[0] != 0xA0:
            raise CmsProblem("cms_malformed")
        # RFC 5652 5.4: hashed with the tag of a SET OF
        return _holds(key, value, b"\x31" + encoded[1:], name, algorithm)
    except InvalidSignature:
        return False
    except UnsupportedAlgorithm as error:
        raise CmsProblem("algorithm_unknown") from error


def _direct(name: str, held: bytes | None, signed: Parts) -> bytes:
    """The digest that is signed where there are no signed attributes. What begins like a SET could be attributes of
    another signature, read as content."""
    if held is not None:
        return hash_of(name, held)
    if bytes(signed[0][:1]) == b"\x31":
        raise CmsProblem("cms_content_type")
    return digest_of(name, signed)


def _holds(key: Any, value: bytes, data: bytes, name: str, algorithm: Any, *, prehashed: bool = False) -> bool:
    """Whether `value` is `key`'s signature over `data`; raises InvalidSignature or returns False where it is not."""
    if name in _PURE and isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        if prehashed or not isinstance(key, ed25519.Ed25519PublicKey if name == "ed25519" else ed448.Ed448PublicKey):
            return False  # RFC 8419 signs attributes, not digests
        key.verify(value, data)
        return True
    scheme, _, hash_name = name.rpartition("-")
    if scheme == "rsa-pss":
        hash_name = str(algorithm.hash_algo)
    if hash_name not in _HASHES:
        raise CmsProblem("algorithm_unknown")
    chosen = _HASHES[hash_name]()
    hashed = Prehashed(chosen) if prehashed else chosen
    if scheme == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(value, data, ec.ECDSA(hashed))
    elif scheme == "rsa-pkcs1v15" and isinstance(key, rsa.RSAPublicKey):
        key.verify(value, data, padding.PKCS1v15(), hashed)
    elif scheme == "rsa-pss" and isinstance(key, rsa.RSAPublicKey):
        key.verify(value, data, _pss(algorithm["parameters"]), hashed)
    else:
        return False
    return True


def _pss(parameters: Any) -> padding.PSS:
    """RSASSA-PSS-params (RFC 4055, 3.1). Nobody signs them, so they are as they must be, to the last part."""
    known = _PSS_PARTS.fullmatch(tags(parameters.contents)) is not None
    single = all(len(parts(inside(part))) == 1 for part in parts(parameters.contents))
    if not known or not single or parameters["trailer_field"].native != "trailer_field_bc":
        raise CmsProblem("cms_malformed")
    return padding.PSS(padding.MGF1(_HASHES[_mask_hash(parameters)]()), int(parameters["salt_length"].native))


def _mask_hash(parameters: Any) -> str:
    return str(parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native)


def _key_allows(certificate: bytes, algorithm: Any) -> bool:
    """A key certified for RSASSA-PSS makes no other signatures, and none by other hashes or with less salt than its
    certificate says (RFC 4055, 1.2 and 3.3). `cryptography` reads it as any RSA key."""
    if algorithm["algorithm"].native != "rsassa_pss":
        return False
    wanted = asn1_x509.Certificate.load(certificate).public_key["algorithm"]["parameters"]
    if wanted.native is None:
        return True
    used = algorithm["parameters"]
    same_hash = used["hash_algorithm"]["algorithm"].native == wanted["hash_algorithm"]["algorithm"].native
    enough = int(used["salt_length"].native) >= int(wanted["salt_length"].native)
    return same_hash and enough and _mask_hash(used) == _mask_hash(wanted)
