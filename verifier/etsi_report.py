"""The report on a file's signatures as XML (ETSI TS 119 102-2), for programs that read validation reports.

Each signature has the indication that holds for the file as it is now: where something was found about the file as a
whole, none of its signatures passes. What is said of a constraint was evaluated; what was not is left out.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree as Xml

from verifier.findings import FINDINGS
from verifier.published import published_text
from verifier.report_values import FoundReport, PathReport, Report, SignatureReport, TokenReport
from verifier.terms import Indication, in_zone

VR: Final = "http://uri.etsi.org/19102/v1.2.1#"
XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
for _prefix, _space in (("vr", VR), ("XAdES", XADES), ("ds", DS)):
    Xml.register_namespace(_prefix, _space)

_DIGESTS: Final = {
    "sha1": "http://www.w3.org/2000/09/xmldsig#sha1",
    "sha224": "http://www.w3.org/2001/04/xmldsig-more#sha224",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
    "sha3_256": "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
    "sha3_384": "http://www.w3.org/2007/05/xmldsig-more#sha3-384",
    "sha3_512": "http://www.w3.org/2007/05/xmldsig-more#sha3-512",
}
_URN: Final = "urn:etsi:019102"
_UNPRINTABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KINDS: Final = {"C": "certificate", "O": "OCSPResponse", "L": "CRL", "T": "timestamp"}


def etsi_report(report: Report, policy_url: str) -> bytes | None:
    """The XML in UTF-8; None where the file has no signature to report on.

    `policy_url` is where the policy's text can be read; constraints are named below it.
    """
    signatures = [one for one in report.signatures if one.kind == "signature"]
    if not signatures:
        return None
    root = Xml.Element(f"{{{VR}}}ValidationReport")
    for place, signature in enumerate(signatures, 1):
        _signature(root, signature, report, policy_url, place)
    tokens = {f"T-{one.token.sha256}": one.token for one in report.signatures if one.token}
    names = dict.fromkeys(_named(report.signatures))
    objects = _under(root, "SignatureValidationObjects") if names else root
    for name in names:
        held = _under(objects, "ValidationObject", id=name)
        _under(held, "ObjectType", f"{_URN}:validationObject:{_KINDS[name[0]]}")
        _digest(_under(held, "ValidationObjectRepresentation"), "sha256", name[2:])
        if name in tokens:
            _token(held, tokens[name])
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _signature(root: Xml.Element, one: SignatureReport, report: Report, policy_url: str, place: int) -> None:
    told = _under(root, "SignatureValidationReport")
    # 1 which signature
    named = _under(told, "SignatureIdentifier", id=f"S-{place}")
    if one.attributes_digest and one.digest_algorithm in _DIGESTS:
        _digest(named, one.digest_algorithm, one.attributes_digest)
    if one.value:
        _under(named, "SignatureValue", _base64(one.value), space=DS)
    _under(named, "HashOnly", "false")
    _under(named, "DocHashOnly", "false")
    _under(named, "DAIdentifier", one.field)
    # 2 by which rules, and which of them were met
    _constraints(_under(told, "ValidationConstraintsEvaluationReport"), one, report, policy_url)
    # 3 when
    times = _under(told, "ValidationTimeInfo")
    _under(times, "ValidationTime", _time(report.checked_at))
    best = _under(times, "BestSignatureTime")
    _under(best, "POETime", _time(one.proven_time or report.checked_at))
    _under(best, "TypeOfProof", f"{_URN}:poetype:validation")
    proof = next((s.token for s in report.signatures if s.field == one.proven_by and s.token), None)
    if proof is not None:
        _refers(best, "POEObject", [f"T-{proof.sha256}"])
    # 4 what was signed
    if one.digest_matches and one.message_digest and one.digest_algorithm in _DIGESTS:
        _digest(_under(told, "SignersDocument"), one.digest_algorithm, one.message_digest)
    _attributes(_under(told, "SignatureAttributes"), one)
    # 5 by whom
    if one.path is not None:
        signer = _under(told, "SignerInformation")
        _refers(signer, "SignerCertificate", [f"C-{one.path.certificates[0].sha256}"])
        if one.signer:
            _under(signer, "Signer", one.signer)
    # 6 how, and what came of it
    _under(_under(told, "SignatureValidationProcess"), "SignatureValidationProcessID", f"{_URN}:validationprocess:LTVM")
    status = _under(told, "SignatureValidationStatus")
    main, sub = _holding(one, report)
    _indication(
        status, f"total-{main.removeprefix('TOTAL_').lower()}" if main != "INDETERMINATE" else main.lower(), sub
    )
    _related(_under(status, "AssociatedValidationReportData"), one, report, policy_url)


def _holding(one: SignatureReport, report: Report) -> tuple[Indication, str | None]:
    """The signature's own indication, unless what was found about the whole file lets none of its signatures pass."""
    if one.indication == "TOTAL_PASSED":
        rows = (FINDINGS[finding.code] for finding in report.findings)
        for row in sorted(rows, key=lambda row: row.indication != "TOTAL_FAILED"):
            if row.indication != "TOTAL_PASSED":
                return row.indication, row.sub
    return one.indication or "INDETERMINATE", one.sub_indication


def _constraints(parent: Xml.Element, one: SignatureReport, report: Report, policy_url: str) -> None:
    policy = _under(parent, "SignatureValidationPolicy")
    identifier = _under(_under(policy, "SignaturePolicyIdentifier"), "SignaturePolicyId", space=XADES)
    _under(_under(identifier, "SigPolicyId", space=XADES), "Identifier", policy_url, space=XADES)
    text = published_text(report.policy_name, report.policy_version) or b""
    of_text = _under(identifier, "SigPolicyHash", space=XADES)
    _under(of_text, "DigestMethod", space=DS, Algorithm=_DIGESTS["sha256"])
    _under(of_text, "DigestValue", b64encode(hashlib.sha256(text).digest()).decode(), space=DS)
    _under(policy, "PolicyName", f"{report.policy_name} {report.policy_version}")
    _under(policy, "ReadablePolicyURI", policy_url)
    found = {finding.code: finding for finding in (*one.findings, *report.findings)}
    for code in dict.fromkeys([*_met(one), *found]):
        constraint = _under(parent, "ValidationConstraint")
        _under(constraint, "ValidationConstraintIdentifier", f"{policy_url}#{code}")
        _under(_under(constraint, "ConstraintStatus"), "Status", f"{_URN}:constraintStatus:applied")
        outcome = FINDINGS[code] if code in found else None
        status = _under(constraint, "ValidationStatus")
        _indication(status, _block(outcome.indication) if outcome else "passed", outcome.sub if outcome else None)
        if outcome is not None:
            _sentence(status, found[code], policy_url)


def _met(one: SignatureReport) -> Iterator[str]:
    """Constraints of which it was established that the signature meets them, named by what would be found otherwise."""
    path = one.path
    for code, met in (
        ("byte_range", one.coverage != "broken"),
        ("digest_mismatch", one.digest_matches is True),
        ("value_mismatch", one.value_verifies is True),
        ("certificate_swapped", one.signing_certificate == "matches"),
        ("no_chain", path is not None and path.anchor is not None),
        ("revocation_unknown", path is not None and path.status == "trusted"),
        ("no_proven_time", one.proven_time is not None),
    ):
        if met:
            yield code


def _sentence(status: Xml.Element, finding: FoundReport, policy_url: str) -> None:
    _data(_under(status, "AssociatedValidationReportData"), ((f"{policy_url}#finding", finding.en),))


def _attributes(parent: Xml.Element, one: SignatureReport) -> None:
    if one.claimed_time is not None:
        _under(_under(parent, "SigningTime", Signed="true"), "Time", _time(one.claimed_time))
    if one.location:
        place = _under(parent, "SignatureProductionPlace", Signed="true")
        _under(place, "AddressString", one.location)
    if one.message_digest:
        _under(_under(parent, "MessageDigest", Signed="true"), "Digest", _base64(one.message_digest))
    for kind, text in (("Reason", one.reason), ("Name", one.name), ("SubFilter", (one.subfilter or "").lstrip("/"))):
        if text:
            _under(_under(parent, kind, Signed="true"), f"{kind}Element", text)
    if one.byte_range:
        _under(parent, "ByteRange", " ".join(map(str, one.byte_range)))


def _related(parent: Xml.Element, one: SignatureReport, report: Report, policy_url: str) -> None:
    if one.path is not None:
        anchor, names = one.path.anchor, [f"C-{certificate.sha256}" for certificate in one.path.certificates]
        if anchor is not None:
            _refers(parent, "TrustAnchor", [f"C-{anchor.sha256}"])
        chain = _under(parent, "CertificateChain")
        _refers(chain, "SigningCertificate", names[:1])
        for name in names[1 : -1 if anchor else None]:
            _refers(chain, "IntermediateCertificate", [name])
        if anchor is not None:
            _refers(chain, "TrustAnchor", names[-1:])
        used = list(_answers(one.path))
        if used:
            _refers(parent, "RelatedValidationObject", used)
        _revoked(parent, one.path)
    _data(parent, ((f"{policy_url}#verdict", report.word), (f"{policy_url}#level", one.level or "")))


def _revoked(parent: Xml.Element, path: PathReport) -> None:
    for certificate in path.certificates:
        used = certificate.revocation
        if used is not None and used.revoked_at is not None and certificate.standing == "revoked":
            told = _under(parent, "RevocationStatusInformation")
            _refers(told, "ValidationObjectId", [f"C-{certificate.sha256}"])
            _under(told, "RevocationTime", _time(used.revoked_at))
            if used.reason:
                _under(told, "RevocationReason", used.reason)
            if used.sha256:
                _refers(told, "RevocationObject", [f"{_letter(used.kind)}-{used.sha256}"])
            return


def _token(held: Xml.Element, token: TokenReport) -> None:
    status = _under(_under(held, "ValidationReport"), "SignatureValidationStatus")
    if token.proves == "sure":
        _indication(status, "passed", None)
    else:
        _indication(status, "indeterminate", "TRY_LATER" if token.proves == "unsure" else None)


def _named(signatures: Iterable[SignatureReport]) -> Iterator[str]:
    """Every object that is referred to: a letter for its kind, and its SHA-256."""
    for one in signatures:
        for path in (one.path, one.token.path if one.token else None):
            if path is not None:
                yield from (f"C-{certificate.sha256}" for certificate in path.certificates)
                yield from _answers(path)
        if one.token is not None:
            yield f"T-{one.token.sha256}"


def _answers(path: PathReport) -> Iterator[str]:
    for certificate in path.certificates:
        used = certificate.revocation
        if used is not None and used.sha256:
            yield f"{_letter(used.kind)}-{used.sha256}"


def _letter(kind: str) -> str:
    return "O" if kind == "ocsp" else "L"


def _block(indication: Indication) -> str:
    """The word for one building block; only a whole signature passes or fails in total (EN 319 102-1, 5.1.3)."""
    return indication.removeprefix("TOTAL_").lower()


def _indication(status: Xml.Element, indication: str, sub: str | None) -> None:
    _under(status, "MainIndication", f"{_URN}:mainindication:{indication}")
    if sub:
        _under(status, "SubIndication", f"{_URN}:subindication:{sub}")


def _data(parent: Xml.Element, pairs: Iterable[tuple[str, str]]) -> None:
    held = _under(parent, "AdditionalValidationReportData")
    for kind, value in pairs:
        if value:
            data = _under(held, "ReportData")
            _under(data, "Type", kind)
            _under(data, "Value", value)


def _digest(parent: Xml.Element, algorithm: str, value: str) -> None:
    held = _under(parent, "DigestAlgAndValue")
    _under(held, "DigestMethod", space=DS, Algorithm=_DIGESTS[algorithm])
    _under(held, "DigestValue", _base64(value), space=DS)


def _refers(parent: Xml.Element, name: str, objects: Iterable[str]) -> None:
    _under(parent, name, VOReference=" ".join(objects))


def _under(
    parent: Xml.Element, name: str, text: str | None = None, *, space: str = VR, **attributes: str
) -> Xml.Element:
    child = Xml.SubElement(parent, f"{{{space}}}{name}", attributes)
    child.text = None if text is None else _printable(text)
    return child


def _printable(text: str) -> str:
    """What XML 1.0 can hold: names inside a signature come from outside."""
    return _UNPRINTABLE.sub("\ufffd", text)


def _base64(hexadecimal: str) -> str:
    return b64encode(bytes.fromhex(hexadecimal)).decode()


def _time(moment: datetime) -> str:
    return in_zone(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
