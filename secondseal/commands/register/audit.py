"""`secondseal register audit`: is anything missing or altered?"""

import argparse
import json
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from register import CheckpointKey, audit, load_public_key, read_notes
from secondseal.kept_files import kept_files
from secondseal.settings import Settings
from secondseal.wiring import open_existing
from store import read
from verifier import Sandbox

_SAY_EVERY_S = 1.0


def add(verbs: Any) -> None:
    """audit [--json] [--public-key FILE] [--kept FILE_OR_FOLDER]."""
    check = verbs.add_parser(
        "audit",
        help="re-check the register against its own log, its signed checkpoints and the stored files",
        epilog="Example: secondseal register audit --json --public-key log.key --kept /mnt/luu-tru/so",
    )
    check.add_argument("--json", action="store_true")
    check.add_argument(
        "--public-key", type=Path, help="the log's key (verifier key or PEM) kept elsewhere; default: the service's own"
    )
    check.add_argument(
        "--kept",
        type=Path,
        help="file, or folder of exports, with checkpoints kept elsewhere; default: the service's own",
    )
    check.set_defaults(act=_audit)


def public_key_of(settings: Settings, given: Path | None) -> Ed25519PublicKey | None:
    """The key named, else the service's own; None where it has none yet."""
    if given is not None:
        return load_public_key(given)
    if settings.checkpoint_key.is_file():
        return CheckpointKey.load_or_create(settings.checkpoint_key, origin=settings.log_origin).public_key
    return None


def _audit(options: argparse.Namespace, settings: Settings) -> int:
    engine = open_existing(settings.database)
    key = public_key_of(settings, options.public_key)
    kept = read_notes(options.kept or settings.checkpoint_notes)
    if options.kept is not None and not kept:
        print(f"{options.kept}: không có điểm chốt nào · holds no checkpoint", file=sys.stderr)
        return 1
    with Sandbox() as sandbox, read(engine) as connection:

        def signed_by(pdf: bytes) -> frozenset[str]:
            facts = sandbox.gather(pdf)
            certificates = (one.mechanism.certificate for one in facts.signatures)
            return frozenset(sha256(der).hexdigest() for der in certificates if der)

        report = audit(
            connection, kept_files(settings), key, kept_notes=kept, signed_by=signed_by, progress=_Progress().say
        )
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        return 0 if report.intact else 1
    print(
        f"Nhật ký sổ · log: {report.log_entries}\n"
        f"Nhật ký con dấu · seal log: {report.seal_log_rows}\n"
        f"Điểm chốt · checkpoints: {report.checkpoints}\n"
        f"Đã có dấu thời gian đến · proven up to: {report.proven or '-'}\n"
        f"Tệp lưu · files: {report.files}\n"
        f"Số văn bản · numbers: {report.numbers}\n"
        f"Thời gian · time: {report.seconds:.1f} s ({report.rate} lá/giây · leaves/s)"
    )
    for remark in report.findings:
        print(f"SAI · WRONG  {remark.text_vi} · {remark.text_en}")
    for remark in report.notes:
        print(f"lưu ý · note {remark.text_vi} · {remark.text_en}")
    print("Sổ nguyên vẹn. · The register is intact." if report.intact else "Sổ KHÔNG nguyên vẹn. · NOT intact.")
    return 0 if report.intact else 1


class _Progress:
    """Says on standard error, at most once a second and only to a person, how far the audit is."""

    def __init__(self) -> None:
        self._said = time.monotonic()
        self._shown = sys.stderr.isatty()

    def say(self, part: str, count: int) -> None:
        now = time.monotonic()
        if self._shown and now - self._said >= _SAY_EVERY_S:
            self._said = now
            print(f"\r{part}: {count}".ljust(60), end="", file=sys.stderr, flush=True)
