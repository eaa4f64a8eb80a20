"""The canonical form that every hash of the register rests on."""

import hashlib
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.canonical import canonical, row_hash

PLAIN = st.text() | st.integers() | st.booleans() | st.none()


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,20}", fullmatch=True), PLAIN))
def test_it_is_what_any_json_library_writes_sorted_and_without_spaces(row: dict[str, object]) -> None:
    expected = {key: value for key, value in row.items() if value is not None}
    text = json.dumps(expected, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        encoded = text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: no text of any document
        with pytest.raises(UnicodeEncodeError):
            canonical(row)
    else:
        assert canonical(row) == encoded


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.timezones()), st.dates(min_value=date(1000, 1, 1)))  # noqa: DTZ001
def test_instants_and_days_have_one_form(moment: datetime, day: date) -> None:
    values = json.loads(canonical({"at": moment, "on": day}))
    assert values["at"].endswith("Z")
    assert len(values["at"]) == 27
    assert datetime.fromisoformat(values["at"]) == moment.astimezone(UTC)
    assert date.fromisoformat(values["on"]) == day


def test_a_hash_of_long_ago_stays_reproducible() -> None:
    """Frozen: the hashes in old registers were made like this."""
    row = {"seq": 1, "note": 'Số "1"', "none": None, "ok": True, "at": datetime(2026, 11, 22, 5, tzinfo=UTC)}
    text = '{"at":"2026-11-22T05:00:00.000000Z","note":"Số \\"1\\"","ok":true,"seq":1}'
    assert canonical(row) == text.encode()
    assert row_hash(row) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("value", [1.5, b"bytes", ["list"]])
def test_other_values_have_no_form(value: object) -> None:
    with pytest.raises(TypeError, match="canonical"):
        canonical({"value": value})
