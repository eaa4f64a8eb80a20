"""`secondseal register audit`: is anything missing or altered?"""

import argparse
import json
from pathlib import Path
from typing import Any

from register import CheckpointKey, audit, load_public_key, read_notes
from secondseal.settings import Settings
from secondseal.wiring import open_existing
from store import Files, read


def add(verbs: Any) -> None:
    """audit [--json] [--public-key PEM] [--kept FILE]."""
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
    check.set_defaults(act=_audit)


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
