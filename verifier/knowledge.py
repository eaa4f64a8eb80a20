"""What the office's register knows about a file. The verifier never asks it: whoever can look it up hands it in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

Role = Literal["officer", "agency", "other"]
Status = Literal["in_force", "replaced", "recalled"]
Stage = Literal["generated", "approved", "sealed"]


@dataclass(frozen=True, kw_only=True)
class RegisterKnowledge:
    """The register's answer for one of `DocumentFacts.hashes`.

    `known` False: looked up and not found. `revision`: which of the paper's files has that hash. `organisation`: the
    office that issued it. `roles`: signature field to role. `newest_sha256`: the newest file of the paper, hex.
    `attached`: the file is a separate attachment of that paper, which bears the organisation's signature alone.
    `changed_by`, `changed_on`: number and date of the act that replaced or recalled it.
    """

    known: bool
    revision: Stage | None = None
    status: Status | None = None
    number: str | None = None
    issued_on: date | None = None
    organisation: str | None = None
    roles: Mapping[str, Role] = field(default_factory=lambda: MappingProxyType({}))
    newest_sha256: str | None = None
    changed_by: str | None = None
    changed_on: date | None = None
    attached: bool = False
