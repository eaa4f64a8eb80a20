"""Wrong PINs, a locked card, the PUK, and a key that wants its PIN at every signature."""

import hashlib
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from hsm import LoginLedger, Pin, PinSource, PinValue, Recovery, TokenError
from tests.cards.piv import AUTHENTICATION, PIN, PUK, SIGNATURE
from tests.cards.stack import Card, Stack

DIGEST = hashlib.sha256(b"to be signed").digest()
# What a service does that is started again and again with a wrong PIN in its settings.
_FRESH_PROCESS = """
import sys
from pathlib import Path
from cryptography import x509
from hsm import KeyUri, PinValue, TokenError, open_key
uri, certificate, state, pin = sys.argv[1:]
try:
    open_key(KeyUri.parse(uri), PinValue(pin), certificate=x509.load_der_x509_certificate(bytes.fromhex(certificate)),
             state=Path(state))
    print("opened")
except TokenError as error:
    print(type(error).__name__, getattr(error, "tried", error))
"""


def wrong_pin_in_five_processes(stack: Stack) -> dict[str, Any]:
    """A service with a wrong PIN in its settings is started five times."""
    card = _plugged_in(stack)
    said = [_fresh_process(card, "000000") for _ in range(5)]
    after_wrong = card.counts()
    said_right = _fresh_process(card, PIN)
    return {"said": said, "sent": after_wrong.verify, "left": after_wrong.left, "right": said_right,
            "left_in_the_end": card.counts().left}  # fmt: skip


def locked_and_unblocked(stack: Stack) -> dict[str, Any]:
    """Three wrong PINs by our own hand, with consent to the last; then the PUK, by a vendor's tool."""
    card = _plugged_in(stack)
    key = card.open()
    key.sign(DIGEST)
    key.close()  # a login of this process would let a wrong PIN pass unseen
    seen: dict[str, Any] = {"steps": []}

    def step(pin: str, **options: Any) -> None:
        before = card.counts().verify
        said = _opening(card, PinValue(pin), **options)
        seen["steps"].append([said, card.counts().verify - before])

    step("111111")
    step("222222")
    step("333333")
    step(PIN)
    step("333333", allow_last_try=True)
    step(PIN)
    step(PIN, allow_last_try=True)
    step("444444", allow_last_try=True)
    seen["left_when_locked"] = card.counts().left
    seen["tool"] = unblock(card)
    step(PIN)
    with card.open() as again:
        seen["failures_on_record"] = LoginLedger(card.state).failures(again.token)
        again.sign(DIGEST)
    seen["left"] = card.counts().left
    return seen


def locked_by_another_program_while_open(stack: Stack) -> dict[str, Any]:
    """Our key stays open while another program locks the card, and while the PUK unblocks it."""
    card = _plugged_in(stack)
    key = card.open(recovery=Recovery(budget_s=3))
    key.sign(DIGEST)
    for _ in range(3):
        _other_program(card, "000000")
    locked = card.counts()
    said = []
    began = time.monotonic()
    for _ in range(3):
        try:
            key.sign(DIGEST)
            said.append("signed")
        except TokenError as error:
            said.append(type(error).__name__)
    seconds = time.monotonic() - began
    refused = card.counts()
    unblock(card)
    key.sign(DIGEST)
    done = card.counts()
    rungs = {rung.name: times for rung, times in key.recoveries.items()}
    key.close()
    return {"left_when_locked": locked.left, "said": said, "sent_while_locked": refused.verify - locked.verify,
            "seconds_per_refusal": round(seconds / 3, 2), "sent_after_unblocking": done.verify - refused.verify,
            "rungs": rungs, "left": done.left}  # fmt: skip


def pin_changed_by_another_program_while_open(stack: Stack) -> dict[str, Any]:
    """The PIN our program knows is right no longer; nobody told it."""
    card = _plugged_in(stack)
    key = card.open(recovery=Recovery(budget_s=3))
    key.sign(DIGEST)
    before = card.counts()
    _tool(card, "-a", "change-pin", "-P", PIN, "-N", "654321")
    said = []
    for _ in range(4):
        try:
            key.sign(DIGEST)
            said.append("signed")
        except TokenError as error:
            said.append(type(error).__name__)
    after = card.counts()
    key.close()
    return {"said": said, "refused": after.refused - before.refused, "left": after.left}


def pin_at_every_signature(stack: Stack) -> dict[str, Any]:
    """Slot 9C says CKA_ALWAYS_AUTHENTICATE; the card drops the PIN after each use, and refuses without it."""
    card = stack.card(AUTHENTICATION, SIGNATURE)
    card.insert()
    card.wait()
    source = CountingSource(PIN)
    with card.open(slot=SIGNATURE, pin=source) as key:
        opened = card.counts()
        for _ in range(20):
            key.sign(DIGEST)
        return {"at_opening": opened.verify, "sent": card.counts().verify - opened.verify, "asked": source.asked,
                "signed": card.counts().sign, "operations": key.operations, "rungs": len(key.recoveries)}  # fmt: skip


def pin_at_every_signature_from_four_threads(stack: Stack) -> dict[str, Any]:
    """Each signature's PIN goes with it, whoever signs beside it."""
    card = stack.card(AUTHENTICATION, SIGNATURE)
    card.insert()
    card.wait()
    with card.open(slot=SIGNATURE, sessions=2) as key:
        faults: list[str] = []

        def sign_some() -> None:
            try:
                for _ in range(3):
                    key.sign(DIGEST)
            except TokenError as error:
                faults.append(repr(error))

        threads = [threading.Thread(target=sign_some) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        counts = card.counts()
        rungs = {rung.name: times for rung, times in key.recoveries.items()}
    return {"faults": faults, "sent": counts.verify, "signed": counts.sign, "left": counts.left, "rungs": rungs}


class CountingSource(PinSource):
    """Counts how often the PIN is asked for."""

    def __init__(self, value: str) -> None:
        self._value = PinValue(value)
        self.asked = 0

    def read(self) -> Pin:
        """The PIN."""
        self.asked += 1
        return self._value.read()


def unblock(card: Card) -> str:
    """By the vendor's tool: the PUK gives the PIN its tries back. What an operator types."""
    return _tool(card, "-a", "unblock-pin", "-P", PUK, "-N", PIN)


def _plugged_in(stack: Stack) -> Card:
    card = stack.card(AUTHENTICATION)
    card.insert()
    card.wait()
    return card


def _opening(card: Card, pin: PinSource, **options: Any) -> str:
    """What opening the key and signing says."""
    try:
        with card.open(pin=pin, **options) as key:
            key.sign(DIGEST)
    except TokenError as error:
        left = getattr(error, "tries_left", None)
        return type(error).__name__ + (f" {left}" if left is not None else "")
    return "signed"


def _fresh_process(card: Card, pin: str) -> str:
    certificate = card.certificates[AUTHENTICATION].public_bytes(Encoding.DER).hex()
    return subprocess.run(
        [sys.executable, "-c", _FRESH_PROCESS, str(card.uri), certificate, str(card.state), pin],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip


def _other_program(card: Card, pin: str) -> None:
    """Tries a PIN on the card, as any program of this computer may."""
    subprocess.run(["yubico-piv-tool", "-r", card.reader, "-a", "verify-pin", "-P", pin],
                   capture_output=True, check=False)  # fmt: skip


def _tool(card: Card, *arguments: str) -> str:
    done = subprocess.run(["yubico-piv-tool", "-r", card.reader, *arguments],
                          capture_output=True, text=True, check=True)  # fmt: skip
    return (done.stdout + done.stderr).strip()
