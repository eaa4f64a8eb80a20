"""Citizens who upload: `python -m bench.uploads BASE FILE CITIZENS`, until standard input closes.

Each sends the file, reads the verdict and sends it again at once; every second time with a line of its own at the end,
so that no two are the same bytes. Who is told to come back comes back after a second, whatever was said: they are
impatient. The process is as nice as can be, for its own work is no part of the service. Ends with counts as JSON.
"""

import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import urllib3

IMPATIENCE_S: Final = 1.0


def main() -> None:
    """Upload until told to end."""
    base, file, citizens = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    os.nice(19)
    pdf = file.read_bytes()
    ended = threading.Event()
    seen: Counter[str] = Counter()
    counting = threading.Lock()

    def count(what: str) -> None:
        with counting:
            seen[what] += 1

    began = time.perf_counter()
    crowd = [threading.Thread(target=upload, args=(base, pdf, n, ended, count)) for n in range(citizens)]
    for one in crowd:
        one.start()
    sys.stdin.read()
    ended.set()
    for one in crowd:
        one.join()
    print(json.dumps({"seconds": time.perf_counter() - began, **seen}))


def upload(base: str, pdf: bytes, citizen: int, ended: threading.Event, count: Callable[[str], None]) -> None:
    """One citizen."""
    pool = urllib3.PoolManager(retries=False, timeout=60.0)
    turn = 0
    while not ended.is_set():
        turn += 1
        sent = pdf + b"%% %d %d\n" % (citizen, turn) if turn % 2 else pdf
        answer = pool.request(
            "POST",
            f"{base}/api/v1/verifications",
            fields={"file": ("a.pdf", sent, "application/pdf")},
            headers={"connection": "close"},  # one that waited may be closed as it is used
        )
        if answer.status == 200:
            count(json.loads(answer.data)["verdict"])
        elif answer.status == 429:
            count("turned_away")
            ended.wait(IMPATIENCE_S)
        else:
            count(f"status_{answer.status}")


if __name__ == "__main__":
    main()
