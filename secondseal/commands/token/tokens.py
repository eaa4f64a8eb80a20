"""`secondseal token list`, `token init`: what is plugged in; a blank token made ready."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from hsm import PinFile, TokenError, certificates, init_token, installed, list_tokens
from secondseal.settings import Settings


def add(verbs: Any) -> None:
    """list, init."""
    listing = verbs.add_parser(
        "list", help="tokens and certificates seen", epilog="Example: secondseal token list --json"
    )
    listing.add_argument("--module", action="append", help="path of a PKCS#11 module; default: all that are found")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(act=_list)

    first = verbs.add_parser(
        "init",
        help="make a blank token ready (refuses one that holds a token of this name)",
        epilog="Example: secondseal token init --module /usr/lib/softhsm/libsofthsm2.so --label con-dau"
        " --pin-file pin --so-pin-file so-pin",
    )
    first.add_argument("--module", required=True)
    first.add_argument("--label", required=True)
    first.add_argument("--pin-file", type=Path, required=True)
    first.add_argument("--so-pin-file", type=Path, required=True)
    first.set_defaults(act=_init)


def _list(options: argparse.Namespace, _settings: Settings) -> int:
    modules = options.module or [str(driver.path) for driver in installed()]
    rows = []
    for module in modules:
        try:
            tokens = list_tokens(module)
        except TokenError as error:
            # one driver that will not load must not hide the tokens of the others
            print(f"{module}: {error.text_vi} · {error.text_en} ({error})", file=sys.stderr)
            continue
        for token in tokens:
            held = [
                {
                    "subject": found.certificate.subject.rfc4514_string(),
                    "not_after": found.certificate.not_valid_after_utc.isoformat(),
                    "id": found.id.hex(),
                }
                for found in certificates(module, token)
            ]
            rows.append(
                {
                    "module": module,
                    "token": token.label,
                    "serial": token.serial,
                    "manufacturer": token.manufacturer,
                    "model": token.model,
                    "firmware": token.firmware,
                    "software": token.is_software,
                    "tries_left": token.tries_left,
                    "certificates": held,
                }
            )
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    for row in rows:
        software = " (phần mềm · software)" if row["software"] else ""
        print(f"{row['token']}  {row['manufacturer']} {row['model']}  {row['serial']}{software}\n  {row['module']}")
        for one in row["certificates"]:
            print(f"  {one['subject']}  đến · until {one['not_after'][:10]}")
    if not rows:
        print("Không thấy token nào. · No token is seen.")
    return 0


def _init(options: argparse.Namespace, _settings: Settings) -> int:
    token = init_token(
        options.module, label=options.label, so_pin=PinFile(options.so_pin_file), user_pin=PinFile(options.pin_file)
    )
    print(f"{token.label}: {token.manufacturer} {token.model}, {token.serial}")
    return 0
