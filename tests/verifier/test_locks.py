"""What the first signature forbids is kept: certification levels (DocMDP) and field locks (FieldMDP, /Lock), by table.

The papers are made by pyHanko, which writes whatever it is told, but for a signature after P=1.
"""

import asyncio
import io
import re

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, append_signature_field

from tests.verifier import attacks
from tests.verifier.desk import DATA, Desk, written
from tests.verifier.papers import OFFICER_BOX, SEAL_BOX, make_paper, sign, signer_for
from tests.verifier.raw import signed_anew
from verifier import OFFICER_FIELD, SEAL_FIELD

ALL = FieldMDPSpec(FieldMDPAction.ALL)


def only(*fields: str) -> FieldMDPSpec:
    return FieldMDPSpec(FieldMDPAction.INCLUDE, fields=list(fields))


def all_but(*fields: str) -> FieldMDPSpec:
    return FieldMDPSpec(FieldMDPAction.EXCLUDE, fields=list(fields))


def locked(desk: Desk, lock: FieldMDPSpec | None, level: MDPPerm | None = None, *, form: bool = False) -> bytes:
    """Signed by the officer, whose field has this lock; the seal's field is prepared before."""

    def build() -> bytes:
        paper = make_paper(data=DATA, prepare=((SEAL_FIELD, SEAL_BOX),), form=form)
        writer = IncrementalPdfFileWriter(io.BytesIO(paper))
        spec = SigFieldSpec(
            sig_field_name=OFFICER_FIELD, box=OFFICER_BOX, field_mdp_spec=lock, doc_mdp_update_value=level
        )
        append_signature_field(writer, spec)
        prepared = written(writer)
        metadata = signers.PdfSignatureMetadata(field_name=OFFICER_FIELD, md_algorithm="sha256")
        signer = signers.PdfSigner(metadata, signer=signer_for(desk.officer))
        update = IncrementalPdfFileWriter(io.BytesIO(prepared))
        return asyncio.run(signer.async_sign_pdf(update, bytes_reserved=16384)).getvalue()

    return desk.once(f"locked {lock and (lock.action, lock.fields)} {level} {form}", build)


def certified(desk: Desk, level: MDPPerm, *, form: bool = False) -> bytes:
    """Certified by the officer; the seal's field is prepared before."""

    def build() -> bytes:
        paper = make_paper(data=DATA, form=form)
        return sign(paper, desk.officer, OFFICER_FIELD, certify=level)

    return desk.once(f"certified {level} {form} B-B", build)


def sealed(pdf: bytes, desk: Desk) -> bytes:
    return sign(pdf, desk.seal, SEAL_FIELD)


@pytest.mark.parametrize(
    ("lock", "level", "word"),
    [
        (None, None, "warning"),
        (ALL, None, "changed"),
        (only(SEAL_FIELD), None, "changed"),
        (only("khac"), None, "warning"),
        (all_but(SEAL_FIELD), None, "warning"),
        (all_but("khac"), None, "changed"),
        (only("khac"), MDPPerm.NO_CHANGES, "changed"),
        (only("khac"), MDPPerm.FILL_FORMS, "warning"),
    ],
    ids=lambda value: str(getattr(value, "action", value)),
)
def test_a_seal_after_a_lock(desk: Desk, lock: FieldMDPSpec | None, level: MDPPerm | None, word: str) -> None:
    """Without a timestamp an allowed seal is a warning; a forbidden one is a change."""
    pdf = locked(desk, lock, level)
    assert desk.judge(pdf).word == "warning"
    assert desk.judge(sealed(pdf, desk)).word == word


@pytest.mark.parametrize("lock", [ALL, only(SEAL_FIELD), all_but("khac")], ids=lambda lock: str(lock.action))
def test_evidence_after_a_lock(desk: Desk, lock: FieldMDPSpec) -> None:
    """A document timestamp fills none of the fields that were there when they were locked."""
    assert desk.judge(desk.archive(locked(desk, lock))).word == "warning"


@pytest.mark.parametrize(
    ("level", "prepared", "word"),
    [
        (MDPPerm.NO_CHANGES, True, "changed"),
        (MDPPerm.NO_CHANGES, False, "changed"),
        (MDPPerm.FILL_FORMS, True, "warning"),
        (MDPPerm.FILL_FORMS, False, "changed"),
        (MDPPerm.ANNOTATE, True, "warning"),
    ],
)
def test_a_seal_after_certification(desk: Desk, level: MDPPerm, prepared: bool, word: str) -> None:
    """AC-130: a prepared field may be signed from P=2 on, nothing at P=1."""
    # pyHanko is honest: it would not sign after P=1, which is put in and signed afterwards
    pdf = certified(desk, max(level, MDPPerm.FILL_FORMS))
    more = sealed(pdf, desk) if prepared else sign(pdf, desk.seal, "Moi", box=(60, 100, 160, 160))
    if level is MDPPerm.NO_CHANGES:
        more, put_in = re.subn(rb"/P 2(?![ \d])", b"/P 1", more)
        assert put_in == 1
        more = signed_anew(more, (desk.officer, desk.seal))
    verdict = desk.judge(more)
    assert verdict.word == word
    assert [one.verifies for one in verdict.signatures] == [True, True]


@pytest.mark.parametrize("level", list(MDPPerm))
def test_evidence_after_certification(desk: Desk, level: MDPPerm) -> None:
    """Evidence and document timestamps are allowed at every level (ISO 32000-2, 12.8.2.2)."""
    assert desk.judge(desk.archive(certified(desk, level))).word == "warning"


@pytest.mark.parametrize("level", list(MDPPerm))
def test_what_a_level_permits_is_a_change_all_the_same(desk: Desk, level: MDPPerm) -> None:
    """P=2 lets forms be filled and P=3 notes be added; what the reader is shown is not what was signed (0030)."""
    with_form = certified(desk, level, form=True)
    assert desk.judge(attacks.fill_form(with_form)).word == "changed"
    assert desk.judge(attacks.add_annotation(certified(desk, level))).word == "changed"
