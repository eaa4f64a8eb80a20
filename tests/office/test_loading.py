"""An office file is read strictly: what is not understood is refused, all of it at once, with its place."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from office import Office, OfficeInvalid, demo_office_text
from tests.office.conftest import OfficeMaker

SMALL = """
[[organisations]]
code = "A"
name = "ỦY BAN NHÂN DÂN XÃ MẪU"
place = "Mẫu"

[[seals]]
id = "s"
organisation = "A"
kind = "second"
mark = "2"
diameter_mm = 36
permission = "1/MẪU"

[[officers]]
name = "Đỗ Thị Ước Mẫu"
post = "Chủ tịch"
organisation = "A"
procedures = ["*"]

[[custodians]]
name = "Lê Thị Mẫu"
organisation = "A"
seals = ["s"]
appointed_by = "2/MẪU"

[[procedures]]
code = "1.000001"
name = "Thủ tục mẫu"
working_days = 3
"""


def refused(office_of: OfficeMaker, text: str) -> dict[str, str]:
    with pytest.raises(OfficeInvalid) as invalid:
        office_of(text)
    return {problem.where: problem.text_en for problem in invalid.value.problems}


def test_the_demo_office_loads_and_says_it_is_a_test(demo: Office) -> None:
    assert demo.test_office
    assert {seal.id for seal in demo.seals} == {"h1-2", "x1-2"}
    assert demo.holidays >= {date(2026, 9, 2)}
    assert all("MẪU" in officer.name.upper() for officer in (*demo.officers, *demo.custodians))


def test_a_small_office_needs_no_ids_for_people(office_of: OfficeMaker) -> None:
    office = office_of(SMALL)
    assert office.officers[0].id == "do-thi-uoc-mau"
    assert office.custodians[0].id == "le-thi-mau"
    assert (office.test_office, office.day_ends) == (False, time(17, 0))
    assert office.seals[0].diameter_mm == 36.0
    assert (office.seals[0].key, office.seals[0].certificate, office.seals[0].image) == (None, None, None)


def test_dates_may_be_written_as_text_or_as_toml_dates(office_of: OfficeMaker) -> None:
    for written in ('"2026-01-31"', "2026-01-31"):
        office = office_of(SMALL.replace('permission = "1/MẪU"', f'permission = "1/MẪU"\nvalid_from = {written}'))
        assert office.seals[0].period.since == date(2026, 1, 31)


def test_relative_files_stand_in_the_offices_folder(office_of: OfficeMaker, tmp_path: Path) -> None:
    office = office_of(SMALL.replace('id = "s"', 'id = "s"\ncertificate = "pki/seal.pem"\nimage = "seal.png"'))
    assert office.seals[0].certificate == tmp_path / "pki" / "seal.pem"
    assert office.seals[0].image == tmp_path / "seal.png"


def test_the_seals_diameter_has_no_default(office_of: OfficeMaker) -> None:
    """AC-103."""
    assert refused(office_of, SMALL.replace("diameter_mm = 36\n", "")) == {"seals[1].diameter_mm": "is required"}
    assert "seals[1].diameter_mm" in refused(office_of, SMALL.replace("= 36", "= -36"))
    for wrong in ("true", "nan", "inf", f"1{'0' * 400}"):
        assert "seals[1].diameter_mm" in refused(office_of, SMALL.replace("= 36", f"= {wrong}"))


def test_the_days_of_a_procedure_are_days_somebody_can_wait(office_of: OfficeMaker) -> None:
    """Each is stepped over at the counter; one person alone may write them."""
    too_many = SMALL.replace("working_days = 3", "working_days = 99999999999")
    assert list(refused(office_of, too_many)) == ["procedures[1].working_days"]


def test_a_second_seal_needs_its_permission(office_of: OfficeMaker) -> None:
    """AC-101."""
    assert list(refused(office_of, SMALL.replace('permission = "1/MẪU"\n', ""))) == ["seals[1].permission"]


def test_custody_needs_a_decision(office_of: OfficeMaker) -> None:
    """AC-60."""
    assert list(refused(office_of, SMALL.replace('appointed_by = "2/MẪU"\n', ""))) == ["custodians[1].appointed_by"]


def test_a_pin_is_never_kept_in_the_office_file(office_of: OfficeMaker) -> None:
    """AC-65."""
    with pytest.raises(OfficeInvalid) as invalid:
        office_of(SMALL.replace('id = "s"', 'id = "s"\nkey = "pkcs11:token=seal;object=k?pin-value=123456"'))
    assert "123456" not in str(invalid.value)


def test_everything_wrong_is_said_at_once_with_its_line(office_of: OfficeMaker) -> None:
    text = SMALL.replace("working_days = 3", "working_days = 0\ncolour = 'red'").replace('place = "Mẫu"', "")
    text = text.replace('kind = "second"', 'kind = "third"').replace('post = "Chủ tịch"', "post = 7")
    with pytest.raises(OfficeInvalid) as invalid:
        office_of("testoffice = true\n" + text)
    found = {problem.where: problem.line for problem in invalid.value.problems}
    assert set(found) == {
        "testoffice",
        "organisations[1].place",
        "seals[1].kind",
        "officers[1].post",
        "procedures[1].working_days",
        "procedures[1].colour",
    }
    lines = ("testoffice = true\n" + text).splitlines()
    assert lines[(found["seals[1].kind"] or 0) - 1] == 'kind = "third"'
    assert lines[(found["procedures[1].colour"] or 0) - 1] == "colour = 'red'"
    assert lines[(found["organisations[1].place"] or 0) - 1] == "[[organisations]]"
    assert "dòng" in invalid.value.text_vi
    assert "line" in invalid.value.text_en


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ('organisation = "A"\nkind', 'organisation = "B"\nkind', "seals[1].organisation"),
        ('seals = ["s"]', 'seals = ["t"]', "custodians[1].seals"),
        ('procedures = ["*"]', 'procedures = ["9.9"]', "officers[1].procedures"),
        ('place = "Mẫu"', 'place = "Mẫu"\nparent = "Z"', "organisations[1].parent"),
        ('place = "Mẫu"', 'place = "Mẫu"\nparent = "A"', "organisations[1].parent"),
        (
            'place = "Mẫu"',
            'place = "Mẫu"\nsuccessors = [{ code = "A", from = "2025-07-01" }]',
            "organisations[1].successors",
        ),
        ('procedures = ["*"]', 'procedures = ["*"]\ncertificates = ["abc"]', "officers[1].certificates"),
        ('procedures = ["*"]', 'procedures = ["*"]\ncapacity = "TUQ."', "officers[1].delegation"),
        ('procedures = ["*"]', 'procedures = ["*"]\ncapacity = "PP."', "officers[1].capacity"),
        ('kind = "second"', 'kind = "second"\nkey = "softhsm"', "seals[1].key"),
        (
            'kind = "second"',
            'kind = "second"\nvalid_from = "2026-02-01"\nvalid_to = "2026-01-01"',
            "seals[1].valid_to",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(office_of: OfficeMaker, before: str, after: str, where: str) -> None:
    assert before in SMALL
    assert where in refused(office_of, SMALL.replace(before, after, 1))


def test_one_certificate_belongs_to_one_officer(office_of: OfficeMaker) -> None:
    officer = SMALL[SMALL.index("[[officers]]") : SMALL.index("[[custodians]]")]
    certificate = f'certificates = ["{"ab" * 32}"]\n'
    twice = SMALL.replace(officer, officer.rstrip() + "\n" + certificate)
    other = officer.replace("Đỗ Thị Ước Mẫu", "Phạm Mẫu").rstrip() + "\n" + certificate
    assert refused(office_of, twice + other) == {
        "officers[2].certificates": "this certificate is another officer's already"
    }


def test_a_name_used_twice_is_refused(office_of: OfficeMaker) -> None:
    officer = SMALL[SMALL.index("[[officers]]") : SMALL.index("[[custodians]]")]
    assert list(refused(office_of, SMALL + officer)) == ["officers[2].id"]


def test_what_is_no_toml_is_said_so(office_of: OfficeMaker, tmp_path: Path) -> None:
    assert "is not TOML" in refused(office_of, "[[organisations")[""]
    (tmp_path / "bytes.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(OfficeInvalid):
        Office.load(tmp_path / "bytes.toml")


def test_the_demo_text_holds_no_secret() -> None:
    assert "pin" not in demo_office_text().lower()


HANDOVER = """
[[custodians]]
name = "Vũ Thị Mẫu"
organisation = "A"
seals = ["s"]
appointed_by = "2/MẪU"

[[handovers]]
seal = "s"
permission = "3/MẪU"
minutes = "1/BB-MẪU"
from = "le-thi-mau"
to = "vu-thi-mau"
at = AT
"""


@pytest.mark.parametrize("written", ["2026-01-31T08:00:00", '"2026-01-31T08:00:00"', '"2026-01-31T01:00:00Z"'])
def test_a_handover_without_zone_is_in_viet_nam_time(office_of: OfficeMaker, written: str) -> None:
    """AC-62."""
    office = office_of(SMALL + HANDOVER.replace("AT", written))
    assert office.handovers[0].at == datetime.fromisoformat("2026-01-31T08:00:00+07:00")


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (HANDOVER.replace("AT", '"yesterday"'), "handovers[1].at"),
        (HANDOVER.replace("at = AT", ""), "handovers[1].at"),
        (HANDOVER.replace("AT", "2026-01-31T08:00:00").replace('to = "vu', 'to = "va'), "handovers[1].to"),
        (HANDOVER.replace("AT", "2026-01-31T08:00:00").replace('seal = "s"', 'seal = "t"'), "handovers[1].seal"),
        ('[[mandates]]\nnumber = "1"\nsubject = "x"', "mandates[1].date"),
        ('[[mandates]]\nnumber = "1"\nsubject = "x"\ndate = "31/01/2026"', "mandates[1].date"),
        ('[[series]]\norganisation = "Z"\nsymbol = "GCN"\nkind = "GCN"', "series[1].organisation"),
        ('[[procedures]]\ncode = "2"\nname = "x"', "procedures[2].working_days"),
        ('[[procedures]]\ncode = "2"\nname = " "\nworking_days = 1', "procedures[2].name"),
    ],
)
def test_wrong_tables_are_refused(office_of: OfficeMaker, lines: str, where: str) -> None:
    assert where in refused(office_of, SMALL + lines)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ('test_office = "yes"', "test_office"),
        ("holidays = [2026]", "holidays"),
        ('holidays = "2026-01-01"', "holidays"),
        ('day_ends = "evening"', "day_ends"),
        ("seals = 3", "seals"),
    ],
)
def test_wrong_values_at_the_top_are_refused(office_of: OfficeMaker, line: str, where: str) -> None:
    text = SMALL if where != "seals" else SMALL[: SMALL.index("[[seals]]")]
    assert where in refused(office_of, f"{line}\n{text}")


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("procedures", '"*"', "officers[1].procedures"),
        ("delegation", '"4/MẪU"', "officers[1].delegation"),
        ("delegation", '{ number = "4/MẪU", from = "2026-01-01" }', "officers[1].delegation.to"),
        (
            "delegation",
            '{ number = "4/MẪU", from = "2026-02-01", to = "2026-01-01" }',
            "officers[1].delegation.to",
        ),
        (
            "delegation",
            '{ number = "4/MẪU", from = "2026-01-01", to = "2026-02-01", by = "nobody" }',
            "officers[1].delegation",
        ),
        (
            "delegation",
            '{ number = "4/MẪU", from = "2026-01-01", to = "2026-02-01", procedures = ["9.9"] }',
            "officers[1].delegation",
        ),
    ],
)
def test_wrong_powers_are_refused(office_of: OfficeMaker, key: str, value: str, where: str) -> None:
    """AC-5: a delegation has its number, dates, scope and giver, or is none."""
    text = SMALL.replace('procedures = ["*"]\n', "")
    text = text.replace('post = "Chủ tịch"', f'post = "Chủ tịch"\n{key} = {value}')
    assert where in refused(office_of, text)
