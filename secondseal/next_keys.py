"""Whether the keys prepared to follow will be good on their day, as far as certificates tell; no token is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from office import NextKey, Office, Seal
from store import vietnam_date


@dataclass(frozen=True, kw_only=True)
class Remark:
    """What was found about a seal's next key. `fault`: it must not stay so until its day."""

    seal: str
    fault: bool
    text_vi: str
    text_en: str


def examine_next_keys(office: Office, now: datetime) -> tuple[Remark, ...]:
    """Every seal that names a next key; nothing is said of one that will be good."""
    return tuple(
        remark
        for seal in office.seals
        if seal.next is not None and seal.certificate is not None
        for remark in _examine(seal, seal.next, seal.certificate, now)
    )


def _examine(seal: Seal, follower: NextKey, current_file: Path, now: datetime) -> Iterator[Remark]:
    def remark(text_vi: str, text_en: str, *, fault: bool = True) -> Remark:
        return Remark(seal=seal.id, fault=fault, text_vi=text_vi, text_en=text_en)

    day, since = f"{vietnam_date(follower.since):%d/%m/%Y}", follower.since
    found: list[x509.Certificate] = []
    for path in (current_file, follower.certificate):
        try:
            found.append(x509.load_pem_x509_certificate(path.read_bytes()))
        except (OSError, ValueError):
            yield remark(
                f"con dấu {seal.id}: không đọc được chứng thư {path}",
                f"seal {seal.id}: the certificate {path} cannot be read",
            )
    if len(found) < 2:
        return
    current, certificate = found
    if certificate == current:
        yield remark(
            f"con dấu {seal.id}: chứng thư kế tiếp chính là chứng thư đang dùng",
            f"seal {seal.id}: the next certificate is the one in force",
        )
    elif certificate.public_key() == current.public_key():
        yield remark(
            f"con dấu {seal.id}: chứng thư kế tiếp là của cùng một khóa (gia hạn, không phải khóa mới)",
            f"seal {seal.id}: the next certificate is the same key's (a renewal, not a new key)",
            fault=False,
        )
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins <= since <= ends:
        yield remark(
            f"con dấu {seal.id}: chứng thư kế tiếp có hiệu lực từ {vietnam_date(begins):%d/%m/%Y} đến "
            f"{vietnam_date(ends):%d/%m/%Y}, nhưng được dùng từ {day}",
            f"seal {seal.id}: the next certificate is valid from {vietnam_date(begins)} to {vietnam_date(ends)}, but "
            f"comes into force on {vietnam_date(since)}",
        )
    if current.not_valid_after_utc < since:
        yield remark(
            f"con dấu {seal.id}: chứng thư đang dùng hết hạn {vietnam_date(current.not_valid_after_utc):%d/%m/%Y}, "
            f"trước khi khóa kế tiếp được dùng ({day})",
            f"seal {seal.id}: the certificate in force ends on {vietnam_date(current.not_valid_after_utc)}, before the "
            f"next key's day ({vietnam_date(since)})",
        )
    if since <= now:
        yield remark(
            f"con dấu {seal.id}: khóa kế tiếp đã được dùng từ {day}; có thể chuyển nó thành key và certificate rồi bỏ "
            "mục next",
            f"seal {seal.id}: the next key is in force since {vietnam_date(since)}; it may become key and certificate, "
            "and next be taken out",
            fault=False,
        )
