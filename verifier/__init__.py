"""PDF -> verdict. Faces hostile files, reaches no key.

`gather` (in a `Sandbox`) reads facts, `collect` fetches what revocation evidence is missing, `judge` decides,
`wording` says it. The three steps are apart so that facts and evidence can be stored and judged again in ten years.

`gather` stands in its own module, so that what asks a `Sandbox` never loads what reads PDF files.
"""

from datetime import UTC, datetime

from trust import TrustStore
from verifier.etsi_report import etsi_report
from verifier.evidence import Evidence, RevocationSource, collect
from verifier.facts import DocumentFacts
from verifier.facts_json import FactsInvalid, from_json, to_json
from verifier.fields import OFFICER_FIELD, SEAL_FIELD
from verifier.findings import Finding
from verifier.judge import judge
from verifier.kept import KeptCheck, read_check, write_check
from verifier.knowledge import RegisterKnowledge, Role, Stage, Status
from verifier.known_files import KnownFiles
from verifier.limits import Limits
from verifier.offices import same_office
from verifier.outcome import SignatureVerdict
from verifier.paths import Paths
from verifier.policy import CURRENT, Policy
from verifier.published import PublishedPolicy, policy_path, published
from verifier.report import report
from verifier.report_values import CertificateReport, PathReport, Report, RevocationUsed, SignatureReport, TokenReport
from verifier.sandbox import PatientSandbox, Sandbox
from verifier.sandbox_lock import SandboxUnavailable
from verifier.terms import Indication, Level, Word, in_zone
from verifier.verdict import Verdict
from verifier.wording import Ticks, Tone, Words, conclusion, headline, message, situation, tone, words

__all__ = [
    "CURRENT",
    "OFFICER_FIELD",
    "SEAL_FIELD",
    "CertificateReport",
    "DocumentFacts",
    "Evidence",
    "FactsInvalid",
    "Finding",
    "Indication",
    "KeptCheck",
    "KnownFiles",
    "Level",
    "Limits",
    "PathReport",
    "Paths",
    "PatientSandbox",
    "Policy",
    "PublishedPolicy",
    "RegisterKnowledge",
    "Report",
    "RevocationSource",
    "RevocationUsed",
    "Role",
    "Sandbox",
    "SandboxUnavailable",
    "SignatureReport",
    "SignatureVerdict",
    "Stage",
    "Status",
    "Ticks",
    "TokenReport",
    "Tone",
    "Verdict",
    "Word",
    "Words",
    "collect",
    "conclusion",
    "etsi_report",
    "from_json",
    "headline",
    "in_zone",
    "judge",
    "message",
    "policy_path",
    "published",
    "read_check",
    "report",
    "same_office",
    "situation",
    "to_json",
    "tone",
    "verify_facts",
    "verify_file",
    "words",
    "write_check",
]


def verify_file(
    pdf: bytes,
    *,
    store: TrustStore,
    client: RevocationSource | None = None,
    sandbox: Sandbox | None = None,
    register: RegisterKnowledge | None = None,
    policy: Policy = CURRENT,
    at: datetime | None = None,
) -> Verdict:
    """All the steps for one file, as of `at` (aware; default now). Without a sandbox the file is read in this process.

    Raises SandboxUnavailable; nothing about the file itself.
    """
    if sandbox is not None:
        facts = sandbox.gather(pdf)
    else:
        from verifier.gather import gather

        facts = gather(pdf)
    return verify_facts(facts, store=store, client=client, register=register, policy=policy, at=at)


def verify_facts(
    facts: DocumentFacts,
    *,
    store: TrustStore,
    client: RevocationSource | None = None,
    register: RegisterKnowledge | None = None,
    policy: Policy = CURRENT,
    at: datetime | None = None,
) -> Verdict:
    """`collect` and `judge` for facts already gathered: what a service does after asking its register for
    `facts.hashes`."""
    moment = at or datetime.now(UTC)
    paths = Paths(store)
    evidence = collect(facts, store, client, moment, paths=paths)
    return judge(facts, evidence, policy=policy, store=store, at=moment, register=register, paths=paths)
