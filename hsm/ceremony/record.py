"""What a key ceremony did, for the file: nothing in it is secret. Signed by the key itself and by the witnesses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from ..tokens import TokenInfo
from .jws import JwsSignature, dump
from .plan import Witness

Step = Literal["key-made", "certificate-imported"]


@dataclass(frozen=True, kw_only=True)
class CeremonyRecord:
    """One act of a ceremony. `as_json` is the statement, `as_jws` the statement with its `signatures`.

    `began_at` and `at` (the end) in UTC; `attributes` as they were read back from the token; `public_key_sha256` over
    the SubjectPublicKeyInfo; `plan_sha256` of the plan's file; `device_level` as the plan declares it.
    """

    began_at: datetime
    at: datetime
    step: Step
    token: TokenInfo
    module: str
    label: str
    id: bytes
    algorithm: str
    public_key_pem: str
    public_key_sha256: str
    attributes: Mapping[str, bool]
    program: str = ""
    plan_sha256: str = ""
    device_level: str = ""
    witnesses: tuple[Witness, ...] = ()
    request_pem: str = ""
    certificate_pem: str = ""
    certificate_sha256: str = ""
    signatures: tuple[JwsSignature, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, times in UTC."""
        return {
            "step": self.step,
            "began_at": self.began_at.isoformat(),
            "at": self.at.isoformat(),
            "program": self.program,
            "plan_sha256": self.plan_sha256,
            "token": {
                "label": self.token.label,
                "serial": self.token.serial,
                "manufacturer": self.token.manufacturer,
                "model": self.token.model,
                "firmware": self.token.firmware,
                "software": self.token.is_software,
                "module_path": self.token.module_path,
                "module": self.module,
            },
            "device_level_declared": self.device_level,
            "label": self.label,
            "id": self.id.hex(),
            "algorithm": self.algorithm,
            "attributes": dict(self.attributes),
            "public_key_pem": self.public_key_pem,
            "public_key_sha256": self.public_key_sha256,
            "request_pem": self.request_pem,
            "certificate_pem": self.certificate_pem,
            "certificate_sha256": self.certificate_sha256,
            "witnesses": [{"name": one.name, "post": one.post} for one in self.witnesses],
        }

    @property
    def payload(self) -> bytes:
        """The bytes that are signed."""
        return json.dumps(self.as_json(), ensure_ascii=False, indent=1).encode("utf-8")

    def signed(self, signature: JwsSignature) -> "CeremonyRecord":
        """This record with one signature more."""
        return replace(self, signatures=(*self.signatures, signature))

    def as_jws(self) -> str:
        """The record's file: RFC 7515, general JSON serialization."""
        return dump(self.payload, self.signatures)


def stamped(at: datetime) -> dict[str, Any]:
    """The header's words that every signature of a record has: its type and when it was made (NumericDate)."""
    return {"typ": "JOSE+JSON", "iat": int(at.astimezone(UTC).timestamp())}
