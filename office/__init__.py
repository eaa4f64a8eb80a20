"""The institution as data, and pure rules over it: may this person approve, may this seal be used, on this day?

- `Office.load(path)`, `Office.read(text, folder=...)`; raise `OfficeInvalid` with every problem at once;
  `demo_office_text()` to start from
- `may_approve`, `officer_may_approve`, `officer_for`, `which_officer`, `authority_lines`
- `may_stamp`, `may_use`, `seal_for`, `which_seal`, `custodian_of`, `issues_papers`, `issuing`
- `check_seal_image(png)`: whether a picture may stand for a seal
- `changes(before, after)`: what differs, and which of it needs a second person
- `successors_of`, `issuing_body`, `number_series`
- `due_at`, `due_after_wait`, `end_of_next_working_day`, `working_days_after`, `is_working_day`, `WorkingTime`
"""

from .approving import authority_lines, may_approve, officer_for, officer_may_approve, which_officer
from .changes import Change, changes, unreadable, unsigned
from .custody import custodian_of, issues_papers, issuing, may_stamp, may_use, seal_for, which_seal
from .demo import demo_office_text
from .errors import OfficeInvalid, Problem
from .folder import Folder
from .institution import Office
from .organisation import Organisation, SuccessionKind, Successor
from .patterns import PatternInvalid, Patterns
from .period import Moment, Period
from .person import Capacity, CertificateDates, Custodian, Delegation, Handover, Officer
from .procedure import FIVE_STAGES, FOUR_STAGES, Mandate, NumberSeries, Procedure, Stage
from .ruling import ARTICLES, Reason, Ruling, RulingCode
from .seal import NextKey, Paper, Purpose, Seal, SealDecision, SealKeyPlace, SealState
from .seal_image import LARGEST_FILE, ImageFault, SealImage, check_seal_image
from .section import slug
from .succession import IssuingBody, issuing_body, number_series, successors_of
from .workdays import (
    WorkingTime,
    due_after_wait,
    due_at,
    end_of_next_working_day,
    is_working_day,
    working_days_after,
)

__all__ = [
    "ARTICLES",
    "FIVE_STAGES",
    "FOUR_STAGES",
    "LARGEST_FILE",
    "Capacity",
    "CertificateDates",
    "Change",
    "Custodian",
    "Delegation",
    "Folder",
    "Handover",
    "ImageFault",
    "IssuingBody",
    "Mandate",
    "Moment",
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
    "Purpose",
    "Reason",
    "Ruling",
    "RulingCode",
    "Seal",
    "SealDecision",
    "SealImage",
    "SealKeyPlace",
    "SealState",
    "Stage",
    "SuccessionKind",
    "Successor",
    "WorkingTime",
    "authority_lines",
    "changes",
    "check_seal_image",
    "custodian_of",
    "demo_office_text",
    "due_after_wait",
    "due_at",
    "end_of_next_working_day",
    "is_working_day",
    "issues_papers",
    "issuing",
    "issuing_body",
    "may_approve",
    "may_stamp",
    "may_use",
    "number_series",
    "officer_for",
    "officer_may_approve",
    "seal_for",
    "slug",
    "successors_of",
    "unreadable",
    "unsigned",
    "which_officer",
    "which_seal",
    "working_days_after",
]
