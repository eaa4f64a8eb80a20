"""The corpus: how each file is made, and what must be said of it. Files are made from our own PKI; none is stored."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from tests.verifier import attacks, shadow
from tests.verifier.attacks import Name
from tests.verifier.desk import DATA, Desk
from tests.verifier.papers import OFFICER_BOX, SEAL_BOX, BoundlessStyle, make_paper, sign
from verifier import OFFICER_FIELD, SEAL_FIELD

Maker = Callable[[Desk], bytes]
NOTE = attacks.add_amount("/FreeText")
HIDDEN = attacks.add_amount("/FreeText", F=NumberObject(2))
LOOSE = attacks.add_amount("/Widget", FT=Name("/Tx"))


@dataclass(frozen=True, kw_only=True)
class Case:
    """`codes`: findings that must be there. `online`: may the PKI be asked. `exact`: no other finding may be there."""

    name: str
    make: Maker
    verdict: str
    codes: frozenset[str] = field(default_factory=frozenset)
    online: bool = False
    exact: bool = False
    proves: str = ""


def case(name: str, make: Maker, verdict: str, *codes: str, **more: Any) -> Case:
    return Case(name=name, make=make, verdict=verdict, codes=frozenset(codes), **more)


def _two(desk: Desk, name: str, **how: Any) -> bytes:
    """Officer and seal, both B-LT, made the same unusual way."""

    def make() -> bytes:
        approved = desk.sign_lt(desk.paper, how.pop("officer", desk.officer), OFFICER_FIELD, **how)
        return desk.sign_lt(approved, how.pop("seal", desk.seal), SEAL_FIELD, **how)

    return desk.once(name, make)


def _by_keys(name: str, scheme: str) -> Maker:
    def make(desk: Desk) -> bytes:
        def build() -> bytes:
            officer, seal = desk.key("person", scheme=scheme), desk.key("organisation", scheme=scheme)
            pss = scheme.startswith("rsa-pss")
            approved = desk.sign_lt(desk.paper, officer, OFFICER_FIELD, pss=pss)
            return desk.sign_lt(approved, seal, SEAL_FIELD, pss=pss)

        return desk.once(name, build)

    return make


def _officer_with(name: str, **terms: Any) -> Maker:
    """One signature, B-T, by an officer whose certificate has these terms."""

    def make(desk: Desk) -> bytes:
        return desk.once(name, lambda: desk.sign_t(desk.paper, desk.key("person", **terms), OFFICER_FIELD))

    return make


def _revoked_before(desk: Desk) -> bytes:
    def build() -> bytes:
        key = desk.key("person", fresh=True)
        desk.pki.revoke(desk.pki.label_of(key.certificate), at=datetime.now(UTC) - timedelta(days=3))
        return desk.sign_lt(desk.paper, key, OFFICER_FIELD)

    return desk.once("revoked before", build)


def _revoked_after(desk: Desk) -> bytes:
    """AC-80: a merger revokes both certificates once the paper is out."""

    def build() -> bytes:
        officer, seal = desk.key("person", fresh=True), desk.key("organisation", fresh=True)
        sealed = desk.sign_lt(desk.sign_lt(desk.paper, officer, OFFICER_FIELD), seal, SEAL_FIELD)
        for key in (officer, seal):
            later = datetime.now(UTC) + timedelta(minutes=5)
            desk.pki.revoke(desk.pki.label_of(key.certificate), at=later, reason="cessation_of_operation")
        return sealed

    return desk.once("revoked after", build)


def _revoked_without_time(desk: Desk) -> bytes:
    def build() -> bytes:
        key = desk.key("person", fresh=True)
        signed = sign(desk.paper, key, OFFICER_FIELD)
        time.sleep(1.1)  # the claimed time has whole seconds, and the revocation must come after it
        desk.pki.revoke(desk.pki.label_of(key.certificate))
        return signed

    return desk.once("revoked, no time", build)


def _bb(desk: Desk) -> bytes:
    def build() -> bytes:
        return sign(sign(desk.paper, desk.officer, OFFICER_FIELD), desk.seal, SEAL_FIELD)

    return desk.once("B-B", build)


def _bt(desk: Desk) -> bytes:
    def build() -> bytes:
        return desk.sign_t(desk.sign_t(desk.paper, desk.officer, OFFICER_FIELD), desk.seal, SEAL_FIELD)

    return desk.once("B-T", build)


def _other_office(desk: Desk) -> bytes:
    seal = desk.key("organisation", name="UBND xã Khác", organisation="UBND xã Khác")
    return desk.once("other office", lambda: desk.sign_lt(desk.approved, seal, SEAL_FIELD))


def _certified(prepared: bool, permission: MDPPerm = MDPPerm.FILL_FORMS) -> Maker:
    """AC-130: the officer certifies, then the seal comes into a prepared or a new field."""

    def make(desk: Desk) -> bytes:
        def build() -> bytes:
            prepare = [(OFFICER_FIELD, OFFICER_BOX)] + ([(SEAL_FIELD, SEAL_BOX)] if prepared else [])
            paper = make_paper(data=DATA, prepare=prepare)
            approved = desk.sign_lt(paper, desk.officer, OFFICER_FIELD, certify=permission)
            return desk.sign_lt(approved, desk.seal, SEAL_FIELD, box=None if prepared else SEAL_BOX)

        return desk.once(f"certified {prepared} {permission}", build)

    return make


def _certified_closed(desk: Desk) -> bytes:
    """No changes allowed; evidence is none (ISO 32000-2, 12.8.2.2)."""
    how = {"certify": MDPPerm.NO_CHANGES}
    return desk.once("certified P=1", lambda: desk.sign_lt(desk.paper, desk.officer, OFFICER_FIELD, **how))


def _new_fields(desk: Desk) -> bytes:
    def build() -> bytes:
        paper = make_paper(data=DATA, prepare=())
        approved = desk.sign_lt(paper, desk.officer, "Signature1", box=OFFICER_BOX)
        return desk.sign_lt(approved, desk.seal, "Signature2", box=SEAL_BOX)

    return desk.once("new fields", build)


def _seal_at(name: str, box: tuple[int, ...], **paper: Any) -> Maker:
    def make(desk: Desk) -> bytes:
        def build() -> bytes:
            made = make_paper(data=DATA, prepare=((OFFICER_FIELD, OFFICER_BOX), (SEAL_FIELD, box)), **paper)
            return desk.sign_lt(desk.sign_lt(made, desk.officer, OFFICER_FIELD), desk.seal, SEAL_FIELD)

        return desk.once(name, build)

    return make


def _amount_in(name: str, paper: Callable[[bytes], bytes], box: tuple[int, ...], **how: Any) -> Maker:
    """The officer signs a paper whose amount is no text of the page; then comes the seal, in a field of its own."""

    def make(desk: Desk) -> bytes:
        def build() -> bytes:
            made = paper(make_paper(data=DATA, prepare=((OFFICER_FIELD, OFFICER_BOX),)))
            approved = desk.sign_lt(made, desk.officer, OFFICER_FIELD)
            return desk.sign_lt(approved, desk.seal, SEAL_FIELD, box=box, **how)

        return desk.once(name, build)

    return make


def _boundless(desk: Desk) -> bytes:
    """A small seal in the corner, with a look that nothing cuts off."""
    content = RawContent(b"1 1 1 rg 90 600 400 140 re f", box=BoxConstraints(width=10, height=10))
    style = BoundlessStyle(background=content, border_width=0, background_opacity=1)
    how = {"box": (10, 10, 30, 30), "style": style}
    return desk.once("boundless", lambda: desk.sign_lt(desk.approved, desk.seal, "Phu", **how))


def _with_form(desk: Desk) -> bytes:
    def build() -> bytes:
        made = make_paper(data=DATA, form=True)
        return desk.sign_lt(desk.sign_lt(made, desk.officer, OFFICER_FIELD), desk.seal, SEAL_FIELD)

    return desk.once("with form", build)


def _after(attack: Callable[[bytes], bytes], *, of: Maker | None = None) -> Maker:
    return lambda desk: attack(of(desk) if of else desk.sealed)


def _sealed(desk: Desk) -> bytes:
    return desk.sealed


def _pointing(desk: Desk) -> bytes:
    pdf = desk.sealed
    return attacks.pointing_into_signed_bytes(pdf, 4, pdf.find(b"5 0 obj"))


def _before_sealing(attack: Callable[[bytes], bytes]) -> Maker:
    """Something happens to the paper between the officer's signature and the seal."""
    return lambda desk: desk.sign_lt(attack(desk.approved), desk.seal, SEAL_FIELD)


def _shadow(name: str, prepare: shadow.Edit | None, strike: Callable[[bytes], bytes], *, sealed: bool = False) -> Maker:
    """The victim signs a prepared paper; then the attacker strikes, before or after the seal."""

    def make(desk: Desk) -> bytes:
        def build() -> bytes:
            paper = shadow.prepared(prepare) if prepare else make_paper()
            approved = desk.sign_lt(paper, desk.officer, OFFICER_FIELD)
            return desk.sign_lt(approved, desk.seal, SEAL_FIELD) if sealed else approved

        return strike(desk.once(f"shadow {name} {sealed}", build))

    return make


def _swapped(desk: Desk) -> bytes:
    other = desk.once("second seal", lambda: desk.sign_t(desk.approved, desk.seal, SEAL_FIELD, digest="sha256"))
    last_signed = desk.sign_t(desk.approved, desk.seal, SEAL_FIELD)
    return attacks.swap_contents(last_signed, other)


CASES = (
    # genuine
    case("officer and seal, B-LT", _sealed, "genuine", exact=True),
    case("officer and seal, B-LTA", lambda d: d.archived, "genuine", exact=True),
    case("officer and seal, B-T, services up", _bt, "genuine", online=True, exact=True),
    case("ECDSA P-256", _by_keys("p256", "ecdsa-sha256"), "genuine", exact=True, proves="AC-73"),
    case("RSA-PSS", _by_keys("pss", "rsa-pss-sha256"), "genuine", exact=True, proves="AC-73"),
    case(
        "adbe.pkcs7.detached",
        lambda d: _two(d, "pkcs7", subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED),
        "genuine",
        exact=True,
    ),
    case("leaf alone in the CMS", lambda d: _two(d, "leaf", chain=False), "genuine", exact=True, proves="AC-111"),
    case("new fields, none prepared", _new_fields, "genuine", exact=True),
    case("certified P=2, prepared field", _certified(True), "genuine", exact=True, proves="AC-130"),
    case("form nobody touched", _with_form, "genuine", exact=True),
    case("both revoked after the timestamp", _revoked_after, "genuine", exact=True, proves="AC-80"),
    case("both revoked after, services up", _revoked_after, "genuine", online=True, exact=True, proves="AC-80"),
    case(
        "scan, sealed where it is empty",
        _seal_at("beside scan", SEAL_BOX, scanned=True, text=False),
        "genuine",
        exact=True,
    ),
    # warning
    case("certified P=1, evidence added", _certified_closed, "warning", "not_sealed", proves="AC-130"),
    case("officer only", lambda d: d.approved, "warning", "not_sealed"),
    case("services down, no evidence inside", _bt, "warning", "revocation_unknown", proves="AC-72"),
    case("no timestamp", _bb, "warning", "no_proven_time", online=True),
    case("another office's seal", _other_office, "warning", "wrong_organisation"),
    # invalid
    case("revoked before signing", _revoked_before, "invalid", "certificate_revoked"),
    case("revoked, nothing proves the time", _revoked_without_time, "invalid", "revoked_no_proof", online=True),
    case(
        "expired when signing",
        _officer_with("expired", not_after=datetime.now(UTC) - timedelta(days=30)),
        "invalid",
        "certificate_expired",
        online=True,
    ),
    case(
        "not yet valid when signing",
        _officer_with("early", not_before=datetime.now(UTC) + timedelta(days=2)),
        "invalid",
        "certificate_not_yet_valid",
        online=True,
    ),
    case(
        "key usage without signing",
        _officer_with("usage", usages=("key_encipherment",)),
        "invalid",
        "certificate_not_allowed",
        online=True,
    ),
    case(
        "a certificate for web servers",
        _officer_with("server", purposes=("1.3.6.1.5.5.7.3.1",)),
        "invalid",
        "certificate_not_allowed",
        online=True,
    ),
    case(
        "SHA-1 digest",
        lambda d: d.once("sha1", lambda: d.sign_t(d.paper, d.officer, OFFICER_FIELD, digest="sha1")),
        "invalid",
        "algorithm_not_allowed",
        online=True,
        proves="AC-110",
    ),
    # changed
    case("another program saved it", _after(attacks.rewrite), "changed", "byte_range"),
    case("content replaced", _after(attacks.change_content), "changed", "changed_other"),
    case("content stream overwritten", _after(attacks.replace_object_in_place), "changed", "changed_other"),
    case("note over the amount", _after(attacks.add_annotation), "changed", "changed_annotation"),
    case("page added", _after(attacks.add_page), "changed", "changed_other"),
    case("form filled after signing", _after(attacks.fill_form, of=_with_form), "changed", "changed_form_fill"),
    case("form to be drawn anew", _after(attacks.redraw_form, of=_with_form), "changed"),
    case("empty field drawn over", _after(attacks.add_empty_visible_field), "changed", "changed_form_fill"),
    case("title changed", _after(attacks.change_title), "changed", "changed_metadata"),
    case("mark moved", _after(attacks.move_widget), "changed", "changed_other"),
    case("signatures taken out", _after(attacks.unsign), "changed", "signature_removed"),
    case("form taken away", _after(attacks.drop_form), "changed", "signature_removed"),
    case("layers added", _after(attacks.add_layers), "changed", "changed_other"),
    case("bytes after the end", _after(attacks.tail), "changed", "trailing_bytes"),
    case("body without a trailer", _after(attacks.body_without_trailer), "changed", "trailing_bytes"),
    case("body with a broken trailer", _after(attacks.body_with_broken_trailer), "changed", "trailing_bytes"),
    case("update pointing into signed bytes", _pointing, "changed", "structure"),
    case("content replaced between officer and seal", _before_sealing(attacks.change_content), "changed"),
    case("note added between officer and seal", _before_sealing(attacks.add_annotation), "changed"),
    case("title changed between officer and seal", _before_sealing(attacks.change_title), "changed"),
    case("certified P=2, new field", _certified(False), "changed", proves="AC-130"),
    case("another signature's value", _swapped, "changed", "digest_mismatch"),
    case(
        "the seal hides text",
        _seal_at("over text", SEAL_BOX, text_under_seal=True),
        "changed",
        "covers_content",
    ),
    case(
        "the seal hides the whole signature",
        _seal_at("over mark", (290, 190, 450, 270)),
        "changed",
        "covers_content",
    ),
    case(
        "the seal hides the amount",
        _seal_at("over amount", (90, 640, 320, 670)),
        "changed",
        "covers_content",
    ),
    case(
        "the seal hides part of a scan",
        _seal_at("over scan", (90, 610, 320, 680), scanned=True, text=False),
        "changed",
        "covers_content",
    ),
    case("the seal draws outside its rectangle", _boundless, "changed", "changed_other"),
    case("the seal beside a note", _amount_in("beside note", NOTE, (300, 400, 400, 440)), "genuine", exact=True),
    case("the seal hides a note", _amount_in("note", NOTE, (290, 430, 400, 480)), "changed", "covers_content"),
    case("the seal hides a field", _amount_in("field", LOOSE, (290, 430, 400, 480)), "changed", "covers_content"),
    case(
        "the seal hides another signature's field that somebody wrote in",
        _amount_in("written", attacks.add_amount("/Widget", FT=Name("/Sig")), (100, 400, 300, 440)),
        "changed",
        "covers_content",
    ),
    case("the seal beside a hidden note", _amount_in("hidden", HIDDEN, (100, 400, 300, 440)), "genuine", exact=True),
    case(
        "the seal changes the letters of a field",
        _amount_in("letters", LOOSE, SEAL_BOX, edit=attacks.change_fonts),
        "changed",
        "changed_other",
    ),
    case(
        "the seal changes the letters of a note",
        _amount_in("letters of a note", NOTE, SEAL_BOX, edit=attacks.change_fonts),
        "changed",
        "changed_other",
    ),
    # shadow attacks (anchors.md 9)
    case("shadow: hide", _shadow("hide", shadow.hide_prepare, shadow.strike(shadow.hide_strike)), "changed"),
    case("shadow: replace", _shadow("replace", None, shadow.strike(shadow.replace_strike)), "changed"),
    case(
        "shadow: hide and replace", _shadow("both", shadow.both_prepare, shadow.strike(shadow.both_strike)), "changed"
    ),
    case("shadow: future object", _shadow("future", shadow.future_prepare, shadow.future_strike), "changed"),
    case(
        "shadow: hide, after the seal",
        _shadow("hide", shadow.hide_prepare, shadow.strike(shadow.hide_strike), sealed=True),
        "changed",
    ),
    # the same attacks on an archived file
    case("archived, then content replaced", lambda d: attacks.change_content(d.archived), "changed", "changed_other"),
    case("archived, then bytes after the end", lambda d: attacks.tail(d.archived), "changed", "trailing_bytes"),
    # no signature
    case("never signed", lambda d: d.paper, "unsigned", exact=True),
)
