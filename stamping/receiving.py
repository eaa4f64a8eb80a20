"""Where a document begins: a result paper is generated, or a PDF of another program is taken in.

Number, date, public code and the empty prepared fields are in the bytes before the officer signs (AC-7, AC-9);
nothing that was signed is ever rewritten.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from office import (
    authority_lines,
)
from register import new_code, numbers
from signer import SignerError, WantedPlace, make_ready
from stamping import attachment_intake
from stamping.attachment_intake import NewAttachment
from stamping.desk import Desk
from stamping.documents import view_of
from stamping.dossier import NewDossier
from stamping.dossier_facts import check_facts, facts_of
from stamping.first_revision import Made, keep
from stamping.foreign_files import must_be_rewritten
from stamping.intake import Intake, take_in
from stamping.once import Once
from stamping.reach import EVERYTHING, Reach
from stamping.reasons import unsealable
from stamping.refusal import Refusal
from stamping.views import DocumentView
from stamping.wording import check_words
from store import VIETNAM, read
from templates import GlyphMissing, Issue, MarkupInvalid, PaperDataInvalid, PaperUnknown, render
from verifier import OFFICER_FIELD, SEAL_FIELD

_OFFICER_MARK_MM = (50.0, 22.0)
"""Size of the officer's mark on papers of other programs: as on our own."""
_LARGEST_SEAL_MM: Final = 42.0
"""Of a central body (TT 05/1994)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A paper to generate. `paper` None takes the procedure's own; `officer_id` None the first who may approve.
    `dossier` is the code alone where it was received here."""

    dossier: NewDossier | str
    organisation: str
    data: Mapping[str, Any]
    paper: str | None = None
    officer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewForeign:
    """A PDF made elsewhere. `number` is one reserved before (`numbering`) and printed on it; None reserves one.
    `place`: where the marks are asked for; None leaves it to the rule. `dossier` as in `NewDocument`."""

    dossier: NewDossier | str
    organisation: str
    title: str
    subject: str
    officer_id: str | None = None
    number: int | None = None
    place: WantedPlace | None = None


def asked(new: NewDocument | NewForeign, attached: Sequence[NewAttachment] = ()) -> Mapping[str, Any]:
    """What a request for a document asks for, beside its PDF, to know it again under its key (`once_of`)."""
    named = {name: value for name, value in asdict(new).items() if name != "place" or value is not None}
    return {**named, **attachment_intake.asked(attached)}


def create(
    desk: Desk,
    new: NewDocument,
    actor: str,
    once: Once | None = None,
    reach: Reach = EVERYTHING,
    *,
    attached: Sequence[NewAttachment] = (),
) -> DocumentView:
    """Generate a paper; `once` is for what `asked` says of it.

    `attached`: files of their own that are sealed with it, all or none. Raises `Refusal` dossier-invalid, wrong-state
    (a dossier received here is not appraised), paper-data-invalid, glyph-missing, officer-not-authorised,
    seal-not-active, idempotency-conflict, forbidden (outside `reach`); of the attachments, attachments-invalid and
    unsealable.
    """
    attachment_intake.check(attached)
    if (earlier := _earlier(desk, once, reach)) is not None:
        return earlier
    dossier = facts_of(desk, new.dossier)
    intake = take_in(desk, dossier, new.organisation, new.officer_id)
    paper = _paper(new, intake)
    _admit(reach, intake, paper)

    ready = attachment_intake.make_ready_all(desk, intake, attached)

    def make(code: str, number: str) -> Made:
        try:
            drawn = render(
                paper,
                new.data,
                _issue(desk, intake, dossier, code, number),
                papers=desk.papers,
                attachments=[(one.title, one.sha256) for one in ready],
            )
        except (PaperDataInvalid, PaperUnknown, MarkupInvalid, GlyphMissing) as error:
            raise _refused(error) from error
        return Made(
            pdf=drawn.pdf,
            title=drawn.title,
            subject=drawn.subject,
            holder=drawn.holder,
            pages=drawn.pages,
            paper=paper,
            data=new.data,
        )

    return keep(desk, dossier, intake, make, ready, None, actor, once)


def check(desk: Desk, new: NewDocument, reach: Reach = EVERYTHING) -> str:
    """Refuse now what `create` would refuse, as far as that shows before anything is drawn; nothing is made and no
    number is taken. Returns the procedure's code. Raises `Refusal` as `create`.
    """
    dossier = facts_of(desk, new.dossier)
    intake = take_in(desk, dossier, new.organisation, new.officer_id)
    paper = _paper(new, intake)
    _admit(reach, intake, paper)
    with read(desk.engine) as connection:
        check_facts(connection, dossier)
    issue = _issue(desk, intake, dossier, new_code(), numbers.notation(1, intake.procedure.symbol))
    try:
        desk.papers.paper(paper, on=issue.issued_on).compose(new.data, issue)
    except (PaperDataInvalid, PaperUnknown, MarkupInvalid, GlyphMissing) as error:
        raise _refused(error) from error
    return intake.procedure.code


def create_from_pdf(
    desk: Desk,
    pdf: bytes,
    new: NewForeign,
    actor: str,
    once: Once | None = None,
    reach: Reach = EVERYTHING,
    *,
    attached: Sequence[NewAttachment] = (),
) -> DocumentView:
    """Take in a PDF made elsewhere: it must be sealable, and both fields are prepared in it before anyone signs.

    Raises `Refusal` unsealable (also where the marks cannot stand as asked for) and as `create`.
    """
    check_words("paper-data-invalid", title=new.title, subject=new.subject)
    attachment_intake.check(attached)
    if (earlier := _earlier(desk, once, reach)) is not None:
        return earlier
    dossier = facts_of(desk, new.dossier)
    intake = take_in(desk, dossier, new.organisation, new.officer_id)
    _admit(reach, intake, None)
    original = hashlib.sha256(pdf).hexdigest()
    rewrite = must_be_rewritten(desk, pdf, intake.organisation.name)
    try:
        ready = make_ready(
            pdf,
            rewrite=rewrite,
            signer_name=intake.officer.name,
            officer_mark_mm=_OFFICER_MARK_MM,
            seal_diameter_mm=_room(intake),
            fields=[
                (OFFICER_FIELD, "Chữ ký số của người có thẩm quyền"),
                (SEAL_FIELD, "Chữ ký số của cơ quan (con dấu)"),
            ],
            place=new.place,
        )
    except SignerError as error:
        raise unsealable(error) from error
    made = Made(
        pdf=ready.pdf,
        title=new.title,
        subject=new.subject,
        holder=dossier.applicant.name,
        pages=ready.pages,
        paper=None,
        data={"original_sha256": original},
    )
    attachments = attachment_intake.make_ready_all(desk, intake, attached)
    return keep(desk, dossier, intake, lambda _code, _number: made, attachments, new.number, actor, once)


def _issue(desk: Desk, intake: Intake, dossier: NewDossier, code: str, number: str) -> Issue:
    return Issue(
        organisation=intake.organisation.name,
        parent=intake.parent,
        place=intake.organisation.place,
        number=number,
        issued_on=intake.at.astimezone(VIETNAM).date(),
        authority_lines=authority_lines(desk.office(), intake.officer, intake.delegation),
        signer_name=intake.officer.name,
        code=code,
        verify_url=f"{desk.public_url}/v/{code}",
        dossier=dossier.code,
        procedure=dossier.procedure,
        holder_id=dossier.applicant.id_number,
        system=desk.system,
        exported_at=intake.at,
        validity="Theo quy định của pháp luật",
        seal_diameter_mm=_room(intake),
        sample=desk.office().test_office,
    )


def _paper(new: NewDocument, intake: Intake) -> str:
    """The paper asked for, or the procedure's own."""
    paper = new.paper or intake.procedure.paper
    if paper is None:
        raise Refusal(
            "paper-data-invalid",
            f"Thủ tục {intake.procedure.code} chưa có mẫu giấy.",
            f"Procedure {intake.procedure.code} has no paper.",
        )
    return paper


def _refused(error: PaperDataInvalid | PaperUnknown | MarkupInvalid | GlyphMissing) -> Refusal:
    if isinstance(error, GlyphMissing):
        return Refusal("glyph-missing", error.text_vi, error.text_en, character=error.character, where=error.where)
    problems = getattr(error, "problems", ())
    return Refusal(
        "paper-data-invalid",
        error.text_vi,
        error.text_en,
        problems=[{"path": path, "vi": vi, "en": en} for path, vi, en in problems],
    )


def _room(intake: Intake) -> float:
    """Millimetres kept free for the seal: its own diameter; on a paper that is not stamped here, the largest one's, for
    whoever stamps it by hand."""
    return intake.seal.diameter_mm if intake.seal else _LARGEST_SEAL_MM


def _admit(reach: Reach, intake: Intake, paper: str | None) -> None:
    seal = intake.seal.id if intake.seal else ""
    reach.admit(organisation=intake.organisation.code, paper=paper, seal=seal)


def _earlier(desk: Desk, once: Once | None, reach: Reach) -> DocumentView | None:
    if once is None:
        return None
    with read(desk.engine) as connection:
        kept = once.earlier(connection)
        if kept is None:
            return None
        found = view_of(connection, kept["document"])
    reach.admit(organisation=found.organisation, paper=found.paper, seal=found.seal_id)
    return found
