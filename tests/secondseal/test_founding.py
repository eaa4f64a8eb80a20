"""The office is founded once from its file; afterwards the file has no effect and the difference is said."""

import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from office import demo_office_text
from register import office_versions
from secondseal.institution import differing, institution, make_ready, version_in_force
from secondseal.office_key import office_signer
from secondseal.settings import Settings, SettingsError, load_settings
from stamping import OfficeDesk, office_acts
from store import FolderFiles, applied_revision, now, open_database, read

STARTING = """
import sys
from pathlib import Path
from secondseal.institution import make_ready
from secondseal.office_key import office_signer
from secondseal.settings import load_settings
from stamping import OfficeDesk
from store import FolderFiles, now, open_database
import logging
logging.basicConfig(level=logging.INFO)
settings = load_settings({}, home=Path(sys.argv[1]))
signer = office_signer(settings)
engine, files = open_database(settings.database), FolderFiles(settings.files)
desk = OfficeDesk(engine=engine, files=files, clock=now, sign_office=signer)
print("here", flush=True)
sys.stdin.readline()
make_ready(desk, settings)
"""


@dataclass
class House:
    """A fresh home folder with the demo office's file."""

    settings: Settings

    @property
    def file(self) -> Path:
        return self.settings.office

    def start(self) -> None:
        """As the web process and the worker do."""
        engine = open_database(self.settings.database)
        signer = office_signer(self.settings)
        files = FolderFiles(self.settings.files)
        make_ready(OfficeDesk(engine=engine, files=files, clock=now, sign_office=signer), self.settings)
        engine.dispose()


def test_a_process_that_cannot_read_the_key_founds_nothing_and_says_who_can(house: House) -> None:
    """The web process as a user of its own: it waits for the seal worker."""
    engine = open_database(house.settings.database)
    web = OfficeDesk(engine=engine, files=FolderFiles(house.settings.files), clock=now, sign_office=None)
    with pytest.raises(SettingsError, match="start the seal worker first"):
        make_ready(web, house.settings)
    house.start()
    make_ready(web, house.settings)
    engine.dispose()


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "office.toml").write_text(demo_office_text(), encoding="utf-8")
    return House(load_settings({}, home=tmp_path))


def test_processes_that_start_at_once_found_it_once(house: House) -> None:
    command = [sys.executable, "-c", STARTING, str(house.settings.home)]
    pipe = subprocess.PIPE
    started = [subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    logs = [process.communicate(timeout=60)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], logs
    assert "".join(logs).count("the office is founded from") == 1
    with read(open_database(house.settings.database)) as connection:
        (only,) = office_versions.history(connection)
    assert (only.by, only.text) == (office_acts.OPERATOR, house.file.read_text("utf-8"))


def test_an_edited_file_has_no_effect_and_is_pointed_out(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.start()
    version = version_in_force(house.settings)
    assert version is not None
    assert differing(house.settings, version) is None
    house.file.write_text(demo_office_text().replace("working_days = 3", "working_days = 9"), encoding="utf-8")
    with caplog.at_level(logging.WARNING, "secondseal.office"):
        house.start()
    assert "differs from the office in force (version 1) and has no effect" in caplog.text
    assert institution(house.settings).procedures[0].working_days == 3
    house.file.write_text("la =", encoding="utf-8")
    house.start()
    house.file.unlink()
    caplog.clear()
    house.start()
    assert caplog.text == "", "a file that is no longer there is no difference"


def test_what_cannot_be_used_founds_nothing(house: House) -> None:
    house.file.write_text(demo_office_text().replace("working_days = 3", "working_days = 0"), encoding="utf-8")
    with pytest.raises(SettingsError, match="working_days"):
        house.start()
    house.file.unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        house.start()
    assert version_in_force(house.settings) is None


def test_before_anything_is_founded_commands_read_the_file(house: House) -> None:
    assert institution(house.settings).test_office
    engine = open_database(house.settings.database)
    from store import migrate

    migrate(engine, "0005")
    assert applied_revision(engine) == "0005"
    assert institution(house.settings).test_office, "a database that waits for its upgrade"
    engine.dispose()
