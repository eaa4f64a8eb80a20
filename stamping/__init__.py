"""What happens to a document, in what order: receive -> appraise -> approve -> stamp -> return. It survives kill -9.

- `Desk`: everything an act works with
- `receiving`, `documents`, `approvals`, `confirmations`, `passage` (the seal worker's), `endings`, `lookups`
- `office_acts`: the institution changed, by one person or two; `OfficeInForce`: as it is now
- `Refusal`: what the stage will not do, in words a clerk can act on
"""

from stamping import (
    approvals,
    confirmations,
    documents,
    endings,
    intake,
    key_health,
    lookups,
    office_acts,
    passage,
    receiving,
    seen_certificates,
)
from stamping.desk import Desk
from stamping.dossier import Applicant, NewDossier
from stamping.key_health import KeyHealth, WorkerSeen
from stamping.limits import SealUsage, seal_usage
from stamping.office_acts import OfficeDesk
from stamping.office_changes import ToldChange, told_changes
from stamping.office_in_force import OfficeInForce
from stamping.office_text import names_of, read_office
from stamping.receiving import NewDocument, NewForeign
from stamping.refusal import STATUS, Problem, Refusal
from stamping.seal_keys import KeyUnavailable
from stamping.states import STAGES, Stage, StageState, State
from stamping.views import (
    ApprovalDocument,
    ApprovalTicket,
    ApprovalView,
    ConfirmationView,
    DocumentView,
    EventView,
    KeyWait,
    PendingList,
    PublicRecord,
    Revision,
    SealResult,
    StageView,
)

__all__ = [
    "STAGES",
    "STATUS",
    "Applicant",
    "ApprovalDocument",
    "ApprovalTicket",
    "ApprovalView",
    "ConfirmationView",
    "Desk",
    "DocumentView",
    "EventView",
    "KeyHealth",
    "KeyUnavailable",
    "KeyWait",
    "NewDocument",
    "NewDossier",
    "NewForeign",
    "OfficeDesk",
    "OfficeInForce",
    "PendingList",
    "Problem",
    "PublicRecord",
    "Refusal",
    "Revision",
    "SealResult",
    "SealUsage",
    "Stage",
    "StageState",
    "StageView",
    "State",
    "ToldChange",
    "WorkerSeen",
    "approvals",
    "confirmations",
    "documents",
    "endings",
    "intake",
    "key_health",
    "lookups",
    "names_of",
    "office_acts",
    "passage",
    "read_office",
    "receiving",
    "seal_usage",
    "seen_certificates",
    "told_changes",
]
