"""The receipt: one sheet whatever is told, everything readable in both languages, nothing of an office's paper."""

from dataclasses import replace

import pypdfium2

from templates import Both, Receipt, receipt_pdf
from templates.frame import COUNTRY, MOTTO

SAID = Receipt(
    service=Both(vi="Dịch vụ kiểm tra của UBND xã Mẫu", en="Verification service of Mẫu Commune"),
    address="https://mau.example/verify",
    certificates="https://mau.example/about",
    file_name="giấy chứng nhận.pdf",
    file_size=Both(vi="235 kB", en="235 kB"),
    file_sha256="ab" * 32,
    checked_at=Both(vi="21:16:13, 29/11/2026 (giờ Việt Nam)", en="21:16:13, 29 November 2026 (Vietnam time)"),
    headline=Both(vi="Văn bản này là thật và đang có hiệu lực", en="This document is genuine and in force"),
    sentence=Both(vi="Nội dung chưa bị sửa đổi kể từ khi ký.", en="Nothing has been changed since it was signed."),
    conclusion=Both(vi="HỢP LỆ", en="VALID"),
    facts=(Both(vi="Đạt. Chữ ký số khớp.", en="Yes. The signature matches."),),
    signatures=(Both(vi="Trần Thị Mẫu", en="Trần Thị Mẫu"),),
    policy="second-seal-tt15 1",
    policy_url="https://mau.example/verify/policies/second-seal-tt15/1",
    key_sha256="cd" * 32,
    sample=True,
)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return " ".join(document[0].get_textpage().get_text_bounded().split())


def test_it_says_everything_in_both_languages() -> None:
    text = text_of(receipt_pdf(SAID))
    for both in (SAID.service, SAID.headline, SAID.sentence, SAID.conclusion, SAID.checked_at, *SAID.facts):
        assert both.vi in text
        assert both.en in text
    assert "không phải bản sao" in text
    assert "not a copy of it" in text
    assert text.count("abababab") == 8
    assert text.count("cdcdcdcd") == 8
    assert "MẪU – KHÔNG CÓ GIÁ TRỊ" in text
    assert SAID.policy_url in text
    assert "MẪU" not in text_of(receipt_pdf(replace(SAID, sample=False)))


def test_it_does_not_look_like_an_offices_paper() -> None:
    text = text_of(receipt_pdf(SAID))
    for heading in (COUNTRY, MOTTO, "Số:", "Nơi nhận"):
        assert heading not in text


def test_the_most_that_can_be_said_fits_one_sheet() -> None:
    """Names and numbers from outside are as long as somebody likes, in letters no typeface has."""
    long = Both(vi="Ẫ😀" * 400, en="x" * 800)
    most = replace(
        SAID,
        service=Both(vi="Ủy ban nhân dân " * 8, en="People’s Committee " * 7),
        file_name="dài😀" * 200,
        sentence=Both(vi="Câu dài. " * 50, en="A long one. " * 40),
        conclusion=Both(vi="KHÔNG HỢP LỆ: " + "lý do " * 40, en="NOT VALID: " + "why " * 60),
        facts=(Both(vi="Một điều dài hơn một dòng một chút. " * 5, en="A point of more than a line. " * 6),) * 12,
        signatures=(long,) * 9,
    )
    text = text_of(receipt_pdf(most))
    assert "và 5 chữ ký số khác" in text
    assert "?" in text


def test_the_same_receipt_is_the_same_file() -> None:
    assert receipt_pdf(SAID) == receipt_pdf(SAID)
