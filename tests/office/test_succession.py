"""Who issued a paper, and who stands in its place today."""

from datetime import date

from office import Office, issuing_body, number_series, successors_of
from tests.office.conftest import OfficeMaker

GRAPH = """
[[organisations]]
code = "P"
name = "ỦY BAN NHÂN DÂN TỈNH MẪU"
place = "P"

[[organisations]]
code = "A"
name = "SỞ MẪU A"
place = "A"
parent = "P"
until = "2025-06-30"
successors = [{ code = "C", from = "2025-07-01" }]

[[organisations]]
code = "B"
name = "SỞ MẪU B"
place = "B"
until = "2025-06-30"
successors = [{ code = "C", from = "2025-07-01" }]

[[organisations]]
code = "C"
name = "SỞ MẪU C"
place = "C"
from = "2025-07-01"
until = "2026-06-30"
successors = [{ code = "D", from = "2026-07-01" }, { code = "E", from = "2026-07-01" }]

[[organisations]]
code = "D"
name = "SỞ MẪU D"
place = "D"
from = "2026-07-01"

[[organisations]]
code = "E"
name = "SỞ MẪU E"
place = "E"
from = "2026-07-01"

[[series]]
organisation = "C"
symbol = "GCN-SC"
kind = "chung"
until = "2026-01-31"

[[series]]
organisation = "C"
symbol = "GCN-SC"
kind = "GCN"
from = "2026-02-01"
"""


def codes(office: Office, organisation: str, day: str) -> list[str]:
    return [body.code for body in successors_of(office, organisation, date.fromisoformat(day))]


def test_merge_and_split_are_followed_by_date(office_of: OfficeMaker) -> None:
    """AC-121: merge n to 1, split 1 to n."""
    office = office_of(GRAPH)
    assert codes(office, "A", "2025-06-30") == []
    assert codes(office, "A", "2025-07-01") == codes(office, "B", "2025-07-01") == ["C"]
    assert codes(office, "A", "2026-07-01") == ["D", "E"]
    assert codes(office, "D", "2026-07-01") == []
    assert codes(office, "nobody", "2026-07-01") == []


def test_an_old_papers_page_names_issuer_end_and_successor(demo: Office) -> None:
    """AC-121: "Cơ quan ban hành: … (đến 30/6/2025), kế thừa bởi: …"."""
    body = issuing_body(demo, "M01.H1", date(2026, 11, 22))
    assert body is not None
    assert body.line_vi == (
        "Cơ quan ban hành: ỦY BAN NHÂN DÂN HUYỆN MẪU CŨ (đến 30/6/2025), kế thừa bởi: ỦY BAN NHÂN DÂN XÃ MẪU"
    )
    assert "until 2025-06-30" in body.line_en


def test_a_living_issuer_is_named_plainly(demo: Office) -> None:
    body = issuing_body(demo, "M01.X1.HCC", date(2026, 11, 22))
    assert body is not None
    assert body.line_vi == "Cơ quan ban hành: TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG XÃ MẪU"
    assert body.parent == "ỦY BAN NHÂN DÂN XÃ MẪU"
    assert issuing_body(demo, "nobody", date(2026, 11, 22)) is None


def test_a_peoples_committee_stands_under_its_own_name(demo: Office) -> None:
    body = issuing_body(demo, "M01.X1", date(2026, 11, 22))
    assert body is not None
    assert body.parent is None


def test_a_number_series_changes_on_its_day(office_of: OfficeMaker) -> None:
    """AC-123: by data, without a change of code."""
    office = office_of(GRAPH)

    def kind(day: str) -> str | None:
        series = number_series(office, organisation="C", symbol="GCN-SC", on=date.fromisoformat(day))
        return series.kind if series else None

    assert [kind(day) for day in ("2026-01-31", "2026-02-01")] == ["chung", "GCN"]
    assert number_series(office, organisation="D", symbol="GCN-SC", on=date(2026, 8, 1)) is None
