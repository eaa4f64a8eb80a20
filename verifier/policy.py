"""Under which rules a file is judged; a verdict names them, so it can be understood and repeated later."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Algorithms of TT 15/2025/TT-BKHCN annex I (no SHA-1, no MD5), key sizes in bits, tolerances.

    `unnamed_schemes`: as strong as the others, but the annex does not name them; nothing is confirmed on them alone.
    `time_tolerance_s`: how far the signer's own clock may be from the timestamp without a remark.
    `future_tolerance_s`: how far a timestamp may lie after the moment of judging (its clock and ours differ a little).
    `mark_share_limit`: share of an earlier signature's rectangle that a later mark may cover (0 to 1).
    """

    name: str = "second-seal-tt15"
    version: str = "1"
    digests: frozenset[str] = frozenset(
        {
            "sha256",
            "sha384",
            "sha512",
            "sha512_224",
            "sha512_256",
            "sha3_256",
            "sha3_384",
            "sha3_512",
            "shake128",
            "shake256",
        }
    )
    schemes: frozenset[str] = frozenset({"rsa-pkcs1v15", "rsa-pss", "ecdsa"})
    unnamed_schemes: frozenset[str] = frozenset({"ed25519", "ed448"})
    minimum_rsa_bits: int = 2048
    minimum_ec_bits: int = 256
    time_tolerance_s: float = 60.0
    future_tolerance_s: float = 300.0
    mark_share_limit: float = 0.40


CURRENT = Policy()
