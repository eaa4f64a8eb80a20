"""Time stamps beside one another: of an authority whose key was stolen, and from before what they stamp."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper

from secondseal.demo.pki_shapes import (
    Addresses,
    Issuer,
    authority_certificate,
    authority_name,
    helper_certificate,
)
from tests.trust.hand_made_token import made_token
from tests.trust.scene import DAY, HOUR, crl, now
from tests.verifier.desk import Desk
from tests.verifier.papers import as_asn1, sign
from trust import RevocationEvidence
from verifier import OFFICER_FIELD, SEAL_FIELD, Evidence, Verdict, collect, judge
from verifier.gather import gather
from verifier.paths import Paths

REASONS = x509.ReasonFlags
STOLEN = now() - HOUR
BEFORE = STOLEN - HOUR


class Authority(TimeStamper):
    """A time authority of the desk's PKI, its clock where the test puts it."""

    def __init__(self, desk: Desk, name: str, at: datetime, issuer: Issuer | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = helper_certificate(
            authority_name(name),
            self.key.public_key(),
            issuer=issuer or desk.pki.authority("root"),
            role="tsa",
            addresses=Addresses(),
        )
        self.above = (issuer.certificate,) if issuer else ()
        self.at = at
        self.more: dict[str, object] = {}

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        token = cms.ContentInfo.load(
            made_token(message_digest, self.certificate, self.key, gen_time=self.at, more=self.more)
        )
        for certificate in self.above:
            token["content"]["certificates"].append(cms.CertificateChoices("certificate", as_asn1(certificate)))
        return token


@pytest.fixture(scope="module")
def stolen(desk: Desk) -> Authority:
    return Authority(desk, "TSA bị trộm", BEFORE)


@pytest.fixture(scope="module")
def other(desk: Desk) -> Authority:
    return Authority(desk, "TSA khác", now())


@pytest.fixture(scope="module")
def signed(desk: Desk, stolen: Authority) -> bytes:
    """The officer's signature with a time stamp of the authority whose key is stolen an hour later."""
    return sign(desk.paper, desk.officer, OFFICER_FIELD, timestamper=stolen)


def judged(desk: Desk, pdf: bytes, revoked: Authority | None = None, reason: Any = None) -> Verdict:
    facts = gather(pdf)
    paths = Paths(desk.store)  # one for both, as in the service
    asked = collect(facts, desk.store, desk.client, now(), paths=paths)
    entries = {} if revoked is None else {revoked.certificate.serial_number: (STOLEN, reason)}
    listed = crl(desk.pki.authority("root"), this_update=now(), next_update=now() + DAY, revoked=entries)
    fetched = asked.fetched.merged(RevocationEvidence(crls=(listed,)))
    evidence = Evidence(embedded=asked.embedded, fetched=fetched)
    return judge(facts, evidence, store=desk.store, at=now(), paths=paths)


def archived(pdf: bytes, by: Authority, at: datetime) -> bytes:
    by.at = at
    stamper = PdfTimeStamper(by)
    return bytes(stamper.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), "sha256").getvalue())


def details(verdict: Verdict, place: int = 0) -> set[str]:
    return {
        dict(finding.values)["detail"]
        for finding in verdict.signatures[place].findings
        if finding.code == "timestamp_not_trusted"
    }


@pytest.mark.parametrize("reason", [REASONS.key_compromise, REASONS.ca_compromise, REASONS.certificate_hold, None])
def test_a_stolen_key_stamps_any_time(desk: Desk, stolen: Authority, signed: bytes, reason: Any) -> None:
    """RFC 3161, 4: whoever has the key can put any time into a token, also one from before the theft."""
    verdict = judged(desk, signed, stolen, reason)
    assert verdict.signatures[0].word == "warning"
    assert verdict.signatures[0].time_source == "claimed"
    assert details(verdict) == {"key_in_doubt"}


@pytest.mark.parametrize("reason", [REASONS.cessation_of_operation, REASONS.superseded, REASONS.affiliation_changed])
def test_an_authority_that_only_ended_keeps_its_stamps(
    desk: Desk, stolen: Authority, signed: bytes, reason: Any
) -> None:
    verdict = judged(desk, signed, stolen, reason)
    assert verdict.signatures[0].word == "genuine"
    assert verdict.signatures[0].signed_at == BEFORE
    assert judged(desk, signed).signatures[0].word == "genuine"


def test_a_document_timestamp_from_before_the_theft_keeps_the_token(
    desk: Desk, stolen: Authority, other: Authority, signed: bytes
) -> None:
    """What another authority stamped before the theft is older than it; after it, only that authority's time counts."""
    early = judged(desk, archived(signed, other, STOLEN - HOUR / 2), stolen, REASONS.key_compromise)
    assert (early.signatures[0].word, early.signatures[0].signed_at) == ("genuine", BEFORE)
    moment = STOLEN + HOUR / 2
    late = judged(desk, archived(signed, other, moment), stolen, REASONS.key_compromise)
    assert (late.signatures[0].word, late.signatures[0].signed_at) == ("genuine", moment)
    assert details(late) == {"key_in_doubt"}
    by_itself = judged(desk, archived(signed, stolen, STOLEN - HOUR / 2), stolen, REASONS.key_compromise)
    stolen.at = BEFORE
    assert by_itself.signatures[0].word == "warning"
    assert [stamp.valid for stamp in by_itself.timestamps] == [False]


def test_a_revocation_that_was_asked_for_wins_over_what_the_file_brings(
    desk: Desk, stolen: Authority, signed: bytes
) -> None:
    """A file may bring the list of the day before, which still lives."""
    good = crl(desk.pki.authority("root"), this_update=BEFORE - HOUR, next_update=now() + DAY)
    pdf = desk.add_evidence(signed, desk.officer, evidence=RevocationEvidence(crls=(good,)))
    assert judged(desk, pdf).signatures[0].word == "genuine"
    assert judged(desk, pdf, stolen, REASONS.key_compromise).signatures[0].word == "warning"


def test_a_token_from_before_what_it_stamps(desk: Desk, other: Authority, stolen: Authority) -> None:
    """The seal covers the officer's signature with its token; no honest clock puts the seal's an hour before that."""
    other.at = now()
    approved = sign(desk.paper, desk.officer, OFFICER_FIELD, timestamper=other)
    verdict = judged(desk, sign(approved, desk.seal, SEAL_FIELD, timestamper=stolen))
    assert [signature.word for signature in verdict.signatures] == ["genuine", "warning"]
    assert details(verdict, 1) == {"order"}
    behind = timedelta(seconds=100)  # clocks of two authorities differ a little
    other.at = now() - behind
    assert judged(desk, sign(approved, desk.seal, SEAL_FIELD, timestamper=other)).word == "genuine"


def test_a_time_that_may_be_off_by_a_day(desk: Desk) -> None:
    vague = Authority(desk, "TSA áng chừng", now())
    for seconds, word in ((1, "genuine"), (86_400, "warning")):
        vague.more = {"accuracy": {"seconds": seconds}}
        verdict = judged(desk, sign(desk.paper, desk.officer, OFFICER_FIELD, timestamper=vague))
        assert verdict.signatures[0].word == word
    assert details(verdict) == {"accuracy"}


def test_a_token_that_brings_the_authority_above_its_own(desk: Desk) -> None:
    """Nothing else in the file, and nothing configured, leads from the time authority to the root."""
    root, key = desk.pki.authority("root"), ec.generate_private_key(ec.SECP256R1())
    above = authority_certificate(
        authority_name("CA của TSA"),
        key.public_key(),
        issuer=root,
        signing_key=root.key,
        path_length=0,
        addresses=Addresses(),
        sha1=False,
    )
    stamper = Authority(desk, "TSA dưới nữa", now(), issuer=Issuer(certificate=above, key=key))
    pdf = sign(desk.paper, desk.officer, OFFICER_FIELD, timestamper=stamper)
    lists = tuple(crl(one, this_update=now()) for one in (root, Issuer(certificate=above, key=key)))
    evidence = desk.evidence(desk.officer).merged(RevocationEvidence(crls=lists))
    signature = desk.judge(desk.add_evidence(pdf, desk.officer, evidence), online=True).signatures[0]
    assert (signature.word, signature.level) == ("genuine", "B-LT")
