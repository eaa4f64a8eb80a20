"""Reading an uploaded file where it can do no harm: a locked child of a clean parent, one per file.

The service keeps one `Sandbox`; any thread may ask it. A child that is stopped by its limits is an answer ("over the
limits"), a parent that died is started again.
"""

import array
import contextlib
import hashlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from verifier.facts import DocumentFacts
from verifier.facts_json import FactsInvalid, from_json
from verifier.limits import Limits, write_limits
from verifier.sandbox_lock import NOW, PATIENT, READY, Isolation, SandboxUnavailable

_ROOT = Path(__file__).resolve().parent.parent
_START = (
    "import sys; sys.path.insert(0, {root!r}); from verifier.sandbox_parent import main; sys.exit(main(sys.argv[1:]))"
)
_STARTING_SECONDS = 120.0  # of a machine that is very busy; a parent that ended is known at once


class Sandbox:
    """Runs `gather` for one file at a time per child. Use as a context manager; thread-safe.

    `isolation`: None takes the strongest the machine has. `at_once`: how many children may run side by side; further
    callers wait for their turn. Those who ask through `patient` have turns of their own, half as many: a crowd of them
    takes no turn from others. Raises SandboxUnavailable on entering (and on asking) where no isolation is to be had.
    """

    def __init__(self, limits: Limits | None = None, *, isolation: Isolation | None = None, at_once: int = 4) -> None:
        self.limits = limits or Limits()
        self.isolation: Isolation | None = None
        self._wanted = isolation
        self._lock = threading.Lock()
        self._turns = {
            NOW: threading.BoundedSemaphore(at_once),
            PATIENT: threading.BoundedSemaphore(max(1, at_once // 2)),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> Self:
        with self._lock:
            self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the parent; running children end within their limits."""
        with self._lock:
            self._stop()

    def gather(self, pdf: bytes) -> DocumentFacts:
        """The facts of one file. Never raises on what the file holds; raises SandboxUnavailable where it cannot be read
        safely."""
        return self._gather(pdf, NOW)

    @property
    def patient(self) -> "PatientSandbox":
        """The same for whoever can wait."""
        return PatientSandbox(self._gather)

    def _gather(self, pdf: bytes, manner: bytes) -> DocumentFacts:
        if len(pdf) > self.limits.bytes:
            return _over_limits(pdf, f"bytes: {len(pdf)} > {self.limits.bytes}")
        with self._turns[manner]:
            reply, asked = self._ask(pdf, manner)
            if reply is None and _ended(asked):  # the question died with the parent, not with its child
                reply, _ = self._ask(pdf, manner)
        if reply is None:
            return _over_limits(pdf, "the reader was stopped by its limits of time or memory")
        try:
            facts = from_json(DocumentFacts, reply.decode())
        except (FactsInvalid, UnicodeDecodeError) as error:
            return _over_limits(pdf, f"the reader's answer is unusable: {error}"[:300])
        if facts.sha256 != hashlib.sha256(pdf).hexdigest() or facts.size != len(pdf):
            return _over_limits(pdf, "the reader's answer is about another file")
        return facts

    @property
    def parent_pid(self) -> int | None:
        """Process id of the clean parent, for supervision."""
        return None if self._process is None else self._process.pid

    def _ask(self, pdf: bytes, manner: bytes) -> tuple[bytes | None, "subprocess.Popen[bytes]"]:
        """The child's answer, or None where it died before it was complete; and the parent that was asked."""
        memory = os.memfd_create("file", os.MFD_CLOEXEC)
        try:
            _write_all(memory, pdf)
            receiving, sending = os.pipe2(os.O_CLOEXEC)
            try:
                try:
                    asked = self._send(memory, sending, manner)
                finally:
                    os.close(sending)
                seconds = self.limits.patient_seconds if manner == PATIENT else self.limits.wall_seconds
                return self._read_reply(receiving, seconds), asked
            finally:
                os.close(receiving)
        finally:
            os.close(memory)

    def _send(self, memory: int, sending: int, manner: bytes) -> "subprocess.Popen[bytes]":
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [memory, sending]))]
        with self._lock:
            for _ in range(2):
                if self._control is None or self._process is None or self._process.poll() is not None:
                    self._start()
                if self._control is not None and self._process is not None:
                    with contextlib.suppress(OSError):
                        self._control.sendmsg([manner], rights)
                        return self._process
                self._stop()
        raise SandboxUnavailable("the sandbox's parent process cannot be reached")

    def _read_reply(self, descriptor: int, seconds: float) -> bytes | None:
        deadline = time.monotonic() + seconds + 2.0
        received = bytearray()
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN | select.POLLHUP)
        while (left := deadline - time.monotonic()) > 0:
            if not waiting.poll(left * 1000):
                continue
            part = os.read(descriptor, 1 << 16)
            if not part:
                break
            received += part
            if len(received) > self.limits.reply_bytes + 8:
                return None
        if len(received) < 8 or len(received) - 8 != int.from_bytes(received[:8], "big"):
            return None
        return bytes(received[8:])

    def _start(self) -> None:
        self._stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            command = [sys.executable, "-I", "-B", "-c", _START.format(root=str(_ROOT)), str(theirs.fileno())]
            self._process = subprocess.Popen(
                [*command, self._wanted or "-", *write_limits(self.limits)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                pass_fds=(theirs.fileno(),),
            )
        finally:
            theirs.close()
        self._control = ours
        ours.settimeout(_STARTING_SECONDS)
        try:
            hello = ours.recv(1024)
        except OSError as error:
            hello = str(error).encode()
        ours.settimeout(None)
        if not hello.startswith(READY):
            self._stop()
            raise SandboxUnavailable(hello.decode(errors="replace") or "the sandbox's parent process did not start")
        self.isolation = "seccomp" if hello.endswith(b"seccomp") else "namespace"

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._process = None


class PatientSandbox:
    """A sandbox for a crowd: its children give way to all other work of the machine, and run in turns of their own."""

    def __init__(self, gather: Callable[[bytes, bytes], DocumentFacts]) -> None:
        self._gather = gather

    def gather(self, pdf: bytes) -> DocumentFacts:
        """As `Sandbox.gather`."""
        return self._gather(pdf, PATIENT)

    @property
    def patient(self) -> "PatientSandbox":
        """Itself."""
        return self


def _ended(process: "subprocess.Popen[bytes]") -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(0.2)  # its descriptors close a moment before it can be waited for
    return process.poll() is not None


def _over_limits(pdf: bytes, detail: str) -> DocumentFacts:
    digest = hashlib.sha256(pdf).hexdigest()
    return DocumentFacts(size=len(pdf), sha256=digest, problem="over_limits", problem_detail=detail)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
