"""What happens to a document, in what order: receive -> appraise -> approve -> stamp -> return. It survives kill -9.

- `Desk`: everything an act works with
- `numbering`, `on_paper`, `wet`: numbers of other programs, documents on paper, the seal in ink
- `receiving`, `documents`, `approvals`, `confirmations`, `passage` (the seal worker's), `endings`, `lookups`
- `statistics`, `figures`, `published`, `statistics_sheet`: what the office's work comes to
- `Refusal`: what the stage will not do, in words a clerk can act on
"""

from stamping import (
    approvals,
    confirmations,
    documents,
    endings,
    exchange,
    figures,
    intake,
    key_health,
    lookups,
    numbering,
    on_paper,
    passage,
    published,
    receiving,
    seen_certificates,
    statistics,
    statistics_sheet,
    wet,
)
from stamping.desk import BookDesk, Desk
from stamping.dossier import Applicant, NewDossier
from stamping.endings import CorrectedBy
from stamping.key_health import KeyHealth, WorkerSeen
from stamping.limits import SealUsage, seal_usage
from stamping.numbering import NewNumber, Reserved
from stamping.on_paper import PaperDocument
from stamping.receiving import NewDocument, NewForeign
from stamping.refusal import STATUS, Problem, Refusal
from stamping.seal_keys import KeyUnavailable
from stamping.states import STAGES, Stage, StageState, State
from stamping.views import (
    ApprovalDocument,
    ApprovalTicket,
    ApprovalView,
    ConfirmationView,
    CorrectionView,
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
    "BookDesk",
    "ConfirmationView",
    "CorrectedBy",
    "CorrectionView",
    "Desk",
    "DocumentView",
    "EventView",
    "KeyHealth",
    "KeyUnavailable",
    "KeyWait",
    "NewDocument",
    "NewDossier",
    "NewForeign",
    "NewNumber",
    "PaperDocument",
    "PendingList",
    "Problem",
    "PublicRecord",
    "Refusal",
    "Reserved",
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
    "exchange",
    "figures",
    "intake",
    "key_health",
    "lookups",
    "numbering",
    "on_paper",
    "passage",
    "published",
    "receiving",
    "seal_usage",
    "seen_certificates",
    "statistics",
    "statistics_sheet",
    "wet",
]
