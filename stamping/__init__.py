"""What happens to a document, in what order: receive -> appraise -> approve -> stamp -> return. It survives kill -9.

- `Desk`: everything an act works with
- `dossiers`: received, appraised, supplemented, refused or withdrawn before their paper exists
- `numbering`, `on_paper`, `wet`: numbers of other programs, documents on paper, the seal in ink
- `receiving`, `documents`, `approvals`, `confirmations`, `passage` (the seal worker's), `endings`, `lookups`
- `office_acts`: the institution changed, by one person or two; `OfficeInForce`: as it is now
- `statistics`, `figures`, `published`, `statistics_sheet`: what the office's work comes to
- `Refusal`: what the stage will not do, in words a clerk can act on
"""

from stamping import (
    approvals,
    confirmations,
    documents,
    dossiers,
    endings,
    exchange,
    figures,
    intake,
    key_health,
    lookups,
    numbering,
    office_acts,
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
from stamping.office_acts import OfficeDesk
from stamping.office_changes import ToldChange, told_changes
from stamping.office_in_force import OfficeInForce
from stamping.office_text import names_of, read_office
from stamping.on_paper import PaperDocument
from stamping.once import Once, once_only
from stamping.receiving import NewDocument, NewForeign
from stamping.refusal import STATUS, Problem, Refusal
from stamping.requests import fingerprint_of
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
    "OfficeDesk",
    "OfficeInForce",
    "Once",
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
    "ToldChange",
    "WorkerSeen",
    "approvals",
    "confirmations",
    "documents",
    "dossiers",
    "endings",
    "exchange",
    "figures",
    "fingerprint_of",
    "intake",
    "key_health",
    "lookups",
    "names_of",
    "numbering",
    "office_acts",
    "on_paper",
    "once_only",
    "passage",
    "published",
    "read_office",
    "receiving",
    "seal_usage",
    "seen_certificates",
    "statistics",
    "statistics_sheet",
    "told_changes",
    "wet",
]
