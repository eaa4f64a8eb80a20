"""A key in memory that fits `signer.key.SigningKey`: real cryptography, no token."""

import threading
from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509 import Certificate

# Equal to `signer.key.Scheme`, written again so that these tests lean on no room.
Scheme = Literal["rsa-pkcs1v15-sha256", "rsa-pss-sha256", "ecdsa-sha256", "ecdsa-sha384"]
HASHES: dict[Scheme, hashes.HashAlgorithm] = {
    "rsa-pkcs1v15-sha256": hashes.SHA256(),
    "rsa-pss-sha256": hashes.SHA256(),
    "ecdsa-sha256": hashes.SHA256(),
    "ecdsa-sha384": hashes.SHA384(),
}


@dataclass(kw_only=True)
class SoftwareKey:
    """A private key with its certificate. `operations` counts the signatures made, as a token's counter would."""

    private_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: Certificate
    chain: tuple[Certificate, ...]
    scheme: Scheme
    operations: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def sign(self, digest: bytes, scheme: Scheme) -> bytes:
        """Sign a raw digest. Raises ValueError if the digest's length or the key does not fit the scheme."""
        algorithm = Prehashed(HASHES[scheme])
        with self._lock:
            self.operations += 1
        if isinstance(self.private_key, ec.EllipticCurvePrivateKey):
            if not scheme.startswith("ecdsa"):
                raise ValueError(f"an EC key cannot sign {scheme}")
            return self.private_key.sign(digest, ec.ECDSA(algorithm))
        if scheme == "rsa-pkcs1v15-sha256":
            return self.private_key.sign(digest, padding.PKCS1v15(), algorithm)
        if scheme == "rsa-pss-sha256":
            return self.private_key.sign(digest, padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32), algorithm)
        raise ValueError(f"an RSA key cannot sign {scheme}")


def make_private_key(scheme: Scheme) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """A new key for the scheme: RSA-2048, P-256 or P-384."""
    if scheme == "ecdsa-sha256":
        return ec.generate_private_key(ec.SECP256R1())
    if scheme == "ecdsa-sha384":
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(65537, 2048)
