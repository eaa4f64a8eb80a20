"""The clean parent's memory in large pages: a fork then copies a few entries of its page table instead of thousands."""

import ctypes
from pathlib import Path

_LARGE = 2 * 1024 * 1024
_MADV_COLLAPSE = 25  # Linux 6.1; the kernel copies what lies there into one large page, at once
_MADVISE = ctypes.CDLL(None).madvise
_MADVISE.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def use_large_pages() -> int:
    """Collapse what this process holds in whole large pages; how many bytes that were. An older kernel refuses: 0."""
    done = 0
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, _, device, *_ = line.split()
        if rights != "rw-p" or device != "00:00":
            continue
        start, end = (int(address, 16) for address in addresses.split("-"))
        start, end = -(-start // _LARGE) * _LARGE, end // _LARGE * _LARGE
        if start < end and _MADVISE(start, end - start, _MADV_COLLAPSE) == 0:
            done += end - start
    return done
