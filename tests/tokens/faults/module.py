"""The fault module from Python: a private copy of it and of the module behind it, its rules, its counters.

    fault = FaultModule(tmp_path)
    fault.rules("C_Sign ckr=CKR_DEVICE_REMOVED times=1 after=3", "C_OpenSession sessions=2")
    open_key(replace(seat.uri, module_path=str(fault.path)), ...)
    fault.calls()["C_Login"]

The grammar of the rules is in README.md.
"""

import ctypes
import os
import shutil
import time
from collections import Counter
from itertools import count
from pathlib import Path

BUILT = Path(__file__).parents[3] / ".venv" / "native" / "pkcs11_faults.so"
_LINE, _NAME, _DIGITS = 48, 24, 8
_numbers = count(1)


class FaultModule:
    """One instance, with a state of its own: instances in one process do not know of each other.

    `folder` holds its files; `provider` is the module it stands in front of (SoftHSM). The provider is copied, since a
    library is loaded once per file: the copy is initialised, logged in and finalised by itself, on the same tokens.
    """

    def __init__(self, folder: Path, *, provider: Path | None = None) -> None:
        if not BUILT.is_file():
            raise FileNotFoundError(f"{BUILT}: deploy/native builds it")
        if provider is None:
            from tests.tokens.fixtures import softhsm_module

            provider = softhsm_module()
        folder.mkdir(parents=True, exist_ok=True)
        # os.path.realpath names a module in this process: no two instances may share one, nor a removed one's name.
        self.path = folder.resolve() / f"pkcs11-faults-{os.getpid()}-{next(_numbers)}.so"
        shutil.copy(provider.resolve(), f"{self.path}.provider")
        shutil.copy(BUILT, self.path)
        self._rules = Path(f"{self.path}.rules")
        self._calls = Path(f"{self._rules}.calls")
        self._check = ctypes.CDLL(str(self.path)).pkcs11_faults_check
        self.rules()

    @property
    def environment(self) -> dict[str, str]:
        """What another process needs beside `path`: where SoftHSM's tokens are."""
        return {name: os.environ[name] for name in ("SOFTHSM2_CONF",) if name in os.environ}

    def rules(self, *lines: str) -> None:
        """Replace the rules, at once, in every process; without any, all calls pass. Their counts begin anew.

        Raises `ValueError` for a line the module would not understand.
        """
        text = "".join(f"{line}\n" for line in lines)
        if wrong := self._check(text.encode()):
            raise ValueError(f"not a rule: {lines[wrong - 1]}")
        new = Path(f"{self._rules}.new")
        new.write_text(text)
        # The file system's clock ticks every few milliseconds: too slow to tell two writings apart.
        now = time.time_ns()
        os.utime(new, ns=(now, now))
        new.replace(self._rules)

    def calls(self) -> Counter[str]:
        """Calls the program made, by function, in all processes; a call counts as it begins."""
        return self._column(0)

    def succeeded(self) -> Counter[str]:
        """Calls answered CKR_OK."""
        return self._column(1)

    def ruled(self) -> Counter[str]:
        """Calls that a rule had a hand in, whatever it did."""
        return self._column(2)

    def open_sessions(self) -> int:
        """Sessions open behind the module, in all processes; one that crashed takes its own with it uncounted."""
        return self._read("open-sessions", 0)["open-sessions"]

    def _column(self, number: int) -> Counter[str]:
        return self._read("C_", number)

    def _read(self, start: str, number: int) -> Counter[str]:
        found: Counter[str] = Counter()
        content = self._calls.read_bytes() if self._calls.exists() else b""
        for place in range(0, len(content), _LINE):
            name = content[place : place + _NAME].decode().strip()
            begin = place + _NAME + number * _DIGITS
            value = int(content[begin : begin + _DIGITS])
            if value and name.startswith(start):
                found[name] = value
        return found
