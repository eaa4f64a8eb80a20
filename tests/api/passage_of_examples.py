"""One office's day over HTTP, in order: what the examples of the description are recorded from and held against.

    EXAMPLES=record .venv/bin/pytest tests/api/test_examples.py      # writes api/examples.json anew

The main passage is the one of docs/tutorial.md (`MAIN`); the other calls follow. Every call is sent to the real
service; what was asked and answered is kept by the operation's name.
"""

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.serialization import Encoding

from api.operations import NAMES
from register import sign_checkpoint
from stamping import NewAttachment, NewReception, confirmations, dossiers
from store import write
from tests.api.administrators import add_administrators, caller
from tests.api.serving import PASSWORD, Running
from tests.stamping.office_desk import OFFICER, ORGANISATION, PROCEDURE
from tests.stamping.test_apologies import APPLICANT, at, soon

CODE: Final = "000.00.16.H05-261122-0001"
LATE: Final = "000.00.16.H05-261018-0004"
DOSSIER: Final = {
    "code": CODE,
    "procedure": PROCEDURE,
    "applicant": {
        "name": "Đặng Quốc Mẫu",
        "id_number": "000000000002",
        "phone": "0200000002",
        "address": "Khu phố Mẫu, phường Mẫu, tỉnh Bắc Ninh",
    },
    "return_way": "post",
}
PAPER: Final[dict[str, Any]] = {
    "dossier": CODE,
    "data": {
        "household_name": "HỘ KINH DOANH QUÁN PHỞ MẪU",
        "business_line": "Nhà hàng và các dịch vụ ăn uống phục vụ lưu động (5610)",
        "capital_vnd": 80000000,
        "address": "Số 7, ngõ 12, khu phố Mẫu, phường Mẫu, tỉnh Bắc Ninh",
        "representative": {
            "name": "Đặng Quốc Mẫu",
            "birth_date": "1995-11-03",
            "gender": "Nam",
            "ethnicity": "Kinh",
            "nationality": "Việt Nam",
        },
        "members": [],
    },
}
"""Both as docs/tutorial.md sends them; the paper's `registered_on` is the day."""
MAIN: Final = (
    "receive_dossier",
    "request_supplement",
    "receive_supplement",
    "appraise_dossier",
    "create_document",
    "open_approval_list",
    "prepare_approval_list",
    "read_approval_list",
    "submit_signature",
    "sign_in",
    "list_documents_to_seal",
    "authenticate_afresh",
    "confirm_seal_list",
    "return_document",
    "verify_file",
)
HIDDEN: Final = {"ticket": "SHOWN-ONCE", "secret": "whsec_U0hPV04tT05DRQ=="}
"""Members that are secrets, and what stands for them in the examples."""
ADDRESS: Final = "https://dongdau.example.gov.vn"
_LONGEST, _CUT, _MOST = 4000, 200, 2
_WHOLE: Final = frozenset({"stages", "byte_range"})
_CALLS: Final = {name: tuple(call.split(" ")) for call, name in NAMES.items()}


@dataclass(kw_only=True)
class Passage:
    """What was asked and answered, by operation, in order; refusals by status."""

    office: Running
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, dict[str, Any]] = field(default_factory=dict)

    def ask(self, client: httpx.Client, name: str, body: Any = None, **more: Any) -> Any:
        """Send the call and keep it, the first of its name; gives the answer's JSON (or bytes). `more` are members of
        its path, `params`, `headers`, `files`, and `status` where it is to be refused."""
        verb, path = _CALLS[name]
        named = {one: more.pop(one) for one in re.findall(r"{(\w+)}", path)}
        status = more.pop("status", None)
        answer = client.request(verb, path.format(**named), json=body, **more)
        assert status is None or answer.status_code == status, answer.text
        assert (answer.status_code < 300) == (status is None), answer.text
        told = answer.json() if "json" in answer.headers.get("content-type", "") else None
        if status is not None:
            self.refused[str(status)] = self._kept(told)
            return told
        kept: dict[str, Any] = {"status": str(answer.status_code)}
        for member, value in (("path", named), ("request", body), ("answer", told)):
            if value:
                kept[member] = self._kept(value)
        self.asked.setdefault(name, kept)
        return answer.content if told is None else told

    def _kept(self, value: Any, name: str = "") -> Any:
        """Without secrets and without the port of this run; long texts and lists cut."""
        if name in HIDDEN and value:
            return HIDDEN[name]
        if isinstance(value, dict):
            return {one: self._kept(inner, one) for one, inner in value.items()}
        if isinstance(value, list):
            return [self._kept(one) for one in (value if name in _WHOLE else value[:_MOST])]
        if isinstance(value, str):
            text = value.replace(self.office.url, ADDRESS)
            return text if len(text) <= _LONGEST and name != "toml" else text[:_CUT] + "…"
        return value


def walk(office: Running) -> Passage:
    """The whole of it, in an office of its own with a webhook key."""
    add_administrators(office)
    passage = Passage(office=office)
    paper = _main(passage)
    _papers(passage, paper)
    _endings(passage)
    _register(passage, paper)
    _institution(passage)
    _events(passage)
    passage.ask(office.signed_in("clerk", fresh=True), "sign_out")
    return passage


def _main(passage: Passage) -> str:
    office, ask, english = passage.office, passage.ask, {"accept-language": "en"}
    program = caller(office, "program")
    ask(program, "receive_dossier", DOSSIER)
    ask(
        program,
        "request_supplement",
        {"owed": "Bản sao hợp đồng thuê địa điểm kinh doanh"},
        dossier_code=CODE,
    )
    ask(program, "receive_supplement", dossier_code=CODE)
    ask(program, "appraise_dossier", dossier_code=CODE)
    paper = ask(program, "create_document", PAPER | {"data": _data(passage)})["id"]
    ask(program, "download_document", document_id=paper)
    opened = ask(program, "open_approval_list", {"documents": [paper], "officer_id": OFFICER})
    agent, there = office.client(token=opened["ticket"]), {"approval_id": opened["id"]}
    ask(agent, "prepare_approval_list", {"certificate": _certificate(office)}, **there)
    (prepared,) = ask(agent, "read_approval_list", **there)["documents"]
    ask(agent, "download_prepared_document", document_id=paper, **there)
    ask(agent, "submit_signature", {"signature": _signature(office, prepared)}, document_id=paper, **there)
    ask(agent, "submit_signatures", {"signatures": [{"id": paper, "signature": _signature(office, prepared)}]}, **there)
    custodian = office.client()
    ask(custodian, "sign_in", {"name": "van-thu", "password": PASSWORD})
    ask(custodian, "read_session")
    listed = _authenticated(passage, custodian)
    ask(program, "confirm_seal_list", listed, status=403, headers=english)
    with office.worker():
        done = ask(custodian, "confirm_seal_list", listed, headers={"prefer": "wait=20"})
    assert done["finished"]
    ask(custodian, "read_seal_list", confirmation_id=done["id"])
    returned = {
        "received_by": "Bưu cục phường Mẫu",
        "way": "post",
        "carrier": "Bưu điện Mẫu",
        "item_number": "EA000000001VN",
    }
    ask(program, "return_document", returned, document_id=paper, headers={"if-match": '"0"'} | english, status=412)
    ask(program, "return_document", {}, document_id=paper, headers=english, status=422)
    ask(program, "return_document", returned, document_id=paper)
    ask(program, "return_document", returned, document_id=paper, headers=english, status=409)
    sealed = program.get(f"/api/v1/documents/{paper}/file").content
    ask(office.client(), "verify_file", files={"file": ("sealed.pdf", sealed, "application/pdf")})
    return str(paper)


def _papers(passage: Passage, paper: str) -> None:
    """What else a workflow system asks about dossiers and papers."""
    ask, program = passage.ask, caller(passage.office, "program")
    for name in ("read_document", "read_document_exchange", "download_bundle"):
        ask(program, name, document_id=paper)
    ask(program, "list_documents")
    ask(program, "read_dossier", dossier_code=CODE)
    other = ask(program, "receive_dossier", DOSSIER | {"code": "000.00.16.H05-261122-0002"})["code"]
    ask(program, "choose_return_way", {"return_way": "online"}, dossier_code=other)
    ask(program, "withdraw_dossier", {"reason": "Người nộp đơn rút hồ sơ"}, dossier_code=other)
    third = ask(program, "receive_dossier", DOSSIER | {"code": "000.00.16.H05-261122-0003"})["code"]
    ask(program, "refuse_dossier", {"reason": "Địa điểm kinh doanh không thuộc phường Mẫu"}, dossier_code=third)
    ask(program, "list_dossiers")
    _late(passage)
    bad = PAPER | {"data": {"household_name": "HỘ KINH DOANH MẪU"}}
    ask(program, "create_documents", {"documents": [PAPER | {"data": _data(passage)}, bad]})


def _late(passage: Passage) -> None:
    """A dossier received forty days ago, for which the office apologises."""
    place, ask, program = passage.office.place, passage.ask, caller(passage.office, "program")
    new = NewReception(code=LATE, procedure=PROCEDURE, organisation=ORGANISATION, applicant=APPLICANT)
    dossiers.receive(at(place.desk, -40), new, "một cửa")
    asked = {"appointed_on": soon(place).isoformat(), "reason": "Cơ quan thuế chậm trả lời", "officer_id": OFFICER}
    ask(program, "apologise_for_dossier", asked, dossier_code=LATE)
    ask(program, "download_apology", dossier_code=LATE)
    ask(program, "download_receipt_slip", dossier_code=LATE)
    ask(program, "download_control_sheet", dossier_code=LATE)


def _endings(passage: Passage) -> None:
    """Papers beside the way, one approved by itself, one stamped by hand."""
    office, ask, program = passage.office, passage.ask, caller(passage.office, "program")
    reason = {"reason": "Sai số nhà"}
    first, second = office.place.sealed().id, office.place.sealed().id
    decision = {"decision_number": "12/QĐ-UBND", "decided_on": "2026-11-23", "reason": "Sai ngành, nghề"}
    ask(program, "correct_document", reason | {"by_document": second}, document_id=first)
    ask(program, "replace_document", decision | {"by_document": second}, document_id=first)
    ask(program, "recall_document", decision, document_id=second)
    pdf = Path("tests/corpus/foreign/libreoffice-letter.pdf").read_bytes()
    waiting = office.place.paper(attached=[NewAttachment(title="Sơ đồ địa điểm", pdf=pdf)]).id
    ask(program, "download_attachment", document_id=waiting, n=1)
    ask(program, "decline_document", {"kind": "withdrawn", **reason}, document_id=waiting)
    paper = office.place.paper().id
    asked = {"certificate": _certificate(office), "officer_id": OFFICER}
    opened = ask(program, "prepare_approval", asked, document_id=paper)
    signature = _signature(office, opened["documents"][0]["to_sign"])
    ask(program, "submit_approval", {"approval_id": opened["id"], "signature": signature}, document_id=paper)
    custodian = office.signed_in("custodian")
    listed = _authenticated(passage, custodian)
    stamped = {"document": paper, "list_sha256": listed["list_sha256"], "copies": 2, "reason": "Mất điện cả ngày"}
    ask(custodian, "record_wet_stamp", stamped)


def _register(passage: Passage, paper: str) -> None:
    office, ask, program = passage.office, passage.ask, caller(passage.office, "program")
    number = ask(program, "reserve_number", {"procedure": PROCEDURE, "purpose": "giấy của phần mềm khác"})
    ask(program, "list_open_numbers")
    ask(program, "void_number", {"reason": "Không ban hành"}, number_id=number["id"])
    sheet = {
        "symbol": "QĐ-UBND",
        "type_name": "QUYẾT ĐỊNH",
        "subject": "Về việc giao con dấu",
        "signer": "Nguyễn Văn Mẫu",
        "recipients": "Lê Thị Mẫu",
    }
    entered = ask(program, "enter_paper_document", sheet)["document"]
    left = {"issued_on": office.place.today().isoformat()}
    ask(program, "issue_paper_document", left, document_id=entered)
    other = ask(program, "enter_paper_document", sheet | {"subject": "Về việc khác"})["document"]
    ask(program, "void_paper_document", {"reason": "Không ban hành"}, document_id=other)
    reader = office.signed_in("clerk")
    ask(reader, "list_outgoing_register")
    ask(reader, "list_seal_register")
    ask(reader, "download_register", book="outgoing", form="csv")
    ask(reader, "download_exchange", form="json")
    with write(office.place.desk.engine) as connection:
        sign_checkpoint(connection, key_file=office.place.desk.home / "checkpoint.key", origin="mau.example/log")
    size = ask(office.client(), "read_checkpoint").decode().split("\n")[1]
    ask(office.client(), "read_log_tile", path=f"0/000.p/{size}")
    ask(program, "read_document_proof", document_id=paper)
    ask(reader, "read_statistics")
    ask(reader, "download_statistics")


def _institution(passage: Passage) -> None:
    office, ask = passage.office, passage.ask
    first, second = caller(office, "administrator"), caller(office, "second")
    now = ask(first, "read_office")
    ask(first, "list_office_versions")
    ask(first, "read_office_version", number=now["version"])
    text = now["toml"].replace('appointed_by = "05/QĐ-MẪU"', 'appointed_by = "07/QĐ-MẪU"')
    assert text != now["toml"]

    def proposed(why: str) -> dict[str, Any]:
        asked = {"toml": text + f"\n# {why}\n", "why": why, "base": now["version"]}
        made: dict[str, Any] = ask(first, "propose_office_change", asked)
        return made

    one = proposed("Quyết định 07/QĐ-MẪU")["proposal"]
    ask(first, "read_office_proposal", number=one)
    ask(first, "withdraw_office_proposal", {"note": "Nhầm số quyết định"}, number=one)
    ask(second, "reject_office_proposal", {"note": "Chưa có quyết định"}, number=proposed("Việc khác")["proposal"])
    good = proposed("Quyết định 07/QĐ-MẪU, bản chính")
    ask(second, "authenticate_afresh", {"list_sha256": good["confirm_sha256"], "password": PASSWORD})
    ask(second, "confirm_office_proposal", {"note": "Đúng quyết định"}, number=good["proposal"])
    ask(first, "list_office_proposals")


def _events(passage: Passage) -> None:
    ask, program = passage.ask, caller(passage.office, "program")
    ask(program, "list_events", params={"limit": 2})
    asked = {"url": "https://motcua.example.gov.vn/su-kien", "events": ["document.sealed", "document.returned"]}
    there = {"webhook_id": ask(program, "register_webhook", asked)["id"]}
    for name in ("read_webhook", "renew_webhook_secret", "repeat_webhook_events"):
        ask(program, name, **there)
    ask(program, "list_webhooks")
    ask(program, "remove_webhook", **there)


def _authenticated(passage: Passage, custodian: httpx.Client) -> dict[str, Any]:
    """Everything that waits, freshly authenticated for."""
    pending = passage.ask(custodian, "list_documents_to_seal")
    shown = [(one["id"], one["approved_sha256"]) for one in pending["documents"]]
    hashed = confirmations.list_sha256(shown)
    assert hashed == pending["list_sha256"]
    passage.ask(custodian, "authenticate_afresh", {"list_sha256": hashed, "password": PASSWORD})
    return {"documents": [one for one, _ in shown], "list_sha256": hashed}


def _data(passage: Passage) -> dict[str, Any]:
    return {**PAPER["data"], "registered_on": passage.office.place.today().isoformat()}


def _certificate(office: Running) -> str:
    return base64.b64encode(office.place.officer_key.certificate.public_bytes(Encoding.DER)).decode()


def _signature(office: Running, prepared: dict[str, Any]) -> str:
    key = office.place.officer_key
    return base64.b64encode(key.sign(bytes.fromhex(prepared["digest"]), key.scheme)).decode()
