"""`secondseal token ...`: tokens and keys, the doctor, the key ceremony."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from hsm import (
    HUNG,
    CeremonyPlan,
    KeyUri,
    Overdue,
    PinFile,
    PinPrompt,
    PinSource,
    TokenError,
    Watch,
    certificates,
    import_certificate,
    init_token,
    installed,
    list_tokens,
    make_key,
)
from office import OfficeInvalid
from secondseal.settings import Settings, load_settings


def arguments(parser: argparse.ArgumentParser) -> None:
    """list, doctor, init, ceremony, import-certificate."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    listing = verbs.add_parser(
        "list", help="tokens and certificates seen", epilog="Example: secondseal token list --json"
    )
    listing.add_argument("--module", action="append", help="path of a PKCS#11 module; default: all that are found")
    listing.add_argument("--json", action="store_true")

    doctor = verbs.add_parser(
        "doctor",
        help="sign and check with every configured key, with advice",
        epilog="Example: secondseal token doctor",
    )
    doctor.add_argument("--json", action="store_true")

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

    ceremony = verbs.add_parser(
        "ceremony",
        help="make a key that never leaves the token, and a certificate request",
        epilog="Example: secondseal token ceremony plan.toml --csr seal.csr --record ceremony.json",
    )
    ceremony.add_argument("plan", type=Path, metavar="PLAN.toml")
    ceremony.add_argument("--csr", type=Path, required=True, help="where the certificate request (PEM) goes")
    ceremony.add_argument("--record", type=Path, required=True, help="where the record of the ceremony (JSON) goes")
    ceremony.add_argument("--pin-file", type=Path, help="default: ask")

    bring = verbs.add_parser(
        "import-certificate",
        help="put the issued certificate beside its key, checked against it",
        epilog="Example: secondseal token import-certificate 'pkcs11:token=con-dau?module-path=...' seal.pem",
    )
    bring.add_argument("uri")
    bring.add_argument("certificate", type=Path, metavar="CERTIFICATE.pem")
    bring.add_argument("--chain", type=Path, metavar="CHAIN.pem")
    bring.add_argument("--pin-file", type=Path, help="default: ask")


def run(options: argparse.Namespace) -> int:
    """Exit status 1 when the token refuses, with what to do."""
    settings = load_settings()
    if settings.softhsm2_conf is not None:
        os.environ["SOFTHSM2_CONF"] = str(settings.softhsm2_conf)
    verbs: dict[str, Callable[[argparse.Namespace, Settings], int]] = {
        "list": _list,
        "doctor": _doctor,
        "init": _init,
        "ceremony": _ceremony,
        "import-certificate": _import,
    }
    try:
        with Watch(settings.key_call_limit_s, _leave):
            return verbs[options.verb](options, settings)
    except TokenError as error:
        print(f"{error.text_vi}\n{error.text_en}\n({type(error).__name__}: {error})", file=sys.stderr)
        return 1
    except OfficeInvalid as error:
        print(f"{error.text_vi}\n{error.text_en}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: không đọc hoặc ghi được · cannot be used ({error.strerror})", file=sys.stderr)
        return 1


def _leave(late: Overdue) -> None:
    """The driver does not answer: nothing here can break the call off."""
    print(
        f"{late.module_path}: trình điều khiển không trả lời trong {late.seconds:.0f} giây. Kiểm tra HSM hoặc token "
        f"(nguồn, cáp, mạng), rút ra cắm lại.\n"
        f"{late}. Check the HSM or token (power, cable, network), plug it in again.",
        file=sys.stderr,
        flush=True,
    )
    os._exit(HUNG)


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


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    from secondseal.doctor import examine_all  # the office's rules and the database: nothing the key ceremony needs

    advice = examine_all(settings, datetime.now(UTC))
    if options.json:
        print(json.dumps([one.as_json() for one in advice], ensure_ascii=False, indent=2))
    else:
        for one in advice:
            print(f"[{one.finding.state}] {one.what}\n    {one.finding.text_vi}\n    {one.finding.text_en}")
    return 0 if all(one.finding.state != "fault" for one in advice) else 1


def _init(options: argparse.Namespace, _settings: Settings) -> int:
    token = init_token(
        options.module, label=options.label, so_pin=PinFile(options.so_pin_file), user_pin=PinFile(options.pin_file)
    )
    print(f"{token.label}: {token.manufacturer} {token.model}, {token.serial}")
    return 0


def _ceremony(options: argparse.Namespace, settings: Settings) -> int:
    for path in (options.csr, options.record):
        if path.exists():
            print(f"{path} đã có; không ghi đè. · {path} exists and is not overwritten.", file=sys.stderr)
            return 1
    record = make_key(CeremonyPlan.load(options.plan), _pin(options), state=settings.state / "logins")
    options.csr.write_text(record.request_pem, encoding="ascii")
    options.record.write_text(json.dumps(record.as_json(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"{record.label}: {record.algorithm}, {record.public_key_sha256}\n{options.csr}\n{options.record}")
    return 0


def _import(options: argparse.Namespace, settings: Settings) -> int:
    chain = x509.load_pem_x509_certificates(options.chain.read_bytes()) if options.chain else []
    record = import_certificate(
        KeyUri.parse(options.uri),
        _pin(options),
        x509.load_pem_x509_certificate(options.certificate.read_bytes()),
        state=settings.state / "logins",
        chain=chain,
    )
    print(json.dumps(record.as_json(), ensure_ascii=False, indent=2))
    return 0


def _pin(options: argparse.Namespace) -> PinSource:
    return PinFile(options.pin_file) if options.pin_file else PinPrompt("Mã PIN · PIN: ")
