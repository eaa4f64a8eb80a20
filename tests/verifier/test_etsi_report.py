"""The ETSI TS 119 102-2 report: well-formed by the standard's schema (as pyHanko's classes hold it), and true."""

import hashlib
from dataclasses import fields, is_dataclass, replace
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.generated.etsi.ts_11910202 import ValidationReport
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer

from tests.verifier.cases import CASES
from tests.verifier.desk import Desk
from verifier import CURRENT, etsi_report
from verifier.etsi_report import VR
from verifier.published import published_text

URL = "https://mau.example/verify/policies/second-seal-tt15/1"
MADE = {chosen.name: chosen for chosen in CASES}
STRICT = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)


def parsed(xml: bytes) -> Any:
    """By the schema: no unknown element, attribute or value, all required ones, in the schema's order."""
    found = XmlParser(config=STRICT).from_bytes(xml, ValidationReport)
    required(found)
    again = Xml.fromstring(XmlSerializer().render(found))
    assert [one.tag for one in again.iter()] == [one.tag for one in Xml.fromstring(xml).iter()]
    return found


def required(value: Any) -> None:
    for field in fields(value):
        held = getattr(value, field.name)
        if field.metadata.get("required"):
            assert held is not None, (type(value).__name__, field.name)
        if field.metadata.get("min_occurs") and type(value).__name__ != "SignersDocumentType":  # a choice
            assert len(held) >= field.metadata["min_occurs"], (type(value).__name__, field.name)
        for one in held if isinstance(held, tuple) else (held,):
            if is_dataclass(one):
                required(one)


def report_of(desk: Desk, name: str) -> Any:
    chosen = MADE[name]
    found, verdict = desk.report(chosen.make(desk), online=chosen.online)
    assert verdict.word == chosen.verdict
    xml = etsi_report(found, URL)
    assert xml is not None
    return parsed(xml)


def test_a_sealed_and_archived_paper(desk: Desk) -> None:
    """Two signatures passed in total; everything referred to is there by its digest."""
    found, _ = desk.report(desk.archived)
    xml = etsi_report(found, URL)
    assert xml is not None
    report = parsed(xml)
    assert len(report.signature_validation_report) == 2
    objects = {one.id: one for one in report.signature_validation_objects.validation_object}
    for told, one in zip(report.signature_validation_report, found.signatures, strict=False):
        status = told.signature_validation_status
        assert (status.main_indication, status.sub_indication) == ("urn:etsi:019102:mainindication:total-passed", ())
        assert told.signature_identifier.signature_value.value.hex() == one.value
        assert told.signature_identifier.daidentifier == one.field
        assert told.signers_document.digest_alg_and_value.digest_value.value.hex() == one.message_digest
        best = told.validation_time_info.best_signature_time
        assert best.poetime.to_datetime() == one.proven_time
        assert objects[best.poeobject.voreference[0]].object_type.endswith(":timestamp")
        assert one.path is not None
        chain = status.associated_validation_report_data[0].certificate_chain
        named = (*chain.signing_certificate.voreference, *(v.voreference[0] for v in chain.intermediate_certificate))
        assert [name[2:] for name in (*named, *chain.trust_anchor.voreference)] == [
            certificate.sha256 for certificate in one.path.certificates
        ]
        policy = told.validation_constraints_evaluation_report.signature_validation_policy
        assert policy.policy_name == f"{CURRENT.name} {CURRENT.version}"
        constraints = told.validation_constraints_evaluation_report.validation_constraint
        assert {one.validation_status.main_indication for one in constraints} == {
            "urn:etsi:019102:mainindication:passed"
        }
    for name, held in objects.items():
        assert name[2:] == held.validation_object_representation.digest_alg_and_value.digest_value.value.hex()
    assert f"C-{desk.officer.certificate.fingerprint(SHA256()).hex()}" in objects
    assert all(reference in objects for reference in references(xml))


def references(xml: bytes) -> set[str]:
    return {name for one in Xml.fromstring(xml).iter() for name in one.get("VOReference", "").split()}


@pytest.mark.parametrize(
    ("name", "indication", "sub"),
    [
        ("content replaced", "total-failed", "FORMAT_FAILURE"),
        ("bytes after the end", "total-failed", "FORMAT_FAILURE"),
        ("another signature's value", "total-failed", "HASH_FAILURE"),
        ("revoked before signing", "total-failed", "REVOKED"),
        ("revoked, nothing proves the time", "indeterminate", "REVOKED_NO_POE"),
        ("services down, no evidence inside", "indeterminate", "TRY_LATER"),
        ("no timestamp", "indeterminate", "NO_POE"),
        ("SHA-1 digest", "indeterminate", "CRYPTO_CONSTRAINTS_FAILURE"),
        ("signatures taken out", None, None),
    ],
)
def test_nothing_passes_that_did_not(desk: Desk, name: str, indication: str | None, sub: str | None) -> None:
    """AC-72. What is wrong with the file as a whole takes the total pass from each of its signatures too."""
    if indication is None:
        found, _ = desk.report(MADE[name].make(desk))
        assert etsi_report(found, URL) is None
        return
    failed = 0
    for told in report_of(desk, name).signature_validation_report:
        status = told.signature_validation_status
        if name == "another signature's value" and status.main_indication.endswith(":total-passed"):
            continue  # the officer's, which nobody touched
        failed += 1
        assert status.main_indication == f"urn:etsi:019102:mainindication:{indication}"
        assert status.sub_indication == (f"urn:etsi:019102:subindication:{sub}",)
        constraints = told.validation_constraints_evaluation_report.validation_constraint
        assert any(one.validation_status.main_indication.endswith((":failed", ":indeterminate")) for one in constraints)
    assert failed


@pytest.mark.parametrize(
    "name",
    [
        "page added",
        "the seal hides text",
        "update pointing into signed bytes",
        "note added between officer and seal",
        "shadow: hide",
        "archived, then bytes after the end",
    ],
)
def test_no_changed_file_passes(desk: Desk, name: str) -> None:
    """Whatever was done to it: at least one of its signatures is in total failed."""
    xml = etsi_report(desk.report(MADE[name].make(desk))[0], URL)
    status = f"{{{VR}}}SignatureValidationReport/{{{VR}}}SignatureValidationStatus/{{{VR}}}MainIndication"
    told = [one.text for one in Xml.fromstring(xml or b"").iterfind(status)]
    assert "urn:etsi:019102:mainindication:total-failed" in told


def test_a_name_that_xml_cannot_hold(desk: Desk) -> None:
    found, _ = desk.report(desk.sealed)
    odd = replace(found, signatures=tuple(replace(one, reason="a\x00\ud800<b>&") for one in found.signatures))
    report = parsed(etsi_report(odd, URL) or b"")
    assert report.signature_validation_report[0].signature_attributes.reason[0].reason_element == "a\ufffd\ufffd<b>&"


def test_an_unsigned_file_has_none(desk: Desk) -> None:
    for pdf in (desk.paper, b"%PDF-1.7 broken"):
        assert etsi_report(desk.report(pdf)[0], URL) is None


def test_the_policy_is_named_by_its_hash(desk: Desk) -> None:
    policy = (
        parsed(etsi_report(desk.report(desk.sealed)[0], URL) or b"")
        .signature_validation_report[0]
        .validation_constraints_evaluation_report.signature_validation_policy
    )
    identifier = policy.signature_policy_identifier.signature_policy_id
    text = published_text(CURRENT.name, CURRENT.version) or b""
    assert identifier.sig_policy_hash.digest_value.value == hashlib.sha256(text).digest()
