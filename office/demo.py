"""The demo office that ships with the package."""

from importlib.resources import files


def demo_office_text() -> str:
    """The TOML text of an invented office, with no keys, certificates or images yet."""
    return files(__package__ or "office").joinpath("demo_office.toml").read_text(encoding="utf-8")
