"""The catalogue of sentences, Vietnamese and English side by side: (headline, what was found, what to do).

{organisation}, {number}, {changed_by}, {changed_on} and {reason} are filled by `verifier.wording`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Situation = Literal[
    "genuine",
    "recalled",
    "replaced",
    "officer_missing",
    "attachment",
    "agency_missing",
    "not_in_register",
    "register_not_asked",
    "not_sealed",
    "superseded",
    "wrong_organisation",
    "revocation_unknown",
    "no_proven_time",
    "warning_other",
    "untrusted",
    "changed",
    "invalid",
    "unsigned",
    "unreadable",
]

_Triple = tuple[str, str, str]
_ASK_VI = "Kiểm tra lại sau một giờ. Nếu cần dùng ngay, hãy hỏi cơ quan phát hành."
_ASK_EN = "Check again in an hour. If you need it now, ask the issuing office."
_UNSURE_VI = "Chưa thể khẳng định văn bản này là thật"
_UNSURE_EN = "We cannot yet say that this document is genuine"

WORDS: Mapping[Situation, tuple[_Triple, _Triple]] = MappingProxyType(
    {
        "genuine": (
            (
                "Văn bản này là thật và đang có hiệu lực",
                "{organisation} đã ký số và phát hành văn bản này. Nội dung chưa bị sửa đổi kể từ khi ký.",
                "Bạn có thể dùng tệp PDF này như bản gốc giấy. Bản in hay ảnh chụp của tệp không mang theo chữ ký số.",
            ),
            (
                "This document is genuine and in force",
                "{organisation} sealed and issued it. Nothing has been changed since it was signed.",
                "You may use this PDF as you would the paper original. A print-out or photo of it does not carry the"
                " signatures.",
            ),
        ),
        "recalled": (
            (
                "Chữ ký thật, nhưng văn bản đã bị thu hồi",
                "{organisation} đã thu hồi văn bản này ngày {changed_on} theo {changed_by}. Văn bản không còn hiệu"
                " lực.",
                "Đừng dùng văn bản này. Nếu cần, hãy hỏi cơ quan phát hành.",
            ),
            (
                "The signatures are genuine, but the document was recalled",
                "{organisation} recalled it on {changed_on} by {changed_by}. It is no longer in force.",
                "Do not use this document. Ask the issuing office if you need it.",
            ),
        ),
        "replaced": (
            (
                "Chữ ký thật, nhưng đã có văn bản khác thay thế",
                "Văn bản này được thay thế bằng {changed_by} ngày {changed_on}.",
                "Hãy dùng văn bản thay thế.",
            ),
            (
                "The signatures are genuine, but another document replaced this one",
                "It was replaced by {changed_by} of {changed_on}.",
                "Use the document that replaced it.",
            ),
        ),
        "agency_missing": (
            (
                "Chữ ký số hợp lệ, nhưng chưa đủ chữ ký",
                "Chưa đủ: thiếu chữ ký số của cơ quan. Văn bản chưa có giá trị như bản gốc giấy.",
                "Hãy hỏi cơ quan phát hành bản đã đóng dấu số.",
            ),
            (
                "The signature is valid, but one is missing",
                "Not complete: the office's own signature is missing.",
                "Ask the issuing office for the sealed document.",
            ),
        ),
        "officer_missing": (
            (
                "Chữ ký số hợp lệ, nhưng chưa đủ chữ ký",
                "Chưa đủ: thiếu chữ ký số của người có thẩm quyền. Văn bản chưa có giá trị như bản gốc giấy.",
                "Hãy hỏi cơ quan phát hành bản có đủ hai chữ ký số.",
            ),
            (
                "The signature is valid, but one is missing",
                "Not complete: the competent officer's signature is missing.",
                "Ask the issuing office for the document with both signatures.",
            ),
        ),
        "attachment": (
            (
                "Đây là văn bản kèm theo của văn bản số {number}",
                "{organisation} đã ký số tệp này cùng với văn bản số {number}. Nội dung chưa bị sửa đổi kể từ khi ký."
                " Chữ ký số của người có thẩm quyền nằm trên văn bản đó, không nằm trên tệp này.",
                "Dùng tệp này cùng với văn bản số {number}. Riêng tệp này không có giá trị như bản gốc giấy.",
            ),
            (
                "This is an attachment of document {number}",
                "{organisation} sealed this file together with document {number}. Nothing has been changed since it was"
                " signed. The competent officer's signature is on that document, not on this file.",
                "Use this file together with document {number}. By itself it does not have the value of the paper"
                " original.",
            ),
        ),
        "not_in_register": (
            (
                "Chữ ký số hợp lệ, nhưng văn bản không có trong sổ ở đây",
                "Nội dung chưa bị sửa và người ký được xác nhận. Trang này không biết cơ quan có phát hành văn bản hay"
                " không, và văn bản có còn hiệu lực hay không.",
                "Nếu cần biết văn bản còn hiệu lực hay không, hãy hỏi cơ quan phát hành.",
            ),
            (
                "The signatures are valid, but this register does not know the document",
                "The content is unchanged and the signers are confirmed. This page does not know whether the office"
                " issued it or whether it is still in force.",
                "To learn whether it is still in force, ask the issuing office.",
            ),
        ),
        "register_not_asked": (
            (
                "Chữ ký số hợp lệ; chưa tra sổ của cơ quan",
                "Nội dung chưa bị sửa và người ký được xác nhận. Văn bản có còn hiệu lực hay không thì chưa biết.",
                "Nếu cần biết văn bản còn hiệu lực hay không, hãy hỏi cơ quan phát hành.",
            ),
            (
                "The signatures are valid; the office's register was not asked",
                "The content is unchanged and the signers are confirmed. Whether it is still in force is not known.",
                "To learn whether it is still in force, ask the issuing office.",
            ),
        ),
        "not_sealed": (
            (
                "Văn bản này chưa được đóng dấu số",
                "Ô chữ ký số của cơ quan còn để trống. Văn bản chưa có giá trị như bản gốc giấy.",
                "Hãy hỏi cơ quan phát hành bản đã đóng dấu số.",
            ),
            (
                "This document is not sealed yet",
                "The office's signature field is still empty. It does not yet have the value of the paper original.",
                "Ask the issuing office for the sealed document.",
            ),
        ),
        "superseded": (
            (
                "Đây là bản trước của văn bản",
                "Chữ ký khớp và nội dung chưa bị sửa. Nhưng sổ của cơ quan có bản mới hơn của văn bản này.",
                "Hãy xin bản đã phát hành từ cơ quan.",
            ),
            (
                "This is an earlier version of the document",
                "The signatures match and the content is unchanged. But the office's register has a newer version.",
                "Ask the office for the issued version.",
            ),
        ),
        "wrong_organisation": (
            (_UNSURE_VI, "Chữ ký khớp và nội dung chưa bị sửa. Nhưng: {reason}", "Hãy hỏi cơ quan ghi trên văn bản."),
            (
                _UNSURE_EN,
                "The signatures match and the content is unchanged. But: {reason}",
                "Ask the office named on the document.",
            ),
        ),
        "revocation_unknown": (
            (
                _UNSURE_VI,
                "Chữ ký khớp và nội dung chưa bị sửa. Nhưng lúc này không kiểm tra được chứng thư của người ký có bị"
                " thu hồi hay không.",
                _ASK_VI,
            ),
            (
                _UNSURE_EN,
                "The signatures match and the content is unchanged. But we cannot check right now whether a certificate"
                " was revoked.",
                _ASK_EN,
            ),
        ),
        "no_proven_time": (
            (
                _UNSURE_VI,
                "Chữ ký khớp và nội dung chưa bị sửa. Nhưng không có bằng chứng về thời điểm ký.",
                "Nếu cần chắc chắn, hãy hỏi cơ quan phát hành.",
            ),
            (
                _UNSURE_EN,
                "The signatures match and the content is unchanged. But nothing proves when it was signed.",
                "If you need to be sure, ask the issuing office.",
            ),
        ),
        "warning_other": (
            (_UNSURE_VI, "Chữ ký khớp. Nhưng: {reason}", "Nếu cần chắc chắn, hãy hỏi cơ quan phát hành."),
            (_UNSURE_EN, "The signatures match. But: {reason}", "If you need to be sure, ask the issuing office."),
        ),
        "untrusted": (
            (
                "Không xác nhận được ai đã ký văn bản này",
                "Nội dung chưa bị sửa từ khi ký. Nhưng chứng thư của người ký không do tổ chức nào mà chúng tôi công"
                " nhận cấp. Ai cũng có thể tự tạo một chữ ký mang tên người khác như vậy.",
                "Đừng tin tên người ký cho đến khi bạn hỏi trực tiếp cơ quan hoặc người đó, theo số điện thoại bạn tự"
                " tìm.",
            ),
            (
                "We cannot confirm who signed this document",
                "The content is unchanged since it was signed. But the signer's certificate was issued by nobody we"
                " recognise. Anyone can make such a signature in someone else's name.",
                "Do not believe the signer's name until you have asked the office or person, at a number you found"
                " yourself.",
            ),
        ),
        "changed": (
            (
                "Tệp này không còn nguyên như khi được ký",
                "Có nội dung bị sửa, thêm hoặc che sau khi ký. Những gì bạn nhìn thấy có thể khác với những gì người ký"
                " đã ký.",
                "Đừng dùng tệp này. Hãy xin lại văn bản từ cơ quan phát hành.",
            ),
            (
                "This file is not as it was when it was signed",
                "Something was altered, added or hidden after signing. What you see may differ from what was signed.",
                "Do not use this file. Ask the issuing office for the document again.",
            ),
        ),
        "invalid": (
            ("Chữ ký số không hợp lệ", "{reason}", "Đừng dùng tệp này. Hãy hỏi cơ quan phát hành."),
            ("The digital signature is not valid", "{reason}", "Do not use this file. Ask the issuing office."),
        ),
        "unsigned": (
            (
                "Tệp này không có chữ ký số",
                "Không có chữ ký số nào để kiểm tra, nên trang này không thể nói tệp là thật hay giả. Hình con dấu và"
                " chữ ký nhìn thấy trên trang chỉ là hình ảnh.",
                "Hãy xin tệp PDF có chữ ký số từ cơ quan phát hành.",
            ),
            (
                "This file has no digital signature",
                "There is no signature to check, so this page cannot say whether the file is genuine. A seal or"
                " signature you can see is only a picture.",
                "Ask the issuing office for the PDF with digital signatures.",
            ),
        ),
        "unreadable": (
            ("Không đọc được tệp này", "{reason}", "Hãy xin lại tệp gốc từ cơ quan phát hành."),
            ("This file cannot be read", "{reason}", "Ask the issuing office for the original file."),
        ),
    }
)
