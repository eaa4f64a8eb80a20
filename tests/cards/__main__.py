"""The card stack by hand: a prompt at the cards, and a shell beside them.

python -m tests.cards            cards `a` and `b` of one name, each with a key in 9A and 9C; `a` is plugged in
"""

import cmd
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.cards.namespace import entrance, furnish
from tests.cards.piv import AUTHENTICATION, PIN, PUK, SIGNATURE
from tests.cards.reader import SLOTS
from tests.cards.stack import OPENSC, Card, Stack, missing

_WORDS = f"""
PIN {PIN}, PUK {PUK}; keys 9A (id 01) and 9C (id 02, asks for its PIN at each signature); driver {OPENSC}
In the shell, for instance:
    pkcs11-tool --module {OPENSC} --list-objects
    pkcs11-tool --module {OPENSC} --login --pin {PIN} --sign -m SHA256-RSA-PKCS --id 01 -i FILE -o SIGNATURE
    yubico-piv-tool -r Virtual -a unblock-pin -P {PUK} -N {PIN}
"""


class Desk(cmd.Cmd):
    """What can be done to the cards."""

    intro = _WORDS + "Type help for what can be done here."
    prompt = "cards> "

    def __init__(self, stack: Stack, cards: dict[str, Card]) -> None:
        super().__init__()
        self._stack = stack
        self._cards = cards

    def do_plug(self, line: str) -> None:
        """plug CARD [SLOT]: put a card (a, b) into a slot (0, 1)"""
        name, _, slot = line.partition(" ")
        if name in self._cards and (slot or "0") in map(str, range(SLOTS)):
            self._stack.order("remove", slot=int(slot or 0))
            self._cards[name].insert(int(slot or 0))
        else:
            print("plug a|b [0|1]")

    def do_unplug(self, line: str) -> None:
        """unplug [SLOT]: pull out what is there"""
        self._stack.order("remove", slot=int(line) if line.isdigit() else 0)

    def do_hold(self, line: str) -> None:
        """hold CARD: its next signature does not end before `go` or `unplug`"""
        if line in self._cards:
            self._cards[line].hold()

    def do_go(self, line: str) -> None:
        """go CARD: let the held signature end"""
        if line in self._cards:
            self._cards[line].let_go()

    def do_counts(self, _: str) -> None:
        """counts: what each card counted"""
        for name, card in self._cards.items():
            print(name, card.counts())

    def do_kill(self, _: str) -> None:
        """kill: SIGKILL to pcscd"""
        self._stack.end_pcscd(signal.SIGKILL)

    def do_start(self, _: str) -> None:
        """start: pcscd again"""
        self._stack.start_pcscd()

    def do_shell(self, line: str) -> None:
        """shell [COMMAND] (or !COMMAND): beside the cards; without a command, an interactive one"""
        subprocess.run(line or os.environ.get("SHELL", "/bin/sh"), shell=True, check=False)

    def do_quit(self, _: str) -> bool:
        """quit: pull out everything, end pcscd"""
        return True

    do_EOF = do_quit  # noqa: N815  how cmd names the end of input


def _inside() -> None:
    furnish()
    with tempfile.TemporaryDirectory(prefix="secondseal-cards-") as folder, Stack(Path(folder)) as stack:
        cards = {name: stack.card(AUTHENTICATION, SIGNATURE, common_name="Nguyễn Văn Mẫu") for name in "ab"}
        cards["a"].insert()
        Desk(stack, cards).cmdloop()


def main() -> int:
    """Enter the namespace, then the prompt."""
    if sys.argv[1:] == ["inside"]:
        _inside()
        return 0
    before = entrance()
    reason = missing() or (before if isinstance(before, str) else "")
    if reason:
        print(reason, file=sys.stderr)
        return 1
    return subprocess.run([*before, sys.executable, "-m", "tests.cards", "inside"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
