"""Days and times as callers write them: text (RFC 3339). A number would be taken for seconds since 1970."""

import re
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BeforeValidator

_BEGINS: Final = re.compile(r"\d{4}-\d\d-\d\d")


def _as_written(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and _BEGINS.match(value)):
        return value
    raise ValueError("write the day as YYYY-MM-DD, a time as RFC 3339 with its offset")


Day = Annotated[date, BeforeValidator(_as_written)]
Moment = Annotated[AwareDatetime, BeforeValidator(_as_written)]
