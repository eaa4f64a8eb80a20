"""Settings: one file, the environment over it, nothing silently ignored."""

from pathlib import Path

import pytest

from secondseal.settings import SettingsError, load_settings, write_settings


def test_the_file_is_read_and_relative_paths_stand_in_the_home_folder(tmp_path: Path) -> None:
    """What `write_settings` writes is what `load_settings` reads."""
    write_settings(
        tmp_path, {"public_url": "https://hcc.example/", "pin_file": "pins/seal.pin", "tsa_urls": ["http://a"]}
    )
    settings = load_settings({}, home=tmp_path)
    assert settings.public_url == "https://hcc.example"
    assert settings.pin_file == tmp_path / "pins" / "seal.pin"
    assert settings.tsa_urls == ("http://a",)
    assert settings.database == f"sqlite:///{tmp_path / 'secondseal.db'}"
    assert settings.files == tmp_path / "files"


def test_a_variable_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SECONDSEAL_<KEY>; lists by commas; a relative path is where the caller stands."""
    write_settings(tmp_path, {"level": "B-T", "allowed_hosts": ["a.example"]})
    monkeypatch.chdir(tmp_path)
    environment = {
        "SECONDSEAL_HOME": str(tmp_path),
        "SECONDSEAL_LEVEL": "B-LTA",
        "SECONDSEAL_ALLOWED_HOSTS": "b.example, c.example",
        "SECONDSEAL_TRUST_ANCHORS": "anchors.pem",
        "PATH": "/usr/bin",
    }
    settings = load_settings(environment)
    assert settings.level == "B-LTA"
    assert settings.allowed_hosts == ("b.example", "c.example")
    assert settings.trust_anchors == tmp_path / "anchors.pem"


@pytest.mark.parametrize(
    ("text", "environment", "named"),
    [
        ('levle = "B-T"', {}, "levle"),
        ('level = "B-X"', {}, "level"),
        ("", {"SECONDSEAL_TSA_URL": "http://a"}, "tsa_url"),
        ("sessions = 0", {}, "sessions"),
        ("level = ", {}, "secondseal.toml"),
        ('files = "s3://bucket/files"', {}, "files_store"),
        ('files_store = "bucket/files"', {}, "s3://bucket/folder"),
        ('files_store = "s3://name:secret@bucket"', {}, "without a name or password"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(
    tmp_path: Path, text: str, environment: dict[str, str], named: str
) -> None:
    """Unknown keys, unknown variables and bad values."""
    (tmp_path / "secondseal.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=named):
        load_settings(environment, home=tmp_path)
