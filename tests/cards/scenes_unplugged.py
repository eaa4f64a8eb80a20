"""A key in use while its card, or pcscd, goes away and comes back."""

import hashlib
import signal
import threading
import time
from typing import Any

from hsm import HsmKey, Recovery, TokenError
from tests.cards.piv import AUTHENTICATION
from tests.cards.stack import Card, Stack

DIGEST = hashlib.sha256(b"to be signed").digest()
PATIENT = Recovery(attempts=60, budget_s=10.0)


def unplugged_while_idle(stack: Stack) -> dict[str, Any]:
    """Everybody has seen that it is gone; then it is back."""
    card, key = _card_in_use(stack)
    card.remove()
    card.wait(seen=False)
    card.insert()
    return _sign(card, key)


def gone_for_longer_than_the_budget(stack: Stack) -> dict[str, Any]:
    """A signature is asked for while the card lies on the table, and again when it is back."""
    card, key = _card_in_use(stack, Recovery(budget_s=0.6))
    card.remove()
    began = time.monotonic()
    error = _refusal(key)
    gave_up = time.monotonic() - began
    card.insert()
    card.wait()
    return {"error": error, "gave_up_s": round(gave_up, 2), **_sign(card, key)}


def unplugged_while_signing(stack: Stack) -> dict[str, Any]:
    """Pulled out while it computes, plugged in again while the program waits for its signature."""
    card, key = _card_in_use(stack)
    card.hold()
    seen: dict[str, Any] = {}
    signing = threading.Thread(target=lambda: seen.update(_sign(card, key)))
    signing.start()
    card.wait_signing()
    card.remove()
    replugged = time.monotonic()
    card.insert()
    signing.join(30)
    return {**seen, "since_replugged_s": round(time.monotonic() - replugged, 2)}


def replugged_before_anyone_looked(stack: Stack) -> dict[str, Any]:
    """Out and in again within a millisecond, then a signature."""
    card, key = _card_in_use(stack)
    card.remove()
    card.insert()
    return _sign(card, key)


def replugged_behind_its_back(stack: Stack) -> dict[str, Any]:
    """Out and in again; pcscd has seen both, the program and its driver nothing."""
    card, key = _card_in_use(stack)
    since = stack.logged()
    card.remove()
    since = stack.wait_logged("Card Removed", since)
    card.insert()
    stack.wait_logged("Card inserted", since)
    return _sign(card, key)


def service_killed_while_idle(stack: Stack) -> dict[str, Any]:
    """pcscd dies and is started again before the next signature."""
    card, key = _card_in_use(stack)
    stack.end_pcscd(signal.SIGKILL)
    stack.start_pcscd()
    return _sign(card, key)


def service_killed_while_signing(stack: Stack) -> dict[str, Any]:
    """pcscd dies under a signature and is back a second later."""
    card, key = _card_in_use(stack)
    card.hold()
    seen: dict[str, Any] = {}
    signing = threading.Thread(target=lambda: seen.update(_sign(card, key)))
    signing.start()
    card.wait_signing()
    stack.end_pcscd(signal.SIGKILL)
    card.let_go()
    time.sleep(1.0)
    stack.start_pcscd()
    signing.join(30)
    return seen


def _card_in_use(stack: Stack, recovery: Recovery = PATIENT) -> tuple[Card, HsmKey]:
    """A card whose key has signed once."""
    card = stack.card(AUTHENTICATION)
    card.insert()
    card.wait()
    key = card.open(recovery=recovery)
    key.sign(DIGEST)
    assert card.counts().verify == 1
    return card, key


def _sign(card: Card, key: HsmKey) -> dict[str, Any]:
    """One signature (the key verifies it), how long it took and by which rungs; then ten more."""
    began = time.monotonic()
    key.sign(DIGEST)
    seconds = time.monotonic() - began
    rungs = {rung.name: times for rung, times in key.recoveries.items()}
    for _ in range(10):
        key.sign(DIGEST)
    settled = {rung.name: times for rung, times in key.recoveries.items()} == rungs
    counts = card.counts()
    key.close()
    return {
        "seconds": round(seconds, 2),
        "rungs": rungs,
        "settled": settled,
        "pins": counts.verify,
        "card_signed": counts.sign,
        "operations": key.operations,
    }


def _refusal(key: HsmKey) -> str:
    try:
        key.sign(DIGEST)
    except TokenError as error:
        return type(error).__name__
    return ""
