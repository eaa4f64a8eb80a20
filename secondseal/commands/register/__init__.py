"""`secondseal register ...`: audit the register, its log and checkpoints, exports. One module a noun."""

import argparse
import sys

from register import CheckpointKeyUnsafe, LogRewritten, LogTorn, NotYetSigned, ProofInvalid
from secondseal.commands.register import audit, checkpoint, export, proof
from secondseal.settings import load_settings


def arguments(parser: argparse.ArgumentParser) -> None:
    """Every module adds its verbs; each verb says which function carries it out (`act`)."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for noun in (audit, checkpoint, proof, export):
        noun.add(verbs)


def run(options: argparse.Namespace) -> int:
    """Exit status 0 only if what was asked for was done, or found to hold."""
    try:
        return int(options.act(options, load_settings()))
    except (NotYetSigned, ProofInvalid, LogRewritten, LogTorn) as error:
        print(f"{error.text_vi}\n{error.text_en}", file=sys.stderr)
    except CheckpointKeyUnsafe as error:
        print(f"Khoá của sổ không dùng được · The register's key cannot be used: {error}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: không đọc hoặc ghi được · cannot be used ({error.strerror})", file=sys.stderr)
    return 1
