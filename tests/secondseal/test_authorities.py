"""A changed list of authorities counts without a restart; one that cannot be read changes nothing (decision 0052)."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from secondseal.authorities import LOOK_S, AuthoritiesInForce
from secondseal.demo.pki import Pki
from secondseal.settings import Settings, SettingsError
from stamping import documents
from tests.api.administrators import add_administrators, caller
from tests.api.serving import serving
from tests.stamping.office_desk import PlaceMaker
from trust import Act, AnchorsUnreadable, fingerprint

DAMAGED = '{"act": "add"\n'


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def ended(pki: Pki, since: datetime, act: str = "end") -> str:
    """A line that ends the root, or takes that back."""
    at, root = datetime.now(UTC).replace(microsecond=0), pki.root
    kind = {"act": act, "since": since.replace(microsecond=0) if act == "end" else None}
    return Act(sha256=fingerprint(root), subject="", at=at, by="root", note="thử", **kind).line()  # type: ignore[arg-type]


def replaced(path: Path, text: str) -> None:
    """As `secondseal trust` writes it: in one step."""
    new = path.with_suffix(".new")
    new.write_text(text, "utf-8")
    new.replace(path)


def settings_of(pki: Pki, home: Path) -> Settings:
    return Settings(
        home=home,
        trust_anchors=pki.anchors_pem,
        intermediates=pki.intermediates_pem,
        trust_list=home / "trust-list.jsonl",
    )


def test_what_counted_counts_until_a_whole_list_follows(
    pki: Pki, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, settings = Clock(), settings_of(pki, tmp_path)
    relied = AuthoritiesInForce(settings, clock=clock)
    first = relied.store()
    assert not first.ended

    def after(text: str | None) -> str | None:
        """What is wrong once the file holds this (None: it is gone) and has been looked at."""
        if text is None:
            settings.trust_list.unlink()
        else:
            replaced(settings.trust_list, text)
        clock.now += LOOK_S
        relied.store()
        return relied.problem

    lines = ended(pki, datetime.now(UTC))
    replaced(settings.trust_list, lines)
    assert relied.store() is first, "not looked at within two seconds"
    assert after(lines) is None
    second = relied.store()
    assert set(second.ended) == {pki.root}
    for wrong in (DAMAGED, lines + DAMAGED, "", None, ended(pki, datetime.now(UTC) - timedelta(days=9))):
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            assert after(wrong)
        assert relied.store() is second
        assert "what counted before goes on counting" in caplog.text
        clock.now += LOOK_S
        caplog.clear()
        assert relied.store() is second
        assert not caplog.text, "said once"
    assert after(lines) is None
    assert relied.store() is second
    assert after(lines + ended(pki, datetime.now(UTC), act="resume")) is None
    assert not relied.store().ended


def test_a_start_is_as_strict_as_ever(pki: Pki, tmp_path: Path) -> None:
    settings = settings_of(pki, tmp_path)
    settings.trust_list.write_text(DAMAGED, "utf-8")
    with pytest.raises(AnchorsUnreadable):
        AuthoritiesInForce(settings)
    settings.trust_list.unlink()
    with pytest.raises(SettingsError):
        AuthoritiesInForce(settings.model_copy(update={"trust_anchors": None}))


def test_citizens_hear_of_an_ended_authority_at_once(desk_with: PlaceMaker, pki: Pki) -> None:
    """And the desk, the report and /readyz with them."""
    place = desk_with()
    pdf, _, _ = documents.file(place.desk, place.sealed().id)
    clock, settings = Clock(), settings_of(pki, place.desk.home)
    relied = AuthoritiesInForce(settings, clock=clock)
    with serving(place) as running:
        running.app.state.service = replace(running.app.state.service, relied=relied)
        add_administrators(running)
        client = running.client()

        def judged(text: str) -> tuple[str, str, bool, bool]:
            """The verdict, what /readyz says of the list, whether the desk's page says that something ended, and that
            the list was not taken up."""
            replaced(settings.trust_list, text)
            clock.now += LOOK_S
            verdict = client.post("/api/v1/verifications", files={"file": ("a.pdf", pdf)}).json()["verdict"]
            page = caller(running, "auditor").get("/desk/trust").text
            told = "Chỉ đến" in page, "Danh sách mới chưa dùng được" in page
            return verdict, client.get("/readyz").json()["trust_list"], *told

        before = ended(pki, datetime.now(UTC) - timedelta(days=1))
        assert judged("") == ("genuine", "ok", False, False)
        assert judged(before) == ("untrusted", "ok", True, False)
        assert judged(DAMAGED) == ("untrusted", "failing", True, True)
        assert judged(before + ended(pki, datetime.now(UTC), act="resume")) == ("genuine", "ok", False, False)
