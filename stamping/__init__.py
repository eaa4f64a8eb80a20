"""What happens to a document, in what order: receive -> appraise -> approve -> stamp -> return. It survives kill -9.

- `Desk`: everything an act works with
- `dossiers`: received, appraised, supplemented, refused or withdrawn; where their papers have brought them
- `apologies`: an overdue dossier raises a letter that appoints another day
- `slips`: a dossier's receipt slip and control sheet, made when asked for
- `numbering`, `on_paper`, `wet`: numbers of other programs, documents on paper, the seal in ink
- `receiving`, `attachments`, `documents`, `approvals`, `confirmations`, `passage` (the seal worker's)
- `endings`, `lookups`: how a document ends; what anyone may ask
- `office_acts`, `office_review`, `four_eyes`: the institution changed, by one person or two; `OfficeInForce`: as it is
- `feed`: each move of a document and each late dossier, for other systems; `pace`: how fast they move, for who watches
- `statistics`, `figures`, `published`, `statistics_sheet`: what the office's work comes to
- `Reach`, `reach`, `dossier_reach`: which papers, seals and organisations a caller is limited to
- `version_of`, `Seen`: which version of a document or dossier an act is for
- `Once`, `kept_keys`: an act sent again is done once; for how long that is known
- `Refusal`: what the stage will not do, in words a clerk can act on
"""

from stamping import (
    apologies,
    approvals,
    attachments,
    confirmations,
    documents,
    dossier_reach,
    dossiers,
    endings,
    exchange,
    feed,
    figures,
    four_eyes,
    intake,
    kept_keys,
    key_health,
    lookups,
    numbering,
    office_acts,
    office_review,
    on_paper,
    pace,
    passage,
    published,
    reach,
    receiving,
    seen_certificates,
    slips,
    statistics,
    statistics_sheet,
    wet,
)
from stamping.apologies import NewApology
from stamping.attachment_intake import LARGEST_TOTAL, MOST_ATTACHMENTS, NewAttachment
from stamping.desk import BookDesk, Desk, Worker
from stamping.dossier import Applicant, NewDossier
from stamping.dossier_facts import not_received, registered
from stamping.dossier_states import DossierState, ReturnWay, Standing
from stamping.dossier_views import ApologyView
from stamping.dossiers import DossierView, NewReception, PaperView
from stamping.endings import CorrectedBy
from stamping.feed import DocumentTold, DossierTold, FeedEvent
from stamping.handing_over import HandOver
from stamping.key_health import KeyHealth, WorkerSeen
from stamping.limits import SealUsage, seal_usage
from stamping.numbering import NewNumber, Reserved
from stamping.office_changes import ToldChange, told_changes
from stamping.office_in_force import OfficeInForce
from stamping.office_review import OfficeDesk
from stamping.office_text import names_of, read_office
from stamping.on_paper import PaperDocument
from stamping.once import Once, once_of, once_only
from stamping.reach import EVERYTHING, Reach
from stamping.receiving import NewDocument, NewForeign
from stamping.refusal import STATUS, Problem, Refusal
from stamping.seal_keys import KeyUnavailable
from stamping.states import STAGES, STOPPED, Stage, StageState, State
from stamping.versions import Seen, version_of
from stamping.views import (
    ApprovalDocument,
    ApprovalTicket,
    ApprovalView,
    AttachmentRevision,
    AttachmentView,
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
    "EVERYTHING",
    "LARGEST_TOTAL",
    "MOST_ATTACHMENTS",
    "STAGES",
    "STATUS",
    "STOPPED",
    "ApologyView",
    "Applicant",
    "ApprovalDocument",
    "ApprovalTicket",
    "ApprovalView",
    "AttachmentRevision",
    "AttachmentView",
    "BookDesk",
    "ConfirmationView",
    "CorrectedBy",
    "CorrectionView",
    "Desk",
    "DocumentTold",
    "DocumentView",
    "DossierState",
    "DossierTold",
    "DossierView",
    "EventView",
    "FeedEvent",
    "HandOver",
    "KeyHealth",
    "KeyUnavailable",
    "KeyWait",
    "NewApology",
    "NewAttachment",
    "NewDocument",
    "NewDossier",
    "NewForeign",
    "NewNumber",
    "NewReception",
    "OfficeDesk",
    "OfficeInForce",
    "Once",
    "PaperDocument",
    "PaperView",
    "PendingList",
    "Problem",
    "PublicRecord",
    "Reach",
    "Refusal",
    "Reserved",
    "ReturnWay",
    "Revision",
    "SealResult",
    "SealUsage",
    "Seen",
    "Stage",
    "StageState",
    "StageView",
    "Standing",
    "State",
    "ToldChange",
    "Worker",
    "WorkerSeen",
    "apologies",
    "approvals",
    "attachments",
    "confirmations",
    "documents",
    "dossier_reach",
    "dossiers",
    "endings",
    "exchange",
    "feed",
    "figures",
    "four_eyes",
    "intake",
    "kept_keys",
    "key_health",
    "lookups",
    "names_of",
    "not_received",
    "numbering",
    "office_acts",
    "office_review",
    "on_paper",
    "once_of",
    "once_only",
    "pace",
    "passage",
    "published",
    "reach",
    "read_office",
    "receiving",
    "registered",
    "seal_usage",
    "seen_certificates",
    "slips",
    "statistics",
    "statistics_sheet",
    "told_changes",
    "version_of",
    "wet",
]
