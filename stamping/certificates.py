"""Is this certificate good for signing now? Asked before a key is used (TT 15/2025 article 5.1, AC-70)."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.x509 import Certificate

from stamping.desk import Desk
from stamping.refusal import Refusal
from store import vietnam_date
from trust import PathStatus, RevocationEvidence, RevocationUnavailable, check_path, common_name


@dataclass(frozen=True, slots=True)
class Established:
    """A certificate proven good at `at`: its issuers, nearest first, and the revocation evidence that said so."""

    chain: tuple[Certificate, ...]
    evidence: RevocationEvidence
    at: datetime


def day(at: datetime) -> str:
    """A date as people read it, in Viet Nam time."""
    return vietnam_date(at).strftime("%d/%m/%Y")


def establish(desk: Desk, certificate: Certificate, at: datetime) -> Established:
    """Path to an anchor, validity, revocation, all as of `at` (UTC, about now).

    Raises `Refusal` certificate-expired, certificate-revoked, certificate-untrusted, revocation-unknown.
    """
    name = common_name(certificate) or "?"
    path = check_path(
        certificate, store=desk.store, at=at, evidence=RevocationEvidence(), use="signing", revocation="if-known"
    )
    if path.status is PathStatus.TRUSTED and desk.sources.revocation is not None:
        try:
            evidence = desk.sources.revocation.collect(path.chain, now=at)
        except RevocationUnavailable as error:
            raise _unknown(name) from error
        path = check_path(certificate, store=desk.store, at=at, evidence=evidence, use="signing")
        if path.status is PathStatus.TRUSTED:
            return Established(path.chain[1:], evidence, at)
    match path.status:
        case PathStatus.EXPIRED:
            end = certificate.not_valid_after_utc
            raise Refusal(
                "certificate-expired",
                f"Chứng thư của {name} đã hết hạn ngày {day(end)}. Chưa có gì được ký.",
                f"The certificate of {name} expired on {day(end)}. Nothing was signed.",
                not_after=end.isoformat(),
            )
        case PathStatus.NOT_YET_VALID:
            start = certificate.not_valid_before_utc
            raise Refusal(
                "certificate-expired",
                f"Chứng thư của {name} chỉ có hiệu lực từ ngày {day(start)}. Chưa có gì được ký.",
                f"The certificate of {name} is not valid before {day(start)}. Nothing was signed.",
                not_before=start.isoformat(),
            )
        case PathStatus.REVOKED:
            when = path.revoked_at
            raise Refusal(
                "certificate-revoked",
                f"Chứng thư của {name} đã bị thu hồi{f' ngày {day(when)}' if when else ''}. Chưa có gì được ký.",
                f"The certificate of {name} was revoked{f' on {day(when)}' if when else ''}. Nothing was signed.",
                revoked_at=when.isoformat() if when else None,
            )
        case PathStatus.TRUSTED | PathStatus.REVOCATION_UNKNOWN:
            raise _unknown(name)
        case _:
            raise Refusal(
                "certificate-untrusted",
                f"Chứng thư của {name} không do tổ chức được công nhận cấp, hoặc không dùng để ký văn bản được.",
                f"The certificate of {name} chains to no recognised authority, or may not sign documents.",
                status=path.status.value,
                reason=path.detail,
            )


def _unknown(name: str) -> Refusal:
    return Refusal(
        "revocation-unknown",
        f"Chưa kiểm tra được chứng thư của {name} có bị thu hồi hay không. Chưa có gì được ký; thử lại sau ít phút.",
        f"It could not be checked whether the certificate of {name} was revoked. Nothing was signed; "
        "try again in a few minutes.",
    )
