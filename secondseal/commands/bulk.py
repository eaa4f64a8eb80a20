"""`secondseal bulk`: a table becomes papers, one a row."""

import argparse
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from api.problems import Problem
from secondseal.bulk.blank import write_blank
from secondseal.bulk.making import Run, check_all
from secondseal.bulk.progress import Progress
from secondseal.bulk.report import Report, reporting
from secondseal.bulk.rows import Ordered, Row, rows_of
from secondseal.bulk.table import TableUnreadable, read_table
from secondseal.papers import office_papers
from secondseal.settings import load_settings
from secondseal.wiring import build_desk, now, open_existing
from stamping import Desk, Refusal, intake
from store import StoreError, vietnam_date
from templates import DataSchema, FolderInvalid, PaperUnknown
from verifier import Sandbox


def arguments(parser: argparse.ArgumentParser) -> None:
    """template, check, make."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    template = verbs.add_parser(
        "template",
        help="the empty table of a paper, with an example on its second sheet",
        epilog="Example: secondseal bulk template dang-ky-ho-kinh-doanh -o danh-sach.xlsx",
    )
    template.add_argument("name", metavar="NAME", help="a name that `secondseal paper list` shows")
    template.add_argument("-o", "--out", type=Path, required=True, metavar="FILE.xlsx", help="where the table goes")
    for verb, told in (
        ("check", "say what is wrong with each row; nothing is made"),
        ("make", "check every row, then make its paper; run again after a stop, it goes on"),
    ):
        one = verbs.add_parser(
            verb, help=told, epilog=f"Example: secondseal bulk {verb} danh-sach.xlsx --procedure 1.001612"
        )
        one.add_argument("file", type=Path, metavar="FILE", help="CSV (UTF-8) or XLSX (its first sheet)")
        one.add_argument("--procedure", required=True, metavar="CODE", help="of the dossiers, in the office's file")
        one.add_argument("--paper", metavar="NAME", help="default: the procedure's own")
        one.add_argument("--organisation", metavar="CODE", help="default: the dossier's, or the only one")
        one.add_argument("--officer", metavar="ID", help="who is to approve; default: as the office has assigned")
        one.add_argument("--report", type=Path, metavar="CSV", help="default: FILE.report.csv")


def run(options: argparse.Namespace) -> int:
    """Exit status 1 where a row has a fault or was refused, or a file cannot be used; 130 after Ctrl-C."""
    try:
        if options.verb == "template":
            return _template(options)
        return _rows(options)
    except (TableUnreadable, Refusal, Problem, PaperUnknown, FolderInvalid, StoreError) as error:
        problem = error.problem if isinstance(error, Refusal) else error
        said = f"{problem.text_vi}\n{problem.text_en}"
    except DBAPIError:
        said = "Cơ sở dữ liệu không trả lời; hãy chạy lại.\nThe database does not answer; run it again."
    except OSError as error:
        said = f"{error.filename}: không đọc hoặc ghi được · cannot be used ({error.strerror})"
    print(f"secondseal bulk: {said}", file=sys.stderr)
    return 1


def _template(options: argparse.Namespace) -> int:
    paper = office_papers(load_settings()).paper(options.name, on=vietnam_date(now()))
    write_blank(paper, options.out)
    print(f"{options.out}: {paper.title}")
    return 0


def _rows(options: argparse.Namespace) -> int:
    table = read_table(options.file)
    settings = load_settings()
    open_existing(settings.database).dispose()
    with Sandbox() as sandbox:
        desk = build_desk(settings, sandbox)
        with _released(desk):
            ordered = _ordered(desk, options)
            rows = rows_of(desk, table, ordered)
            work = Run(desk=desk, sha256=table.sha256, ordered=ordered)
            report = options.report or options.file.with_name(f"{options.file.name}.report.csv")
            wrong = _checked(work, rows)
            with reporting(report) as written:
                if wrong or options.verb == "check":
                    return _told(rows, wrong, written, report)
                return _made(work, rows, written, report)


@contextmanager
def _released(desk: Desk) -> Iterator[None]:
    try:
        yield
    finally:
        desk.engine.dispose()


def _ordered(desk: Desk, options: argparse.Namespace) -> Ordered:
    procedure = intake.procedure_of(desk, options.procedure)
    name = options.paper or procedure.paper
    if name is None:
        raise Refusal(
            "paper-data-invalid",
            f"Thủ tục {procedure.code} chưa có mẫu giấy; hãy nêu --paper.",
            f"Procedure {procedure.code} has no paper; name one by --paper.",
        )
    paper = desk.papers.paper(name, on=vietnam_date(desk.clock()))
    return Ordered(
        paper=paper,
        procedure=procedure.code,
        organisation=options.organisation,
        officer=options.officer,
        actor=f"command:{pwd.getpwuid(os.getuid()).pw_name}",
        schema=DataSchema(paper.schema),
    )


def _checked(work: Run, rows: list[Row]) -> int:
    progress = Progress(len(rows), "Kiểm tra · checked")
    try:
        return check_all(work, rows, progress.step)
    finally:
        progress.end()


def _told(rows: list[Row], wrong: int, written: Report, report: Path) -> int:
    for row in rows:
        if row.faults:
            written.faults(row)
        else:
            written.right(row)
        for fault in row.faults:
            where = fault.column or fault.path
            print(f"dòng · row {row.number}, {where}: {fault.vi} · {fault.en}", file=sys.stderr)
    if wrong:
        print(
            f"{wrong}/{len(rows)} dòng có lỗi, chưa lập văn bản nào: {report}\n"
            f"{wrong} of {len(rows)} rows have faults, nothing was made: {report}",
            file=sys.stderr,
        )
        return 1
    print(f"{len(rows)} dòng đúng · rows are right: {report}")
    return 0


def _made(work: Run, rows: list[Row], written: Report, report: Path) -> int:
    progress = Progress(len(rows), "Lập văn bản · made")
    made = refused = 0
    try:
        for row in rows:
            if work.make(row, written):
                made += 1
            else:
                refused += 1
            progress.step()
    except BaseException:
        progress.end()
        print(
            f"Dừng sau {made + refused}/{len(rows)} dòng: chạy lại đúng lệnh này để làm tiếp, không lập trùng.\n"
            f"Stopped after {made + refused} of {len(rows)} rows: run the same command again, nothing is made twice.",
            file=sys.stderr,
        )
        raise
    progress.end()
    print(f"{made} văn bản · papers, {refused} bị từ chối · refused: {report}")
    return 1 if refused else 0
