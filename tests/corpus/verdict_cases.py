"""What tests/corpus/verdicts holds: the cases of tests/verifier/cases.py, and those that are only published."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields as hanko_fields
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from secondseal.demo import pki_shapes as shapes
from secondseal.demo.pki import Pki
from secondseal.demo.pki_shapes import Addresses, Issuer
from tests.pki.software_key import SoftwareKey, make_private_key
from tests.verifier import attacks, forgeries, hostile, shadow
from tests.verifier.desk import DATA, OFFICE, Desk, LoopbackTimeStamper, as_asn1, client_of
from tests.verifier.papers import OFFICER_BOX, SEAL_BOX, make_paper, sign
from trust import RevocationEvidence
from verifier import OFFICER_FIELD, SEAL_FIELD
from verifier.gather import gather


@dataclass(kw_only=True)
class Place:
    """Where files are made: a desk, and two foreign authorities (`other`; `namesake` bears our root's very name)."""

    desk: Desk
    other: Pki
    namesake: Pki
    key_at: Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Published:
    """One file: how it is made, its family, what must be said of it, and why in one sentence.

    `later`: it is judged so long after the moment of the others. `register` fills the fields of `RegisterKnowledge`.
    `open_question`: the file is published without the evidence that a signature in it needs.
    """

    name: str
    family: str
    verdict: str
    codes: tuple[str, ...]
    why: str
    make: Callable[[Place], bytes]
    later: timedelta = timedelta()
    register: dict[str, Any] = field(default_factory=dict)
    open_question: bool = False


def one(family: str, name: str, make: Any, verdict: str, codes: str, why: str, **more: Any) -> Published:
    """A row; `codes` are parted by spaces."""
    return Published(name=name, family=family, verdict=verdict, codes=tuple(codes.split()), why=why, make=make, **more)


# --- makers -----------------------------------------------------------------------------------------------------------


def on_sealed(strike: Callable[[bytes], bytes]) -> Callable[[Place], bytes]:
    return lambda place: strike(place.desk.sealed)


def on_approved(strike: Callable[[bytes], bytes]) -> Callable[[Place], bytes]:
    return lambda place: strike(place.desk.approved)


def on_timestamped(strike: Callable[[bytes], bytes]) -> Callable[[Place], bytes]:
    """On a paper whose newest revision is the officer's, with a timestamp."""
    return lambda place: strike(timestamped(place.desk))


def timestamped(desk: Desk) -> bytes:
    return desk.once("officer's, B-T", lambda: desk.sign_t(desk.paper, desk.officer, OFFICER_FIELD))


def forged(strike: Callable[[bytes], bytes]) -> Callable[[Place], bytes]:
    """The amount is changed and the signature made unreadable."""
    return lambda place: strike(attacks.change_content(timestamped(place.desk)))


def victim(
    prepare: shadow.Edit | None, strike: Callable[[bytes], bytes], *, sealed: bool = False, **paper: Any
) -> Callable[[Place], bytes]:
    """A paper prepared by the attacker, signed by the officer (and sealed), then turned."""

    def make(place: Place) -> bytes:
        desk = place.desk
        made = make_paper(data=DATA, **paper)
        signed = desk.sign_lt(attacks.appended(made, prepare) if prepare else made, desk.officer, OFFICER_FIELD)
        return strike(desk.sign_lt(signed, desk.seal, SEAL_FIELD) if sealed else signed)

    return make


def edited(edit: shadow.Edit) -> Callable[[bytes], bytes]:
    return lambda pdf: attacks.appended(pdf, edit)


def certified(permission: MDPPerm, strike: Callable[[bytes], bytes]) -> Callable[[Place], bytes]:
    return lambda place: strike(
        place.desk.sign_lt(place.desk.paper, place.desk.officer, OFFICER_FIELD, certify=permission)
    )


def certified_then_sealed(place: Place) -> bytes:
    desk = place.desk
    closed = desk.sign_lt(desk.paper, desk.officer, OFFICER_FIELD, certify=MDPPerm.NO_CHANGES)
    return forgeries.signed_by_hand(desk, closed, desk.seal, SEAL_FIELD)


def by_rsa(place: Place) -> bytes:
    desk, rsa_2048 = place.desk, "rsa-pkcs1v15-sha256"
    officer = desk.key("person", scheme=rsa_2048, organisation=OFFICE)
    seal = desk.key("organisation", scheme=rsa_2048, name=OFFICE, organisation=OFFICE)
    return desk.sign_lt(desk.sign_lt(desk.paper, officer, OFFICER_FIELD), seal, SEAL_FIELD)


def by_hand(**how: Any) -> Callable[[Place], bytes]:
    def make(place: Place) -> bytes:
        desk = place.desk
        return forgeries.signed_by_hand(desk, desk.paper, desk.officer, OFFICER_FIELD, **how)

    return make


def held(*, lifted: bool) -> Callable[[Place], bytes]:
    """On hold when it signed; `lifted`: a newer answer says the hold is over."""

    def make(place: Place) -> bytes:
        desk = place.desk
        key = desk.key("person", fresh=True)
        label = desk.pki.label_of(key.certificate)
        now = datetime.now(UTC)
        desk.pki.revoke(label, at=now - timedelta(days=2), reason="certificate_hold")
        try:
            signed = desk.sign_lt(desk.paper, key, OFFICER_FIELD)
            if lifted:
                desk.pki.restore(label)
                desk.pki.set_clock(now + timedelta(hours=2))
                signed = desk.add_evidence(signed, key, later_evidence(desk, key, timedelta(hours=2)))
            return signed
        finally:
            desk.pki.set_clock(None)

    return make


def later_evidence(desk: Desk, key: Any, later: timedelta) -> RevocationEvidence:
    """Asked so much later, by somebody who remembers no answer. The PKI's clock must be there already."""
    return client_of(desk.pki).collect((key.certificate, *key.chain), now=datetime.now(UTC) + later)


def revoked_later_and_told(place: Place) -> bytes:
    """Both certificates revoked an hour after the seal; the file brings the later answers too."""
    desk = place.desk
    officer, seal = desk.key("person", fresh=True), desk.key("organisation", name=OFFICE, fresh=True)
    sealed = desk.sign_lt(desk.sign_lt(desk.paper, officer, OFFICER_FIELD), seal, SEAL_FIELD)
    now = datetime.now(UTC)
    for key in (officer, seal):
        at = now + timedelta(hours=1)
        desk.pki.revoke(desk.pki.label_of(key.certificate), at=at, reason="cessation_of_operation")
    try:
        desk.pki.set_clock(now + timedelta(hours=2))
        for key in (officer, seal):
            sealed = desk.add_evidence(sealed, key, later_evidence(desk, key, timedelta(hours=2)))
        return sealed
    finally:
        desk.pki.set_clock(None)


def short_rsa(place: Place) -> bytes:
    private_key = rsa.generate_private_key(65537, 1024)
    certificate = place.desk.pki.issue_person(
        "rsa-1024", "Nguyễn Văn Ổn", private_key.public_key(), organisation=OFFICE
    )
    return place.desk.sign_lt(place.desk.paper, _soft(private_key, certificate, place.desk.pki.chain), OFFICER_FIELD)


def issued_by_a_person(place: Place) -> bytes:
    """An officer issues a certificate to somebody else: the path is there, but its middle is no authority."""
    officer = place.desk.officer
    private_key = make_private_key("ecdsa-sha256")
    name = shapes.person_name("Lê Thị Giả", organisation=OFFICE, unit=None, title=None, identity="CCCD:000000000001")
    certificate = shapes.leaf_certificate(
        name,
        private_key.public_key(),
        issuer=Issuer(certificate=officer.certificate, key=officer.private_key),
        now=datetime.now(UTC),
        addresses=Addresses(),
    )
    key = _soft(private_key, certificate, (officer.certificate, *officer.chain))
    return place.desk.add_evidence(place.desk.sign_t(place.desk.paper, key, OFFICER_FIELD), officer)


def _soft(private_key: Any, certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]) -> SoftwareKey:
    return SoftwareKey(private_key=private_key, certificate=certificate, chain=chain, scheme="rsa-pkcs1v15-sha256")


def by_authority(which: str, kind: str = "person") -> Callable[[Place], bytes]:
    """Signed under another PKI, evidence of that PKI included."""

    def make(place: Place) -> bytes:
        pki = getattr(place, which)
        foreign = Desk(pki, lambda *a, **h: place.key_at(pki, *a, **h))
        key = place.key_at(pki, kind, name=OFFICE if kind == "organisation" else None, organisation=OFFICE)
        if kind == "organisation":
            return foreign.sign_lt(place.desk.approved, key, SEAL_FIELD)
        return foreign.sign_lt(place.desk.paper, key, OFFICER_FIELD)

    return make


def stamped_by_other(place: Place) -> bytes:
    desk = place.desk
    stamper = LoopbackTimeStamper(place.other.tsa_url)
    return desk.add_evidence(sign(desk.paper, desk.officer, OFFICER_FIELD, timestamper=stamper), desk.officer)


def archived_by_other(place: Place) -> bytes:
    desk = place.desk
    return Desk(place.other, desk.key).archive(
        desk.add_evidence(sign(desk.paper, desk.officer, OFFICER_FIELD), desk.officer)
    )


def stamped_in_future(place: Place) -> bytes:
    """The time authority's clock was a year ahead."""
    desk, year = place.desk, timedelta(days=365)
    try:
        desk.pki.set_clock(datetime.now(UTC) + year)
        signed = desk.sign_t(desk.paper, desk.officer, OFFICER_FIELD)
        signer = later_evidence(desk, desk.officer, year)
        root = desk.pki.root
        stamper = client_of(desk.pki).collect((desk.pki.tsa, root), now=datetime.now(UTC) + year)
        return desk.add_evidence(signed, desk.officer, signer.merged(stamper))
    finally:
        desk.pki.set_clock(None)


def with_evidence(strike: Callable[[bytes], bytes]) -> Callable[[Place], bytes]:
    """A strike at the newest signature's CMS, with the evidence added afterwards."""
    return lambda place: place.desk.add_evidence(strike(timestamped(place.desk)), place.desk.officer)


def foreign_token(place: Place) -> bytes:
    """A good token of the right authority, taken from another signature."""
    other = place.desk.sign_t(place.desk.paper, place.desk.seal, SEAL_FIELD)
    return with_evidence(lambda pdf: forgeries.with_token(pdf, forgeries.token_of(other)))(place)


def signer_swapped(place: Place) -> bytes:
    other = as_asn1(place.desk.seal.certificate)
    return with_evidence(lambda pdf: forgeries.signer_replaced(pdf, other))(place)


def document_stamp_swapped(place: Place) -> bytes:
    """The document timestamp's value taken from another paper's."""
    desk = place.desk
    other = desk.archive(desk.approved)
    start, end = forgeries.last(forgeries.CONTENTS, desk.archived)
    begin, stop = forgeries.last(forgeries.CONTENTS, other)
    return desk.archived[:start] + other[begin:stop] + desk.archived[end:]


def cut(name: str, place_of: Callable[[tuple[int, ...]], int]) -> Callable[[Place], bytes]:
    """The sealed paper cut at a place that is chosen from its revisions' ends."""
    return lambda place: place.desk.sealed[: place_of(tuple(r.end for r in gather(place.desk.sealed).revisions))]


def locked(*, spec: FieldMDPSpec, strike: Callable[[bytes], bytes] | None = None, seal: bool = False) -> Any:
    """The officer's field locks fields; then something is done in one of them."""

    def make(place: Place) -> bytes:
        desk = place.desk

        def prepare(writer: IncrementalPdfFileWriter) -> None:
            for name, box, lock in ((OFFICER_FIELD, OFFICER_BOX, spec), (SEAL_FIELD, SEAL_BOX, None)):
                made = hanko_fields.SigFieldSpec(sig_field_name=name, box=box, field_mdp_spec=lock)
                hanko_fields.append_signature_field(writer, made)

        paper = attacks.appended(make_paper(data=DATA, prepare=(), form=True), prepare)
        signed = desk.sign_lt(paper, desk.officer, OFFICER_FIELD)
        signed = desk.sign_lt(signed, desk.seal, SEAL_FIELD) if seal else signed
        return strike(signed) if strike else signed

    return make


def seal_share(box: tuple[int, ...]) -> Callable[[Place], bytes]:
    def make(place: Place) -> bytes:
        desk = place.desk
        made = make_paper(data=DATA, prepare=((OFFICER_FIELD, OFFICER_BOX), (SEAL_FIELD, box)))
        return desk.sign_lt(desk.sign_lt(made, desk.officer, OFFICER_FIELD), desk.seal, SEAL_FIELD)

    return make


def sneaky(place: Place) -> bytes:
    """A second signature of the attacker, right and trusted, whose new mark lies over the amount."""
    desk = place.desk
    paper = make_paper(data=DATA, prepare=((OFFICER_FIELD, OFFICER_BOX),))
    approved = desk.sign_lt(paper, desk.officer, OFFICER_FIELD)
    return desk.sign_lt(approved, desk.seal, "Them", box=(95, 640, 300, 670))


def broken(name: str) -> Callable[[Place], bytes]:
    return lambda place: dict(hostile.structures())[name]


def newest_of(place: Place) -> bytes:
    return place.desk.approved


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
