"""GET /api/v1/statistics: who may ask, what is said, and that no person is in it."""

import csv
import io

from tests.api.serving import Running
from tests.stamping.office_desk import OFFICER_NAME

HERE = "/api/v1/statistics"


def test_auditors_clerks_and_programs_may_ask(service: Running) -> None:
    assert service.client().get(HERE).status_code == 401
    assert service.program("documents:read").get(HERE).status_code == 200
    assert service.program("documents:write").get(HERE).status_code == 403
    assert service.signed_in("clerk").get(HERE).status_code == 200
    assert service.signed_in("custodian").get(HERE).status_code == 403
    assert service.signed_in("officer").get(f"{HERE}.csv").status_code == 403


def test_a_sealed_paper_is_in_the_figures(service: Running) -> None:
    """JSON and CSV say the same; neither names the officer or the applicant."""
    service.place.sealed()
    program = service.program("documents:read")
    answer = program.get(HERE, params={"organisation": "M01.X1"})
    found = answer.json()
    assert found["papers"] == sum(found["states"].values()) >= 1
    assert found["settled"] >= 1
    assert found["deadlines"]["on_time"] >= 1
    assert found["ways"]["electronic"] >= 1
    assert 0 < found["ways"]["electronic_share"] <= 1
    assert found["passages"]["stamping"]["count"] >= 1
    assert found["working_day_seconds"] == 9 * 3600
    # received some hours ago: on a month's first morning in the month before
    assert sum(month["papers"] for month in found["months"]) >= 1
    assert found["at"].endswith("+07:00")
    sheet = program.get(f"{HERE}.csv", params={"organisation": "M01.X1"})
    assert sheet.headers["content-disposition"].startswith('attachment; filename="thong-ke-')
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert ["all", "", "", "on_time", "papers", str(found["deadlines"]["on_time"])] in rows
    for text in (answer.text, sheet.text):
        assert OFFICER_NAME not in text
        assert "Phạm" not in text


def test_a_period_is_from_its_first_day_to_the_day_before_its_last(service: Running) -> None:
    program = service.program("documents:read")
    empty = program.get(HERE, params={"from": "2020-01-01", "until": "2020-02-01"}).json()
    assert (empty["from"], empty["until"], empty["papers"]) == ("2020-01-01", "2020-02-01", 0)
    assert [month["month"] for month in empty["months"]] == ["2020-01"]
    assert empty["deadlines"]["rate"] is None
    assert empty["settling"] == {
        "count": 0,
        "working": {"median": None, "p90": None, "mean": None},
        "elapsed": {"median": None, "p90": None, "mean": None},
    }


def test_what_cannot_be_counted_is_a_problem(service: Running) -> None:
    program = service.program("documents:read")
    for params, status in (
        ({"from": "2026-02-01", "until": "2026-01-01"}, 422),
        ({"from": "1900-01-01"}, 422),
        ({"from": "yesterday"}, 422),
        ({"until": "9999-12-31"}, 422),
        ({"until": "0001-01-01"}, 422),
        ({"organisation": "nobody"}, 404),
    ):
        answer = program.get(HERE, params=params)
        assert answer.status_code == status, params
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_model_is_described(service: Running) -> None:
    schema = service.client().get("/api/v1/openapi.json").json()
    answer = schema["paths"][HERE]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    model = schema["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
    assert {"from", "until", "papers", "deadlines", "passages", "months", "procedures", "ways"} <= set(
        model["properties"]
    )
    assert "officers" not in model["properties"]
