"""A key on a PKCS#11 token. Knows nothing of PDF or CMS.

    uri = KeyUri.parse("pkcs11:token=con-dau?module-path=/usr/lib/softhsm/libsofthsm2.so")
    key = open_key(uri, PinFile("/etc/secondseal/seal.pin"), certificate=certificate, state=Path("/var/lib/secondseal"))
    signature = key.sign(sha256_digest, "rsa-pkcs1v15-sha256")

Never load a module before a fork: spawn the process that is to use it.
"""

from .ceremony.certificate_import import import_certificate
from .ceremony.jws import JwsInvalid, JwsSignature
from .ceremony.making import make_key
from .ceremony.plan import Algorithm, CeremonyPlan, Witness, subject_name
from .ceremony.record import CeremonyRecord
from .ceremony.record_check import Attestation, RecordCheck, add_signature, check_record
from .ceremony.witnessing import sign_as_witness
from .drivers import DRIVERS, Driver, InstalledDriver, Quirk, installed, quirks_of
from .errors import (
    CertificateMismatch,
    DeviceFault,
    KeyExists,
    KeyMissing,
    ModuleInOtherProcess,
    ModuleMissing,
    PinError,
    PinLastTry,
    PinLocked,
    PinSourceInvalid,
    PinUnsettled,
    PinWrong,
    TokenAmbiguous,
    TokenError,
    TokenMissing,
    TokenUnsuitable,
    UriInvalid,
)
from .faults import Rung, passes
from .foreign_certificates import from_pem, is_authority, signing_key
from .key import HsmKey, open_key
from .ledger import KeptRecord, LoginLedger
from .mechanisms import Scheme, natural_scheme, usable
from .module import Module
from .pin import Pin, PinCredential, PinFile, PinPrompt, PinSource, PinValue, PinVariable, pin_source, take_variable
from .provision import init_token
from .recovery import Recovery
from .tokens import TokenCertificate, TokenInfo, certificates, find_token, list_tokens
from .uri import KeyUri
from .watch import HUNG, Overdue, Watch

__all__ = [
    "DRIVERS",
    "HUNG",
    "Algorithm",
    "Attestation",
    "CeremonyPlan",
    "CeremonyRecord",
    "CertificateMismatch",
    "DeviceFault",
    "Driver",
    "HsmKey",
    "InstalledDriver",
    "JwsInvalid",
    "JwsSignature",
    "KeptRecord",
    "KeyExists",
    "KeyMissing",
    "KeyUri",
    "LoginLedger",
    "Module",
    "ModuleInOtherProcess",
    "ModuleMissing",
    "Overdue",
    "Pin",
    "PinCredential",
    "PinError",
    "PinFile",
    "PinLastTry",
    "PinLocked",
    "PinPrompt",
    "PinSource",
    "PinSourceInvalid",
    "PinUnsettled",
    "PinValue",
    "PinVariable",
    "PinWrong",
    "Quirk",
    "RecordCheck",
    "Recovery",
    "Rung",
    "Scheme",
    "TokenAmbiguous",
    "TokenCertificate",
    "TokenError",
    "TokenInfo",
    "TokenMissing",
    "TokenUnsuitable",
    "UriInvalid",
    "Watch",
    "Witness",
    "add_signature",
    "certificates",
    "check_record",
    "find_token",
    "from_pem",
    "import_certificate",
    "init_token",
    "installed",
    "is_authority",
    "list_tokens",
    "make_key",
    "natural_scheme",
    "open_key",
    "passes",
    "pin_source",
    "quirks_of",
    "sign_as_witness",
    "signing_key",
    "subject_name",
    "take_variable",
    "usable",
]
