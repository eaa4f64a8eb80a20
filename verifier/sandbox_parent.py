"""The clean parent: a process with nothing in it, which forks one locked child per file.

It is started by `verifier.sandbox` with no environment, no inherited descriptors but one socket, and `/` as its
folder. Each message on the socket brings two descriptors: the file in memory and the pipe for the answer. Everything
the reader may need is imported, and one paper read, before the first fork: a locked child can open nothing any more.
"""

import array
import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path

from verifier.facts import DocumentFacts
from verifier.facts_json import to_json
from verifier.gather import gather
from verifier.limits import Limits, read_limits
from verifier.sandbox_lock import PATIENT, READY, Filter, Isolation, SandboxUnavailable, choose_isolation, lock, prepare
from verifier.sandbox_pages import use_large_pages

_TAKEN = b"t"
_COLLECT_MS = 500
_NICENESS = 10
"""Of a child whose asker can wait: a tenth of what another process is given while both want to run."""
_SPECIMEN = Path(__file__).with_name("specimen.pdf")
_CODECS = ("utf_8", "utf_16", "utf_16_be", "utf_16_le", "utf_32_be", "latin_1", "ascii", "cp1252", "idna", "punycode")


def main(arguments: list[str]) -> int:
    """Serve until the other side closes. `arguments`: descriptor, isolation or "-", then the limits."""
    control = socket.socket(fileno=int(arguments[0]))
    wanted = arguments[1]
    limits = read_limits(arguments[2:])
    try:
        isolation = choose_isolation(None if wanted == "-" else wanted)  # type: ignore[arg-type]
    except SandboxUnavailable as error:
        control.send(str(error).encode())
        return 1
    _warm_up()
    prepared = prepare(isolation)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the service, which closes the socket
    gc.collect()
    gc.freeze()  # children share these pages instead of copying them
    gc.disable()
    use_large_pages()
    control.send(READY + isolation.encode())
    return _serve(control, limits, isolation, prepared)


def _serve(control: socket.socket, limits: Limits, isolation: Isolation, prepared: Filter | None) -> int:
    """Keep one child waiting for its one file: the fork is done before anybody waits for it."""
    reading = 0
    while True:
        ours, theirs = os.pipe()
        if os.fork() == 0:
            os.close(ours)
            _child(control, theirs, limits, isolation, prepared)
        os.close(theirs)
        waiting = select.poll()
        waiting.register(control, 0)  # POLLHUP alone: what is sent is for the child
        waiting.register(ours, select.POLLIN)
        reading -= _collect()
        while not (ready := waiting.poll(_COLLECT_MS if reading else None)):
            reading -= _collect()
        if any(descriptor == control.fileno() for descriptor, _ in ready):
            return 0
        if os.read(ours, 1) != _TAKEN:
            return 1  # it died waiting: the service starts another parent and asks again
        os.close(ours)
        reading += 1


def _collect() -> int:
    """How many children have ended since; what they spent is in this process's account of its children from here on."""
    count = 0
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            count += 1
    return count


def _warm_up() -> None:
    for codec in _CODECS:
        importlib.import_module(f"encodings.{codec}")
    for _ in range(6):  # Python 3.11 makes code fast only after a few runs, and children inherit it
        facts = gather(_SPECIMEN.read_bytes())
    if facts.problem is not None or len(facts.signatures) != 2:
        raise SandboxUnavailable(f"the reader does not read its own specimen: {facts.problem_detail}")
    to_json(facts)


def _receive(control: socket.socket) -> tuple[int, int, bytes] | None:
    size = array.array("i").itemsize
    message, ancillary, _, _ = control.recvmsg(16, socket.CMSG_SPACE(2 * size))
    if not message:
        return None
    found = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found.frombytes(data[: len(data) - len(data) % size])
    return found[0], found[1], message


def _child(control: socket.socket, taken: int, limits: Limits, isolation: Isolation, prepared: Filter | None) -> None:
    """Never returns. Dying without a complete answer is an answer too: the other side calls it over the limits."""
    try:
        received = _receive(control)
        control.close()
        if received is None:
            return
        os.write(taken, _TAKEN)
        os.close(taken)
        pdf, reply, manner = received
        if manner == PATIENT:
            os.nice(_NICENESS)
            limits = replace(limits, wall_seconds=limits.patient_seconds)
        content = _read_all(pdf)
        os.close(pdf)
        lock(limits, isolation, prepared)
        text = to_json(gather(content, limits)).encode()
        if len(text) > limits.reply_bytes:
            text = to_json(_too_much(content, len(text), limits)).encode()
        _write_all(reply, len(text).to_bytes(8, "big") + text)
        os.close(reply)  # the other side need not wait until this process is taken apart
    finally:
        os._exit(0)


def _too_much(content: bytes, size: int, limits: Limits) -> DocumentFacts:
    import hashlib  # already loaded by gather

    detail = f"facts: {size} > {limits.reply_bytes}"
    digest = hashlib.sha256(content).hexdigest()
    return DocumentFacts(size=len(content), sha256=digest, problem="over_limits", problem_detail=detail)


def _read_all(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
