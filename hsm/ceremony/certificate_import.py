"""The issued certificate put beside its key, with a record signed by that key."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import Attribute, ObjectClass

from ..errors import CertificateMismatch, KeyMissing
from ..faults import named
from ..foreign_certificates import signing_key
from ..mechanisms import natural_scheme
from ..objects import View, find_private_key
from ..pin import PinSource
from ..tokens import read
from ..uri import KeyUri
from . import jws
from .record import CeremonyRecord, stamped
from .session import (
    CeremonySession,
    algorithm_of,
    attributes_of,
    ceremony_session,
    public_key_pem,
    public_key_sha256,
)


def import_certificate(
    uri: KeyUri,
    pin: PinSource,
    certificate: x509.Certificate,
    *,
    state: Path,
    chain: Iterable[x509.Certificate] = (),
    program: str = "",
) -> CeremonyRecord:
    """Put the certificate beside its key, and its issuers where given. Doing it twice changes nothing.

    The record carries the key's signature, under its certificate now. Raises `CertificateMismatch` where the token
    holds no key of this certificate, `PinError`s, `DeviceFault`.
    """
    public_key = signing_key(certificate)
    issuers = tuple(chain)
    with ceremony_session(uri, pin, state) as session:
        began = datetime.now(UTC)
        try:
            view = View(direct=session.module.direct, session=int(session.handle.handle))
            found = find_private_key(view, public_key)
        except KeyMissing as error:
            raise CertificateMismatch(str(error)) from error
        with named("C_CreateObject"):
            keys = session.handle.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
            private = next(key for key in list(keys) if key.handle == found.handle)
            values = read(private, Attribute.ID, Attribute.LABEL)
            identity, label = values.get(Attribute.ID) or b"", values.get(Attribute.LABEL) or ""
            _store_certificate(session, certificate, label, identity)
            for issuer in issuers:
                _store_certificate(session, issuer, issuer.subject.rfc4514_string()[:64], b"")
            attributes = attributes_of(private)
        record = CeremonyRecord(
            began_at=began,
            at=datetime.now(UTC),
            step="certificate-imported",
            token=session.token,
            module=session.module.description,
            label=label,
            id=identity,
            algorithm=algorithm_of(public_key),
            public_key_pem=public_key_pem(public_key),
            public_key_sha256=public_key_sha256(public_key),
            attributes=attributes,
            program=program,
            certificate_pem=certificate.public_bytes(Encoding.PEM).decode("ascii"),
            certificate_sha256=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        )
        return record.signed(
            jws.sign(
                record.payload,
                stamped(record.at) | {"x5c": jws.x5c((certificate, *issuers))},
                public_key,
                natural_scheme(public_key),
                lambda digest: session.sign_digest(private, public_key, digest),
            )
        )


def _store_certificate(session: CeremonySession, certificate: x509.Certificate, label: str, identity: bytes) -> None:
    der = certificate.public_bytes(Encoding.DER)
    existing = session.handle.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
    if any(read(item, Attribute.VALUE).get(Attribute.VALUE) == der for item in list(existing)):
        return
    serial = certificate.serial_number
    number = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    session.handle.create_object(
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
