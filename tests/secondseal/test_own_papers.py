"""The office's own papers: a folder outside the code, read as the service starts, whole or not at all."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from office import demo_office_text
from secondseal.command import main
from secondseal.papers import office_papers, papers_at_start
from secondseal.settings import SettingsError, load_settings
from stamping import NewDocument, Refusal, documents, receiving
from templates import FolderInvalid, catalogue, with_own
from tests.api.serving import serving
from tests.secondseal.test_commands import said
from tests.stamping.office_desk import OFFICER, ORGANISATION, PlaceMaker
from tests.templates.folders import BODY, MANIFEST, SAMPLE, folder
from tests.templates.reading import read

NAME = "giay-xac-nhan-mau"


def spoilt(root: Path) -> list[str]:
    """Folders with one fault each; the beginnings of what is said of them."""
    folder(root, name="giay-a", manifest=MANIFEST.replace("2026-01-01", "soon"))
    folder(root, name="giay-b", sample={"name": "x" * 61})
    folder(root, name="giay-c", body=BODY.replace("<title>", "\n<title>").replace("Xác nhận", "Xác nhận ☃"))
    folder(root, name="giay-d", body=BODY.replace("data.name", "data.nobody"))
    folder(root, name="giay-e", sample=SAMPLE | {"name": "☃"})
    (root / "giay-g").mkdir()
    return [
        "giay-a/2026.1/manifest.toml:2: ",
        "giay-b/2026.1/sample.json:1: name: ",
        "giay-c/2026.1/body.xml:4: ",
        "giay-d/2026.1/body.xml:3: ",
        "giay-e/2026.1/sample.json:1: ",
        "giay-g: ",
    ]


def test_every_fault_of_every_folder_is_told_with_file_and_line(tmp_path: Path) -> None:
    expected = spoilt(tmp_path)
    with pytest.raises(FolderInvalid) as caught:
        with_own(tmp_path)
    told = [f"{one.file}{f':{one.line}' if one.line else ''}: {one.vi}" for one in caught.value.faults]
    assert [one.startswith(begun) for one, begun in zip(told, expected, strict=True)] == [True] * len(expected), told
    assert all(one.en and one.en != one.vi for one in caught.value.faults)


def test_a_version_that_begins_as_one_of_ours_is_refused(tmp_path: Path) -> None:
    ours = catalogue()[0]
    manifest = MANIFEST.replace("2026-01-01", f"{ours.effective_from}")
    folder(tmp_path, name=ours.name, version="2099.1", manifest=manifest)
    with pytest.raises(FolderInvalid) as caught:
        with_own(tmp_path)
    assert [one.file for one in caught.value.faults] == [f"{ours.name}/2099.1"]


def test_ac96_a_newer_version_of_one_of_ours_is_used_from_its_day(tmp_path: Path) -> None:
    folder(
        tmp_path, name="dang-ky-ho-kinh-doanh", version="2098.1", manifest=MANIFEST.replace("2026-01-01", "2098-01-01")
    )
    papers = with_own(tmp_path)
    assert papers.paper("dang-ky-ho-kinh-doanh", on=date(2097, 12, 31)).version == "2026.1"
    assert papers.paper("dang-ky-ho-kinh-doanh", on=date(2098, 1, 1)).version == "2098.1"


def test_which_folder(tmp_path: Path) -> None:
    """`papers` in the home folder where it is; the setting's, which must be there."""
    settings = load_settings({}, tmp_path)
    assert office_papers(settings).folder is None
    folder(tmp_path / "papers")
    assert office_papers(settings).folder == tmp_path / "papers"
    named = load_settings({"SECONDSEAL_PAPERS": str(tmp_path / "elsewhere")}, tmp_path)
    with pytest.raises(SettingsError, match="elsewhere"):
        papers_at_start(named)
    (tmp_path / "secondseal.toml").write_text('papers = "elsewhere"\n', encoding="utf-8")
    folder(tmp_path / "elsewhere", name="giay-khac")
    assert {one.name for one in office_papers(load_settings({}, tmp_path)).papers} >= {"giay-khac"}


@pytest.mark.parametrize("process", ["web", "worker"])
def test_no_process_starts_on_papers_that_are_not_right(tmp_path: Path, process: str) -> None:
    """All of it is said, and nothing was begun."""
    expected = spoilt(tmp_path / "papers")
    done = said(tmp_path, process)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for begun in expected:
        assert f"  {tmp_path / 'papers' / begun}" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["papers"]


def test_the_office_s_file_is_checked_against_the_papers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A procedure that names a paper there is not; one not in force; a folder that is not right. The doctor as well."""
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path))
    text = demo_office_text()
    (tmp_path / "office.toml").write_text(text.replace('"dang-ky-ho-kinh-doanh"', f'"{NAME}"'), encoding="utf-8")

    def told(status: int, *words: str) -> str:
        assert main(words) == status
        output = capsys.readouterr()
        return output.out + output.err

    for words in (("office", "check"), ("token", "doctor")):
        assert f"there is no paper {NAME}" in told(1, *words)
    place = folder(tmp_path / "papers", manifest=MANIFEST.replace("2026-01-01", "2098-01-01"))
    assert f"the paper {NAME} is not in force today" in told(0, "office", "check")
    (place / "manifest.toml").write_text(MANIFEST, encoding="utf-8")
    assert NAME not in told(0, "office", "check")
    (place / "body.xml").write_text("<paper>", encoding="utf-8")
    for words in (("office", "check"), ("token", "doctor")):
        assert f"{place / 'body.xml'}:1: " in told(1, *words)


def test_a_paper_of_the_office_s_own_is_made_and_readyz_tells_of_a_changed_folder(
    desk_with: PlaceMaker, tmp_path: Path
) -> None:
    """What the process read goes on counting until it is started again."""
    own = folder(tmp_path)
    place = desk_with()
    desk = replace(place.desk, papers=with_own(tmp_path))
    new = NewDocument(
        dossier=place.dossier(), organisation=ORGANISATION, paper=NAME, data=dict(SAMPLE), officer_id=OFFICER
    )
    with pytest.raises(Refusal) as caught:
        receiving.create(place.desk, new, "thử nghiệm")
    assert caught.value.code == "paper-data-invalid"
    made = receiving.create(desk, new, "thử nghiệm")
    assert "Xác nhận ông (bà) Đặng Quốc Mẫu." in read(documents.file(desk, made.id)[0])[0].text
    with serving(place) as running:
        running.app.state.service = replace(running.app.state.service, made_with=desk)
        client = running.client()
        assert client.get("/readyz").json()["papers"] == "ok"
        (own / "schema.json").write_text("{", encoding="utf-8")
        body = client.get("/readyz").json()
        assert (body["papers"], body["status"]) == ("failing", "degraded")
    again = receiving.create(desk, replace(new, dossier=place.dossier()), "thử nghiệm")
    assert again.state == made.state
