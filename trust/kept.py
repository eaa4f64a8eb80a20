"""Remembering what a pure function says of bytes: bounded by number and by size, for files are sent by strangers."""

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")


def kept(entries: int, *, largest: int) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Keep the last `entries` answers of a function of DER and other hashable values; about more than `largest` bytes
    of DER it is asked each time. What raises is not kept."""

    def decorate(call: Callable[..., T]) -> Callable[..., T]:
        remembered = lru_cache(maxsize=entries)(call)

        @wraps(call)
        def asked(der: bytes, *others: Hashable) -> T:
            return call(der, *others) if len(der) > largest else remembered(der, *others)

        asked.cache_clear = remembered.cache_clear  # type: ignore[attr-defined]
        asked.cache_parameters = remembered.cache_parameters  # type: ignore[attr-defined]
        return asked

    return decorate
