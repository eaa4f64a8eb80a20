"""What happens to a document, in what order: receive -> appraise -> approve -> stamp -> return. It survives kill -9.

- `Desk`: everything an act works with
- `receiving`, `documents`, `approvals`, `confirmations`, `passage` (the seal worker's), `endings`, `lookups`
- `statistics`, `figures`, `published`, `statistics_sheet`: what the office's work comes to
- `Refusal`: what the stage will not do, in words a clerk can act on
"""

from stamping import (
    approvals,
    confirmations,
    documents,
    endings,
    figures,
    intake,
    key_health,
    lookups,
    passage,
    published,
    receiving,
    seen_certificates,
    statistics,
    statistics_sheet,
)
from stamping.desk import Desk
from stamping.dossier import Applicant, NewDossier
from stamping.key_health import KeyHealth, WorkerSeen
from stamping.limits import SealUsage, seal_usage
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
    "WorkerSeen",
    "approvals",
    "confirmations",
    "documents",
    "endings",
    "figures",
    "intake",
    "key_health",
    "lookups",
    "passage",
    "published",
    "receiving",
    "seal_usage",
    "seen_certificates",
    "statistics",
    "statistics_sheet",
]
