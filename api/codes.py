"""Codes asked for by anybody: an address that keeps asking for ones nobody was given waits.

A code has 130 random bits, so it is not guessed either way; but who tries shall not do it at the cost of the others,
and shall be seen (`too-many-attempts` in the metrics). Mistyped codes are not counted: their check letter tells.
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
    """What `find` gives; None, and counted, where it refuses with not-found. Raises `Problem` too-many-attempts, and
    what else `find` raises."""
    engine, address, now = service.desk.engine, address_of(request), service.now()
    wait = throttle.wait_for_codes(engine, address, now)
    if wait is not None:
        raise _too_many(wait)
    try:
        return find()
    except Refusal as refusal:
        if refusal.code != "not-found":
            raise
        throttle.code_missed(engine, address, now)
        return None


def _too_many(wait: timedelta) -> Problem:
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    return Problem(
        "too-many-attempts",
        429,
        f"Từ địa chỉ mạng này đã tra nhiều mã không có thật. Hãy đợi {minutes} phút rồi tra lại; mã in trên giấy vẫn "
        "còn nguyên giá trị.",
        f"From this network address many codes were asked for that do not exist. Wait {minutes} minutes, then try "
        "again; the code on your paper is as good as before.",
        headers={"retry-after": str(minutes * 60)},
    )
