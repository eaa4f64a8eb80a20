"""`secondseal token check-record`, `token witness`: who signed the record of a ceremony; one signature more."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hsm import Attestation, KeyUri, RecordCheck, Witness, add_signature, check_record
from secondseal.commands.token.people import sign_in_turn
from secondseal.new_file import check_new, write_new
from secondseal.settings import Settings
from store import VIETNAM, vietnam_date

_STEPS = {
    "key-made": "tạo khóa · key made",
    "certificate-imported": "nạp chứng thư · certificate imported",
}


def add(verbs: Any) -> None:
    """check-record, witness."""
    check = verbs.add_parser(
        "check-record",
        help="verify every signature of a ceremony's record and say who signed what; exit status 0 only if all hold",
        epilog="Example: secondseal token check-record ceremony.json",
    )
    check.add_argument("record", type=Path, metavar="RECORD.json")
    check.add_argument("--anchors", type=Path, help="judge the certificates too: PEM file or folder of trust anchors")
    check.add_argument("--intermediates", type=Path, help="certificates that help to build their paths")
    check.add_argument("--json", action="store_true")
    check.set_defaults(act=_check)

    witness = verbs.add_parser(
        "witness",
        help="add the signature of a witness who is still missing; writes a new file",
        epilog="Example: secondseal token witness ceremony.json --name 'Lê Thị Mẫu'"
        " --uri 'pkcs11:serial=0123?module-path=...' --out ceremony-2.json",
    )
    witness.add_argument("record", type=Path, metavar="RECORD.json")
    witness.add_argument("--name", required=True, help="as the record names the witness")
    witness.add_argument("--uri", required=True, help="the witness's token")
    witness.add_argument("--out", type=Path, required=True, metavar="FILE.json")
    witness.add_argument("--pin-file", type=Path, help="default: pin-source of the uri, or ask")
    witness.set_defaults(act=_witness)


def _plain(text: object) -> str:
    """What a record says, for a terminal: no lines of its own making, nothing that moves the cursor."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(text))


def _check(options: argparse.Namespace, _settings: Settings) -> int:
    found = check_record(options.record.read_text("utf-8"))
    if options.anchors is not None:
        found = _judged(found, options.anchors, options.intermediates)
    if options.json:
        print(json.dumps(_as_json(found, judged=options.anchors is not None), ensure_ascii=False, indent=2))
        return 0 if found.whole else 1
    for line in _lines(found, judged=options.anchors is not None):
        print(_plain(line))
    return 0 if found.whole else 1


def _lines(found: RecordCheck, *, judged: bool) -> Iterator[str]:
    said = found.statement
    token = said.get("token", {})
    yield f"{_STEPS[said['step']]}, {said.get('at')}, {said.get('program')}"
    yield f"khóa · key: {said.get('label')} ({said.get('algorithm')}), id {said.get('id')}"
    yield f"SHA-256: {said['public_key_sha256']}"
    yield (
        f"token: {token.get('label')}, {token.get('manufacturer')} {token.get('model')} {token.get('firmware')}, "
        f"{token.get('serial')}"
    )
    yield f"mức khai báo · declared level: {said.get('device_level_declared') or '-'}"
    yield f"kế hoạch · plan SHA-256: {said.get('plan_sha256') or '-'}"
    for one in found.attestations:
        yield f"[{'đúng · good' if not one.problem else 'SAI · BAD'}] {_who(one)}"
        if one.problem:
            yield f"    {one.problem}"
    if not judged and any(one.chain for one in found.attestations):
        yield "Chứng thư chưa được xét độ tin cậy (--anchors). · Certificates were not judged (--anchors)."
    if not found.signed_by_key:
        yield "[THIẾU · MISSING] chữ ký của chính khóa · the key's own signature"
    for name in found.missing:
        yield f"[THIẾU · MISSING] {name}"
    yield (
        "Mọi chữ ký đều đúng và đủ. · Every signature is there and holds."
        if found.whole
        else "Biên bản chưa đủ hoặc đã bị sửa. · The record is incomplete or was changed."
    )


def _judged(found: RecordCheck, anchors: Path, intermediates: Path | None) -> RecordCheck:
    """The same with each certificate's path judged at the time its signature says; revocation is not asked for."""
    from trust import PathStatus, RevocationEvidence, TrustStore, check_path  # nothing the key ceremony needs

    store = TrustStore.load(anchors, intermediates)
    judged = []
    for one in found.attestations:
        if one.chain and one.at is not None and not one.problem:
            path = check_path(
                one.chain[0],
                others=one.chain[1:],
                store=store,
                at=one.at,
                evidence=RevocationEvidence(),
                use="signing",
                revocation="if-known",
            )
            if path.status is not PathStatus.TRUSTED:
                why = f"the certificate is not trusted: {path.status.name.lower()} {path.detail}".rstrip()
                judged.append(replace(one, problem=why))
                continue
        judged.append(one)
    return found.judged(tuple(judged))


def _witness(options: argparse.Namespace, settings: Settings) -> int:
    check_new(options.out)
    text = options.record.read_text("utf-8")
    found = check_record(text)
    if options.name not in found.missing:
        print(
            f"{options.name} không phải người chứng kiến còn thiếu chữ ký. · {options.name} is no witness whose "
            f"signature is missing ({_plain(', '.join(found.missing) or '-')}).",
            file=sys.stderr,
        )
        return 1
    if not found.signed_by_key or any(one.problem for one in found.attestations):
        print("Biên bản đã bị sửa; không ký. · The record was changed; it is not signed.", file=sys.stderr)
        return 1
    witness = Witness(name=options.name, post="", uri=KeyUri.parse(options.uri))
    signature = sign_in_turn(found.payload, witness, settings.state / "logins", options.pin_file)
    write_new(options.out, add_signature(text, signature).encode("utf-8"))
    print(options.out)
    return 0


def _who(one: Attestation) -> str:
    at = f"{one.at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}" if one.at else "?"
    if one.by_key:
        return f"{at}  khóa của buổi lễ tự ký · the ceremony's key itself{_certified(one)}"
    return f"{at}  {one.name or '?'}{f', {one.post}' if one.post else ''}{_certified(one)}"


def _certified(one: Attestation) -> str:
    if not one.chain:
        return ""
    from trust import common_name, issuer_name  # nothing the key ceremony needs

    leaf = one.chain[0]
    return (
        f"; chứng thư · certificate: {common_name(leaf)}, số · serial {leaf.serial_number:x}, do · by "
        f"{issuer_name(leaf)}, đến · until {vietnam_date(leaf.not_valid_after_utc):%d/%m/%Y}"
    )


def _as_json(found: RecordCheck, *, judged: bool) -> dict[str, Any]:
    return {
        "whole": found.whole,
        "certificates_judged": judged,
        "missing": list(found.missing),
        "signed_by_key": found.signed_by_key,
        "signatures": [
            {
                "by_key": one.by_key,
                "name": one.name,
                "post": one.post,
                "at": one.at.isoformat() if one.at else None,
                "certificate": one.chain[0].subject.rfc4514_string() if one.chain else None,
                "good": not one.problem,
                "problem": one.problem,
            }
            for one in found.attestations
        ],
        "record": dict(found.statement),
    }
