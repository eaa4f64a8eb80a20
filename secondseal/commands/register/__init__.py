"""`secondseal register ...`: the books and their numbers, the log, its checkpoints and proofs. One module a noun."""

import argparse
import sys

from office import OfficeInvalid
from register import CheckpointKeyUnsafe, LogRewritten, LogTorn, ProofInvalid, RegisterError
from secondseal.commands.register import audit, checkpoint, exchange, exports, numbers, paper, proof
from secondseal.settings import load_settings
from stamping import Refusal


def arguments(parser: argparse.ArgumentParser) -> None:
    """Every module adds its verbs; each verb says which function carries it out (`act`)."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for noun in (audit, checkpoint, proof, exports, exchange, numbers, paper):
        noun.add(verbs)


def run(options: argparse.Namespace) -> int:
    """Exit status 0 only if what was asked for was done, or found to hold; else what to do is said."""
    try:
        return int(options.act(options, load_settings()))
    except (RegisterError, ProofInvalid, LogRewritten, LogTorn, OfficeInvalid) as error:
        print(f"{error.text_vi}\n{error.text_en}", file=sys.stderr)
    except CheckpointKeyUnsafe as error:
        print(f"Khoá của sổ không dùng được · The register's key cannot be used: {error}", file=sys.stderr)
    except Refusal as refusal:
        print(f"{refusal.text_vi}\n{refusal.text_en}", file=sys.stderr)
        for problem in refusal.detail.get("problems", ()):  # type: ignore[attr-defined]
            print(f"- {problem}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: không đọc hoặc ghi được · cannot be used ({error.strerror})", file=sys.stderr)
    return 1
