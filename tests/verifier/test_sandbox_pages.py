"""Large pages change what a fork costs, never what the memory holds."""

import re
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import mmap, os
from pathlib import Path
from verifier.sandbox_pages import use_large_pages
held = mmap.mmap(-1, 8 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
pattern = os.urandom(1 << 20) * 8
held[:] = pattern
done = use_large_pages()
assert held[:] == pattern
print(done, Path("/proc/self/smaps_rollup").read_text())
"""


def test_collapsed_memory_is_the_same_memory() -> None:
    """Where the kernel does it (Linux 6.1) it is seen in the kernel's own count; where it does not, 0 is said."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    done, _, counted = ran.stdout.partition(" ")
    large = re.search(r"AnonHugePages: +(\d+) kB", counted)
    assert large is not None
    assert int(done) % (2 << 20) == 0
    assert int(large.group(1)) * 1024 >= int(done)
