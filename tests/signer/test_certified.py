"""Papers that an officer signed with another program, certifying or locking: what may still be sealed."""

from dataclasses import replace

import pytest
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm

from secondseal.demo.pki import Pki
from signer import Level, Order, Placement, Unsealable, UnsealableReason, preflight, prepare, seal
from tests.pki.fixtures import MakeKey
from tests.signer import oracle, papers
from tests.signer.certifier import sign_elsewhere
from verifier.fields import OFFICER_FIELD, SEAL_FIELD

PREPARED = papers.prepared_paper()
SEAL = Order(role="agency", name="UBND", level=Level.B_B, mark=papers.mark())
NEW_FIELD = replace(SEAL, placement=Placement(page=0, rect=papers.SEAL_RECT))


@pytest.mark.parametrize("field", ["new", "prepared"])
def test_after_an_approval_signature(field: str, pki: Pki, software_key: MakeKey) -> None:
    """AC-130, cases 1 and 2: an ordinary signature, then the seal in a new or in a prepared field: both valid."""
    paper = PREPARED if field == "prepared" else papers.paper()
    box = None if field == "prepared" else tuple(int(n) for n in papers.OFFICER_RECT)
    approved = sign_elsewhere(paper, software_key(), field=OFFICER_FIELD, box=box)  # type: ignore[arg-type]
    sealed = seal(approved, NEW_FIELD if field == "new" else SEAL, software_key("organisation"))
    statuses = oracle.pyhanko(sealed.pdf, (pki.root,))
    assert all(s.bottom_line for s in statuses.values())
    assert statuses[OFFICER_FIELD].modification_level == ModificationLevel.FORM_FILLING


@pytest.mark.parametrize("permission", [MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_after_a_certifying_signature(permission: MDPPerm, pki: Pki, software_key: MakeKey) -> None:
    """AC-130, case 3: certified with P=2 or 3: a prepared field stays valid, a new one is refused by us."""
    approved = sign_elsewhere(PREPARED, software_key(), field=OFFICER_FIELD, certify=permission)
    assert preflight(approved).certified == permission.value
    sealed = seal(approved, SEAL, software_key("organisation"))
    statuses = oracle.pyhanko(sealed.pdf, (pki.root,))
    assert set(statuses) == {OFFICER_FIELD, SEAL_FIELD}
    assert all(s.bottom_line and s.docmdp_ok for s in statuses.values())

    agency = software_key("organisation")
    before = agency.operations
    box = tuple(int(n) for n in papers.OFFICER_RECT)
    bare = sign_elsewhere(papers.paper(), software_key(), field=OFFICER_FIELD, certify=permission, box=box)  # type: ignore[arg-type]
    with pytest.raises(Unsealable) as caught:
        seal(bare, NEW_FIELD, agency)
    assert caught.value.reason == UnsealableReason.CERTIFIED
    assert agency.operations == before


def test_certified_without_any_change(software_key: MakeKey) -> None:
    """AC-130, case 4: DocMDP P=1 is refused when the paper arrives and when it is to be sealed."""
    agency = software_key("organisation")
    before = agency.operations
    approved = sign_elsewhere(PREPARED, software_key(), field=OFFICER_FIELD, certify=MDPPerm.NO_CHANGES)
    for attempt in (
        lambda: preflight(approved),
        lambda: seal(approved, SEAL, agency),
        lambda: prepare(approved, SEAL, agency.certificate, agency.chain, agency.scheme),
    ):
        with pytest.raises(Unsealable) as caught:
            attempt()
        assert caught.value.reason == UnsealableReason.CERTIFIED
        assert "P=1" in caught.value.detail
    assert agency.operations == before


@pytest.mark.parametrize(
    ("lock", "sealable"),
    [
        (FieldMDPSpec(FieldMDPAction.ALL), False),
        (FieldMDPSpec(FieldMDPAction.INCLUDE, fields=[SEAL_FIELD]), False),
        (FieldMDPSpec(FieldMDPAction.EXCLUDE, fields=["khac"]), False),
        (FieldMDPSpec(FieldMDPAction.EXCLUDE, fields=[SEAL_FIELD, OFFICER_FIELD]), True),
        (FieldMDPSpec(FieldMDPAction.INCLUDE, fields=["khac"]), True),
    ],
)
def test_a_signature_that_locks_fields(lock: FieldMDPSpec, *, sealable: bool, pki: Pki, software_key: MakeKey) -> None:
    """A FieldMDP over the seal's field would make the officer's signature invalid: refused before the key."""
    box = (40, 120, 180, 190)
    approved = sign_elsewhere(PREPARED, software_key(), field="ChuKyNgoai", lock=lock, box=box)
    if sealable:
        sealed = seal(approved, SEAL, software_key("organisation"))
        assert all(s.bottom_line for s in oracle.pyhanko(sealed.pdf, (pki.root,)).values())
        return
    with pytest.raises(Unsealable) as caught:
        seal(approved, SEAL, software_key("organisation"))
    assert caught.value.reason == UnsealableReason.FIELD_LOCKED
    assert caught.value.detail in {SEAL_FIELD, OFFICER_FIELD}
