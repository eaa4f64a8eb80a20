"""The one-stop forms that go with a dossier, made of what is known of it now: its receipt slip, its control sheet.

They are made when they are asked for and kept nowhere; none is a document, and none takes a number.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from office import FIVE_STAGES, issuing_body
from stamping.apologies import person_of
from stamping.desk import Desk
from stamping.documents import list_documents
from stamping.dossier_views import DossierView, view
from stamping.refusal import Refusal, not_found
from stamping.states import STOPPED, Stage
from stamping.views import DocumentView
from store import VIETNAM, vietnam_date
from templates import GlyphMissing, Issue, PaperDataInvalid, RenderedPaper, render_form

RECEIPT_SLIP: Final = "giay-tiep-nhan"
CONTROL_SHEET: Final = "phieu-kiem-soat"

_COUNTER: Final = "Bộ phận Tiếp nhận và Trả kết quả"
_SEAL_MM: Final = 36.0
"""Room for the office's signature on a form."""
_STEPS: Final[Mapping[Stage, str]] = {
    "received": "Tiếp nhận",
    "appraised": "Thẩm định",
    "approved": "Phê duyệt",
    "stamped": "Đóng dấu",
    "returned": "Trả kết quả",
}
_WAYS: Final = {"counter": "", "online": "trực tuyến", "post": "qua bưu chính"}
_MOST_PAPERS: Final = 30


def receipt_slip(desk: Desk, code: str) -> RenderedPaper:
    """Giấy tiếp nhận hồ sơ và hẹn trả kết quả, with the deadline in force now.

    Raises `Refusal` not-found; wrong-state where no result is to come or the clock stands; paper-data-invalid,
    glyph-missing where it cannot be drawn.
    """
    dossier, now = view(desk, code), desk.clock()
    if not promised(dossier):
        raise Refusal(
            "wrong-state",
            f"Hồ sơ {dossier.code} đang chờ bổ sung hoặc đã kết thúc nên không có ngày hẹn trả kết quả.",
            f"Dossier {dossier.code} waits for a supplement or has ended, so no day is appointed for its result.",
            dossier=dossier.code,
            standing=dossier.standing,
        )
    return _drawn(desk, RECEIPT_SLIP, dossier, receipt_data(desk, dossier), now)


def promised(dossier: DossierView) -> bool:
    """Whether a result is to come on a day that is known: only then is there a receipt slip."""
    return dossier.standing in {"under_way", "ready"}


def control_sheet(desk: Desk, code: str) -> RenderedPaper:
    """Phiếu kiểm soát quá trình giải quyết hồ sơ, as far as the dossier has come: each step with who, when and
    how long.

    Raises `Refusal` not-found, paper-data-invalid, glyph-missing.
    """
    dossier, now = view(desk, code), desk.clock()
    papers = list_documents(desk, dossier=dossier.code, limit=_MOST_PAPERS)
    return _drawn(desk, CONTROL_SHEET, dossier, control_data(desk, dossier, papers, now), now)


def receipt_data(desk: Desk, dossier: DossierView) -> dict[str, Any]:
    """What the receipt slip says. What was handed in, and in how many copies, is not known here."""
    office, who = desk.office(), dossier.applicant
    procedure = office.procedure(dossier.procedure)
    counter = f"{_COUNTER}, {_organisation(desk, dossier)}"
    return {
        "desk": counter,
        "holder": who.name,
        # an organisation's slip is signed by whoever came
        "submitter": who.name if person_of(who.id_number) else None,
        "address": _said(who.address),
        "phone": _said(who.phone),
        "procedure_name": procedure.name if procedure else dossier.procedure,
        "working_days": procedure.working_days if procedure else None,
        "received_at": _moment(dossier.received_at),
        "appointed_at": _moment(dossier.due_at),
        "return_way": dossier.return_way,
        "counter": counter,
        # a program signs nothing: whoever hands the slip over writes their name
        "receiver": None if dossier.received_by.startswith("client:") else _said(dossier.received_by),
    }


def control_data(desk: Desk, dossier: DossierView, papers: Sequence[DocumentView], now: datetime) -> dict[str, Any]:
    """What the control sheet says; `papers` are the dossier's."""
    office = desk.office()
    procedure = office.procedure(dossier.procedure)
    going = sorted((one for one in papers if one.state not in STOPPED), key=lambda one: (one.created_at, one.id))
    due = dossier.apologies[0].due_at if dossier.apologies else dossier.due_at
    steps = [*_counter_steps(dossier), *(step for one in going for step in _paper_steps(one))]
    if not going and dossier.state == "appraised":
        names = procedure.stages if procedure else FIVE_STAGES
        steps += [{"name": _STEPS[name], "note": "chưa thực hiện"} for name in names[2:]]
    return {
        "holder": dossier.applicant.name,
        "procedure_name": procedure.name if procedure else dossier.procedure,
        "lead": _organisation(desk, dossier),
        "received_at": _moment(dossier.received_at),
        "due_at": _moment(due),
        "moved_to": _moment(dossier.due_at) if dossier.apologies else None,
        "outcome": _outcome(dossier, going, due, now),
        "steps": steps,
    }


def _counter_steps(dossier: DossierView) -> list[dict[str, Any]]:
    """Received and appraised. After a supplement the appraisal begins anew when it has come."""
    received = [line.at for line in dossier.history if line.event == "dossier.received"]
    asked = sum(line.event == "dossier.supplement_requested" for line in dossier.history)
    note = f"đã yêu cầu bổ sung {asked} lần" if asked else ""
    began = max(received, default=dossier.received_at)
    return [
        _step("received", dossier.received_by, dossier.received_at, dossier.received_at) | {"minutes": None},
        _step("appraised", dossier.appraised_by, began, dossier.appraised_at, note),
    ]


def _paper_steps(paper: DocumentView) -> list[dict[str, Any]]:
    """Approved, stamped where its procedure has that stage, returned: each begins where the one before ended."""
    steps: list[dict[str, Any]] = []
    began: datetime | None = paper.created_at
    for stage in paper.stages[2:]:
        ended = stage.at if stage.state == "done" else None
        notes = [f"văn bản số {paper.number}"] if stage.name == "approved" else []
        notes += {"now": ["đang thực hiện"], "stopped": ["đã dừng"]}.get(stage.state, [])
        steps.append(_step(stage.name, stage.who, began, ended, ", ".join(notes)))
        began = ended
    return steps


def _step(
    name: Stage, who: str | None, began: datetime | None, ended: datetime | None, note: str = ""
) -> dict[str, Any]:
    """One row; who did it and how long it took, once it is done."""
    step: dict[str, Any] = {"name": _STEPS[name], "note": note or None}
    if began:
        step["began_at"] = _moment(began)
    if ended:
        step |= {"who": _who(who or ""), "ended_at": _moment(ended)}
    if began and ended:
        step["minutes"] = max(int((ended - began).total_seconds()) // 60, 0)
    return step


def _outcome(dossier: DossierView, papers: Sequence[DocumentView], due: datetime, now: datetime) -> str:
    """Against the first deadline: another day appointed with an apology makes no result less late. A result is there
    when its last paper is stamped, or returned where none is stamped here."""
    if dossier.standing in {"refused", "withdrawn"}:
        return "stopped"
    if dossier.standing == "supplement_requested":
        return "waiting"
    there = [_settled(paper) for paper in papers]
    settled = max((at for at in there if at), default=None)
    if settled is None or None in there:
        return "overdue" if now > due else "open"
    if settled > due:
        return "late"
    return "early" if vietnam_date(settled) < vietnam_date(due) else "on_time"


def _settled(paper: DocumentView) -> datetime | None:
    passed = {stage.name: stage.at for stage in paper.stages if stage.state == "done"}
    return passed.get("stamped") or passed.get("returned")


def _drawn(desk: Desk, form: str, dossier: DossierView, data: Mapping[str, Any], now: datetime) -> RenderedPaper:
    office = desk.office()
    body = issuing_body(office, dossier.organisation, now)
    if body is None:
        raise not_found("cơ quan", "organisation", dossier.organisation)
    try:
        issue = Issue(
            organisation=body.name,
            parent=body.parent,
            place=body.place,
            number="",
            issued_on=vietnam_date(now),
            authority_lines=(_COUNTER,),
            signer_name=body.name,
            code=dossier.receipt_code,
            verify_url=f"{desk.public_url}/t/{dossier.receipt_code}",
            dossier=dossier.code,
            procedure=dossier.procedure,
            holder_id=dossier.applicant.id_number,
            system=desk.system,
            exported_at=now,
            validity="Đến ngày hẹn trả kết quả",
            seal_diameter_mm=_SEAL_MM,
            sample=office.test_office,
            page="t",
            appointed_at=dossier.due_at,
        )
        return render_form(form, data, issue)
    except PaperDataInvalid as error:
        problems = [{"path": path, "vi": vi, "en": en} for path, vi, en in error.problems]
        raise Refusal("paper-data-invalid", error.text_vi, error.text_en, problems=problems) from error
    except GlyphMissing as error:
        raise Refusal(
            "glyph-missing", error.text_vi, error.text_en, character=error.character, where=error.where
        ) from error


def _organisation(desk: Desk, dossier: DossierView) -> str:
    found = desk.office().organisation(dossier.organisation)
    return found.name if found else dossier.organisation


def _who(actor: str) -> str:
    """A person by name, a program as one."""
    return f"phần mềm {actor.removeprefix('client:')}" if actor.startswith("client:") else actor or "không rõ"


def _moment(at: datetime) -> str:
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")


def _said(words: str) -> str | None:
    """None for what nobody said: a form has no empty places."""
    return words.strip() or None
