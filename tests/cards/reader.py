"""The process that holds the cards: it puts them into vpcd's slots, pulls them out, and tells what they counted.

A process of its own, as a card is: the program under test may be stopped inside a driver that holds Python's lock.
vpcd (package vsmartcard-vpcd), the virtual reader in pcscd, has one port per slot; a card is plugged in by connecting
there and pulled out by hanging up. Each message has a two-byte length; one byte alone is a control of the reader: 0
power off, 1 power on, 2 reset, 4 asks for the ATR; everything else is a command APDU.

    python -m tests.cards.reader PORT     orders on standard input, one JSON object a line, answers likewise
"""

import json
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import Any, cast

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.cards.piv import ATR, PivCard, PrivateKey

HOST = "127.0.0.1"
SLOTS = 2
"""As many as vpcd has."""
_SURELY_SEEN_S = 1.0
"""pcscd looks every 0.4 s."""
_OFF, _ON, _RESET, _ATR = 0, 1, 2, 4


class HeldCard:
    """A card and the hand on it: it can be made to wait in the middle of a signature."""

    def __init__(self, card: PivCard) -> None:
        self.card = card
        self.turn = threading.Lock()
        self.signing = threading.Event()
        self._let_go = threading.Event()
        self._let_go.set()
        card.before_signing = self._wait

    def hold(self) -> None:
        """The next signature does not end before `let_go`."""
        self.signing.clear()
        self._let_go.clear()

    def let_go(self) -> None:
        """Signatures end again."""
        self._let_go.set()

    def _wait(self) -> None:
        self.signing.set()
        self._let_go.wait()


class Slot:
    """One of vpcd's slots, seen from the card's side."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._plug: _Plug | None = None
        self._emptied: float | None = None

    def insert(self, held: HeldCard) -> None:
        """vpcd sees the card when it looks next: every 0.4 s (pcscd's rate of polling)."""
        if self._plug is not None:
            raise ValueError("a card is in this slot")
        unseen = self._emptied is not None and time.monotonic() - self._emptied < _SURELY_SEEN_S
        self._plug = _Plug(self._port, held, unseen=unseen)

    def remove(self) -> bool:
        """At once, also in the middle of an answer. Whether there was one."""
        plug, self._plug = self._plug, None
        if plug is None:
            return False
        plug.pull()
        self._emptied = time.monotonic()
        return True


class _Plug:
    """A card while it is plugged in: it connects, and again when pcscd died and is back.

    `unseen`: the slot was emptied just now and pcscd may not know. A real reader keeps that in mind (Debian's libccid
    answers "no card" once more when a card lost its power between two looks); vpcd does not, so it is done here.
    """

    def __init__(self, port: int, held: HeldCard, *, unseen: bool) -> None:
        self._port = port
        self._held = held
        self._unseen = unseen
        self._pulled = threading.Event()
        self._connection: socket.socket | None = None
        self._changing = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def pull(self) -> None:
        with self._changing:
            self._pulled.set()
            if self._connection is not None:
                _hang_up(self._connection)
        self._held.let_go()
        with self._held.turn:
            self._held.card.power()

    def _serve(self) -> None:
        while not self._pulled.is_set():
            try:
                # vpcd takes one caller at a time; a second one's call is lost and asked again only after a second.
                connection = socket.create_connection((HOST, self._port), timeout=0.1)
            except OSError:
                self._pulled.wait(0.02)  # no pcscd, or the card before this one is still being looked at
                continue
            connection.settimeout(None)
            with self._changing:
                self._connection = connection
                if self._pulled.is_set():
                    _hang_up(connection)
            with connection:
                if self._unseen:
                    # Asked for its ATR, it hangs up: an empty slot.
                    self._unseen = False
                    with suppress(OSError):
                        _receive(connection)
                    continue
                self._talk(connection)
            with self._held.turn:
                self._held.card.power()

    def _talk(self, connection: socket.socket) -> None:
        try:
            while message := _receive(connection):
                with self._held.turn:
                    if self._pulled.is_set():
                        return
                    answer = _answer(self._held.card, message)
                if answer is not None:
                    connection.sendall(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            return  # pulled out, or pcscd died


def _answer(card: PivCard, message: bytes) -> bytes | None:
    if len(message) != 1:
        return card.answer(message)
    if message[0] == _ATR:
        return ATR
    if message[0] in {_OFF, _ON, _RESET}:
        card.power()
    return None


def _receive(connection: socket.socket) -> bytes:
    """One message; empty at the end. vpcd sends length and message apart, and Nagle's algorithm holds the second back
    until the first was acknowledged: without quick acknowledgements each message takes 40 ms."""
    head = _exactly(connection, 2)
    return _exactly(connection, int.from_bytes(head, "big")) if head else b""


def _exactly(connection: socket.socket, size: int) -> bytes:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
    received = connection.recv(size, socket.MSG_WAITALL)
    return received if len(received) == size else b""


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # the other side may have been faster
        connection.shutdown(socket.SHUT_RDWR)


class Holder:
    """What the orders do."""

    def __init__(self, port: int) -> None:
        self._slots = [Slot(port + number) for number in range(SLOTS)]
        self._cards: dict[str, HeldCard] = {}

    def new(self, card: str, keys: dict[str, list[str]]) -> str:
        """Make a card; `keys`: slot in hexadecimal -> private key (PEM), certificate (DER in hexadecimal). Its GUID."""
        made = PivCard()
        for slot, (pem, certificate) in keys.items():
            key = cast(PrivateKey, load_pem_private_key(pem.encode(), None))
            made.install(int(slot, 16), key, bytes.fromhex(certificate))
        self._cards[card] = HeldCard(made)
        return made.guid.hex()

    def insert(self, card: str, slot: int) -> None:
        """Plug in."""
        self._slots[slot].insert(self._cards[card])

    def remove(self, slot: int) -> bool:
        """Pull out. Whether there was a card."""
        return self._slots[slot].remove()

    def hold(self, card: str) -> None:
        """Make the card wait in its next signature."""
        self._cards[card].hold()

    def let_go(self, card: str) -> None:
        """Let it end."""
        self._cards[card].let_go()

    def signing(self, card: str, wait_s: float) -> bool:
        """Whether a signature began since `hold`."""
        return self._cards[card].signing.wait(wait_s)

    def counts(self, card: str) -> dict[str, int]:
        """What the card counted, and the tries its PIN has left."""
        made = self._cards[card].card
        return {**dict.fromkeys(("verify", "refused", "unblock", "sign"), 0), **made.counts, "left": made.pin.left}


def main() -> None:
    """Serve orders until standard input ends."""
    holder = Holder(int(sys.argv[1]))
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        print(json.dumps({"done": getattr(holder, order.pop("do"))(**order)}), flush=True)


if __name__ == "__main__":
    main()
