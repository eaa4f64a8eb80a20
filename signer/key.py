"""The key as an object with one verb.

`signer` is handed a key and never asks where it lives: a token's key (`hsm.HsmKey`), an officer's token answering
later through the agent, and a software key of a test all fit.
"""

from typing import Literal, Protocol

from cryptography.x509 import Certificate

Scheme = Literal["rsa-pkcs1v15-sha256", "rsa-pss-sha256", "ecdsa-sha256", "ecdsa-sha384"]
"""How a digest becomes a signature value. The digest's hash is the one in the name (TT 15/2025, annex I: no SHA-1)."""


class SigningKey(Protocol):
    """A private key somewhere, with the certificate that names its owner."""

    @property
    def certificate(self) -> Certificate:
        """The certificate whose public key matches this key."""

    @property
    def chain(self) -> tuple[Certificate, ...]:
        """The issuing certificates, nearest first, without the certificate itself."""

    @property
    def scheme(self) -> Scheme:
        """The scheme this key signs with by default."""

    def sign(self, digest: bytes, scheme: Scheme) -> bytes:
        """Sign `digest` (the raw hash value). RSA: the modulus-long value; ECDSA: a DER Ecdsa-Sig-Value."""
