"""Options of an object store, secrets among them, from a TOML file only its owner can read."""

import tomllib
from pathlib import Path

from secondseal.settings import SettingsError


def store_options(file: Path | None, setting: str) -> dict[str, str]:
    """As `obstore` takes them; none where there is no file. `setting` names it in errors. Raises SettingsError."""
    if file is None:
        return {}
    try:
        if file.stat().st_mode & 0o077:
            raise SettingsError(f"{setting}: others can read {file}; its mode must be 0600")
        return {name: str(value) for name, value in tomllib.loads(file.read_text(encoding="utf-8")).items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{setting}: {file} cannot be read ({type(error).__name__})") from error
