"""The sandbox: what a locked reader can no longer do, and what the service around it survives."""

# ruff: noqa: PTH102, PTH108, PTH115, PTH116, PTH123, PTH208

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.verifier import endless
from tests.verifier.desk import Desk
from verifier import Limits, Sandbox, SandboxUnavailable
from verifier.gather import gather
from verifier.sandbox_lock import Isolation, choose_isolation, lock, prepare


def _namespaces_allowed() -> bool:
    """Some kernels, and every chroot, give no user namespace to whoever asks."""
    try:
        choose_isolation("namespace")
    except SandboxUnavailable:
        return False
    return True


needs_namespaces = pytest.mark.skipif(
    not _namespaces_allowed(), reason="this kernel gives no user namespaces; seccomp is what guards here"
)

_LIBC = ctypes.CDLL(None, use_errno=True)


def called(result: int) -> None:
    """Raises OSError where a call of the C library failed."""
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


def other_memory(process: int) -> None:
    """Eight bytes of another process, from where this one holds the same code."""
    held = ctypes.create_string_buffer(8)
    place = (ctypes.c_void_p * 2)(ctypes.addressof(held), 8)
    there = (ctypes.c_void_p * 2)(ctypes.cast(_LIBC.getpid, ctypes.c_void_p).value, 8)
    called(_LIBC.process_vm_readv(process, place, 1, there, 1, 0))


FORBIDDEN: dict[str, Callable[[], object]] = {
    "tcp socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "udp socket": lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
    "unix socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "socket pair": socket.socketpair,
    "read a file": lambda: os.open("/etc/hostname", os.O_RDONLY),
    "write a file": lambda: os.open(f"{tempfile.gettempdir()}/second-seal-probe", os.O_WRONLY | os.O_CREAT),
    "memory file": lambda: os.memfd_create("probe"),
    "pipe": os.pipe,
    "list a folder": lambda: os.listdir("/"),
    "list processes": lambda: os.listdir("/proc"),
    "read own memory": lambda: os.open("/proc/self/mem", os.O_RDONLY),
    "read the parent's environment": lambda: os.open(f"/proc/{os.getppid()}/environ", os.O_RDONLY),
}
BY_FILTER: dict[str, Callable[[], object]] = {
    "fork": os.fork,
    "execute": lambda: os.execv("/bin/true", ["/bin/true"]),
    "kill": lambda: os.kill(os.getppid(), signal.SIGTERM),
    "remove": lambda: os.unlink("/nowhere/at/all"),
    "make a folder": lambda: os.mkdir(f"{tempfile.gettempdir()}/second-seal-probe-folder"),
    "catch the alarm": lambda: signal.signal(signal.SIGALRM, signal.SIG_IGN),
    "stop the alarm": lambda: signal.setitimer(signal.ITIMER_REAL, 0),
    "read another's memory": lambda: other_memory(os.getppid()),
    "trace another": lambda: called(_LIBC.ptrace(16, os.getppid(), None, None)),  # PTRACE_ATTACH
    "see a path": lambda: os.stat("/"),
    "see a link": lambda: os.readlink("/proc/self/exe"),
    "raise a limit": lambda: __import__("resource").setrlimit(7, (100, 100)),
}


def probe(isolation: Isolation, attempts: dict[str, Callable[[], object]]) -> dict[str, str]:
    """Fork, lock the child as a reader is locked, try everything, and report what came of it."""
    prepared = prepare(isolation)
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(receiving)
            lock(Limits(), isolation, prepared)
            for name, attempt in attempts.items():
                try:
                    attempt()
                    outcome = "DONE"
                except OSError as error:
                    outcome = errno.errorcode.get(error.errno or 0, "?")
                except ValueError as error:
                    outcome = type(error).__name__
                os.write(sending, f"{name}={outcome}\n".encode())
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving) as reply:
        text = reply.read()
    os.waitpid(child, 0)
    return dict(line.split("=", 1) for line in text.splitlines())


def test_the_locked_reader_reaches_nothing() -> None:
    """No network, no files, no programs, no other process, no way out of its own limits."""
    attempts = {**FORBIDDEN, **BY_FILTER}
    found = probe("seccomp", attempts)
    assert set(found) == set(attempts)
    assert "DONE" not in found.values(), found


def test_what_the_attempts_try_works_outside() -> None:
    """Else they would be refused for a reason of their own."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        other_memory(os.getpid())
        called(_LIBC.ptrace(16, child.pid, None, None))
    finally:
        child.kill()
        child.communicate()


def test_a_socket_from_before_the_lock_reaches_nobody() -> None:
    """Not even where a descriptor had been left open: connecting is refused by the filter."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        left_open = [socket.socket(), socket.socket()]
        left_open[0].connect(listening.getsockname())
        found = probe(
            "seccomp",
            {
                "connect": lambda: left_open[1].connect(listening.getsockname()),
                "send": lambda: left_open[0].send(b"x"),
                "receive": lambda: left_open[0].recv(1),
                "accept": listening.accept,
            },
        )
        for one in left_open:
            one.close()
    assert set(found.values()) == {"EPERM"}, found


@needs_namespaces
def test_without_seccomp_a_namespace_and_the_descriptor_limit_hold() -> None:
    found = probe("namespace", FORBIDDEN)
    assert set(found) == set(FORBIDDEN)
    assert "DONE" not in found.values(), found


def test_no_isolation_means_no_reading() -> None:
    """Fail closed, with a sentence that says what was tried."""
    with pytest.raises(SandboxUnavailable, match="jail"):
        choose_isolation("jail")  # type: ignore[arg-type]
    with pytest.raises(SandboxUnavailable, match="jail"), Sandbox(isolation="jail"):  # type: ignore[arg-type]
        pass


@needs_namespaces
def test_a_machine_without_libseccomp_says_so() -> None:
    script = (
        "import sys; sys.modules['pyseccomp'] = None\n"
        "from verifier.sandbox_lock import choose_isolation\n"
        "print(choose_isolation())\n"
        "choose_isolation('seccomp')\n"
    )
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert ended.stdout == "namespace\n"
    assert "SandboxUnavailable: seccomp: " in ended.stderr


def test_the_same_facts_as_in_process(desk: Desk, sandbox: Sandbox) -> None:
    assert sandbox.isolation == "seccomp"
    for pdf in (desk.paper, desk.sealed, desk.archived, b"", b"%PDF-1.7 broken"):
        assert sandbox.gather(pdf) == gather(pdf)


def test_the_parent_has_no_environment_and_no_descriptors_and_is_replaced(desk: Desk) -> None:
    os.environ["SECONDSEAL_PROBE_SECRET"] = "must not travel"
    try:
        with open("/etc/hostname") as held, Sandbox() as sandbox:
            os.set_inheritable(held.fileno(), True)
            assert sandbox.gather(desk.paper).problem is None
            parent = Path(f"/proc/{sandbox.parent_pid}")
            assert b"SECONDSEAL" not in (parent / "environ").read_bytes()
            assert os.readlink(parent / "cwd") == "/"
            held_open = [os.readlink(link) for link in (parent / "fd").iterdir()]
            others = [name for name in held_open if not name.startswith(("socket:", "/dev/null"))]
            assert [name.partition(":")[0] for name in others] == ["pipe"]  # from the one child that waits
            # and when it dies, another one answers
            first = sandbox.parent_pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            for _ in range(2):  # the child that waited may answer once more
                assert sandbox.gather(desk.paper).problem is None
            assert sandbox.parent_pid not in (None, first)
    finally:
        del os.environ["SECONDSEAL_PROBE_SECRET"]


def test_many_threads_at_once(desk: Desk, sandbox: Sandbox) -> None:
    files = [desk.paper, desk.approved, desk.sealed, b"%PDF-1.7 x"] * 6
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(sandbox.gather, files)) == [gather(pdf) for pdf in files]


def children_of(parent: int | None) -> set[int]:
    return {int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()}


def waiting_child(parent: int | None, used: set[int]) -> int:
    """The one child of a parent at rest, which is none of those that were used."""
    for _ in range(200):
        found = children_of(parent)
        if len(found) == 1 and not found & used:
            return found.pop()
        time.sleep(0.02)
    raise AssertionError(f"children {found}, used {used}")


def test_one_child_waits_and_none_stays(desk: Desk) -> None:
    """The next file's child is there before the file; the one that has read a file is gone and never asked again."""
    with Sandbox() as own:
        used: set[int] = set()
        for _ in range(3):
            used.add(waiting_child(own.parent_pid, used))
            assert own.gather(desk.paper).problem is None
        parent, last = own.parent_pid, waiting_child(own.parent_pid, used)
    assert not Path(f"/proc/{parent}").exists()
    for _ in range(200):
        if not Path(f"/proc/{last}").exists():
            break
        time.sleep(0.02)
    assert not Path(f"/proc/{last}").exists()


def test_what_children_spend_is_accounted_for(desk: Desk) -> None:
    """A child that has read its file is collected by its parent, so an operator sees what reading costs, and no
    dead process is left behind."""
    with Sandbox() as own:
        for _ in range(4):
            assert own.gather(desk.paper).problem is None
        waiting_child(own.parent_pid, set())
        spent = Path(f"/proc/{own.parent_pid}/stat").read_text().rpartition(")")[2].split()[13:15]
    assert sum(map(int, spent)) > 0


def test_a_child_that_dies_waiting_costs_no_answer(desk: Desk) -> None:
    with Sandbox() as own:
        first = own.parent_pid
        os.kill(waiting_child(first, set()), signal.SIGKILL)
        assert own.gather(desk.paper).problem is None
        assert own.parent_pid != first


def test_the_parent_ends_with_the_service() -> None:
    """kill -9 of the service leaves nobody behind."""
    script = (
        "import os, sys\n"
        "from verifier import Sandbox\n"
        "box = Sandbox(); box.__enter__()\n"
        "print(box.parent_pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    service = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert service.stdout is not None
    assert service.stdin is not None
    parent = int(service.stdout.readline())
    service.kill()
    service.wait()
    service.stdin.close()
    service.stdout.close()
    for _ in range(100):
        if not Path(f"/proc/{parent}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{parent}").exists()


@needs_namespaces
def test_closing_ends_the_parent_and_leaves_no_thread(desk: Desk) -> None:
    before = threading.active_count()
    with Sandbox(isolation="namespace") as own:
        assert own.isolation == "namespace"
        for pdf in (desk.sealed, b"%PDF-1.7 broken"):
            assert own.gather(pdf) == gather(pdf)
        parent = own.parent_pid
    assert not Path(f"/proc/{parent}").exists()
    assert threading.active_count() <= before


def niceness(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[16])


def test_those_who_can_wait_hold_up_nobody() -> None:
    """The readers of a crowd give way to others and take no turn from them: asked last, answered first."""
    slow = endless.objects(1_000_000)
    answered: list[str] = []
    with Sandbox(Limits(wall_seconds=1.0), at_once=1) as own, ThreadPoolExecutor(3) as pool:
        first = waiting_child(own.parent_pid, set())
        usual = niceness(first)  # this run itself may be nice
        patient = min(usual + 10, 19)

        def crowd() -> None:
            assert own.patient.gather(slow).problem == "over_limits"
            answered.append("crowd")

        asked = [pool.submit(crowd) for _ in range(2)]
        for _ in range(200):
            if len(children_of(own.parent_pid)) == 2 and niceness(first) == patient:
                break
            time.sleep(0.005)
        assert niceness(first) == patient, "the reader of the crowd's file"
        (waiting,) = children_of(own.parent_pid) - {first}
        assert niceness(waiting) == usual, "the next one, which anybody may get"
        assert own.gather(b"%PDF-1.7 broken").problem == "broken"
        answered.append("office")
        for one in asked:
            one.result()
    assert answered == ["office", "crowd", "crowd"]
