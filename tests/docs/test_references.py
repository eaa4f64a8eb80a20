"""Comments that send the reader to a document send them to one that exists."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"docs/[a-z/]*[a-z0-9-]+(?:\.md)?(?!\w)")


def test_documents_named_in_the_source_exist() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.toml", "Makefile", "deploy"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    missing = [
        f"{line}: {name}"
        for line in listed.stdout.splitlines()
        if (ROOT / line).is_file() and "tests/docs" not in line
        for name in NAMED.findall((ROOT / line).read_text(encoding="utf-8"))
        if not (ROOT / name).exists() and not [*ROOT.glob(f"{name}-*.md")]
    ]
    assert missing == []
