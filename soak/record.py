"""What a whole run found, for docs/measurements."""

import importlib.metadata
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from soak.finding import Finding

FOLDER = Path(__file__).parents[1] / "docs" / "measurements"


def machine() -> str:
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


def write(room: str, found: list[Finding], seconds: float) -> Path:
    """Replace the room's page; returns it."""
    page = FOLDER / f"soak-{room}.md"
    rows = "\n".join(f"| {f.name} | {f.value} | {f.asked} | {'yes' if f.holds else '**no**'} |" for f in found)
    page.write_text(
        f"# Soak: {room}\n\n"
        f"Written by `make soak ROOM={room}`; not edited by hand. {datetime.now(UTC):%Y-%m-%d}, {seconds:.0f} s.\n\n"
        f"{machine()}.\n\n"
        f"| What | Found | Asked | Holds |\n|---|---|---|---|\n{rows}\n",
        "utf-8",
    )
    return page


def _text(path: str) -> str:
    return Path(path).read_text("utf-8") if Path(path).is_file() else ""
