"""What an office adds to a paper when it issues it: number, date, who signs, how it is looked up."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from templates.errors import PaperDataInvalid, Problem
from templates.typeface import check, clean

_NUMBER: Final = re.compile(r"\d{2,}/[A-ZĐ0-9]+(-[A-ZĐ0-9]+)*")
_CODE: Final = re.compile(r"[0-9A-Z]{8,64}")
_CAPACITY: Final = re.compile(r"([^\W\d_]+)\.")
_CAPACITIES: Final = frozenset({"TM", "Q", "KT", "TL", "TUQ"})
_TITLES: Final = re.compile(
    r"^(GS|PGS|TS|TSKH|ThS|CN|KS|BS|LS|NGND|NGƯT|NSND|NSƯT|AHLĐ)\s*[.,]|^(Giáo sư|Phó giáo sư|Tiến sĩ|Thạc sĩ)\b", re.I
)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST: Final = 300

_Refuse = Callable[[str, str, str], None]


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One issuing of one paper. Texts are stored NFC; times are aware; lengths in mm.

    `page`: which page the code leads to, a paper's own ("v") or its dossier's ("t"); a form of
    a dossier may have no number. `appointed_at`: when the result is
    to be fetched, on a letter about a dossier; its QR says that instead of `validity`.

    Raises PaperDataInvalid (paths begin with "issue.") or GlyphMissing. Clauses: NĐ 30/2020, PL I, part I, items 2-9;
    TT 01/2023/TT-VPCP for the QR.
    """

    organisation: str
    parent: str | None
    place: str
    number: str
    issued_on: date
    authority_lines: tuple[str, ...]
    signer_name: str
    code: str
    verify_url: str
    dossier: str
    procedure: str
    holder_id: str
    system: str
    exported_at: datetime
    validity: str
    seal_diameter_mm: float
    sample: bool = False
    recipients: tuple[str, ...] = ()
    holder_id_in_qr: Literal["masked", "full"] = "masked"
    page: Literal["v", "t"] = "v"
    appointed_at: datetime | None = None

    def __post_init__(self) -> None:
        """Normalise every text, then refuse what the decree would not let stand on a paper."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                object.__setattr__(self, field.name, clean(value))
            elif isinstance(value, tuple):
                object.__setattr__(self, field.name, tuple(clean(part) for part in value))
        object.__setattr__(self, "code", re.sub(r"[\s-]", "", self.code).upper())
        problems = tuple(self._problems())
        if problems:
            raise PaperDataInvalid(problems)
        for field in fields(self):
            value = getattr(self, field.name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, str):
                    check(part, f"issue.{field.name}")

    @property
    def code_in_groups(self) -> str:
        """The public code as people read it aloud: groups of three."""
        return "-".join(self.code[start : start + 3] for start in range(0, len(self.code), 3))

    @property
    def lookup_page(self) -> str:
        """Where the printed code is typed in, without the scheme: "hcc.example/v"."""
        address = urlsplit(self.verify_url)
        return f"{address.netloc}{address.path.rsplit('/', 1)[0]}"

    def _problems(self) -> list[Problem]:
        found: list[Problem] = []

        def refuse(name: str, vi: str, en: str) -> None:
            found.append((f"issue.{name}", vi, en))

        for name in ("organisation", "place", "signer_name", "dossier", "procedure", "system", "validity"):
            text = getattr(self, name)
            if not text:
                refuse(name, "còn trống", "is empty")
            elif len(text) > _LONGEST:
                refuse(name, f"dài quá {_LONGEST} ký tự", f"is longer than {_LONGEST} characters")
        if not _NUMBER.fullmatch(self.number) and (self.number or self.page == "v"):
            refuse("number", "số, ký hiệu phải có dạng 05/QĐ-UBND", "must look like 05/QĐ-UBND")
        if not self.authority_lines or not all(self.authority_lines):
            refuse("authority_lines", "thiếu chức vụ người ký", "the signer's post is missing")
        else:
            capacity = _CAPACITY.match(self.authority_lines[0])
            if capacity and capacity.group(1) not in _CAPACITIES:
                refuse("authority_lines", "chỉ dùng TM., Q., KT., TL., TUQ.", "only TM., Q., KT., TL., TUQ. may stand")
        if _TITLES.search(self.signer_name):
            refuse("signer_name", "không ghi học hàm, học vị, danh hiệu", "no academic rank or title before a name")
        for name in ("exported_at", "appointed_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                refuse(name, "thời điểm phải kèm múi giờ", "must carry a time zone")
        if not 20 <= self.seal_diameter_mm <= 50:
            refuse("seal_diameter_mm", "đường kính dấu phải từ 20 đến 50 mm", "must be between 20 and 50 mm")
        if not _CODE.fullmatch(self.code):
            refuse("code", "mã tra cứu không hợp lệ", "is not a public code")
        self._check_address(refuse)
        return found

    def _check_address(self, refuse: _Refuse) -> None:
        try:
            address = urlsplit(self.verify_url)
            host = address.hostname
        except ValueError:
            refuse("verify_url", "địa chỉ tra cứu không hợp lệ", "is not a URL")
            return
        # http is for a sample on the same machine only: a printed address is trusted for years.
        allowed = address.scheme == "https" or (address.scheme == "http" and self.sample and host in _LOOPBACK)
        if not allowed or not host or address.query or address.fragment:
            refuse("verify_url", "địa chỉ tra cứu phải là https", "must be a plain https URL")
        elif re.sub(r"-", "", address.path).upper().rsplit(f"/{self.page.upper()}/", 1)[-1] != self.code:
            ending_vi, ending_en = f"phải kết thúc bằng /{self.page}/ và mã", f"must end in /{self.page}/ and the code"
            refuse("verify_url", f"địa chỉ tra cứu {ending_vi}", ending_en)
