"""Papers for the tests: the sample, and one as long and awkward as an office will ever see."""

from dataclasses import replace
from functools import cache
from typing import Any

import templates
from templates import Issue, RenderedPaper, render, sample_issue

NAME = "dang-ky-ho-kinh-doanh"

DOSSIER: dict[str, Any] = {
    "dossier": "000.00.16.H05-261118-0001",
    "procedure": "1.001612",
    "received_at": "2026-11-18T08:05:00+07:00",
    "due_at": "2026-11-21T17:00:00+07:00",
    "applicant": {
        "name": "Phạm Thị Mẫu",
        "id_number": "000000000001",
        "phone": "0200000001",
        "address": "Thôn Mẫu, xã Mẫu, tỉnh Bắc Ninh",
    },
    "data": {
        "household_name": "HỘ KINH DOANH CƠ KHÍ MẪU",
        "business_line": "Gia công cơ khí; xử lý và tráng phủ kim loại (2592)",
        "capital_vnd": 350000000,
        "address": "Thôn Mẫu, xã Mẫu, tỉnh Bắc Ninh",
        "representative": {
            "name": "Phạm Thị Mẫu",
            "birth_date": "1988-02-29",
            "gender": "Nữ",
            "ethnicity": "Kinh",
            "nationality": "Việt Nam",
        },
        "members": [],
        "registered_on": "2026-11-20",
        "number": None,
    },
}


def sample_data() -> dict[str, Any]:
    """The catalogue's own example, free to be changed."""
    return templates.sample_data(NAME)


def issue(**changes: Any) -> Issue:
    """The sample's issue with some of it changed."""
    return replace(sample_issue(NAME), **changes)


@cache
def sample_paper() -> RenderedPaper:
    """The sample, rendered once for all tests."""
    return render(NAME, sample_data(), issue())


def members(count: int) -> list[dict[str, Any]]:
    """That many members with every column filled."""
    return [
        {
            "name": f"Nguyễn Thị Hồng Ngọc Mẫu Thứ {index}",
            "birth_date": "1990-01-02",
            "gender": "Nữ",
            "id_number": f"{index:012}",
            "address": "Số 7, ngõ 12, khu phố Mẫu, phường Mẫu, tỉnh Bắc Ninh",
            "share_percent": 2.5,
        }
        for index in range(1, count + 1)
    ]


def long_data() -> dict[str, Any]:
    """Very long names, many trades, twelve members."""
    line = "Bán lẻ lương thực, thực phẩm, đồ uống, thuốc lá, thuốc lào trong các cửa hàng kinh doanh tổng hợp (4711)"
    data = sample_data()
    return data | {
        "household_name": "HỘ KINH DOANH " + " ".join(["NGUYỄN THƯỢNG HIỀN ƯỚC NGUYỆN"] * 8),
        "business_line": "; ".join([line] * 4),
        "capital_vnd": 987_654_321_015,
        "number": "8123456789-001",
        "representative": data["representative"]
        | {
            "name": "Tôn Nữ Công Tằng Hoàng Thị Thương Thương Huyền Trân Mẫu",
            "id_number": "000000000009",
            "ethnicity": "Người nước ngoài gốc Việt Nam",
            "nationality": "Cộng hòa Dân chủ Nhân dân Lào",
        },
        "members": members(12),
    }


def long_issue() -> Issue:
    """A long-named office, a large seal, long recipients."""
    return issue(
        organisation="Trung tâm phục vụ hành chính công xã Mẫu",
        parent="Ủy ban nhân dân xã Mẫu Thượng Hạ Trung Tâm Đông Tây",
        authority_lines=("TL. CHỦ TỊCH ỦY BAN NHÂN DÂN", "GIÁM ĐỐC TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG"),
        signer_name="Tôn Nữ Công Tằng Hoàng Thị Thương Mẫu",
        seal_diameter_mm=42.0,
        recipients=(
            "Hộ kinh doanh Nguyễn Thượng Hiền Ước Nguyện và các thành viên có tên tại mục 6",
            "Cơ quan thuế quản lý trực tiếp",
            "Phòng Kinh tế",
            "Lưu: VT, HCC",
        ),
    )


@cache
def long_paper() -> RenderedPaper:
    """The long one, rendered once for all tests."""
    return render(NAME, long_data(), long_issue())
