"""Codes asked for by anybody: an address that keeps asking for ones nobody was given is told to wait.

A code has 130 random bits, so it is not guessed either way; who tries shall be seen (`too-many-attempts` in the
metrics). A code that somebody was given is answered all the same: a telephone network or an office shares one address,
and one caller must not shut the others out. Mistyped codes are not counted: their check letter tells.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from fastapi import Request

from api import throttle
from api.callers import address_of
from api.problems import Problem
from api.service import Service
from stamping import Refusal

T = TypeVar("T")


def looked_up(service: Service, request: Request, find: Callable[[], T]) -> T | None:
    """What `find` gives; None, and counted, where it refuses with not-found. Raises `Problem` too-many-attempts in
    place of None while the address waits, and what else `find` raises."""
    try:
        return find()
    except Refusal as refusal:
        if refusal.code != "not-found":
            raise
    engine, address, now = service.desk.engine, address_of(request), service.now()
    wait = throttle.wait_for_codes(engine, address, now)
    if wait is not None:
        raise _too_many(wait)
    throttle.code_missed(engine, address, now)
    return None


def _too_many(wait: timedelta) -> Problem:
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    return Problem(
        "too-many-attempts",
        429,
        f"Không có mã này. Từ địa chỉ mạng này đã tra nhiều mã không có thật; mã có thật vẫn tra được ngay, mã khác "
        f"thì hãy đợi {minutes} phút.",
        f"There is no such code. From this network address many codes were asked for that do not exist; one that does "
        f"exist is answered at once, for any other wait {minutes} minutes.",
        headers={"retry-after": str(minutes * 60)},
    )
