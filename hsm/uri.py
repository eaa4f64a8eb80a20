"""PKCS#11 URIs: which module, token and key (RFC 7512)."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from .errors import UriInvalid

_PATH = ("token", "manufacturer", "model", "serial", "object", "id", "type", "slot-id")
_QUERY = ("module-path", "pin-source")
_TYPES = frozenset({"private", "public", "cert"})
_TEXT = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=&/?|]|%[0-9A-Fa-f]{2})*")


@dataclass(frozen=True, kw_only=True)
class KeyUri:
    """A parsed `pkcs11:` URI. What is None is not asked for.

    `token`, `manufacturer`, `model`, `serial` are compared without the blanks PKCS#11 pads them with. `object` and `id`
    only narrow the search: the key itself is found through its certificate. `pin_source` is a `file:` URI.
    """

    module_path: str | None = None
    token: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    object: str | None = None
    id: bytes | None = None
    type: str | None = None
    slot_id: int | None = None
    pin_source: str | None = None

    @classmethod
    def parse(cls, text: str) -> "KeyUri":
        """Raises `UriInvalid`. A URI with `pin-value` is refused: settings are no place for a PIN."""
        scheme, colon, rest = text.partition(":")
        if scheme.lower() != "pkcs11" or not colon:
            raise UriInvalid("not a pkcs11: URI")
        path, _, query = rest.partition("?")
        found: dict[str, str | bytes | int] = {}
        for part in filter(None, path.split(";")):
            _add(found, part, _PATH)
        for part in filter(None, query.split("&")):
            _add(found, part, _QUERY)
        if found.get("type", "private") not in _TYPES:
            raise UriInvalid("type is not private, public or cert")
        return cls(**found)  # type: ignore[arg-type]

    def __str__(self) -> str:
        path = [f"{name}={_quoted(value)}" for name in _PATH if (value := getattr(self, name.replace("-", "_")))]
        if self.slot_id == 0:
            path.append("slot-id=0")
        query = [f"{name}={_quoted(value)}" for name in _QUERY if (value := getattr(self, name.replace("-", "_")))]
        return "pkcs11:" + ";".join(path) + ("?" + "&".join(query) if query else "")


def _add(found: dict[str, str | bytes | int], part: str, allowed: tuple[str, ...]) -> None:
    name, equals, value = part.partition("=")
    if name == "pin-value":
        raise UriInvalid("a PIN does not belong into a URI; use pin-source")
    if name not in allowed or not equals or not _TEXT.fullmatch(value):
        raise UriInvalid(f"attribute {name[:40]!r} is not understood")
    key = name.replace("-", "_")
    if key in found:
        raise UriInvalid(f"attribute {name} occurs twice")
    raw = unquote_to_bytes(value)
    try:
        found[key] = raw if name == "id" else int(raw) if name == "slot-id" else raw.decode("utf-8")
    except ValueError as error:
        raise UriInvalid(f"attribute {name} cannot be read") from error


def _quoted(value: str | bytes | int) -> str:
    if isinstance(value, bytes):
        return "".join(f"%{octet:02X}" for octet in value)
    return quote(str(value), safe="/:")
