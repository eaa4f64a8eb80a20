"""The browser that tests drive: the distribution's Chromium, else the one Playwright keeps (see deploy/prepare)."""

import os
import shutil
from pathlib import Path

OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
"""For a headless run as any user, root too, that asks no other machine for anything."""


def chromium() -> Path:
    """The executable, for Playwright's `launch(executable_path=...)`. Raises FileNotFoundError."""
    # The first has no window to draw around its pages, which is a quarter of the work.
    for name in ("chromium-headless-shell", "chromium"):
        packaged = shutil.which(name)
        if packaged and not packaged.startswith("/snap/"):
            return Path(packaged)
    kept = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    for pattern in ("chromium-*/chrome-linux*/chrome", "chromium_headless_shell-*/chrome-linux*/headless_shell"):
        if found := sorted(kept.glob(pattern)):
            return found[-1]
    raise FileNotFoundError("no Chromium: run deploy/prepare test")
