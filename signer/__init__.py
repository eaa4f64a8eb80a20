"""A PDF and a key -> a signed PDF. No sockets, no HTTP, no PKCS#11: key, time and evidence sources are handed in."""

from .complete import SignedDocument, complete
from .errors import (
    AlreadyRedeemed,
    CertificateUnusable,
    ContentsTooSmall,
    EvidenceMissing,
    FieldUnusable,
    MarkDoesNotFit,
    MarkUnusable,
    PlaceReason,
    PlaceUnusable,
    PreparedDamaged,
    SelfCheckFailed,
    SignerError,
    SourcesMissing,
    Unsealable,
    UnsealableReason,
    WrongSignature,
)
from .evidence import check_signer
from .extend import ExtendedDocument, extend
from .foreign import IntakeUnavailable, ReadyPaper, check_scan, make_appendix_ready, make_ready
from .intake import add_fields, rewritten
from .key import Scheme, SigningKey
from .level import Level
from .order import Mark, Order, Placement, Rect, Role
from .placement import choose_appendix_placement, choose_placement
from .preflight import FieldFact, Inspection, preflight
from .prepare import prepare, prepare_seen
from .prepared import PreparedSignature
from .scan import ScanFault, ScanReason
from .seal import SealUnfinished, seal
from .sources import RevocationSource, Sources, TimeSource
from .wanted_place import AtPoint, BetweenLines, InField, WantedPlace

__all__ = [
    "AlreadyRedeemed",
    "AtPoint",
    "BetweenLines",
    "CertificateUnusable",
    "ContentsTooSmall",
    "EvidenceMissing",
    "ExtendedDocument",
    "FieldFact",
    "FieldUnusable",
    "InField",
    "Inspection",
    "IntakeUnavailable",
    "Level",
    "Mark",
    "MarkDoesNotFit",
    "MarkUnusable",
    "Order",
    "PlaceReason",
    "PlaceUnusable",
    "Placement",
    "PreparedDamaged",
    "PreparedSignature",
    "ReadyPaper",
    "Rect",
    "RevocationSource",
    "Role",
    "ScanFault",
    "ScanReason",
    "Scheme",
    "SealUnfinished",
    "SelfCheckFailed",
    "SignedDocument",
    "SignerError",
    "SigningKey",
    "Sources",
    "SourcesMissing",
    "TimeSource",
    "Unsealable",
    "UnsealableReason",
    "WantedPlace",
    "WrongSignature",
    "add_fields",
    "check_scan",
    "check_signer",
    "choose_appendix_placement",
    "choose_placement",
    "complete",
    "extend",
    "make_appendix_ready",
    "make_ready",
    "preflight",
    "prepare",
    "prepare_seen",
    "rewritten",
    "seal",
]
