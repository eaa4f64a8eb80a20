"""The service asked by calls made up from its own description, by the hundred for each operation and each way of
asking (fitting and not)."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from soak.finding import SHORT, Finding, Size


def findings(size: Size, say: Callable[[str], None]) -> Iterator[Finding]:
    """The test of the suite, with long counts. It ends with the first answer that is not described."""
    examples = 10 if size is SHORT else 200
    say(f"{examples} calls of each operation that fit its schema, {examples} that do not")
    test = "tests/api/test_conformance.py"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        env={**os.environ, "CONFORMANCE_EXAMPLES": str(examples)},
        check=False,
    )
    yield Finding(
        name=f"answers that are not described, of {examples} calls that fit and {examples} that do not, each operation",
        value="none" if ran.returncode == 0 else "some; see above",
        asked="none: no 5xx, no status, content type or shape that /api/v1/openapi.json does not name for that call",
        holds=ran.returncode == 0,
    )
