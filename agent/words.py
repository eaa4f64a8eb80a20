"""What the agent says, in Vietnamese and English. First what happened, then what is still safe, then what to do."""

from typing import Literal

Language = Literal["vi", "en"]

WORDS: dict[str, tuple[str, str]] = {
    "list": ("Danh sách chờ ký của {name}: {count} văn bản", "Papers for {name} to sign: {count}"),
    "service": ("Dịch vụ: {service}", "Service: {service}"),
    "certificate": (
        "Chứng thư: {subject}, hết hạn {until}, trên token “{token}”",
        "Certificate: {subject}, until {until}, on token “{token}”",
    ),
    "row": ("{index}. {number}  {title}", "{index}. {number}  {title}"),
    "row-more": (
        "   {holder} · {pages} trang · mã băm {digest}",
        "   {holder} · {pages} {pages_word} · hash {digest}",
    ),
    "attached": ("   kèm theo, được ký cùng: {count}", "   attachments, approved with it: {count}"),
    "attached-row": (
        "      {n}. {title} · {pages} trang · mã băm {digest}",
        "      {n}. {title} · {pages} {pages_word} · hash {digest}",
    ),
    "unnamed": (
        "   kèm theo, được ký cùng: {count}, dịch vụ KHÔNG cho biết là những văn bản nào",
        "   attachments, approved with it: {count}, the service does NOT say which",
    ),
    "unnamed-any": (
        "CHÚ Ý: chữ ký trên {count} văn bản gồm cả văn bản kèm theo mà chương trình này không đối chiếu được. Hãy xem "
        "chúng trên trang ký trước khi ký, hoặc Enter để dừng.",
        "NOTE: your signatures on {count} of the papers include attachments that this program cannot compare. See "
        "them on the page before you sign, or press Enter to stop.",
    ),
    "unnamed-refused": (
        "Chữ ký trên {count} văn bản gồm cả văn bản kèm theo mà dịch vụ không cho biết. Chưa văn bản nào được ký. "
        "Hãy ký không dùng --yes để xem và quyết định, hoặc thêm --unnamed-attachments.",
        "Signatures on {count} of the papers include attachments that the service does not name. Nothing was signed. "
        "Sign without --yes, to see and decide, or add --unnamed-attachments.",
    ),
    "checked": (
        "Chương trình đã tải từng tệp, tự tính lại mã băm và đối chiếu với nội dung sẽ ký: khớp.",
        "Every file was downloaded, its hash computed here and compared with what will be signed: they agree.",
    ),
    "ask": (
        "Gõ số để mở văn bản (o 3), “ký” để ký tất cả, Enter để dừng: ",
        "Type a number to open a paper (o 3), “sign” to sign all, Enter to stop: ",
    ),
    "opened": ("Đã mở {path}", "Opened {path}"),
    "not-opened": ("Không mở được; tệp ở {path}", "It cannot be opened here; the file is {path}"),
    "no-such": ("Không có văn bản số {index}.", "There is no paper {index}."),
    "pin": ("Mã PIN của token “{token}”: ", "PIN of token “{token}”: "),
    "last-try": ("Gõ “tôi chắc” để thử, Enter để dừng: ", "Type “I am sure” to try, Enter to stop: "),
    "signed": ("Đã ký {done}/{total}: {number} {title}", "Signed {done}/{total}: {number} {title}"),
    "refused": ("Chưa ký được: {number} {title}. {why}", "Not signed: {number} {title}. {why}"),
    "summary": (
        "Xong: {done} văn bản đã ký, {refused} chưa ký, trên tổng số {total}.",
        "Done: {done} signed, {refused} not signed, of {total}.",
    ),
    "stopped": (
        "Đợt ký đã dừng. {why} Đã ký {done}/{total}; văn bản đã ký vẫn giữ nguyên.",
        "The batch stopped. {why} Signed {done} of {total}; what was signed stays signed.",
    ),
    "cancelled": ("Bạn đã dừng. Chưa văn bản nào được ký.", "You stopped. Nothing was signed."),
    "nothing": ("Không còn văn bản nào chờ ký trong danh sách này.", "No paper of this list is left to sign."),
    "expired": ("Danh sách đã hết hạn. Hãy mở lại từ trang ký.", "The list has expired. Open it again from the page."),
    "other-list": (
        "Dịch vụ chuẩn bị danh sách cho chứng thư khác. Chưa văn bản nào được ký.",
        "The service prepared the list for another certificate. Nothing was signed.",
    ),
    "check-failed": (
        "Văn bản {number} không khớp với nội dung được yêu cầu ký (bước kiểm tra {step}). Chưa văn bản nào được ký. "
        "Hãy báo người quản trị.",
        "Paper {number} does not match what was to be signed (check {step}). Nothing was signed. "
        "Tell the administrator.",
    ),
    "unreachable": (
        "Dịch vụ không trả lời đúng. Ký tiếp khi có kết nối.",
        "The service does not answer properly. Go on when it does.",
    ),
    "no-room": (
        "Máy này không lưu tạm được văn bản để kiểm tra ({why}). Hãy dọn bớt đĩa rồi ký lại.",
        "This computer cannot keep the papers for checking ({why}). Free some disk space and sign again.",
    ),
    "other-service": (
        "Chương trình ký chỉ làm việc với {service}.",
        "This signing program works with {service} only.",
    ),
    "busy": ("Đang có một đợt ký khác.", "Another batch is under way."),
    "no-certificate": (
        "Không thấy chứng thư ký nào trên token. Hãy cắm token.",
        "No signing certificate was seen on a token. Plug the token in.",
    ),
    "wrong-certificate": (
        "Token đang cắm là của {seen}. Đợt ký cần chứng thư {wanted}.",
        "The token plugged in belongs to {seen}. The batch needs the certificate {wanted}.",
    ),
    "several-certificates": (
        "Có nhiều chứng thư: {seen}. Hãy chọn một bằng --certificate.",
        "There are several certificates: {seen}. Choose one with --certificate.",
    ),
    "waiting": (
        "Chương trình ký đang chờ trang {service} (cổng {port}). Ctrl+C để thoát.",
        "The signing program waits for {service} (port {port}). Ctrl+C ends it.",
    ),
    "driver-silent": (
        "Trình điều khiển của token không trả lời sau {seconds} giây, nên chương trình ký phải tự đóng. Văn bản đã ký "
        "vẫn giữ nguyên. Hãy rút token ra, cắm lại, mở lại chương trình ký rồi ký tiếp.",
        "The token’s driver has not answered for {seconds} seconds, so the signing program has to end itself. What was "
        "signed stays signed. Unplug the token, plug it in again, start the signing program again and go on.",
    ),
    "no-tokens": ("Không thấy token nào.", "No token was seen."),
    "hints": ("Trình điều khiển có trên máy này:", "Drivers found on this computer:"),
}


def say(language: Language, word: str, **values: object) -> str:
    """The sentence for `word`."""
    return WORDS[word][0 if language == "vi" else 1].format(**values)
