"""The officer's signature: prepared for a certificate, completed with the value the token answered."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from sqlalchemy import RowMapping

from office import Office
from signer import (
    Inspection,
    Level,
    Order,
    Placement,
    PreparedSignature,
    Scheme,
    SignedDocument,
    SignerError,
    WrongSignature,
    complete,
    prepare_seen,
)
from stamping import attachments
from stamping.certificates import Established
from stamping.desk import Desk
from stamping.judgement import authorise
from stamping.marks import officer_mark_for
from stamping.reasons import time_authority_away, unsealable
from stamping.refusal import Refusal
from trust import TimeAuthorityUnreachable, TimestampRejected
from verifier import OFFICER_FIELD


def scheme_of(certificate: x509.Certificate) -> Scheme:
    """The scheme an officer's token signs with: PKCS#1 v1.5 as state practice has it (docs/decisions), ECDSA by curve.

    Raises `ValueError` for a key nobody may sign with.
    """
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        return "rsa-pkcs1v15-sha256"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return "ecdsa-sha256"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
        return "ecdsa-sha384"
    raise ValueError("neither RSA of 2048 bits or more nor P-256 or P-384")


def officer_level(desk: Desk) -> Level:
    """The officer's signature is time-stamped wherever the office time-stamps at all; evidence comes with the seal."""
    return Level.B_B if desk.level is Level.B_B else Level.B_T


def prepare_for(
    desk: Desk,
    office: Office,
    document_id: str,
    row: RowMapping,
    certificate: x509.Certificate,
    scheme: Scheme,
    established: Established,
) -> PreparedSignature:
    """The paper of this row, ready for the officer's token. Raises `Refusal` officer-not-authorised, unsealable."""
    officer = authorise(office, certificate, row, established.at)
    pdf = desk.files.get(row["generated_sha256"])
    attached = attachments.of(desk, document_id, row["attachments_sha256"])

    def order_for(seen: Inspection) -> Order:
        return Order(
            field=OFFICER_FIELD,
            placement=None,
            mark=officer_mark_for(desk, officer, _place(seen)),
            signed_at=established.at,
            name=officer.name,
            reason=attachments.approval_reason(row, attached),
            location=row["organisation_name"],
            role="officer",
            level=officer_level(desk),
        )

    try:
        return prepare_seen(pdf, order_for, certificate, established.chain, scheme)
    except SignerError as error:
        raise unsealable(error) from error


def completed(desk: Desk, prepared: PreparedSignature, signature: bytes) -> SignedDocument:
    """The signed paper. Raises `Refusal` signature-invalid, time-authority-unreachable; nothing is spent then."""
    try:
        return complete(prepared, signature, level=officer_level(desk), sources=desk.sources)
    except WrongSignature as error:
        raise Refusal(
            "signature-invalid",
            "Chữ ký gửi lên không khớp với văn bản và chứng thư. Chưa có gì được lưu; hãy ký lại.",
            "The signature does not fit the document and the certificate. Nothing was stored; sign again.",
        ) from error
    except (TimeAuthorityUnreachable, TimestampRejected) as error:
        raise time_authority_away() from error


def _place(seen: Inspection) -> Placement:
    """Where the prepared field for the officer stands."""
    field = seen.field(OFFICER_FIELD)
    if field is None or field.placement is None:
        raise Refusal(
            "unsealable",
            "Văn bản không có ô chữ ký dành cho người có thẩm quyền.",
            "The paper has no field prepared for the officer's signature.",
        )
    return field.placement
