"""What a key ceremony is to do, written down before it is held."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from cryptography import x509
from cryptography.x509.oid import NameOID

from ..uri import KeyUri

Algorithm = Literal["rsa-2048", "rsa-3072", "rsa-4096", "p-256", "p-384"]
_SUBJECT: Final = {
    "common_name": NameOID.COMMON_NAME,
    "title": NameOID.TITLE,
    "organizational_unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "locality": NameOID.LOCALITY_NAME,
    "province": NameOID.STATE_OR_PROVINCE_NAME,
    "country": NameOID.COUNTRY_NAME,
    "user_id": NameOID.USER_ID,
}
_REQUIRED: Final = frozenset({"uri", "label", "algorithm", "subject"})
_OPTIONAL: Final = frozenset({"id", "device_level", "witnesses"})


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A person who signs the record with their own token. `uri` names it, and the key by `id` or `object` if needed."""

    name: str
    post: str
    uri: KeyUri


@dataclass(frozen=True, kw_only=True)
class CeremonyPlan:
    """One key to be made. `uri` names module and token; `label` is the new key's; `subject` goes into the request.

    `id` is the new key's CKA_ID (default: 16 random bytes). `device_level` is what the device's papers declare of it.
    `sha256` is that of the file the plan was read from, in hexadecimal.
    """

    uri: KeyUri
    label: str
    algorithm: Algorithm
    subject: x509.Name
    id: bytes | None = None
    device_level: str = ""
    witnesses: tuple[Witness, ...] = ()
    sha256: str = ""

    @classmethod
    def load(cls, path: Path) -> "CeremonyPlan":
        """From TOML: `uri`, `label`, `algorithm` and a table `[subject]` (common_name, organization, country ...).

        Also `id` (hexadecimal), `device_level` and `[[witnesses]]` (name, post, uri). Raises `UriInvalid` or
        `ValueError` naming what is wrong.
        """
        raw = path.read_bytes()
        given = tomllib.loads(raw.decode("utf-8"))
        _known(path, "", given, required=_REQUIRED, optional=_OPTIONAL)
        if given["algorithm"] not in get_args(Algorithm):
            raise ValueError(f"{path}: algorithm is one of {', '.join(get_args(Algorithm))}")
        witnesses = tuple(_witness(path, one) for one in given.get("witnesses", []))
        if len({one.name for one in witnesses}) != len(witnesses):
            raise ValueError(f"{path}: two witnesses have one name; a signature says by the name whose it is")
        return cls(
            uri=KeyUri.parse(_text(path, given, "uri")),
            label=_text(path, given, "label"),
            algorithm=cast(Algorithm, given["algorithm"]),
            subject=subject_name(given["subject"]),
            id=bytes.fromhex(_text(path, given, "id")) if "id" in given else None,
            device_level=_text(path, given, "device_level") if "device_level" in given else "",
            witnesses=witnesses,
            sha256=hashlib.sha256(raw).hexdigest(),
        )


def subject_name(parts: Mapping[str, str]) -> x509.Name:
    """A distinguished name from plain words; country first, common name last. Raises `ValueError`."""
    unknown = set(parts) - set(_SUBJECT)
    if unknown or not parts.get("common_name"):
        raise ValueError(f"subject: unknown {sorted(unknown)}; common_name is needed")
    return x509.Name(
        [x509.NameAttribute(oid, parts[name]) for name, oid in reversed(_SUBJECT.items()) if name in parts]
    )


def _witness(path: Path, given: Mapping[str, Any]) -> Witness:
    _known(path, "witnesses: ", given, required=frozenset({"name", "post", "uri"}))
    return Witness(
        name=_text(path, given, "name"),
        post=_text(path, given, "post"),
        uri=KeyUri.parse(_text(path, given, "uri")),
    )


def _known(
    path: Path,
    where: str,
    given: Mapping[str, Any],
    *,
    required: frozenset[str],
    optional: frozenset[str] = frozenset(),
) -> None:
    unknown, missing = set(given) - required - optional, required - set(given)
    if unknown or missing:
        raise ValueError(f"{path}: {where}unknown {sorted(unknown)}, missing {sorted(missing)}")


def _text(path: Path, given: Mapping[str, Any], key: str) -> str:
    value = given[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{path}: {key} needs text that is not empty")
    return value.strip()
