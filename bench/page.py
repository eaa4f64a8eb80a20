"""A page of docs/measurements: what a whole run found, where and when. Written anew by each run."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "measurements"


def write(
    name: str,
    *,
    title: str,
    command: str,
    seconds: float,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    end: str = "",
    folder: Path = FOLDER,
) -> Path:
    """Replace the page `name` of `folder`: one table under date and machine, `end` below it; returns the file."""
    page = folder / f"{name}.md"
    table = "".join(f"| {' | '.join(row)} |\n" for row in (head, *rows))
    first, _, others = table.partition("\n")
    page.write_text(
        f"# {title}\n\n"
        f"Written by `{command}`; not edited by hand. {datetime.now(UTC):%Y-%m-%d}, {seconds:.0f} s.\n\n"
        f"{_machine()}.\n\n{first}\n{'|---' * len(head)}|\n{others}" + (f"\n{end}\n" if end else ""),
        "utf-8",
    )
    return page


def _machine() -> str:
    """Processor, cores, system, versions and load, in one line."""
    processors = (line for line in _text("/proc/cpuinfo").splitlines() if line.startswith("model name"))
    model = next((line.partition(":")[2].strip() for line in processors), platform.machine())
    system = next(
        (line.partition("=")[2].strip('"') for line in _text("/etc/os-release").splitlines() if "PRETTY_NAME" in line),
        platform.system(),
    )
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("cryptography", "python-pkcs11"))
    asked = subprocess.run(["softhsm2-util", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{model}, {os.cpu_count()} cores; {system}, Linux {platform.release()}; Python {platform.python_version()},"
        f" {packages}, SoftHSM {asked or 'of unknown version'}; load at the end {load}"
    )


def _text(path: str) -> str:
    return Path(path).read_text("utf-8") if Path(path).is_file() else ""
