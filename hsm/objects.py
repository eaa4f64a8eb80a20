"""Finding the private key that belongs to a certificate: by its public key, never by a label.

Labels and ids are names people gave; two tokens from one shop often share them. What is compared here is the public key
itself: the modulus (RSA), the point (EC), or a certificate object holding the same key. CKA_ID then leads from a public
object to the private one beside it (PKCS #11 v2.40, 4.6.2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, KeyType, ObjectClass

from .errors import KeyMissing
from .faults import named
from .mechanisms import PublicKey
from .tokens import read


@dataclass(frozen=True, kw_only=True)
class FoundKey:
    """A private key object, by its handle in one session."""

    handle: int
    always_authenticate: bool
    """The PIN is asked for at each signature (CKA_ALWAYS_AUTHENTICATE)."""
    stays_inside: bool
    """The token says that the key is sensitive and not extractable; False also where it says nothing."""


def find_private_key(session: Any, public_key: PublicKey, *, key_id: bytes | None = None) -> FoundKey:
    """The private key of `public_key`; `key_id` is a hint for tokens that show no public object.

    Raises `KeyMissing`, also where several keys share one id and the token shows nothing to tell them apart.
    """
    with named("C_FindObjects"):
        if isinstance(public_key, rsa.RSAPublicKey):
            found = _by_modulus(session, public_key.public_numbers().n)
            if found is not None:
                return found
        kind = KeyType.RSA if isinstance(public_key, rsa.RSAPublicKey) else KeyType.EC
        for identity in _identities(session, public_key, key_id):
            keys = _search(session, CLASS=ObjectClass.PRIVATE_KEY, KEY_TYPE=kind, ID=identity)
            if len(keys) > 1:
                raise KeyMissing(f"{len(keys)} private keys share the id {identity.hex()}")
            if keys:
                return _found(keys[0])
    raise KeyMissing("no private key for the certificate's public key")


def refuse_anothers(session: Any, public_key: PublicKey) -> None:
    """Raises `KeyMissing` where the token shows, without a login, certificates of other keys and no sign of this one.

    Then a card of the same name lies in place of ours, and its PIN's tries are not ours to use. A token that shows no
    certificate but authorities' says nothing.
    """
    with named("C_FindObjects"):
        if list(_identities(session, public_key, None)):
            return
        ders = [
            read(item, Attribute.VALUE).get(Attribute.VALUE) for item in _search(session, CLASS=ObjectClass.CERTIFICATE)
        ]
    if any(_is_end_entity(der) for der in ders):
        raise KeyMissing("the token shows certificates of other keys only; no PIN was sent to it")


def same_key(one: object, other: PublicKey) -> bool:
    """Whether two public keys are one."""
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hasattr(one, "public_bytes") and one.public_bytes(*form) == other.public_bytes(*form)


def _found(key: Any) -> FoundKey:
    values = read(key, Attribute.ALWAYS_AUTHENTICATE, Attribute.SENSITIVE, Attribute.EXTRACTABLE)
    return FoundKey(
        handle=int(key.handle),
        always_authenticate=bool(values.get(Attribute.ALWAYS_AUTHENTICATE)),
        stays_inside=values.get(Attribute.SENSITIVE) is True and values.get(Attribute.EXTRACTABLE) is False,
    )


def _by_modulus(session: Any, modulus: int) -> FoundKey | None:
    size = (modulus.bit_length() + 7) // 8
    exact = _search(session, CLASS=ObjectClass.PRIVATE_KEY, MODULUS=modulus.to_bytes(size, "big"))
    # Not every driver can search by modulus, and some store it with a leading zero.
    for key in exact or _search(session, CLASS=ObjectClass.PRIVATE_KEY, KEY_TYPE=KeyType.RSA):
        value = read(key, Attribute.MODULUS).get(Attribute.MODULUS)
        if value and int.from_bytes(value, "big") == modulus:
            return _found(key)
    return None


def _identities(session: Any, public_key: PublicKey, hint: bytes | None) -> Iterable[bytes]:
    """CKA_IDs that may lead to the private key, the proven ones first."""
    if isinstance(public_key, rsa.RSAPublicKey):
        publics = _search(session, CLASS=ObjectClass.PUBLIC_KEY, KEY_TYPE=KeyType.RSA)
        modulus = public_key.public_numbers().n
        yield from _ids(
            item
            for item in publics
            if int.from_bytes(read(item, Attribute.MODULUS).get(Attribute.MODULUS) or b"", "big") == modulus
        )
    else:
        point = public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        publics = _search(session, CLASS=ObjectClass.PUBLIC_KEY, KEY_TYPE=KeyType.EC)
        # The point is a DER OCTET STRING by the standard (2.3.3) and bare in some drivers.
        yield from _ids(
            item
            for item in publics
            if (value := read(item, Attribute.EC_POINT).get(Attribute.EC_POINT))
            and (value == point or (value.endswith(point) and value[:1] == b"\x04"))
        )
    yield from _ids(
        item
        for item in _search(session, CLASS=ObjectClass.CERTIFICATE)
        if _holds(read(item, Attribute.VALUE).get(Attribute.VALUE), public_key)
    )
    if hint:
        yield hint


def _holds(der: bytes | None, public_key: PublicKey) -> bool:
    try:
        return same_key(x509.load_der_x509_certificate(der or b"").public_key(), public_key)
    except ValueError:
        return False


def _is_end_entity(der: bytes | None) -> bool:
    try:
        constraints = x509.load_der_x509_certificate(der or b"").extensions.get_extension_for_class(
            x509.BasicConstraints
        )
    except x509.ExtensionNotFound:
        return True
    except ValueError:
        return False
    return not constraints.value.ca


def _ids(items: Iterable[Any]) -> list[bytes]:
    found = (read(item, Attribute.ID).get(Attribute.ID) for item in items)
    return [identity for identity in found if identity]


def _search(session: Any, **template: Any) -> list[Any]:
    """Objects matching; the list is read to its end, since an unfinished search blocks the session."""
    try:
        return list(session.get_objects({Attribute[name]: value for name, value in template.items()}))
    except (pkcs11.AttributeTypeInvalid, pkcs11.AttributeValueInvalid):
        return []
