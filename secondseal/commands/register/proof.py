"""`secondseal register proof`, `check-proof`: that a sealed paper stands in the register's log."""

import argparse
import sys
from hashlib import file_digest
from pathlib import Path
from typing import Any

from register import check_proof, load_public_key, proof_of
from secondseal.new_file import write_new
from secondseal.settings import Settings


def add(verbs: Any) -> None:
    """proof PDF [-o FILE]; check-proof PDF PROOF --public-key FILE."""
    give = verbs.add_parser(
        "proof",
        help="a proof that this sealed file stands in the register's log (C2SP tlog-proof)",
        epilog="Example: secondseal register proof giay.pdf -o giay.tlog-proof",
    )
    give.add_argument("file", type=Path, metavar="PDF")
    give.add_argument("-o", "--out", type=Path, help="default: beside the file, with the ending .tlog-proof")
    give.set_defaults(act=_proof)
    check = verbs.add_parser(
        "check-proof",
        help="check a proof against the file and the log's public key; needs no service and no database",
        epilog="Example: secondseal register check-proof giay.pdf giay.tlog-proof --public-key log.key",
    )
    check.add_argument("file", type=Path, metavar="PDF")
    check.add_argument("proof", type=Path, metavar="PROOF")
    check.add_argument("--public-key", type=Path, required=True, help="the log's key (verifier key or PEM)")
    check.set_defaults(act=_check)


def _proof(options: argparse.Namespace, settings: Settings) -> int:
    from secondseal.wiring import open_existing
    from store import read

    with read(open_existing(settings.database)) as connection:
        proof = proof_of(connection, _sha256(options.file))
    out = options.out or options.file.with_suffix(".tlog-proof")
    write_new(out, proof.encode())
    print(out)
    return 0


def _check(options: argparse.Namespace, _settings: Settings) -> int:
    try:
        text = options.proof.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        print(f"{options.proof}: không phải văn bản · is no text", file=sys.stderr)
        return 1
    proven = check_proof(text, load_public_key(options.public_key), _sha256(options.file))
    print(
        f"Tệp này có trong nhật ký của sổ. · This file stands in the register's log.\n"
        f"Nhật ký · log: {proven.checkpoint.origin}\n"
        f"Lá · leaf: {proven.leaf} / {proven.checkpoint.size}\n"
        f"Ghi lúc · recorded: {proven.recorded_at} (theo máy của cơ quan · by the office's clock)\n"
        f"Dấu thời gian · time stamp: {f'{proven.proven_at:%Y-%m-%d %H:%M:%S} UTC' if proven.proven_at else '-'}"
    )
    return 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
