"""No file meets another: what one child held is in no memory that reads the next."""

import os
from pathlib import Path

from tests.verifier.desk import Desk
from tests.verifier.test_sandbox import waiting_child
from verifier import Sandbox


def held_in(process: int, marker: bytes) -> int:
    """How many of a process's readable mappings hold the marker."""
    found = looked_at = 0
    memory = os.open(f"/proc/{process}/mem", os.O_RDONLY)
    try:
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            addresses, rights, *_ = line.split()
            start, end = (int(address, 16) for address in addresses.split("-"))
            if rights[0] != "r" or line.endswith(("[vvar]", "[vvar_vclock]", "[vsyscall]")):
                continue
            content = os.pread(memory, end - start, start)
            looked_at += len(content)
            found += marker in content
    finally:
        os.close(memory)
    assert looked_at > 10_000_000, "this is no reader of PDF files"
    return found


def test_a_file_before_is_nowhere_in_the_memory_of_the_next_reader(desk: Desk) -> None:
    """Looked for from outside, where all memory can be seen: in the clean parent, and in the child that waits for
    the next file, forked while the first was read, and forked after it."""
    marker = os.urandom(24)
    pdf = desk.paper + b"%" + marker
    with Sandbox() as own:
        used: set[int] = set()
        parent = own.parent_pid
        assert parent is not None
        for _ in range(3):
            waiting = waiting_child(parent, used)
            used.add(waiting)
            for process in (parent, waiting):
                assert held_in(process, marker) == 0
                assert held_in(process, b"the reader does not read its own specimen") > 0
            assert own.gather(pdf).size == len(pdf)
    assert held_in(os.getpid(), marker) > 0, "and this looking finds what is there"
