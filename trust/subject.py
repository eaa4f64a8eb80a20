"""Who a certificate speaks of, read from its subject.

NĐ 30/2020 Đ.5.1 asks for one signature of a person and one of the agency (AC-2), so the kind must be read from the
certificate. No attribute is mandatory in practice, hence an order of evidence, strongest first:

1. the qualified-certificate type (ETSI EN 319 412-5): esign a person, eseal an organisation;
2. organizationIdentifier (2.5.4.97): an organisation;
3. a prefix in UID or serialNumber as public authorities here write them: CCCD, CMND, HC... a person; MST, MNS... an
   organisation;
4. givenName or surname: a person;
5. the common name equals O or OU, or begins as offices are named (Ủy ban, Sở, Trung tâm...): an organisation;
6. the common name has the shape of a Vietnamese name and begins with a family name: a person.

Everything else is `unknown`, and `unknown` never counts as one of the two signatures.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

SubjectKind = Literal["person", "organisation", "unknown"]

ORGANISATION_IDENTIFIER = ObjectIdentifier("2.5.4.97")
USER_ID = ObjectIdentifier("0.9.2342.19200300.100.1.1")
QC_STATEMENTS = ObjectIdentifier("1.3.6.1.5.5.7.1.3")
QC_TYPE_ESIGN = bytes.fromhex("060704008e46010601")  # 0.4.0.1862.1.6.1
QC_TYPE_ESEAL = bytes.fromhex("060704008e46010602")  # 0.4.0.1862.1.6.2

_PERSON_NUMBER = re.compile(r"^\s*(CCCD|CMND|CMT|CCC|CC|HC|PASSPORT|PNOVN|IDCVN|PASVN)\s*[:\-]?\s*\w", re.IGNORECASE)
_ORGANISATION_NUMBER = re.compile(r"^\s*(MST|MSDN|MNS|MQHNS|TAXVN|VATVN|NTRVN|MDD|MSCQ)\s*[:\-]?\s*\w", re.IGNORECASE)
_OFFICE_WORDS = (
    "ủy ban",
    "uỷ ban",
    "ubnd",
    "hội đồng",
    "hđnd",
    "sở ",
    "bộ ",
    "văn phòng",
    "trung tâm",
    "chi cục",
    "cục ",
    "tổng cục",
    "tổng công ty",
    "công ty",
    "phòng ",
    "ban quản lý",
    "ban dân",
    "ban tổ chức",
    "ban cơ yếu",
    "công an",
    "tòa án",
    "toà án",
    "viện ",
    "thanh tra",
    "kiểm toán",
    "kho bạc",
    "bảo hiểm xã hội",
    "trường ",
    "bệnh viện",
    "cổng ",
    "chính phủ",
    "thành ủy",
    "tỉnh ủy",
    "huyện ủy",
    "đảng ủy",
    "mặt trận",
    "hội ",
    "liên đoàn",
    "quỹ ",
    "ngân hàng",
    "báo ",
    "đài ",
    "trạm ",
)
_FAMILY_NAMES = frozenset(
    re.findall(
        r"\S+",
        """
    an biện bàn bành bá bùi bạc bạch bế ca cao chu chung châu chúc chế chử cung cà cái cù cầm cồ cổ cự danh dư
    dương giang giáp giả hoa hoàng hoắc huỳnh hà hàn hình hướng hạ hầu hồ hồng hứa kha khiếu khuất khà khâu khúc
    khương khổng kim kiều kpa kpă ksor kơ la linh liên liễu luân lâm lâu lã lê lò lô lý lăng lư lưu lương lường
    lạc lại lầu lều lỗ lộc lục lữ lỳ ma mai man mã mông mùa mạc mạch mạnh mạo mẫn nghiêm nguyến nguyễn ngô ngọ
    ngụy nhan nhâm nhữ ninh nông ong phan phong phàn phí phó phù phùng phú phương phạm quan quang quách quản
    quảng rcom rơ sa sùng sơn sầm thang thi thiều thiệu thào thái thân thôi thạch thẩm thịnh tiêu tiết trang
    triệu trà trác tráng trình trưng trương trần trịnh ty tào tô tôn tăng tường tạ tất tần tẩn tẩy tề tống từ
    ung uông vi viên việt vàng vòng võ văn vũ vương vạn vừ xa xin yên âu ông đan đinh điêu điền đoàn đàm đào đái
    đèo đường đầu đậu đặng đồng đổng đỗ đới ấu ứng
    """,
    )
)


@lru_cache(maxsize=1024)
def subject_kind(certificate: x509.Certificate) -> SubjectKind:
    """Whether the certificate is a person's or an organisation's (see this module's text for the order of evidence)."""
    for reading in (_by_qualified_type, _by_attributes, _by_common_name):
        kind = reading(certificate)
        if kind != "unknown":
            return kind
    return "unknown"


def common_name(certificate: x509.Certificate) -> str:
    """The subject's common name in NFC; the whole subject (RFC 4514) where there is none."""
    return _first(certificate.subject, NameOID.COMMON_NAME) or certificate.subject.rfc4514_string()


def organisation_name(certificate: x509.Certificate) -> str | None:
    """The agency: an organisation's own name, or the O (else OU) of a person. TT 15 "đơn vị quản lý chứng thư"."""
    if subject_kind(certificate) == "organisation":
        return common_name(certificate)
    return _first(certificate.subject, NameOID.ORGANIZATION_NAME) or _first(
        certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME
    )


def issuer_name(certificate: x509.Certificate) -> str:
    """The issuing authority's common name. TT 15 "tổ chức cấp chứng thư"."""
    return _first(certificate.issuer, NameOID.COMMON_NAME) or certificate.issuer.rfc4514_string()


def _by_qualified_type(certificate: x509.Certificate) -> SubjectKind:
    for extension in certificate.extensions:
        if extension.oid == QC_STATEMENTS and isinstance(extension.value, x509.UnrecognizedExtension):
            eseal, esign = QC_TYPE_ESEAL in extension.value.value, QC_TYPE_ESIGN in extension.value.value
            if eseal != esign:
                return "organisation" if eseal else "person"
    return "unknown"


def _by_attributes(certificate: x509.Certificate) -> SubjectKind:
    subject = certificate.subject
    if _first(subject, ORGANISATION_IDENTIFIER):
        return "organisation"
    numbers = _all(subject, USER_ID) + _all(subject, NameOID.SERIAL_NUMBER)
    if any(_PERSON_NUMBER.match(number) for number in numbers):
        return "person"
    if any(_ORGANISATION_NUMBER.match(number) for number in numbers):
        return "organisation"
    if _first(subject, NameOID.GIVEN_NAME) or _first(subject, NameOID.SURNAME):
        return "person"
    return "unknown"


def _by_common_name(certificate: x509.Certificate) -> SubjectKind:
    subject = certificate.subject
    name = _first(subject, NameOID.COMMON_NAME) or ""
    folded = name.casefold()
    offices = _all(subject, NameOID.ORGANIZATION_NAME) + _all(subject, NameOID.ORGANIZATIONAL_UNIT_NAME)
    if folded and (folded in {office.casefold() for office in offices} or folded.startswith(_OFFICE_WORDS)):
        return "organisation"
    words = name.split()
    shaped = 2 <= len(words) <= 7 and all(word[0].isupper() and word.replace("'", "").isalpha() for word in words)
    if shaped and words[0].casefold() in _FAMILY_NAMES:
        return "person"
    return "unknown"


def _all(name: x509.Name, oid: ObjectIdentifier) -> list[str]:
    values = (attribute.value for attribute in name.get_attributes_for_oid(oid))
    return [unicodedata.normalize("NFC", value).strip() for value in values if isinstance(value, str)]


def _first(name: x509.Name, oid: ObjectIdentifier) -> str | None:
    return next(iter(_all(name, oid)), None)
