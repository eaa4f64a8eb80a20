"""The institution as data, and pure rules over it: may this person approve, may this seal be used, on this day?

- `Office.load(path)`; raises `OfficeInvalid` with every problem at once; `demo_office_text()` to start from
- `may_approve`, `officer_may_approve`, `officer_for`, `authority_lines`
- `may_stamp`, `may_use`, `seal_for`
- `successors_of`, `issuing_body`, `number_series`
- `due_at`, `end_of_next_working_day`, `working_days_after`, `is_working_day`
"""

from .approving import authority_lines, may_approve, officer_for, officer_may_approve
from .custody import may_stamp, may_use, seal_for
from .demo import demo_office_text
from .errors import OfficeInvalid, Problem
from .institution import Office
from .organisation import Organisation, Successor
from .patterns import PatternInvalid, Patterns
from .period import Period
from .person import Capacity, Custodian, Delegation, Handover, Officer
from .procedure import Mandate, NumberSeries, Procedure
from .ruling import Reason, Ruling, RulingCode
from .seal import NextKey, Paper, Seal, SealDecision, SealKeyPlace, SealState
from .succession import IssuingBody, issuing_body, number_series, successors_of
from .workdays import due_at, end_of_next_working_day, is_working_day, working_days_after

__all__ = [
    "Capacity",
    "Custodian",
    "Delegation",
    "Handover",
    "IssuingBody",
    "Mandate",
    "NextKey",
    "NumberSeries",
    "Office",
    "OfficeInvalid",
    "Officer",
    "Organisation",
    "Paper",
    "PatternInvalid",
    "Patterns",
    "Period",
    "Problem",
    "Procedure",
    "Reason",
    "Ruling",
    "RulingCode",
    "Seal",
    "SealDecision",
    "SealKeyPlace",
    "SealState",
    "Successor",
    "authority_lines",
    "demo_office_text",
    "due_at",
    "end_of_next_working_day",
    "is_working_day",
    "issuing_body",
    "may_approve",
    "may_stamp",
    "may_use",
    "number_series",
    "officer_for",
    "officer_may_approve",
    "seal_for",
    "successors_of",
    "working_days_after",
]
