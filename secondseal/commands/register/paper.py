"""`secondseal register paper`: enter a document made and signed on paper, so that the outgoing register is complete."""

import argparse
from dataclasses import asdict
from datetime import date
from typing import Any

from secondseal.commands.register.desk import actor, by, desk_of, only_organisation
from secondseal.settings import Settings
from stamping import PaperDocument, on_paper, once_of
from store import vietnam_date


def add(verbs: Any) -> None:
    """paper."""
    paper = verbs.add_parser(
        "paper",
        help="enter a document made on paper in the outgoing register, under the next or a reserved number",
        epilog="Example: secondseal register paper --symbol UBND-VP --type 'CÔNG VĂN' --subject 'Đính chính giấy chứng "
        "nhận số 01/GCN-UBND' --signer 'Nguyễn Văn Mẫu' --recipients 'Phạm Thị Mẫu' --issued 2026-11-23",
    )
    paper.add_argument("--organisation", help="its code; default: the office's only one")
    paper.add_argument("--symbol", required=True, help="what stands after the number, such as QĐ-UBND")
    paper.add_argument("--number", type=int, help="one reserved before; default: the next of the series")
    paper.add_argument("--dated", type=date.fromisoformat, metavar="DAY", help="the document's date; default: today")
    paper.add_argument("--type", required=True, help="tên loại, such as CÔNG VĂN")
    paper.add_argument("--subject", required=True, help="trích yếu")
    paper.add_argument("--signer", required=True)
    paper.add_argument("--recipients", required=True, help="nơi nhận, separated by semicolons")
    paper.add_argument("--keeper", default="Lưu: VT", help="who keeps the file copy; default: Lưu: VT")
    paper.add_argument("--copies", type=int, default=1)
    paper.add_argument("--note", default="")
    paper.add_argument("--issued", type=date.fromisoformat, metavar="DAY", help="the day it left")
    paper.add_argument("--received-by", default="", help="who signed for it")
    paper.add_argument("--key", help="an idempotency key: the same key enters it once")
    by(paper)
    paper.set_defaults(act=_paper)


def _paper(options: argparse.Namespace, settings: Settings) -> int:
    desk = desk_of(settings)
    new = PaperDocument(
        organisation=only_organisation(desk, options.organisation),
        symbol=options.symbol,
        dated=options.dated or vietnam_date(desk.clock()),
        type_name=options.type,
        subject=options.subject,
        signer=options.signer,
        recipients=options.recipients,
        keeper=options.keeper,
        copies=options.copies,
        note=options.note,
        number=options.number,
        issued_on=options.issued,
        received_by=options.received_by,
    )
    entry = on_paper.enter(desk, new, actor(options), once_of(actor(options), options.key, asdict(new)))
    print(f"{entry.notation}\t{entry.dated:%d/%m/%Y}\t{entry.document_id}")
    return 0
