"""`Prefer: wait=N` (RFC 7240): hold the answer until the thing asked for is done, or N seconds are over."""

import re
import time
from collections.abc import Callable
from typing import Final, TypeVar

from starlette.requests import Request

from api.limits import Busy
from api.service import Service

T = TypeVar("T")
_WAIT: Final = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")
_STEP_S: Final = 0.1


def wanted_s(request: Request) -> int:
    """Seconds the caller is ready to wait; 0 if it did not say."""
    found = _WAIT.search(", ".join(request.headers.getlist("prefer")))
    return int(found.group(1)) if found else 0


def until(service: Service, request: Request, look: Callable[[], T], done: Callable[[T], bool]) -> T:
    """Look until done or the time is over. When too many wait already, the answer comes at once, as it stands."""
    seconds = min(wanted_s(request), service.settings.longest_wait_s)
    seen = look()
    if seconds <= 0 or done(seen):
        return seen
    ends = time.monotonic() + seconds
    try:
        with service.waiters.passing():
            while not done(seen) and (left := ends - time.monotonic()) > 0:
                time.sleep(min(_STEP_S, left))
                seen = look()
    except Busy:
        pass
    return seen
