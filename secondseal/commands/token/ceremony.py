"""`secondseal token ceremony`, `token import-certificate`: a key made, then certified, both on record."""

import argparse
import sys
from pathlib import Path
from typing import Any

from cryptography import x509

from hsm import CeremonyPlan, CeremonyRecord, KeyUri, import_certificate, make_key
from secondseal.commands.token.people import pin_of, sign_in_turn
from secondseal.commands.token.program import PROGRAM
from secondseal.new_file import check_new, replace_own, write_new
from secondseal.settings import Settings


def add(verbs: Any) -> None:
    """ceremony, import-certificate."""
    ceremony = verbs.add_parser(
        "ceremony",
        help="make a key that never leaves the token, a certificate request, and a record the witnesses sign",
        epilog="Example: secondseal token ceremony plan.toml --csr seal.csr --record ceremony.json",
    )
    ceremony.add_argument("plan", type=Path, metavar="PLAN.toml")
    ceremony.add_argument("--csr", type=Path, required=True, help="where the certificate request (PEM) goes")
    ceremony.add_argument("--record", type=Path, required=True, help="where the signed record (JWS) goes")
    ceremony.add_argument(
        "--pin-file", type=Path, help="PIN of the key's token; default: pin-source of its uri, or ask"
    )
    ceremony.set_defaults(act=_ceremony)

    bring = verbs.add_parser(
        "import-certificate",
        help="put the issued certificate beside its key, checked against it; leaves a record signed by the key",
        epilog="Example: secondseal token import-certificate 'pkcs11:token=con-dau?module-path=...' seal.pem"
        " --record import.json",
    )
    bring.add_argument("uri")
    bring.add_argument("certificate", type=Path, metavar="CERTIFICATE.pem")
    bring.add_argument("--record", type=Path, required=True, help="where the signed record (JWS) goes")
    bring.add_argument("--chain", type=Path, metavar="CHAIN.pem")
    bring.add_argument("--pin-file", type=Path, help="default: pin-source of the uri, or ask")
    bring.set_defaults(act=_import)


def _ceremony(options: argparse.Namespace, settings: Settings) -> int:
    if options.csr.absolute() == options.record.absolute():
        raise ValueError("--csr and --record name one file")
    plan = CeremonyPlan.load(options.plan)
    for uri in (plan.uri, *(witness.uri for witness in plan.witnesses)):
        if uri.module_path is None:
            raise ValueError(f"{options.plan}: {uri} names no module-path")
    for path in (options.csr, options.record):
        check_new(path)
    state = settings.state / "logins"
    record = make_key(plan, pin_of(plan.uri, options.pin_file), state=state, program=PROGRAM)
    # from here on there is a key: the record is on the disk before anything else is asked of anybody
    kept = _keep(record, options.record)
    try:
        write_new(options.csr, record.request_pem.encode("ascii"))
        for witness in plan.witnesses if kept else ():
            signed = record.signed(sign_in_turn(record.payload, witness, state))
            replace_own(options.record, record.as_jws().encode("utf-8"), signed.as_jws().encode("utf-8"))
            record = signed
    finally:
        _report(record, plan, options)
    return 0 if kept else 1


def _report(record: CeremonyRecord, plan: CeremonyPlan, options: argparse.Namespace) -> None:
    """What there is now, also after a failure, and whose signature is missing."""
    print(
        f"{record.label}: {record.algorithm}, SHA-256 {record.public_key_sha256}\n"
        f"token {record.token.label}, {record.token.serial}\n{options.csr}\n{options.record}"
    )
    for witness in plan.witnesses[len(record.signatures) - 1 :]:
        print(
            f"{witness.name} chưa ký. · {witness.name} has not signed: secondseal token witness {options.record} "
            f"--name '{witness.name}' --uri '...' --out FILE.json",
            file=sys.stderr,
        )


def _import(options: argparse.Namespace, settings: Settings) -> int:
    check_new(options.record)
    chain = x509.load_pem_x509_certificates(options.chain.read_bytes()) if options.chain else []
    uri = KeyUri.parse(options.uri)
    record = import_certificate(
        uri,
        pin_of(uri, options.pin_file),
        x509.load_pem_x509_certificate(options.certificate.read_bytes()),
        state=settings.state / "logins",
        chain=chain,
        program=PROGRAM,
    )
    kept = _keep(record, options.record)
    print(
        f"{record.label}: {record.algorithm}\nchứng thư · certificate {record.certificate_sha256}\n"
        f"{options.record if kept else ''}"
    )
    return 0 if kept else 1


def _keep(record: CeremonyRecord, path: Path) -> bool:
    """Write the record; where that fails show it, with where the key is. True if it was written."""
    try:
        write_new(path, record.as_jws().encode("utf-8"))
    except OSError as error:
        print(
            f"Không ghi được {path} ({error.strerror}). Khóa đã có trên token; hãy lưu biên bản dưới đây.\n"
            f"{path} cannot be written ({error.strerror}). The key is on the token: label {record.label!r}, "
            f"id {record.id.hex()}, token {record.token.label!r}, serial {record.token.serial}. "
            "Keep the record below.",
            file=sys.stderr,
        )
        print(record.as_jws())
        return False
    return True
