"""Tables in the documents say what the code says."""

import re
from pathlib import Path

from api.tables import factor_events as _factor_events  # noqa: F401  every table is known to the metadata
from hsm import DRIVERS, Rung
from secondseal.settings import Settings
from stamping.states import MOVES
from stamping.tables import documents as _  # noqa: F401  every table is known to the metadata
from store import metadata

DOCS = Path(__file__).parents[2] / "docs"


def _text(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def _rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table under a header row, as written."""
    after = text.split(heading, 1)[1].splitlines()[2:]
    rows = []
    for line in after:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split(" | ")])
    return rows


def test_flow_shows_the_table_of_moves() -> None:
    shown = {
        found[0]: set(found[1:])
        for row in _rows(_text("flow.md"), "| State | May become |")
        if (found := re.findall(r"`([a-z_]+)`", " ".join(row)))
    }
    assert shown == {state: set(targets) for state, targets in MOVES.items()}


def test_tables_that_are_named_exist() -> None:
    """Every `register_…`, `stamping_…` and `api_…` in the documents is a table."""
    for name in ("flow.md", "auditing.md", "operations.md", "threats.md"):
        named = set(re.findall(r"`((?:register|stamping|api)_[a-z_]+)`", _text(name)))
        assert named - set(metadata.tables) == set(), name


def test_operations_lists_every_setting() -> None:
    shown = {row[0].strip("`"): row[1] for row in _rows(_text("operations.md"), "| Key | Default | Meaning |")}
    assert set(shown) == set(Settings.model_fields)


def test_operations_shows_the_defaults() -> None:
    shown = {
        row[0].strip("`"): row[1].strip("`") for row in _rows(_text("operations.md"), "| Key | Default | Meaning |")
    }
    for name, field in Settings.model_fields.items():
        default = str(field.default)
        if field.is_required() or field.default in (None, "", ()):
            continue
        assert shown[name].lower() in {default.lower(), default.removesuffix(".0")}, name


def test_the_units_name_settings_and_commands_that_exist() -> None:
    """Environment of the units, and what they start."""
    for unit in sorted((DOCS.parent / "deploy" / "systemd").glob("*.service")):
        text = unit.read_text("utf-8")
        named = {word.lower() for word in re.findall(r"SECONDSEAL_([A-Z_]+)=", text)}
        assert named - set(Settings.model_fields) == set(), unit.name
        assert re.search(
            r"^ExecStart=/opt/secondseal/\.venv/bin/secondseal (web|worker|courier)\b", text, re.MULTILINE
        ), unit.name


def test_tokens_shows_the_table_of_drivers() -> None:
    shown = _rows(_text("tokens.md"), "| Issuer | Files | What is known |")
    known = [
        [
            driver.issuer,
            ", ".join(f"`{name}`" for name in driver.files),
            " ".join(f"{quirk.text_en} ({quirk.source})" for quirk in driver.quirks),
        ]
        for driver in DRIVERS
    ]
    assert [[*row, ""][:3] for row in shown] == known


def test_the_rungs_are_named_alike() -> None:
    """In the operators' page, in the metric's row, in the code; the last one is the worker's own."""
    rungs = [*(rung.name.lower() for rung in Rung), "restart"]
    ladder = _rows(_text("tokens.md"), "| Rung | What is done | Starts here for |")
    assert [name for row in ladder for name in re.findall(r"`([a-z]+)`", row[0])] == rungs
    labels = {row[0]: row[1] for row in _rows(_text("operations.md"), "| Metric | Labels | Is |")}
    assert re.findall(r"`([a-z]+)`", labels["`secondseal_key_recoveries_total`"]) == ["rung", *rungs]


def test_operations_lists_every_metric() -> None:
    sources = [(DOCS.parent / "api" / name).read_text("utf-8") for name in ("metrics.py", "metrics_documents.py")]
    given = {name for source in sources for name in re.findall(r'\bfamily\("([a-z_]+)"', source)}
    tallied = {f"{name}_total" for name in ("requests", "refusals", "verifications", "verification_seconds")}
    listed = _text("operations.md").split("| Metric | Labels | Is |")[1]
    named = set(re.findall(r"`secondseal_([a-z_]+)`", listed.split("\n\n")[0]))
    assert len(given) > 16
    assert named == given | tallied
