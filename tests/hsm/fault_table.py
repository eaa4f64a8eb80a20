"""docs/token-faults.md, from what was measured.

.venv/bin/python -m tests.hsm.fault_table            # measures, and writes the document anew (half a minute)
.venv/bin/python -m tests.hsm.fault_table FILE       # the same into another file
"""

import logging
import sys
import tempfile
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from .fault_sweep import Fault, Outcome, Sweep, faults

DOCUMENT = Path(__file__).parents[2] / "docs" / "token-faults.md"
_HEAD = """# What comes of a token's faults

Measured, not promised: each answer that PKCS #11 v2.40 allows at a call (section 5), two codes it does not know,
wrong signatures and no answer at all were given by the [fault module](../tests/tokens/faults/README.md) in front of
SoftHSM, once and for ever, while a key was being opened and in the life of one that signs.
`tests/hsm/test_fault_sweep.py` does it again at every `make test` and fails where this page says something else;
`.venv/bin/python -m tests.hsm.fault_table` writes the page anew. The rungs are those of
[tokens.md](tokens.md#when-a-token-fails-the-ladder).

How to read it: *goes on* means that a right signature was made, after the rungs named; a name is the error shown,
with the code in it where that is another than the injected one. *Signing* begins with a session lost (`reopen`)
wherever the call is not part of a signature. *Once* is one such answer and then a sound token; *for ever* is until
the test ended it, after which the same key signed again by itself each time. A dash: the call is not made there.
*Seen by the watch*: a thread inside a driver cannot be freed, so the process is ended and started again
(`key_call_limit_s`).

Held for every line, or the test fails: no signature left that does not verify; nothing took longer than its bound;
every search begun was ended and every session closed; a PIN refused, or met by a code nobody knows, was sent once and
no other code was called a wrong PIN; each error has its text in Vietnamese and English. (A session that the driver
refuses to close twice stays open until the module is initialised again.)
"""


def measure(sweep: Sweep) -> list[tuple[Fault, Outcome]]:
    """Every fault and what came of it."""
    return [(fault, sweep.outcome(fault)) for fault in faults()]


def render(measured: Iterable[tuple[Fault, Outcome]]) -> str:
    """The document: a table per call, answers with the same outcomes on one line."""
    parts = [_HEAD]
    for call, rows in groupby(measured, key=lambda row: row[0].call):
        lines: dict[Outcome, list[str]] = {}
        for fault, outcome in rows:
            lines.setdefault(outcome, []).append(_shown(fault.answer))
        parts.append(
            f"## {call}\n\n"
            "| The driver answers | opening, once | opening, for ever | signing, once | signing, for ever |\n"
            "|---|---|---|---|---|"
        )
        parts += [
            f"| {', '.join(answers)} | "
            + " | ".join(
                said or "-"
                for said in (
                    outcome.opening_once,
                    outcome.opening_lasting,
                    outcome.signing_once,
                    outcome.signing_lasting,
                )
            )
            + " |"
            for outcome, answers in lines.items()
        ]
        parts.append("")
    return "\n".join(parts)


def _shown(answer: str) -> str:
    return answer.removeprefix("CKR_")


def main(document: Path) -> None:
    """Measure and write."""
    from tests.tokens.fixtures import TokenFarm

    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="secondseal-faults-") as folder:
        sweep = Sweep(TokenFarm(Path(folder) / "tokens"), Path(folder) / "fault")
        try:
            document.write_text(render(measure(sweep)), "utf-8")
        finally:
            sweep.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENT)
