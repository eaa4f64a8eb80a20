"""A seal's keys as data: the one in force, the one that waits, the limit, the declared level."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from office import Office, OfficeInvalid, demo_office_text

MIDNIGHT = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
"""The first moment of 2027 in Viet Nam."""
KEY = "pkcs11:token=a?module-path=/m.so&pin-source=file:/run/pin"
NEXT = "pkcs11:token=b?module-path=/m.so"


def load(folder: Path, added: str) -> Office:
    path = folder / "office.toml"
    path.write_text(demo_office_text().replace('id = "x1-2"\n', f'id = "x1-2"\n{added}'), encoding="utf-8")
    return Office.load(path)


@pytest.mark.parametrize("since", ["2027-01-01", "2027-01-01T00:00:00+07:00", "2026-12-31T17:00:00Z"])
@pytest.mark.parametrize("quoted", [True, False])
def test_the_key_in_force_changes_at_the_moment(tmp_path: Path, since: str, quoted: bool) -> None:
    """A day is its first moment in Viet Nam."""
    written = f'"{since}"' if quoted else since
    text = (
        f'key = "{KEY}"\ncertificate = "a.pem"\ndaily_limit = 500\ndevice_level = "FIPS 140-3 Level 3"\n'
        f'next = {{ key = "{NEXT}", certificate = "b.pem", from = {written} }}\n'
    )
    seal = load(tmp_path, text).seal("x1-2")
    assert seal is not None
    assert seal.daily_limit == 500
    assert seal.device_level == "FIPS 140-3 Level 3"
    before = MIDNIGHT - timedelta(microseconds=1)
    assert seal.key_on(before) == (KEY, tmp_path / "a.pem")
    assert seal.waiting_on(before) == (NEXT, tmp_path / "b.pem")
    assert seal.key_on(MIDNIGHT) == (NEXT, tmp_path / "b.pem")
    assert seal.waiting_on(MIDNIGHT) is None


def test_a_seal_without_a_next_key_keeps_its_own(tmp_path: Path) -> None:
    seal = load(tmp_path, f'key = "{KEY}"\ncertificate = "a.pem"\n').seal("x1-2")
    assert seal is not None
    assert seal.key_on(MIDNIGHT + timedelta(days=9999)) == (KEY, tmp_path / "a.pem")
    assert seal.waiting_on(MIDNIGHT) is None
    assert seal.daily_limit is None


@pytest.mark.parametrize(
    ("added", "named"),
    [
        ("daily_limit = 0\n", "daily_limit"),
        ("daily_limit = true\n", "daily_limit"),
        ("mark = " + "[" * 5000, "TOML"),
        *(
            (f'key = "{KEY}"\ncertificate = "a.pem"\nnext = {{ key = "{NEXT}", from = {at} }}\n', "year from 1900")
            for at in ("0001-01-01", "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00")
        ),
        ('key = "pkcs11:token=a?pin-value=1234"\n', "PIN"),
        ('next = { key = "pkcs11:token=b", certificate = "b.pem", from = 2027-01-01 }\n', "next"),
        (f'key = "{KEY}"\ncertificate = "a.pem"\nnext = {{ key = "{NEXT}", from = 2027-01-01 }}\n', "certificate"),
        (f'key = "{KEY}"\ncertificate = "a.pem"\nnext = {{ key = "{NEXT}", certificate = "b.pem" }}\n', "from"),
        (
            f'key = "{KEY}"\ncertificate = "a.pem"\n'
            'next = { key = "pkcs11:token=b?pin-value=1234", certificate = "b.pem", from = 2027-01-01 }\n',
            "PIN",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_name(tmp_path: Path, added: str, named: str) -> None:
    with pytest.raises(OfficeInvalid) as raised:
        load(tmp_path, added)
    assert named in raised.value.text_en
    assert "1234" not in raised.value.text_en + raised.value.text_vi


def test_a_table_of_its_own_is_named_with_its_line(tmp_path: Path) -> None:
    """[seals.next] belongs to the [[seals]] above it."""
    text = demo_office_text().replace(
        '\n[[officers]]\nid = "chu-tich"', '\n[seals.next]\nkey = "x"\n\n[[officers]]\nid = "chu-tich"', 1
    )
    (tmp_path / "office.toml").write_text(text, encoding="utf-8")
    with pytest.raises(OfficeInvalid) as raised:
        Office.load(tmp_path / "office.toml")
    line = text.splitlines().index('key = "x"') + 1
    assert any(problem.line == line and problem.where.endswith("next.key") for problem in raised.value.problems)
