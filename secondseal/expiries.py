"""When the certificates end on which the office's seal depends, and what to do by when. Days are Viet Nam's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from office import Office, Seal
from secondseal.institution import institution
from secondseal.kept_files import kept_files
from secondseal.settings import Settings, SettingsError
from secondseal.wiring import configured_store, open_existing
from stamping import seen_certificates
from store import FileDamaged, FileMissing, read, vietnam_date
from trust import TimestampInvalid, TrustList, common_name, read_token
from verifier import Sandbox

Role = Literal["seal", "next-seal", "officer", "time", "authority", "anchor"]


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """The end of one certificate. `act_by`: the day by which something must be done, None where it is provided for.

    `fault`: nothing can be planned any more; it is over, or leaves a gap.
    """

    role: Role
    what: str
    certificate: x509.Certificate
    ends: date
    act_by: date | None
    text_vi: str
    text_en: str
    fault: bool = False

    @property
    def sha256(self) -> str:
        """The certificate's fingerprint, hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    @property
    def subject(self) -> str:
        """Its common name."""
        return common_name(self.certificate)

    def days_left(self, today: date) -> int:
        """Below 0 when it is over."""
        return (self.ends - today).days


@dataclass(frozen=True, kw_only=True)
class Unread:
    """Something that should stand in the calendar and cannot be told."""

    what: str
    text_vi: str
    text_en: str
    fault: bool


def expiries(settings: Settings, now: datetime) -> tuple[tuple[Expiry, ...], tuple[Unread, ...]]:
    """Every certificate that matters, by its end; and what could not be read. Raises `OfficeInvalid`, `OSError`."""
    found: list[Expiry | Unread] = []
    office = institution(settings)
    for seal in office.seals:
        found += _of_seal(settings, seal, now)
    found += _of_trust(settings)
    found += _from_database(settings, office, now)
    once: dict[tuple[str, str, str], Expiry] = {}
    for one in found:
        if isinstance(one, Expiry):
            once.setdefault((one.sha256, one.role, one.what), one)
    known = sorted(once.values(), key=lambda one: (one.ends, one.role, one.what))
    return tuple(known), tuple(one for one in found if isinstance(one, Unread))


def _of_seal(settings: Settings, seal: Seal, now: datetime) -> Iterator[Expiry | Unread]:
    current, waiting = seal.key_on(now), seal.waiting_on(now)
    if current.certificate is None:
        return
    lead = timedelta(days=settings.expiry_warning_days)
    own = _read(settings.home / current.certificate, seal.id)
    follower = _read(settings.home / waiting.certificate, seal.id) if waiting and waiting.certificate else None
    if isinstance(follower, x509.Certificate):
        ends = _ends(follower)
        yield Expiry(
            role="next-seal",
            what=seal.id,
            certificate=follower,
            ends=ends,
            act_by=ends - lead,
            text_vi=f"Khóa kế tiếp của con dấu {seal.id}. Tổ chức lễ tạo khóa tiếp sau đó trước "
            f"{ends - lead:%d/%m/%Y}.",
            text_en=f"The next key of seal {seal.id}. Hold the ceremony of the one after it by {ends - lead}.",
        )
    elif follower is not None:
        yield follower
    if not isinstance(own, x509.Certificate):
        yield own
        return
    ends, since = _ends(own), seal.next.since if waiting and seal.next else None
    if since is None or not isinstance(follower, x509.Certificate):
        yield Expiry(
            role="seal",
            what=seal.id,
            certificate=own,
            ends=ends,
            act_by=ends - lead,
            text_vi=f"Tổ chức lễ tạo khóa kế tiếp của con dấu {seal.id} và xin chứng thư trước {ends - lead:%d/%m/%Y}.",
            text_en=f"Hold the ceremony of seal {seal.id}'s next key, request its certificate by {ends - lead}.",
            fault=own.not_valid_after_utc < now,
        )
    elif since > own.not_valid_after_utc:
        yield Expiry(
            role="seal",
            what=seal.id,
            certificate=own,
            ends=ends,
            act_by=ends,
            text_vi=f"Khóa kế tiếp chỉ dùng từ {vietnam_date(since):%d/%m/%Y}, sau khi chứng thư này hết hạn: từ đó "
            f"con dấu {seal.id} không dùng được. Hãy dời ngày (from) lên trước {ends:%d/%m/%Y}.",
            text_en=f"The next key is in force from {vietnam_date(since)} only, after this certificate's end: seal "
            f"{seal.id} cannot be used in between. Move its day (from) to before {ends}.",
            fault=True,
        )
    else:
        yield Expiry(
            role="seal",
            what=seal.id,
            certificate=own,
            ends=ends,
            act_by=None,
            text_vi=f"Đã có khóa kế tiếp, dùng từ {vietnam_date(since):%d/%m/%Y}. Không phải làm gì.",
            text_en=f"The next key is prepared, in force from {vietnam_date(since)}. Nothing to do.",
        )


def _of_trust(settings: Settings) -> Iterator[Expiry]:
    store = TrustList.load(settings.trust_list).store(configured_store(settings))
    lead = timedelta(days=settings.expiry_warning_days)
    for role, certificates in (("anchor", store.anchors), ("authority", store.intermediates)):
        for certificate in certificates:
            if certificate in store.ended:
                continue  # the operator has decided already
            ends = _ends(certificate)
            yield Expiry(
                role="anchor" if role == "anchor" else "authority",
                what=common_name(certificate),
                certificate=certificate,
                ends=ends,
                act_by=ends - lead,
                text_vi=f"Xin chứng thư mới của tổ chức chứng thực và đối chiếu vân tay trước {ends - lead:%d/%m/%Y}.",
                text_en=f"Get the authority's new certificate and compare its fingerprint by {ends - lead}.",
            )


def _from_database(settings: Settings, office: Office, now: datetime) -> Iterator[Expiry | Unread]:
    try:
        engine = open_existing(settings.database)
    except SettingsError:
        yield Unread(
            what="officers",
            text_vi="Chưa có sổ: chứng thư của người ký và của máy chủ dấu thời gian được biết sau lần dùng đầu tiên.",
            text_en="No register yet: officers' and time-stamping certificates are known after their first use.",
            fault=False,
        )
        return
    with read(engine) as connection:
        officers = [
            (officer.name, sha256, seen_certificates.officer_certificate(connection, sha256))
            for officer in office.officers
            for sha256 in officer.certificates
            if officer.holds_certificate(sha256, now)
        ]
        newest = seen_certificates.newest_sealed(connection)
    lead = timedelta(days=settings.expiry_warning_days)
    for name, sha256, certificate in officers:
        if certificate is None:
            yield Unread(
                what=name,
                text_vi=f"Chứng thư {sha256[:16]}… của {name} chưa dùng ở đây lần nào nên chưa biết ngày hết hạn.",
                text_en=f"The certificate {sha256[:16]}… of {name} was never used here; its end is not known.",
                fault=False,
            )
            continue
        ends = _ends(certificate)
        yield Expiry(
            role="officer",
            what=name,
            certificate=certificate,
            ends=ends,
            act_by=ends - lead,
            text_vi=f"{name}: xin chứng thư mới và đưa vào trước {ends - lead:%d/%m/%Y} "
            "(secondseal office officer certificate).",
            text_en=f"{name}: request a new certificate and bring it in by {ends - lead} "
            "(secondseal office officer certificate).",
        )
    if newest is not None:
        yield from _of_time(settings, newest, lead)


def _of_time(settings: Settings, sealed_sha256: str, lead: timedelta) -> Iterator[Expiry]:
    """The time-stamping authority of the paper sealed last."""
    try:
        pdf = kept_files(settings).get(sealed_sha256)
    except (FileDamaged, FileMissing):
        return  # the audit's business
    with Sandbox() as sandbox:
        facts = sandbox.gather(pdf)
    for signature in facts.signatures:
        if signature.mechanism.timestamp is None:
            continue
        try:
            certificate = read_token(signature.mechanism.timestamp).certificate
        except TimestampInvalid:
            continue
        ends = _ends(certificate)
        yield Expiry(
            role="time",
            what=common_name(certificate),
            certificate=certificate,
            ends=ends,
            act_by=ends - lead,
            text_vi="Máy chủ dấu thời gian: hỏi tổ chức cung cấp về chứng thư mới; xem tsa_urls và trust_anchors.",
            text_en="The time-stamping service: ask its provider for the successor; see tsa_urls and trust_anchors.",
        )


def _read(path: Path, seal: str) -> x509.Certificate | Unread:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        return Unread(
            what=seal,
            text_vi=f"Không đọc được chứng thư {path} của con dấu {seal}.",
            text_en=f"The certificate {path} of seal {seal} cannot be read: {error}",
            fault=True,
        )


def _ends(certificate: x509.Certificate) -> date:
    return vietnam_date(certificate.not_valid_after_utc)
