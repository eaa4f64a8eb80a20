"""A PKCS#11 module in this process: loaded once, initialised for threads, never used across a fork."""

import ctypes
import os
import threading
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from time import monotonic
from typing import Any

import pkcs11
from pkcs11 import _pkcs11

from .cryptoki import Cryptoki
from .drivers import takes_one_thread
from .errors import DeviceFault, ModuleInOtherProcess, ModuleMissing
from .faults import load_failure, named
from .watch import here, inside

try:
    import resource
except ImportError:  # Windows writes no dumps unless it was told to
    resource = None  # type: ignore[assignment]

_LOOKS = 3
"""How often slots are listed when they change under the hand."""


class _ThreadedLibrary(_pkcs11.lib):
    """python-pkcs11's library without its single-threaded `C_Initialize(NULL)`; `Module` initialises."""

    def __init__(self, path: str) -> None:
        self.direct = Cryptoki(self)
        self.concurrent = self.direct.initialize(threads=not takes_one_thread(path))
        super().__init__(path)
        # A driver is never unloaded: several crash on it, and python-pkcs11 stumbles over it as the process ends.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self))

    def initialize(self) -> None:
        """Done by `Module`, once and with locking."""


class _Depth(threading.local):
    """How many `use()` a thread is inside of."""

    value = 0


class _Use(AbstractContextManager[int]):
    """What `Module.use` returns. A class: as a generator it cost three times as much, at each signature."""

    __slots__ = ("_before", "_module", "_place", "_timed")

    def __init__(self, module: "Module") -> None:
        self._module = module

    def __enter__(self) -> int:
        module = self._module
        depth = module._depth
        if not depth.value:
            with module._lock:
                if module._guarded:
                    module._wait_to_enter()
                module._users += 1
        depth.value += 1
        self._place = mine = here.place  # as `watch.inside`, without its cost
        self._before, self._timed = mine.path, mine.since
        mine.path, mine.call, mine.since = module.path, "", monotonic()
        return module.generation

    def __exit__(self, *_: object) -> None:
        module, mine = self._module, self._place
        mine.path, mine.call = self._before, ""
        mine.since = monotonic() if self._timed else 0.0
        depth = module._depth
        depth.value -= 1
        if not depth.value:
            with module._lock:
                module._users -= 1
                if module._guarded:
                    module._turn.notify_all()


class Module:
    """One loaded module. `Module.load` is the only way to get one; every caller shares it.

    `generation` counts initialisations: what was obtained under an older one (sessions, objects, slots) is void and
    must not even be closed, because its handle may by now be another's.
    """

    _loaded: "dict[str, Module]" = {}  # noqa: RUF012  the registry of this process
    _loading = threading.Lock()

    def __init__(self, path: str) -> None:
        try:
            with inside(path, "C_Initialize"):
                self._library = _ThreadedLibrary(path)
        except pkcs11.PKCS11Error as error:
            raise load_failure(path, error) from error
        except DeviceFault as fault:
            raise ModuleMissing(f"{path}: {fault}") from fault
        self.path = path
        self.generation = 1
        self._process = os.getpid()
        self.concurrent = self._library.concurrent
        """Whether several threads may be inside the driver at once."""
        self._lock = threading.Lock()
        self._turn = threading.Condition(self._lock)
        self._users = 0
        self._wanted = 0
        self._alone = False
        self._guarded = not self.concurrent
        """Whether one has to look before going in, and to say so when leaving: somebody may wait for that."""
        self._depth = _Depth()

    @classmethod
    def load(cls, path: str | Path) -> "Module":
        """Load and initialise, or return the one already loaded. Raises `ModuleMissing`, `ModuleInOtherProcess`."""
        real = os.path.realpath(path)
        with cls._loading:
            module = cls._loaded.get(real)
            if module is None:
                if not Path(real).is_file():
                    raise ModuleMissing(f"{path}: no such file")
                _write_no_core()
                module = cls._loaded[real] = cls(real)
        module.check_process()
        return module

    def check_process(self) -> None:
        """A module initialised before a fork corrupts itself in the child, and some break in the parent as well."""
        if os.getpid() != self._process:
            raise ModuleInOtherProcess(self._process)

    @property
    def direct(self) -> Cryptoki:
        """The calls made without python-pkcs11. Use inside `use()`."""
        return self._library.direct

    @property
    def description(self) -> str:
        """Maker, description and version, as the module states them."""
        major, minor = self._library.library_version
        return f"{self._library.manufacturer_id} {self._library.library_description} {major}.{minor}"

    def use(self) -> AbstractContextManager[int]:
        """Around calls into the driver; yields the generation. Keeps `reinitialise` from pulling the floor away.

        A thread may nest it. Where the driver takes one thread at a time, this is where the others wait.
        """
        return _Use(self)

    def _wait_to_enter(self) -> None:
        """With the lock held."""
        self.check_process()
        while self._alone or self._wanted or (self._users and not self.concurrent):
            self._turn.wait()

    def reinitialise(self, seen: int) -> None:
        """Finalise and initialise again, unless somebody did since generation `seen`. Raises `DeviceFault`."""
        self.check_process()
        with self._turn:
            # Who is inside finishes; nobody else comes in before the module was initialised again.
            self._wanted += 1
            self._guarded = True
            try:
                while self._alone or self._users:
                    self._turn.wait()
                if self.generation != seen:
                    return
                self._alone = True
            finally:
                self._wanted -= 1
                self._guard()
                self._turn.notify_all()
        try:
            try:
                with inside(self.path, "C_Finalize"):
                    self.direct.finalize()
            except DeviceFault as fault:
                if fault.ckr not in {"CKR_CRYPTOKI_NOT_INITIALIZED", "CKR_DEVICE_ERROR", "CKR_DEVICE_REMOVED"}:
                    raise
            self.generation += 1
            try:
                with inside(self.path, "C_Initialize"):
                    self.concurrent = self.direct.initialize(threads=not takes_one_thread(self.path))
            except DeviceFault as fault:
                if fault.ckr != "CKR_CRYPTOKI_ALREADY_INITIALIZED":
                    raise
        finally:
            with self._turn:
                self._alone = False
                self._guard()
                self._turn.notify_all()

    def _guard(self) -> None:
        """With the lock held, after what it depends on was changed."""
        self._guarded = bool(self._alone or self._wanted or not self.concurrent)

    @classmethod
    def _after_fork(cls) -> None:
        """In the child: nobody gets into the parent's modules. Locks may be held by threads that are not here."""
        cls._loading = threading.Lock()
        for module in cls._loaded.values():
            module._lock = threading.Lock()
            module._turn = threading.Condition(module._lock)
            module._depth = _Depth()
            module._guarded = True

    def slots(self, *, with_token: bool = True) -> list[Any]:
        """python-pkcs11's slots; reading them also makes drivers notice what was plugged in or pulled out."""
        for left in reversed(range(_LOOKS)):
            try:
                with self.use(), named("C_GetSlotList"):
                    return list(self._library.get_slots(token_present=with_token))
            except DeviceFault as fault:
                # Asked how many slots there are, then for the list, then for each: they may change in between.
                if fault.ckr not in {"CKR_SLOT_ID_INVALID", "CKR_BUFFER_TOO_SMALL"} or not left:
                    raise
        raise AssertionError("unreachable")


def _write_no_core() -> None:
    """Drivers crash, and PINs are in this process's memory, in the driver's copies too: they must not go to a disk."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    # Programs that collect dumps (core_pattern with a pipe) are run whatever the limit: give them no memory (Linux).
    with suppress(FileNotFoundError, PermissionError):
        Path("/proc/self/coredump_filter").write_text("0", encoding="ascii")


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=Module._after_fork)
