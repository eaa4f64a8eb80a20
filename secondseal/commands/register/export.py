"""`secondseal register ...`: audit the register, export it."""

import argparse
import json
from datetime import datetime
from pathlib import Path

from register import CheckpointKey, as_csv, audit, load_public_key, outgoing, read_notes
from secondseal.settings import Settings, load_settings
from secondseal.wiring import open_existing
from store import Files, read


def arguments(parser: argparse.ArgumentParser) -> None:
    """audit [--json] [--public-key PEM] [--kept FILE]; export --organisation --year -o."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser(
        "audit",
        help="re-check the register against its own chains, its signed checkpoints and the stored files",
        epilog="Example: secondseal register audit --json --public-key checkpoint.pub",
    )
    check.add_argument("--json", action="store_true")
    check.add_argument(
        "--public-key", type=Path, help="checkpoint key (PEM) kept elsewhere; default: the service's own"
    )
    check.add_argument("--kept", type=Path, help="file of checkpoint notes kept elsewhere; default: the service's own")
    export = verbs.add_parser(
        "export",
        help="the outgoing register of one organisation and year as CSV, ten columns (Decree 30, annex IV)",
        epilog="Example: secondseal register export --organisation H05.X1 --year 2026 -o so-van-ban-di.csv",
    )
    export.add_argument("--organisation", required=True)
    export.add_argument("--year", type=int, default=datetime.now().astimezone().year)
    export.add_argument("-o", "--out", type=Path, required=True)


def run(options: argparse.Namespace) -> int:
    """audit: exit status 0 only if nothing is missing or altered."""
    settings = load_settings()
    return _audit(options, settings) if options.verb == "audit" else _export(options, settings)


def _audit(options: argparse.Namespace, settings: Settings) -> int:
    engine = open_existing(settings.database)
    key = None
    if options.public_key is not None:
        key = load_public_key(options.public_key)
    elif settings.checkpoint_key.is_file():
        key = CheckpointKey.load_or_create(settings.checkpoint_key, origin=settings.public_url).public_key
    notes = options.kept or settings.checkpoint_notes
    kept = read_notes(notes) if notes.is_file() else ()
    with read(engine) as connection:
        report = audit(connection, Files(settings.files), key, kept_notes=kept)
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        return 0 if report.intact else 1
    print(
        f"Nhật ký con dấu · seal log: {report.seal_log_rows}\n"
        f"Nhật ký sổ · journal: {report.journal_rows}\n"
        f"Điểm chốt · checkpoints: {report.checkpoints}\n"
        f"Tệp lưu · files: {report.files}\n"
        f"Số văn bản · numbers: {report.numbers}"
    )
    for remark in report.findings:
        print(f"SAI · WRONG  {remark.text_vi} · {remark.text_en}")
    for remark in report.notes:
        print(f"lưu ý · note {remark.text_vi} · {remark.text_en}")
    print("Sổ nguyên vẹn. · The register is intact." if report.intact else "Sổ KHÔNG nguyên vẹn. · NOT intact.")
    return 0 if report.intact else 1


def _export(options: argparse.Namespace, settings: Settings) -> int:
    with read(open_existing(settings.database)) as connection:
        rows = outgoing.entries(connection, organisation=options.organisation, year=options.year)
    options.out.write_bytes(as_csv(rows))
    print(f"{options.out}: {len(rows)}")
    return 0
