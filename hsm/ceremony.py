"""The key ceremony: a plan goes in; a key on the token, a certificate request and a record come out.

The key is made on the token, sensitive and not extractable, and both are read back before anything is believed (NĐ 30,
điều 32: the key stays at the agency; rules 1.7). Nothing on the token is ever overwritten.
"""

import hashlib
import secrets
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast, get_args

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from .errors import CertificateMismatch, KeyExists, KeyMissing, TokenUnsuitable, UriInvalid
from .faults import named
from .ledger import LoginLedger
from .login import ensure_login
from .mechanisms import PublicKey, natural_scheme, shape, to_sign, usable, verify
from .module import Module
from .objects import find_private_key
from .pin import PinSource
from .request import build_request
from .tokens import TokenInfo, find, public_session, read
from .uri import KeyUri

Algorithm = Literal["rsa-2048", "rsa-3072", "rsa-4096", "p-256", "p-384"]
_CURVES: dict[str, tuple[str, type[ec.EllipticCurve]]] = {
    "p-256": ("secp256r1", ec.SECP256R1),
    "p-384": ("secp384r1", ec.SECP384R1),
}
_SUBJECT = {
    "common_name": NameOID.COMMON_NAME,
    "title": NameOID.TITLE,
    "organizational_unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
    "locality": NameOID.LOCALITY_NAME,
    "province": NameOID.STATE_OR_PROVINCE_NAME,
    "country": NameOID.COUNTRY_NAME,
    "user_id": NameOID.USER_ID,
}
# What the private key must say of itself afterwards. The last two are the token's own word that it always was so.
_REQUIRED = {
    Attribute.TOKEN: True,
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.LOCAL: True,
    Attribute.ALWAYS_SENSITIVE: True,
    Attribute.NEVER_EXTRACTABLE: True,
}


@dataclass(frozen=True, kw_only=True)
class CeremonyPlan:
    """One key to be made. `uri` names module and token; `label` is the new key's; `subject` goes into the request."""

    uri: KeyUri
    label: str
    algorithm: Algorithm
    subject: x509.Name

    @classmethod
    def load(cls, path: Path) -> "CeremonyPlan":
        """From TOML: `uri`, `label`, `algorithm` and a table `[subject]` (common_name, organization, country ...).

        Raises `UriInvalid` or `ValueError` naming what is wrong.
        """
        given = tomllib.loads(path.read_text("utf-8"))
        unknown = set(given) - {"uri", "label", "algorithm", "subject"}
        missing = {"uri", "label", "algorithm", "subject"} - set(given)
        if unknown or missing:
            raise ValueError(f"{path}: unknown {sorted(unknown)}, missing {sorted(missing)}")
        if given["algorithm"] not in get_args(Algorithm):
            raise ValueError(f"{path}: algorithm is one of {', '.join(get_args(Algorithm))}")
        return cls(
            uri=KeyUri.parse(given["uri"]),
            label=str(given["label"]),
            algorithm=cast(Algorithm, given["algorithm"]),
            subject=subject_name(given["subject"]),
        )


@dataclass(frozen=True, kw_only=True)
class CeremonyRecord:
    """What was done, for the file: nothing in it is secret."""

    at: datetime
    step: Literal["key-made", "certificate-imported"]
    token: TokenInfo
    label: str
    id: bytes
    algorithm: str
    public_key_sha256: str
    attributes: Mapping[str, bool]
    request_pem: str = ""
    certificate_sha256: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, times in UTC."""
        return {
            "at": self.at.isoformat(),
            "step": self.step,
            "token": {
                "label": self.token.label,
                "serial": self.token.serial,
                "manufacturer": self.token.manufacturer,
                "model": self.token.model,
                "firmware": self.token.firmware,
                "software": self.token.is_software,
            },
            "label": self.label,
            "id": self.id.hex(),
            "algorithm": self.algorithm,
            "public_key_sha256": self.public_key_sha256,
            "attributes": dict(self.attributes),
            "request_pem": self.request_pem,
            "certificate_sha256": self.certificate_sha256,
        }


def subject_name(parts: Mapping[str, str]) -> x509.Name:
    """A distinguished name from plain words; country first, common name last. Raises `ValueError`."""
    unknown = set(parts) - set(_SUBJECT)
    if unknown or not parts.get("common_name"):
        raise ValueError(f"subject: unknown {sorted(unknown)}; common_name is needed")
    return x509.Name(
        [x509.NameAttribute(oid, parts[name]) for name, oid in reversed(_SUBJECT.items()) if name in parts]
    )


def make_key(plan: CeremonyPlan, pin: PinSource, *, state: Path) -> CeremonyRecord:
    """Make the key pair on the token and a request signed by it.

    Raises `KeyExists` (nothing changed), `TokenUnsuitable` (the token would not keep the key in: it was destroyed
    again), `PinError`s, `DeviceFault`.
    """
    with _session(plan.uri, pin, state) as (module, token, session):
        with named("C_FindObjects"):
            if list(session.get_objects({Attribute.LABEL: plan.label})):
                raise KeyExists(plan.label)
        identity = secrets.token_bytes(16)
        with named("C_GenerateKeyPair"):
            public, private = _generate(session, plan, identity)
        try:
            attributes = _assert_kept_in(private)
            public_key = _public_key(public, plan.algorithm)
            request = build_request(
                plan.subject, public_key, lambda data: _sign(module, session, private, public_key, data)
            )
        except BaseException:
            # A key nobody can vouch for must not stay.
            private.destroy()
            public.destroy()
            raise
        return CeremonyRecord(
            at=datetime.now(UTC),
            step="key-made",
            token=token,
            label=plan.label,
            id=identity,
            algorithm=plan.algorithm,
            public_key_sha256=_fingerprint(public_key),
            attributes=attributes,
            request_pem=request.public_bytes(Encoding.PEM).decode(),
        )


def import_certificate(
    uri: KeyUri,
    pin: PinSource,
    certificate: x509.Certificate,
    *,
    state: Path,
    chain: Iterable[x509.Certificate] = (),
) -> CeremonyRecord:
    """Put the certificate beside its key, and its issuers where given. Doing it twice changes nothing.

    Raises `CertificateMismatch` where the token holds no key of this certificate.
    """
    public_key = usable(certificate.public_key())
    with _session(uri, pin, state) as (_, token, session):
        try:
            found = find_private_key(session, public_key)
        except KeyMissing as error:
            raise CertificateMismatch(str(error)) from error
        with named("C_CreateObject"):
            keys = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
            private = next(key for key in list(keys) if key.handle == found.handle)
            values = read(private, Attribute.ID, Attribute.LABEL)
            identity, label = values.get(Attribute.ID) or b"", values.get(Attribute.LABEL) or ""
            _store_certificate(session, certificate, label, identity)
            for issuer in chain:
                _store_certificate(session, issuer, issuer.subject.rfc4514_string()[:64], b"")
            attributes = {name.name.lower(): bool(value) for name, value in read(private, *_REQUIRED).items()}
        size = public_key.key_size
        return CeremonyRecord(
            at=datetime.now(UTC),
            step="certificate-imported",
            token=token,
            label=label,
            id=identity,
            algorithm=f"rsa-{size}" if isinstance(public_key, rsa.RSAPublicKey) else f"p-{size}",
            public_key_sha256=_fingerprint(public_key),
            attributes=attributes,
            certificate_sha256=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        )


@contextmanager
def _session(uri: KeyUri, pin: PinSource, state: Path) -> Iterator[tuple[Module, TokenInfo, Any]]:
    """A session that may write, logged in."""
    if uri.module_path is None:
        raise UriInvalid("the URI names no module-path")
    module = Module.load(uri.module_path)
    handle, token = find(module, uri)
    with public_session(module, handle, write=True) as session:
        ensure_login(module, token, int(session.handle), pin, LoginLedger(state))
        yield module, token, session


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
    values = {name: bool(value) for name, value in read(private, *_REQUIRED).items()}
    wrong = [name.name for name, wanted in _REQUIRED.items() if values.get(name) is not wanted]
    if wrong:
        raise TokenUnsuitable(f"the new key does not stay in the token: {', '.join(wrong)}")
    return {name.name.lower(): value for name, value in values.items()}


def _public_key(public: Any, algorithm: Algorithm) -> PublicKey:
    if algorithm in _CURVES:
        raw = public[Attribute.EC_POINT]
        curve = _CURVES[algorithm][1]()
        size = 1 + 2 * ((curve.key_size + 7) // 8)
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, raw[-size:])
    modulus = int.from_bytes(public[Attribute.MODULUS], "big")
    return rsa.RSAPublicNumbers(int.from_bytes(public[Attribute.PUBLIC_EXPONENT], "big"), modulus).public_key()


def _sign(module: Module, session: Any, private: Any, public_key: PublicKey, data: bytes) -> bytes:
    scheme = natural_scheme(public_key)
    digest = (hashlib.sha384 if scheme == "ecdsa-sha384" else hashlib.sha256)(data).digest()
    mechanism, raw_data = to_sign(public_key, digest, scheme)
    module.direct.sign_init(int(session.handle), mechanism.ckm, mechanism.parameter, int(private.handle))
    signature = shape(public_key, module.direct.sign(int(session.handle), raw_data))
    verify(public_key, signature, digest, scheme)
    return signature


def _store_certificate(session: Any, certificate: x509.Certificate, label: str, identity: bytes) -> None:
    der = certificate.public_bytes(Encoding.DER)
    existing = session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
    if any(read(item, Attribute.VALUE).get(Attribute.VALUE) == der for item in list(existing)):
        return
    serial = certificate.serial_number
    number = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    session.create_object(
        {
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
            Attribute.TOKEN: True,
            Attribute.PRIVATE: False,
            Attribute.LABEL: label,
            Attribute.ID: identity,
            Attribute.SUBJECT: certificate.subject.public_bytes(),
            Attribute.ISSUER: certificate.issuer.public_bytes(),
            Attribute.SERIAL_NUMBER: bytes((2, len(number))) + number,
            Attribute.VALUE: der,
        }
    )


def _fingerprint(public_key: PublicKey) -> str:
    return hashlib.sha256(public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
