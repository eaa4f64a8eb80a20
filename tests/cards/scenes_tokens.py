"""Cards beside ours, and cards in place of ours, that bear the same name."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hsm import Recovery, Scheme, TokenError, list_tokens
from tests.cards.piv import AUTHENTICATION, PrivateKey
from tests.cards.stack import OPENSC, Card, Stack

DIGEST = hashlib.sha256(b"to be signed").digest()
_numbers = count(1)
_KINDS: tuple[tuple[str, Scheme, Callable[[], PrivateKey]], ...] = (
    ("RSA-3072", "rsa-pkcs1v15-sha256", lambda: rsa.generate_private_key(65537, 3072)),
    ("PSS", "rsa-pss-sha256", lambda: rsa.generate_private_key(65537, 2048)),
    ("P-256", "ecdsa-sha256", lambda: ec.generate_private_key(ec.SECP256R1())),
)
SHORT = Recovery(budget_s=0.7)


def two_of_one_name(stack: Stack) -> dict[str, Any]:
    """Both are plugged in, each in a reader of its own."""
    ours, other = _two_of_one_name(stack)
    ours.insert(0)
    other.insert(1)
    ours.wait()
    other.wait()
    try:
        ours.open()
        said = "opened"
    except TokenError as error:
        said = f"{type(error).__name__} {getattr(error, 'count', '')}"
    before = [ours.counts().verify, other.counts().verify]
    with ours.open(uri=replace(ours.uri, serial=ours.serial)) as key:
        key.sign(DIGEST)
        serial = key.token.serial
    return {"said": said, "sent_before": before, "found": serial == ours.serial,
            "sent": [ours.counts().verify, other.counts().verify]}  # fmt: skip


def another_in_place_of_ours(stack: Stack) -> dict[str, Any]:
    """Ours is pulled out and another of its name plugged in, quickly; later ours comes back."""
    ours, other = _two_of_one_name(stack)
    ours.insert()
    ours.wait()
    key = ours.open(recovery=SHORT)
    key.sign(DIGEST)
    ours.remove()
    other.insert()
    said = []
    for _ in range(2):
        try:
            key.sign(DIGEST)
            said.append("signed")
        except TokenError as error:
            said.append(type(error).__name__)
    seen = [token.serial for token in list_tokens(OPENSC)]
    to_other = other.counts()
    other.remove()
    ours.insert()
    ours.wait()
    key.sign(DIGEST)
    key.close()
    return {"said": said, "other_seen": seen == [other.serial], "to_other": [to_other.verify, to_other.sign],
            "to_ours": ours.counts().verify}  # fmt: skip


def another_at_the_start(stack: Stack) -> dict[str, Any]:
    """The program starts while only another card of the name is there. Its own is known by the certificate."""
    ours, other = _two_of_one_name(stack)
    other.insert()
    other.wait()
    try:
        ours.open(recovery=SHORT)
        said = "opened"
    except TokenError as error:
        said = type(error).__name__
    return {"said": said, "sent": other.counts().verify}


def kinds_of_keys(stack: Stack) -> dict[str, Any]:
    """One card after the other, each with a key of its kind; what the first signature says."""
    seen = {}
    for name, scheme, make in _KINDS:
        card = stack.card(AUTHENTICATION, make=make)
        card.insert()
        card.wait()
        with card.open() as key:
            try:
                key.sign(DIGEST, scheme)
                said = "signed"
            except TokenError as error:
                said = f"{type(error).__name__}: {error}"
            seen[name] = [said, card.counts().verify, sum(key.recoveries.values())]
        stack.empty()
    return seen


def _two_of_one_name(stack: Stack) -> tuple[Card, Card]:
    name = f"Con dấu UBND xã Mẫu {next(_numbers)}"
    return stack.card(AUTHENTICATION, common_name=name), stack.card(AUTHENTICATION, common_name=name)
