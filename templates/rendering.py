"""A paper from its values: check, lay out, draw, archive."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from templates.apology import apology_form
from templates.archive import Metadata, PreparedField, archive
from templates.body import Body
from templates.catalogue import Catalogue, built_in, form_for
from templates.flow import Placed, Unit, paginate
from templates.frame import (
    SignatureBlock,
    appendix_head,
    draw_foot,
    draw_form_number,
    draw_head,
    draw_page_number,
    draw_title,
    foot_height,
)
from templates.issue import Issue
from templates.paper import Appendix, Content, PaperTemplate, RenderedPaper
from templates.pen import Pen
from templates.qr import qr_symbol, qr_text, strokes
from templates.sheet import ACROSS, BOTTOM, TOP, UPRIGHT, Sheet
from templates.signatures import FormSignatures
from templates.tags import END, Structure, Tag
from verifier import OFFICER_FIELD, SEAL_FIELD

_ABOVE_SIGNATURE: Final = 14.0
_OFFICER: Final = "Chữ ký số của người có thẩm quyền"
_QR: Final = "Mã QR: địa chỉ tra cứu và dữ liệu của văn bản"
_SEAL: Final = "Chữ ký số (con dấu) của cơ quan"

_Block = SignatureBlock | FormSignatures


def render(
    name: str,
    data: Mapping[str, Any],
    issue: Issue,
    *,
    papers: Catalogue | None = None,
    attachments: Sequence[tuple[str, str]] = (),
) -> RenderedPaper:
    """Make the paper called `name`: a PDF/A-3b with its data attached and two empty signature fields.

    `papers`: the catalogue it is of; None, ours. `attachments`: title and SHA-256 (hex) of each separate file that
    belongs to it, named in its data.
    Pure: the same values give the same bytes. Raises PaperUnknown, PaperDataInvalid, GlyphMissing.
    """
    return drawn((papers or built_in()).paper(name, on=issue.issued_on), data, issue, attachments)


def render_form(name: str, data: Mapping[str, Any], issue: Issue) -> RenderedPaper:
    """A one-stop form about a dossier, on the version in force when it is issued; made as a paper is.

    Raises PaperUnknown, PaperDataInvalid, GlyphMissing."""
    return drawn(form_for(name, on=issue.issued_on), data, issue)


def render_apology(data: Mapping[str, Any], issue: Issue) -> RenderedPaper:
    """The letter that apologises for an overdue dossier (`templates.apology`), on the form in force when it is issued;
    made as a paper is. Raises PaperDataInvalid, GlyphMissing."""
    return drawn(apology_form(issue.issued_on), data, issue)


def drawn(
    paper: PaperTemplate, data: Mapping[str, Any], issue: Issue, attachments: Sequence[tuple[str, str]] = ()
) -> RenderedPaper:
    """This paper in this version, as `render` makes it. Raises PaperDataInvalid, GlyphMissing, MarkupInvalid."""
    content = paper.compose(data, issue)
    if content.validity:
        issue = replace(issue, validity=content.validity)
    symbol = qr_symbol(issue, paper.title)
    block = (
        FormSignatures(issue, content.signatures)
        if content.signatures
        else SignatureBlock(issue, issue.recipients or content.recipients)
    )

    structure = Structure()
    pen = Pen(structure=structure)
    if content.form:
        draw_form_number(pen, content.form)
    if paper.frame == "letter":
        below_title = draw_head(pen, issue, about=" ".join(content.title_lines)) - 12
    else:
        below_title = draw_title(pen, draw_head(pen, issue), content.title_lines)
    placed = _lay_out(content, block, issue, below_title)
    for page in range(placed[-1].page + 1):
        if page:
            pen.next_page()
        _draw_page(pen, placed, page)
        if page == 0:
            draw_foot(pen, issue)
    pages = placed[-1].page + 1 + _draw_appendices(pen, content.appendices)

    last = placed[-1]
    officer, seal = block.places(page=last.page, top=last.top)
    pdf = archive(
        pen.finish(),
        symbol=_marked(structure.begin(Tag("Figure", late=True, alt=_QR), 0), strokes(symbol)),
        structure=structure,
        metadata=Metadata(
            title=f"{paper.title} số {issue.number}" if issue.number else f"{paper.title}, hồ sơ {issue.dossier}",
            subject=content.subject,
            author=issue.organisation,
            made_at=issue.exported_at,
        ),
        data=_canonical(_record(paper, content, issue) | _named(attachments)),
        fields=(
            PreparedField(name=OFFICER_FIELD, tooltip=_OFFICER, place=officer),
            PreparedField(name=SEAL_FIELD, tooltip=_SEAL, place=seal),
        ),
    )
    return RenderedPaper(
        pdf=pdf,
        title=paper.title,
        subject=content.subject,
        holder=content.holder,
        pages=pages,
        version=paper.version,
        officer=officer,
        seal=seal,
        qr_text=qr_text(issue, paper.title),
    )


def _marked(beginning: str, strokes: bytes) -> bytes:
    return b"\n".join((beginning.encode(), strokes, END.encode()))


def _draw_page(pen: Pen, placed: Sequence[Placed], page: int, sheet: Sheet = UPRIGHT) -> None:
    draw_page_number(pen, page + 1, sheet)
    for item in placed:
        if item.page == page:
            item.unit.draw(pen, item.top)


def _draw_appendices(pen: Pen, appendices: Sequence[Appendix]) -> int:
    """Each on pages of its own, numbered from 1; returns how many pages they take."""
    count = 0
    for index, appendix in enumerate(appendices):
        sheet = ACROSS if appendix.across else UPRIGHT
        body = Body(size=14, sheet=sheet)
        units = [*appendix_head(body, index + 1 if len(appendices) > 1 else None, appendix.title), *appendix.body(body)]
        placed = paginate(units, tops=partial(_always, sheet.top), bottoms=partial(_always, sheet.bottom))
        for page in range(placed[-1].page + 1):
            pen.next_page((sheet.width, sheet.height))
            _draw_page(pen, placed, page, sheet)
        count += placed[-1].page + 1
    return count


def _always(height: float, _page: int) -> float:
    return height


def _lay_out(content: Content, block: _Block, issue: Issue, below_title: float) -> list[Placed]:
    """At 14 pt, or at 13 where that saves a page; the annex allows both."""
    large = _set(content.body(Body(size=14)), block, issue, below_title)
    if large[-1].page == 0:
        return large
    small = _set(content.body(Body(size=13)), block, issue, below_title)
    return small if small[-1].page < large[-1].page else large


def _set(units: list[Unit], block: _Block, issue: Issue, below_title: float) -> list[Placed]:
    # The signature never stands alone on a page: the last two pieces of the body go with it.
    tied = [replace(unit, keep=True) for unit in units[-2:]]
    signature = Unit(height=block.height, gap=_ABOVE_SIGNATURE, draw=block.draw)
    first_bottom = BOTTOM + foot_height(issue)
    return paginate(
        [*units[:-2], *tied, signature],
        tops=lambda page: TOP if page else below_title,
        bottoms=lambda page: BOTTOM if page else first_bottom,
    )


def _record(paper: PaperTemplate, content: Content, issue: Issue) -> dict[str, Any]:
    """What data.json says: the paper, the office, the look-up, and every value the paper was made from."""
    return {
        "paper": {"name": paper.name, "title": paper.title, "version": paper.version},
        "organisation": issue.organisation,
        "parent": issue.parent,
        "place": issue.place,
        "number": issue.number,
        "issued_on": issue.issued_on.isoformat(),
        "authority_lines": list(issue.authority_lines),
        "signer_name": issue.signer_name,
        "code": issue.code,
        "verify_url": issue.verify_url,
        "dossier": issue.dossier,
        "procedure": issue.procedure,
        "holder": content.holder,
        "subject": content.subject,
        "system": issue.system,
        "exported_at": issue.exported_at.isoformat(timespec="seconds"),
        "validity": issue.validity,
        "sample": issue.sample,
        "data": content.values,
    }


def _named(attachments: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A paper without attachments says nothing of them."""
    return {"attachments": [{"title": title, "sha256": sha256} for title, sha256 in attachments]} if attachments else {}


def _canonical(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
