"""Where the settings say that files are kept."""

from pathlib import Path

import pytest

from secondseal.kept_files import kept_files
from secondseal.settings import SettingsError, load_settings
from store import FolderFiles, ObjectFiles


def kept(home: Path, text: str) -> FolderFiles | ObjectFiles:
    (home / "secondseal.toml").write_text(text, encoding="utf-8")
    files = kept_files(load_settings({}, home=home))
    assert isinstance(files, FolderFiles | ObjectFiles)
    return files


def test_a_folder_in_the_home_folder_where_nothing_is_said(tmp_path: Path) -> None:
    files = kept(tmp_path, "")
    assert isinstance(files, FolderFiles)
    assert files.folder == tmp_path / "files"


def test_an_object_store_with_the_options_of_a_file_only_its_owner_reads(tmp_path: Path) -> None:
    options = tmp_path / "store.toml"
    options.write_text('aws_region = "us-east-1"', encoding="utf-8")
    options.chmod(0o600)
    text = 'files_store = "s3://bucket/files/"\nfiles_options = "store.toml"'
    files = kept(tmp_path, text)
    assert isinstance(files, ObjectFiles)
    assert files.url == "s3://bucket/files"
    options.chmod(0o644)
    with pytest.raises(SettingsError, match="files_options: others can read"):
        kept(tmp_path, text)


def test_an_option_nobody_knows_is_refused_without_its_value(tmp_path: Path) -> None:
    options = tmp_path / "store.toml"
    options.write_text('aws_sekret = "geheim"', encoding="utf-8")
    options.chmod(0o600)
    with pytest.raises(SettingsError, match="files_store") as told:
        kept(tmp_path, 'files_store = "s3://bucket"\nfiles_options = "store.toml"')
    assert "geheim" not in str(told.value)
