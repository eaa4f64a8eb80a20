"""The key ceremony: a plan goes in; a key on the token, a certificate request and a signed record come out.

The key is made on the token, sensitive and not extractable, and both are read back before anything is believed (NĐ 30,
điều 32: the key stays at the agency). Nothing on the token is ever overwritten.
"""

import logging
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import Attribute, KeyType, MechanismFlag
from pkcs11.util.ec import encode_named_curve_parameters

from ..errors import DeviceFault, KeyExists, TokenUnsuitable
from ..faults import named
from ..mechanisms import PublicKey, natural_scheme
from ..pin import PinSource
from ..tokens import public_session
from . import jws
from .plan import Algorithm, CeremonyPlan
from .record import CeremonyRecord, stamped
from .request import build_request
from .session import (
    KEPT_IN,
    CeremonySession,
    attributes_of,
    ceremony_session,
    public_key_pem,
    public_key_sha256,
)

logger = logging.getLogger("hsm")

_CURVES: dict[str, tuple[str, type[ec.EllipticCurve]]] = {
    "p-256": ("secp256r1", ec.SECP256R1),
    "p-384": ("secp384r1", ec.SECP384R1),
}


def make_key(plan: CeremonyPlan, pin: PinSource, *, state: Path, program: str = "") -> CeremonyRecord:
    """Make the key pair on the token and a request signed by it; the record carries the new key's own signature.

    `program` names the program and its version in the record. Raises `KeyExists` (nothing changed), `TokenUnsuitable`
    (the token would not keep the key in: it was destroyed again), `PinError`s, `DeviceFault`.
    """
    with ceremony_session(plan.uri, pin, state) as session:
        began = datetime.now(UTC)
        identity = plan.id or secrets.token_bytes(16)
        _refuse_to_overwrite(session, plan.label, identity)
        try:
            with named("C_GenerateKeyPair"):
                public, private = _generate(session.handle, plan, identity)
            attributes = _assert_kept_in(private)
            public_key = _public_key(public, plan.algorithm)
            request = build_request(plan.subject, public_key, lambda data: session.sign(private, public_key, data))
            record = CeremonyRecord(
                began_at=began,
                at=datetime.now(UTC),
                step="key-made",
                token=session.token,
                module=session.module.description,
                label=plan.label,
                id=identity,
                algorithm=plan.algorithm,
                public_key_pem=public_key_pem(public_key),
                public_key_sha256=public_key_sha256(public_key),
                attributes=attributes,
                program=program,
                plan_sha256=plan.sha256,
                device_level=plan.device_level,
                witnesses=plan.witnesses,
                request_pem=request.public_bytes(Encoding.PEM).decode(),
            )
            return record.signed(
                jws.sign(
                    record.payload,
                    stamped(record.at) | {"jwk": jws.jwk(public_key)},
                    public_key,
                    natural_scheme(public_key),
                    lambda digest: session.sign_digest(private, public_key, digest),
                )
            )
        except BaseException:
            # A key nobody can vouch for must not stay.
            _remove(session, plan.label, identity)
            raise


def _remove(session: CeremonySession, label: str, identity: bytes) -> None:
    """What was made under this id, which nothing had before; also where it failed before its handles were known."""
    direct = session.module.direct
    try:
        # In a session of its own: what failed may have left an operation open in the ceremony's.
        with public_session(session.module, session.handle.token, write=True) as other:
            for item in direct.find(int(other.handle), {Attribute.ID: identity}):
                try:
                    direct.destroy(int(other.handle), item)
                except DeviceFault as fault:
                    _tell(fault, label, identity)
    except DeviceFault as fault:
        _tell(fault, label, identity)


def _tell(fault: DeviceFault, label: str, identity: bytes) -> None:
    """What went wrong before it is the error to raise; this one needs a person as well."""
    logger.error(
        "the new key could not be removed again (%s): label %s, id %s; remove it with the token maker's tool",
        fault,
        label,
        identity.hex(),
    )


def _refuse_to_overwrite(session: CeremonySession, label: str, identity: bytes) -> None:
    direct, number = session.module.direct, int(session.handle.handle)
    for attribute, value, shown in (
        (Attribute.LABEL, label.encode("utf-8"), label),
        (Attribute.ID, identity, identity.hex()),
    ):
        if direct.find(number, {attribute: value}):
            raise KeyExists(shown)


def _generate(session: Any, plan: CeremonyPlan, identity: bytes) -> tuple[Any, Any]:
    options: dict[str, Any] = {
        "id": identity,
        "label": plan.label,
        "store": True,
        "capabilities": MechanismFlag.SIGN | MechanismFlag.VERIFY,
        "private_template": {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.PRIVATE: True},
    }
    if plan.algorithm in _CURVES:
        curve = encode_named_curve_parameters(_CURVES[plan.algorithm][0])
        parameters = session.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: curve}, local=True)
        pair = parameters.generate_keypair(**options)
    else:
        pair = session.generate_keypair(KeyType.RSA, int(plan.algorithm.removeprefix("rsa-")), **options)
    return pair[0], pair[1]


def _assert_kept_in(private: Any) -> dict[str, bool]:
    values = attributes_of(private)
    wrong = [name.name for name, wanted in KEPT_IN.items() if values.get(name.name.lower()) is not wanted]
    if wrong:
        raise TokenUnsuitable(f"the new key does not stay in the token: {', '.join(wrong)}")
    return values


def _public_key(public: Any, algorithm: Algorithm) -> PublicKey:
    if algorithm in _CURVES:
        raw = public[Attribute.EC_POINT]
        curve = _CURVES[algorithm][1]()
        size = 1 + 2 * ((curve.key_size + 7) // 8)
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, raw[-size:])
    modulus = int.from_bytes(public[Attribute.MODULUS], "big")
    return rsa.RSAPublicNumbers(int.from_bytes(public[Attribute.PUBLIC_EXPONENT], "big"), modulus).public_key()
