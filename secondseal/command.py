"""The console script `secondseal`: one module of `secondseal.commands` per noun, imported only when it is asked for."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from secondseal.logs import configure
from secondseal.settings import SettingsError
from trust import AnchorsUnreadable


@dataclass(frozen=True, slots=True)
class Noun:
    """A subcommand: its module adds the arguments (`arguments(parser)`) and carries it out (`run(options) -> int`)."""

    name: str
    summary: str
    example: str


NOUNS: Final = (
    Noun("demo", "carry one paper through all five stages with a demo office", "secondseal demo --out var/demo"),
    Noun("serve", "run the service: pages, API and seal worker", "secondseal serve --demo --port 8000"),
    Noun("verify", "judge PDF files, with no service and no key", "secondseal verify paper.pdf --anchors anchors.pem"),
    Noun(
        "paper",
        "the catalogue of result papers; render one; start and check papers of the office's own",
        "secondseal paper render dang-ky-ho-kinh-doanh -o out.pdf",
    ),
    Noun(
        "bulk",
        "a table (CSV, XLSX) becomes papers: one a row, checked first, stopped and resumed",
        "secondseal bulk make danh-sach.xlsx --procedure 1.001612",
    ),
    Noun("token", "PKCS#11 tokens, keys and the key ceremony", "secondseal token list"),
    Noun(
        "trust",
        "authorities relied on: list, add with the fingerprint compared, end, sources",
        "secondseal trust list",
    ),
    Noun("register", "audit and export the register", "secondseal register audit"),
    Noun("statistics", "on-time rate, time per stage, papers per procedure", "secondseal statistics --from 2026-01-01"),
    Noun("account", "people and programs who may sign in", "secondseal account list"),
    Noun("client", "programs that call: their scopes, limits and keys", "secondseal client list"),
    Noun("office", "the institution: what is in force, propose, confirm, history", "secondseal office show"),
    Noun("web", "the web process alone (started by serve)", "secondseal web --port 8000"),
    Noun("worker", "the seal worker alone (started by serve)", "secondseal worker"),
    Noun("courier", "sends events to webhooks (started by serve)", "secondseal courier"),
    Noun("webhooks", "receivers of events: list, add, repeat what failed", "secondseal webhooks list"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0 only when what was asked for was done."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="secondseal",
        description="The stamping stage (đóng dấu) of a one-stop public service office, fully electronic.",
        epilog="State lives under SECONDSEAL_HOME (default ./var). Example: secondseal demo --out var/demo",
    )
    commands = parser.add_subparsers(dest="noun", metavar="COMMAND", required=True)
    asked = next((word for word in given if not word.startswith("-")), None)
    for noun in NOUNS:
        sub = commands.add_parser(
            noun.name, help=noun.summary, description=_sentence(noun.summary), epilog=f"Example: {noun.example}"
        )
        if noun.name == asked:
            module = importlib.import_module(f"secondseal.commands.{noun.name}")
            module.arguments(sub)
            sub.set_defaults(run=module.run)
    options = parser.parse_args(given)
    configure("text")  # what runs for long reads its settings first, and may say json
    try:
        return int(options.run(options))
    except SettingsError as error:
        print(f"secondseal: {error}", file=sys.stderr)
        return 2
    except AnchorsUnreadable as error:
        print(f"secondseal: {error.text_vi}\n{error.text_en}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _sentence(summary: str) -> str:
    """A summary with a capital and a full stop; PDF, API and PKCS#11 stay as they are."""
    return f"{summary[0].upper()}{summary[1:]}."


if __name__ == "__main__":
    sys.exit(main())
