"""A corner of the machine where pcscd can have its fixed places to itself.

pcscd listens on the path it was compiled with (/run/pcscd/pcscd.comm) and every program looks for it there. So the
whole scene - pcscd, cards, program under test - runs in mount, network and process namespaces of its own, with an empty
/run: a pcscd of this computer, or another test worker's, is neither seen nor disturbed, nothing can be reached from
outside, and all of it ends with its first process. Root needs nothing more; others get a user namespace where the
kernel gives one, and stay who they are in it.
"""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path

_APART = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private")
_AS_ONESELF = ("--user", "--map-current-user", "--keep-caps")
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


@cache
def entrance() -> tuple[str, ...] | str:
    """What to put before a command to run it apart; or, as text, why that cannot be."""
    reason = ""
    for extra in ((), _AS_ONESELF) if os.geteuid() == 0 else (_AS_ONESELF,):
        command = (*_APART, *extra)
        tried = subprocess.run(
            [*command, sys.executable, "-m", "tests.cards.namespace"],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        if tried.returncode == 0:
            return command
        reason = tried.stderr.strip().splitlines()[-1] if tried.stderr.strip() else f"status {tried.returncode}"
    return f"this kernel gives no namespaces to run pcscd in: {reason}"


def furnish() -> None:
    """Called first inside: an empty /run with pcscd's folder, and the loopback interface up, alone.

    Raises `RuntimeError` where there is another interface: vpcd listens on all there are.
    """
    interfaces = [name for _, name in socket.if_nameindex()]
    if interfaces != ["lo"]:
        raise RuntimeError(f"not apart: network interfaces {interfaces}")
    # By the call itself: mount(8) asks who one is, not what one may.
    if ctypes.CDLL(None, use_errno=True).mount(b"tmpfs", b"/run", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), "no tmpfs on /run")
    Path("/run/pcscd").mkdir()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", asked)[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


if __name__ == "__main__":
    furnish()
