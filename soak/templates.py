"""Papers by the thousand, each with another name, so other letters cut out of the fonts: nothing this process keeps of
them may grow. `SOAK_SECONDS` ends a run before all are made; the page says how many were."""

import os
import time
from collections.abc import Callable, Iterator
from itertools import cycle

from soak.finding import SHORT, Finding, Size
from soak.flat import Looks
from templates import catalogue, render, sample_issue

WHOLE = 5_000
FEW = 100
_LOOKS = 50
_LETTERS = "ĂÂĐÊÔƠƯÁÀẢÃẠẮẰẲẴẶẤẦẨẪẬÉÈẺẼẸẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌỐỒỔỖỘỚỜỞỠỢÚÙỦŨỤỨỪỬỮỰÝỲỶỸỴ"


def findings(size: Size, say: Callable[[str], None]) -> Iterator[Finding]:
    """Every paper of the catalogue in turn; `say` hears how far it is."""
    count, seconds = FEW if size is SHORT else WHOLE, float(os.environ.get("SOAK_SECONDS", "inf"))
    papers = [(paper, sample_issue(paper.name)) for paper in catalogue()]
    looks, began, made = Looks(), time.monotonic(), 0
    step = count // _LOOKS
    for number, (paper, issue) in enumerate(cycle(papers), 1):
        name = f"{_LETTERS[number % len(_LETTERS)]} {number}"
        given = {**paper.sample_data, "household_name": name} if "household_name" in paper.sample_data else None
        pdf = render(paper.name, given or paper.sample_data, issue).pdf
        assert pdf.startswith(b"%PDF-1.7")
        made = number
        if number % step == 0:
            looks.take(number)
            say(f"{number:,} of {count:,}")
        if number == count or time.monotonic() - began > seconds:
            break
    yield Finding(name="papers made", value=f"{made:,} of {count:,}", asked="told", holds=True)
    yield from looks.findings()
