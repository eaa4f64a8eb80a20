"""Which tokens a module sees, and what they say about themselves."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
from cryptography import x509
from pkcs11 import Attribute, ObjectClass
from pkcs11.constants import TokenFlag

from .errors import DeviceFault, TokenAmbiguous, TokenMissing, UriInvalid
from .faults import name_of_exception, named
from .foreign_certificates import from_der
from .module import Module
from .uri import KeyUri

# Makers and models of tokens that are files on a disk (AC-75). p11-kit passes their names on unchanged.
_SOFTWARE = ("softhsm", "soft token", "soft-token", "nss ", "mozilla", "kryoptic", "gnome keyring", "tpm2-pkcs11 fapi")


@dataclass(frozen=True, kw_only=True)
class TokenInfo:
    """A token as its driver describes it at one moment. Flags: PKCS #11 v2.40, CK_TOKEN_INFO."""

    module_path: str
    slot_id: int
    label: str
    serial: str
    manufacturer: str
    model: str
    firmware: str
    initialised: bool
    user_pin_set: bool
    keypad: bool
    """The PIN is typed on the device itself."""
    pin_count_low: bool
    pin_final_try: bool
    pin_locked: bool

    @property
    def is_software(self) -> bool:
        """SoftHSM and its like, by maker and model: the keys lie in a file, fit for a test office only (AC-75)."""
        words = f"{self.manufacturer} {self.model} ".lower()
        return any(name in words for name in _SOFTWARE)

    @property
    def tries_left(self) -> int | None:
        """0 or 1 where the token says so, else None: PKCS#11 reports no number."""
        return 0 if self.pin_locked else 1 if self.pin_final_try else None

    @property
    def uri(self) -> KeyUri:
        """Names this token, by its serial where it has one."""
        return KeyUri(
            module_path=self.module_path,
            token=self.label or None,
            manufacturer=self.manufacturer or None,
            serial=self.serial or None,
        )


@dataclass(frozen=True, kw_only=True)
class TokenCertificate:
    """A certificate object on a token; readable without a PIN."""

    certificate: x509.Certificate
    label: str
    id: bytes
    token: TokenInfo


def describe(module: Module, token: Any) -> TokenInfo:
    """`TokenInfo` of a python-pkcs11 token."""
    flags = token.flags
    major, minor = token.firmware_version
    return TokenInfo(
        module_path=module.path,
        slot_id=int(token.slot.slot_id),
        label=token.label.strip(),
        serial=token.serial.decode("utf-8", "replace").strip("\0 "),
        manufacturer=token.manufacturer_id.strip(),
        model=token.model.strip(),
        firmware=f"{major}.{minor}",
        initialised=bool(flags & TokenFlag.TOKEN_INITIALIZED),
        user_pin_set=bool(flags & TokenFlag.USER_PIN_INITIALIZED),
        keypad=bool(flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH),
        pin_count_low=bool(flags & TokenFlag.USER_PIN_COUNT_LOW),
        pin_final_try=bool(flags & TokenFlag.USER_PIN_FINAL_TRY),
        pin_locked=bool(flags & TokenFlag.USER_PIN_LOCKED),
    )


def present(module: Module) -> list[tuple[Any, TokenInfo]]:
    """Tokens plugged in now, initialised or not. A slot whose token vanishes meanwhile is passed over.

    Raises `DeviceFault` where there are slots and none can be read.
    """
    found = []
    broken: pkcs11.PKCS11Error | None = None
    for slot in module.slots():
        try:
            with module.use():
                token = slot.get_token()
        except (pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised, pkcs11.DeviceRemoved):
            continue
        except pkcs11.PKCS11Error as error:
            # One broken reader must not hide the others (a slot of a vendor's driver often is).
            broken = broken or error
            continue
        found.append((token, describe(module, token)))
    if broken is not None and not found:
        raise DeviceFault(name_of_exception(broken), "C_GetTokenInfo") from broken
    return found


def list_tokens(module_path: str | Path) -> tuple[TokenInfo, ...]:
    """The initialised tokens a module sees. Raises `ModuleMissing`, `DeviceFault`."""
    return tuple(info for _, info in present(Module.load(module_path)) if info.initialised)


def find(module: Module, uri: KeyUri) -> tuple[Any, TokenInfo]:
    """The one token the URI names. Raises `TokenMissing`, `TokenAmbiguous`."""
    seen = [(token, info) for token, info in present(module) if info.initialised]
    matching = [(token, info) for token, info in seen if answers(info, uri)]
    if not matching:
        raise TokenMissing(f"no token answers to {uri}", others=len(seen))
    if len(matching) > 1:
        raise TokenAmbiguous(len(matching))
    return matching[0]


def find_token(uri: KeyUri) -> TokenInfo:
    """The one token the URI names, without a login. Raises `ModuleMissing`, `TokenMissing`, `TokenAmbiguous`."""
    if uri.module_path is None:
        raise UriInvalid("the URI names no module-path")
    return find(Module.load(uri.module_path), uri)[1]


def answers(info: TokenInfo, uri: KeyUri) -> bool:
    """Whether the token is the one (or one of those) the URI names."""
    return all(
        wanted is None or wanted == given
        for wanted, given in (
            (uri.token, info.label),
            (uri.serial, info.serial),
            (uri.manufacturer, info.manufacturer),
            (uri.model, info.model),
            (uri.slot_id, info.slot_id),
        )
    )


@contextmanager
def public_session(module: Module, token: Any, *, write: bool = False) -> Iterator[Any]:
    """A session without a login of its own, closed at the end. It shares a login the process already has."""
    with module.use() as generation:
        with named("C_OpenSession"):
            session = token.open(rw=write)
        try:
            yield session
        finally:
            if generation == module.generation:
                # The token may have left meanwhile; what was done inside has its own error.
                with suppress(pkcs11.PKCS11Error):
                    session.close()


def certificates(module_path: str | Path, token: TokenInfo) -> tuple[TokenCertificate, ...]:
    """The X.509 certificates on a token, in the token's order; unreadable ones are passed over."""
    module = Module.load(module_path)
    handle, info = find(module, token.uri)
    found = []
    with public_session(module, handle) as session:
        direct, number = module.direct, int(session.handle)
        for item in direct.find(number, {Attribute.CLASS: ObjectClass.CERTIFICATE}):
            try:
                certificate = from_der(direct.read(number, item, Attribute.VALUE) or b"")
            except ValueError:
                continue
            found.append(
                TokenCertificate(
                    certificate=certificate,
                    label=(direct.read(number, item, Attribute.LABEL) or b"").decode("utf-8", "replace"),
                    id=direct.read(number, item, Attribute.ID) or b"",
                    token=info,
                )
            )
    return tuple(found)


def read(item: Any, *attributes: Attribute) -> dict[Attribute, Any]:
    """Attributes of an object, one by one: some drivers fail the whole request for one attribute they lack."""
    values: dict[Attribute, Any] = {}
    for attribute in attributes:
        try:
            values[attribute] = item[attribute]
        except (pkcs11.AttributeTypeInvalid, pkcs11.AttributeSensitive, pkcs11.FunctionFailed, UnicodeDecodeError):
            continue
    return values


def refresh(module: Module, info: TokenInfo) -> TokenInfo:
    """The token's description now, for its PIN flags. Raises `TokenMissing`, `DeviceFault`."""
    for _, current in present(module):
        if (current.slot_id, current.serial, current.label) == (info.slot_id, info.serial, info.label):
            return current
    raise DeviceFault("CKR_TOKEN_NOT_PRESENT", "C_GetTokenInfo")
