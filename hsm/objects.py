"""Finding the private key that belongs to a certificate: by its public key, never by a label.

Labels and ids are names people gave; two tokens from one shop often share them. What is compared here is the public key
itself: the modulus (RSA), the point (EC), or a certificate object holding the same key. CKA_ID then leads from a public
object to the private one beside it (PKCS #11 v2.40, 4.6.2).
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, KeyType, ObjectClass

from .cryptoki import Cryptoki
from .errors import DeviceFault, KeyMissing, TokenUnsuitable
from .foreign_certificates import from_der, is_authority, signing_key
from .mechanisms import PublicKey

_CANNOT_SEARCH = frozenset({"CKR_ATTRIBUTE_TYPE_INVALID", "CKR_ATTRIBUTE_VALUE_INVALID"})
_PRIVATE: Final[dict[Attribute, bytes | int]] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
_PUBLIC: Final[dict[Attribute, bytes | int]] = {Attribute.CLASS: ObjectClass.PUBLIC_KEY}
_CERTIFICATE: Final[dict[Attribute, bytes | int]] = {Attribute.CLASS: ObjectClass.CERTIFICATE}


@dataclass(frozen=True, kw_only=True)
class FoundKey:
    """A private key object, by its handle in one session."""

    handle: int
    always_authenticate: bool
    """The PIN is asked for at each signature (CKA_ALWAYS_AUTHENTICATE)."""
    stays_inside: bool
    """The token says that the key is sensitive and not extractable; False also where it says nothing."""


@dataclass(frozen=True, kw_only=True)
class View:
    """What one session shows: objects by their handles, attributes as bytes."""

    direct: Cryptoki
    session: int

    def search(self, template: dict[Attribute, bytes | int]) -> list[int]:
        """Objects that have these attributes; CKA_CLASS is among them."""
        try:
            return self.direct.find(self.session, template)
        except DeviceFault as fault:
            if fault.ckr not in _CANNOT_SEARCH or len(template) == 1:
                raise
        # Not every driver can search by every attribute: then the comparing is done here.
        everything = self.direct.find(self.session, {Attribute.CLASS: template[Attribute.CLASS]})
        wanted = {kind: value for kind, value in template.items() if kind is not Attribute.CLASS}
        return [item for item in everything if all(self._has(item, kind, value) for kind, value in wanted.items())]

    def read(self, item: int, attribute: Attribute) -> bytes | None:
        """One attribute: some drivers fail the whole request for one they lack."""
        return self.direct.read(self.session, item, attribute)

    def says(self, item: int, attribute: Attribute) -> bool | None:
        """A CK_BBOOL; None where the token says nothing."""
        value = self.read(item, attribute)
        return None if value is None else value not in {b"", b"\0"}

    def _has(self, item: int, attribute: Attribute, value: bytes | int) -> bool:
        found = self.read(item, attribute)
        return found is not None and (
            int.from_bytes(found, sys.byteorder) == value if isinstance(value, int) else found == value
        )


def find_private_key(view: View, public_key: PublicKey, *, key_id: bytes | None = None) -> FoundKey:
    """The private key of `public_key`; `key_id` is a hint for tokens that show no public object.

    Raises `KeyMissing`, also where several keys share one id and the token shows nothing to tell them apart;
    `DeviceFault`.
    """
    if isinstance(public_key, rsa.RSAPublicKey):
        found = _by_modulus(view, public_key.public_numbers().n)
        if found is not None:
            return found
    kind = KeyType.RSA if isinstance(public_key, rsa.RSAPublicKey) else KeyType.EC
    for identity in _identities(view, public_key, key_id):
        keys = view.search({**_PRIVATE, Attribute.KEY_TYPE: kind, Attribute.ID: identity})
        if len(keys) > 1:
            raise KeyMissing(f"{len(keys)} private keys share the id {identity.hex()}")
        if keys:
            return _found(view, keys[0])
    raise KeyMissing("no private key for the certificate's public key")


def refuse_anothers(view: View, public_key: PublicKey) -> None:
    """Raises `KeyMissing` where the token shows, without a login, certificates of other keys and no sign of this one.

    Then a card of the same name lies in place of ours, and its PIN's tries are not ours to use. A token that shows no
    certificate but authorities' says nothing.
    """
    if list(_identities(view, public_key, None)):
        return
    if any(_is_end_entity(view.read(item, Attribute.VALUE)) for item in view.search(_CERTIFICATE)):
        raise KeyMissing("the token shows certificates of other keys only; no PIN was sent to it")


def same_key(one: object, other: PublicKey) -> bool:
    """Whether two public keys are one."""
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hasattr(one, "public_bytes") and one.public_bytes(*form) == other.public_bytes(*form)


def _found(view: View, key: int) -> FoundKey:
    sensitive, extractable = view.says(key, Attribute.SENSITIVE), view.says(key, Attribute.EXTRACTABLE)
    return FoundKey(
        handle=key,
        always_authenticate=bool(view.says(key, Attribute.ALWAYS_AUTHENTICATE)),
        stays_inside=sensitive is True and extractable is False,
    )


def _by_modulus(view: View, modulus: int) -> FoundKey | None:
    size = (modulus.bit_length() + 7) // 8
    exact = view.search({**_PRIVATE, Attribute.MODULUS: modulus.to_bytes(size, "big")})
    # Not every driver can search by modulus, and some store it with a leading zero.
    for key in exact or view.search({**_PRIVATE, Attribute.KEY_TYPE: KeyType.RSA}):
        if _modulus(view, key) == modulus:
            return _found(view, key)
    return None


def _modulus(view: View, item: int) -> int:
    return int.from_bytes(view.read(item, Attribute.MODULUS) or b"", "big")


def _identities(view: View, public_key: PublicKey, hint: bytes | None) -> Iterable[bytes]:
    """CKA_IDs that may lead to the private key, the proven ones first."""
    if isinstance(public_key, rsa.RSAPublicKey):
        publics = view.search({**_PUBLIC, Attribute.KEY_TYPE: KeyType.RSA})
        modulus = public_key.public_numbers().n
        yield from _ids(view, (item for item in publics if _modulus(view, item) == modulus))
    else:
        point = public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        publics = view.search({**_PUBLIC, Attribute.KEY_TYPE: KeyType.EC})
        # The point is a DER OCTET STRING by the standard (2.3.3) and bare in some drivers.
        yield from _ids(
            view,
            (
                item
                for item in publics
                if (value := view.read(item, Attribute.EC_POINT))
                and (value == point or (value.endswith(point) and value[:1] == b"\x04"))
            ),
        )
    certificates = view.search(_CERTIFICATE)
    yield from _ids(view, (item for item in certificates if _holds(view.read(item, Attribute.VALUE), public_key)))
    if hint:
        yield hint


def _holds(der: bytes | None, public_key: PublicKey) -> bool:
    try:
        return same_key(signing_key(from_der(der or b"")), public_key)
    except (ValueError, TokenUnsuitable):
        return False


def _is_end_entity(der: bytes | None) -> bool:
    try:
        return not is_authority(from_der(der or b""))
    except ValueError:
        return False


def _ids(view: View, items: Iterable[int]) -> list[bytes]:
    found = (view.read(item, Attribute.ID) for item in items)
    return [identity for identity in found if identity]
