"""What a sandboxed reader may still do: compute, and write its answer into a pipe that is already open.

Two independent locks. Every new descriptor is refused by RLIMIT_NOFILE (no files, no sockets), and a seccomp filter
allows only the calls that computing needs. Where seccomp is missing, an own user and network namespace takes its
place; where neither is to be had, `SandboxUnavailable` is raised and nothing is read.
"""

import ctypes
import errno
import os
import resource
import signal
from typing import Literal

from verifier.limits import Limits

Isolation = Literal["seccomp", "namespace"]
READY = b"ready "
"""What a sandbox's parent says first, before its isolation's name; anything else is why it cannot be."""

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_SECCOMP_MODE_FILTER = 2
_NOBODY = 65534
_INSTRUCTION_BYTES = 8
_LIBC = ctypes.CDLL(None, use_errno=True)
_PRCTL = _LIBC.prctl
_PRCTL.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong)

# Everything not named fails with EPERM: no open, socket, connect, execve, fork, kill, ptrace, no new signal handlers.
_ALLOWED = (
    "brk",
    "clock_getres",
    "clock_gettime",
    "clock_nanosleep",
    "close",
    "exit",
    "exit_group",
    "fcntl",
    "fstat",
    "futex",
    "getpid",
    "getrandom",
    "getrusage",
    "gettid",
    "gettimeofday",
    "lseek",
    "madvise",
    "mmap",
    "mprotect",
    "mremap",
    "munmap",
    "nanosleep",
    "read",
    "restart_syscall",
    "rseq",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sched_yield",
    "sigaltstack",
    "write",
)


class SandboxUnavailable(RuntimeError):
    """This machine offers no way to lock the reader in; the text says what was tried."""


def choose_isolation(wanted: Isolation | None = None) -> Isolation:
    """The strongest lock this machine has, or the one asked for. Raises SandboxUnavailable."""
    reasons = []
    if wanted in (None, "seccomp"):
        try:
            build_filter()
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            reasons.append(f"seccomp: {error}")
        else:
            return "seccomp"
    if wanted in (None, "namespace"):
        if _namespace_works():
            return "namespace"
        reasons.append("namespace: unshare(CLONE_NEWUSER | CLONE_NEWNET) is not permitted")
    if wanted not in (None, "seccomp", "namespace"):
        reasons.append(f"{wanted}: no such isolation")
    raise SandboxUnavailable("; ".join(reasons))


class Filter:
    """A seccomp filter as the kernel takes it, compiled once: a child loads it by one call and builds nothing."""

    def __init__(self, program: bytes) -> None:
        count, rest = divmod(len(program), _INSTRUCTION_BYTES)
        if rest or not count:
            raise ValueError("no whole number of instructions")
        self._program = ctypes.create_string_buffer(program, len(program))
        self._header = _Program(count, ctypes.addressof(self._program))
        self._at = ctypes.c_void_p(ctypes.addressof(self._header))

    def load(self) -> None:
        """Bind this process to the filter for good. Raises SandboxUnavailable."""
        for option, value, at in ((_PR_SET_NO_NEW_PRIVS, 1, None), (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, self._at)):
            if _PRCTL(option, value, at, 0, 0) != 0:
                raise SandboxUnavailable(f"prctl({option}): {os.strerror(ctypes.get_errno())}")


class _Program(ctypes.Structure):
    _fields_ = (("count", ctypes.c_ushort), ("instructions", ctypes.c_void_p))  # struct sock_fprog, linux/filter.h


def build_filter() -> Filter:
    """The seccomp filter, ready to be loaded. Raises ImportError or OSError where libseccomp is missing."""
    import pyseccomp

    chosen = pyseccomp.SyscallFilter(defaction=pyseccomp.ERRNO(errno.EPERM))
    for call in _ALLOWED:
        chosen.add_rule(pyseccomp.ALLOW, call)
    with os.fdopen(os.memfd_create("filter", os.MFD_CLOEXEC), "rb", buffering=0) as compiled:
        chosen.export_bpf(compiled)
        compiled.seek(0)
        return Filter(compiled.read())


def prepare(isolation: Isolation) -> Filter | None:
    """Once, before any lock: the alarm made deadly, which children inherit, and the filter compiled."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    return build_filter() if isolation == "seccomp" else None


def lock(limits: Limits, isolation: Isolation, prepared: Filter | None) -> None:
    """Lock this process in for good. Descriptors already open stay usable; no new one can be made.

    `prepared`: what `prepare` gave this process or the one it was forked from. Raises SandboxUnavailable, OSError.
    """
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    if isolation == "namespace":
        _unshare()
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (most, most))
    if isolation == "seccomp":
        if prepared is None:
            raise SandboxUnavailable("seccomp without a filter")
        prepared.load()


def _unshare() -> None:
    if _LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        raise SandboxUnavailable(f"unshare: {os.strerror(ctypes.get_errno())}")


def _namespace_works() -> bool:
    child = os.fork()
    if child == 0:
        os._exit(0 if _LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
