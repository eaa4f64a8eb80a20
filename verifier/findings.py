"""Everything a file can be found to have or lack: one row each, with what it does to the verdict and its two sentences.

`worst` is the best verdict the file can still have: "genuine" marks a mere remark. {names} are filled from the finding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from verifier.terms import Indication, Word


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of finding. `indication` and `sub` are ETSI EN 319 102-1 words for a signature that has it."""

    worst: Word
    indication: Indication
    sub: str | None
    vi: str
    en: str


def _row(worst: Word, indication: Indication, sub: str | None, vi: str, en: str) -> Row:
    return Row(worst=worst, indication=indication, sub=sub, vi=vi, en=en)


_PASSED: Indication = "TOTAL_PASSED"
_FAILED: Indication = "TOTAL_FAILED"
_UNSURE: Indication = "INDETERMINATE"

FINDINGS: Mapping[str, Row] = MappingProxyType(
    {
        "digest_mismatch": _row(
            "changed",
            _FAILED,
            "HASH_FAILURE",
            "Nội dung đã bị sửa: giá trị băm không khớp với nội dung đã ký.",
            "The content was altered: its digest differs from the signed one.",
        ),
        "byte_range": _row(
            "changed",
            _FAILED,
            "FORMAT_FAILURE",
            "Chữ ký không bao trùm đúng phần nội dung mà nó phải bao trùm ({detail}).",
            "The signature does not cover what it must cover ({detail}).",
        ),
        "changed_other": _row(
            "changed",
            _FAILED,
            "FORMAT_FAILURE",
            "Có nội dung bị sửa, thêm hoặc che sau khi ký.",
            "Something was altered, added or hidden after signing.",
        ),
        "changed_form_fill": _row(
            "changed",
            _FAILED,
            "FORMAT_FAILURE",
            "Có ô biểu mẫu bị điền hoặc sửa sau khi ký.",
            "A form field was filled or altered after signing.",
        ),
        "changed_annotation": _row(
            "changed",
            _FAILED,
            "FORMAT_FAILURE",
            "Có ghi chú hoặc hình được thêm lên trang sau khi ký.",
            "A note or drawing was added to a page after signing.",
        ),
        "changed_metadata": _row(
            "changed",
            _FAILED,
            "FORMAT_FAILURE",
            "Tên hoặc mô tả của tài liệu bị sửa sau khi ký.",
            "The document's title or description was altered after signing.",
        ),
        "trailing_bytes": _row(
            "changed",
            _FAILED,
            "FORMAT_FAILURE",
            "Có {count} byte được nối vào cuối tệp mà không chữ ký nào bao trùm.",
            "{count} bytes were appended to the file that no signature covers.",
        ),
        "structure": _row(
            "changed",
            _FAILED,
            "FORMAT_FAILURE",
            "Cấu trúc tệp không rõ ràng nên các phần mềm có thể hiển thị khác nhau.",
            "The file's structure is ambiguous: programs may show it differently.",
        ),
        "signature_removed": _row(
            "changed",
            _FAILED,
            "FORMAT_FAILURE",
            "Tệp từng có chữ ký số ở ô {field}, nay đã bị gỡ.",
            "The file once had a signature in {field}; it was removed.",
        ),
        "signature_loose": _row(
            "changed",
            _FAILED,
            "FORMAT_FAILURE",
            "Tệp chứa chữ ký số không còn gắn với ô chữ ký nào.",
            "The file holds a digital signature that no signature field leads to.",
        ),
        "covers_content": _row(
            "changed",
            _FAILED,
            "FORMAT_FAILURE",
            "Hình của chữ ký ở ô {field} che nội dung đã ký trước đó.",
            "The mark of the signature in {field} hides content that was signed before.",
        ),
        "value_mismatch": _row(
            "invalid",
            _FAILED,
            "SIG_CRYPTO_FAILURE",
            "Chữ ký không khớp với chứng thư của người ký.",
            "The signature does not match the signer's certificate.",
        ),
        "format": _row(
            "invalid",
            _FAILED,
            "FORMAT_FAILURE",
            "Dạng chữ ký không đọc được hoặc không được hỗ trợ ({detail}).",
            "The signature's form cannot be read or is not supported ({detail}).",
        ),
        "certificate_missing": _row(
            "invalid",
            _UNSURE,
            "NO_SIGNING_CERTIFICATE_FOUND",
            "Chữ ký không kèm chứng thư của người ký.",
            "The signature carries no certificate of its signer.",
        ),
        "certificate_swapped": _row(
            "invalid",
            _UNSURE,
            "SIG_CONSTRAINTS_FAILURE",
            "Chứng thư kèm theo không phải chứng thư mà người ký đã ghi nhận.",
            "The certificate is not the one the signer bound.",
        ),
        "algorithm_not_allowed": _row(
            "invalid",
            _UNSURE,
            "CRYPTO_CONSTRAINTS_FAILURE",
            "Thuật toán {algorithm} không còn được phép dùng để ký.",
            "The algorithm {algorithm} may no longer be used for signing.",
        ),
        "form_outdated": _row(
            "invalid",
            _UNSURE,
            "CRYPTO_CONSTRAINTS_FAILURE",
            "Chữ ký ở dạng cũ {form}, dựa trên SHA-1: dạng này không còn được phép dùng, nên không được kiểm tra tiếp.",
            "The signature has the old form {form}, built on SHA-1, no longer allowed; it was checked no further.",
        ),
        "algorithm_unnamed": _row(
            "warning",
            _UNSURE,
            "CRYPTO_CONSTRAINTS_FAILURE",
            "Thuật toán {algorithm} không có trong danh mục của Thông tư 15/2025/TT-BKHCN.",
            "The algorithm {algorithm} is not among those that Circular 15/2025/TT-BKHCN names.",
        ),
        "certificate_revoked": _row(
            "invalid",
            _FAILED,
            "REVOKED",
            "Chứng thư của người ký đã bị thu hồi từ {revoked}, trước khi ký văn bản này {signed}.",
            "The signer's certificate was revoked on {revoked}, before this document was signed on {signed}.",
        ),
        "revoked_no_proof": _row(
            "invalid",
            _UNSURE,
            "REVOKED_NO_POE",
            "Chứng thư của người ký đã bị thu hồi từ {revoked} và không có bằng chứng chữ ký được tạo trước đó.",
            "The signer's certificate was revoked on {revoked} and nothing proves that the signature is older.",
        ),
        "certificate_expired": _row(
            "invalid",
            _FAILED,
            "EXPIRED",
            "Chứng thư của người ký đã hết hạn khi ký.",
            "The signer's certificate had expired when the document was signed.",
        ),
        "certificate_not_yet_valid": _row(
            "invalid",
            _FAILED,
            "NOT_YET_VALID",
            "Chứng thư của người ký chưa có hiệu lực khi ký.",
            "The signer's certificate was not yet valid when the document was signed.",
        ),
        "certificate_not_allowed": _row(
            "invalid",
            _UNSURE,
            "CHAIN_CONSTRAINTS_FAILURE",
            "Chứng thư không được phép dùng để ký văn bản.",
            "The certificate may not be used to sign documents.",
        ),
        "no_chain": _row(
            "untrusted",
            _UNSURE,
            "NO_CERTIFICATE_CHAIN_FOUND",
            "Chứng thư của người ký không do tổ chức nào được công nhận ở đây cấp.",
            "The signer's certificate was issued by no authority recognised here.",
        ),
        "authority_ended": _row(
            "untrusted",
            _UNSURE,
            "NO_CERTIFICATE_CHAIN_FOUND",
            "Tổ chức cấp chứng thư của người ký chỉ được công nhận ở đây đến {ended}.",
            "The authority of the signer's certificate is recognised here only until {ended}.",
        ),
        "authority_ended_no_proof": _row(
            "untrusted",
            _UNSURE,
            "NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
            "Tổ chức cấp chứng thư của người ký chỉ được công nhận ở đây đến {ended}, và không có gì chứng minh chữ "
            "ký có trước lúc đó.",
            "The authority of the signer's certificate is recognised here only until {ended}, and nothing proves that "
            "the signature is older.",
        ),
        "revocation_unknown": _row(
            "warning",
            _UNSURE,
            "TRY_LATER",
            "Không kiểm tra được chứng thư có bị thu hồi hay không.",
            "Whether the certificate was revoked could not be checked.",
        ),
        "no_proven_time": _row(
            "warning",
            _UNSURE,
            "NO_POE",
            "Không có dấu thời gian tin cậy, nên không có bằng chứng về thời điểm ký.",
            "No trusted timestamp: nothing proves when it was signed.",
        ),
        "timestamp_not_trusted": _row(
            "genuine",
            _PASSED,
            None,
            "Có dấu thời gian nhưng không dùng được làm bằng chứng ({detail}).",
            "There is a timestamp, but it proves nothing ({detail}).",
        ),
        "time_zone_slip": _row(
            "genuine",
            _PASSED,
            None,
            "Máy ký đã ghi giờ Việt Nam như giờ quốc tế (lệch 7 giờ); thời điểm ký lấy theo dấu thời gian.",
            "The signing computer wrote Viet Nam time as UTC (7 hours off); the timestamp's time is used.",
        ),
        "time_differs": _row(
            "genuine",
            _PASSED,
            None,
            "Giờ máy ký lệch {seconds} giây so với dấu thời gian; thời điểm ký lấy theo dấu thời gian.",
            "The signing computer's clock was {seconds} seconds off the timestamp; the timestamp's time is used.",
        ),
        "not_sealed": _row(
            "warning",
            _PASSED,
            None,
            "Văn bản còn ô chữ ký số của cơ quan để trống: bản này chưa được đóng dấu.",
            "The office's signature field is still empty: this file is not sealed yet.",
        ),
        "superseded_revision": _row(
            "warning",
            _PASSED,
            None,
            "Đây là bản trước của văn bản; sổ của cơ quan có bản mới hơn.",
            "This is an earlier version of the document; the register has a newer one.",
        ),
        "wrong_organisation": _row(
            "warning",
            _PASSED,
            None,
            "Con dấu số của {found}, nhưng văn bản là của {expected}.",
            "The seal is that of {found}, but the document is of {expected}.",
        ),
        "cover_unknown": _row(
            "warning",
            _PASSED,
            None,
            "Không kiểm tra được hình của chữ ký sau có che nội dung hay không.",
            "Whether a later mark hides content could not be checked.",
        ),
        "active_content": _row(
            "warning",
            _PASSED,
            None,
            "Tệp chứa nội dung động ({detail}), nên hình hiển thị có thể khác nhau.",
            "The file holds active content ({detail}): what is shown may differ.",
        ),
        "optional_content": _row(
            "genuine",
            _PASSED,
            None,
            "Tệp có các lớp có thể bật hoặc tắt.",
            "The file has layers that can be shown or hidden.",
        ),
        "encrypted": _row(
            "unreadable",
            _UNSURE,
            None,
            "Tệp được khóa bằng mật khẩu, nên không kiểm tra được.",
            "The file is locked with a password, so it cannot be checked.",
        ),
        "broken": _row(
            "unreadable",
            _UNSURE,
            None,
            "Tệp không phải PDF, bị hỏng, hoặc được phần mềm ghi không đúng chuẩn, nên không kiểm tra được.",
            "The file is not a PDF, is damaged, or was written wrongly by a program, so it cannot be checked.",
        ),
        "over_limits": _row(
            "unreadable",
            _UNSURE,
            None,
            "Tệp vượt giới hạn kiểm tra (số trang, số chữ ký hoặc thời gian).",
            "The file exceeds the limits of the check (pages, signatures or time).",
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing found, by its code; `values` fill its sentences."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def row(self) -> Row:
        """What this kind of finding means. Raises KeyError for a code that has no row."""
        return FINDINGS[self.code]

    @property
    def message(self) -> str:
        """The finding in one Vietnamese sentence."""
        return sentence(self, "vi")


def note(code: str, **values: str) -> Finding:
    """A finding with the values of its sentence."""
    return Finding(code=code, values=tuple(values.items()))


def sentence(finding: Finding, language: str) -> str:
    """The finding in one sentence, "vi" or "en". Raises KeyError for a code that has no row."""
    row = FINDINGS[finding.code]
    values = {"detail": "", "field": "", "count": "", **dict(finding.values)}
    return (row.vi if language == "vi" else row.en).format_map(values)
