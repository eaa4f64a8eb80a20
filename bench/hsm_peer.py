"""The limit of the hsm room: a C program in a process of its own, same module, token, key, mechanism and data."""

import select
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path

from bench.rates import Slice
from hsm.mechanisms import MECHANISMS, Scheme

PROGRAM = Path(__file__).parents[1] / ".venv" / "native" / "sign_loop"
"""Built by `deploy/prepare test` from sign_loop.c."""
PATIENCE_S = 60.0


class SignLoop(AbstractContextManager["SignLoop"]):
    """`sign_loop` with `threads` sessions on the token, waiting for turns."""

    def __init__(
        self, *, module: Path, token: str, key_id: bytes, pin: str, digest: bytes, scheme: Scheme, threads: int
    ) -> None:
        row = MECHANISMS[scheme]
        if row.parameter is not None:
            raise ValueError(f"{scheme} needs a parameter, which sign_loop does not send")
        data = (row.prefix + digest).hex()

        self._process = subprocess.Popen(
            [str(PROGRAM), str(module), token, key_id.hex(), hex(row.ckm), data, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        if self._ask(pin) != "ready":
            self.__exit__()
            raise RuntimeError("sign_loop did not start; it has said why")

    def go(self, seconds: float) -> Slice:
        """One turn."""
        count, wall, cpu = self._ask(f"go {seconds:.6f}").split()
        return Slice(count=int(count), wall_s=float(wall), cpu_s=float(cpu))

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        if not select.select([self._process.stdout], [], [], PATIENCE_S)[0]:
            self._process.kill()
            raise TimeoutError(f"sign_loop has not answered for {PATIENCE_S:.0f} s")
        return self._process.stdout.readline().strip()
