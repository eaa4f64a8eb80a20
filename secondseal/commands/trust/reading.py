"""`secondseal trust list|sources`: who is relied on, and whether their OCSP and CRL services answer."""

import argparse
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

from cryptography import x509

from secondseal.commands.trust.shown import grouped, key_of, signed_with
from secondseal.settings import Settings
from secondseal.wiring import configured_store, network, now, trust_store
from store import VIETNAM
from trust import (
    Listed,
    RevocationClient,
    RevocationEvidence,
    SourceState,
    TrustList,
    check_path,
    common_name,
)
from verifier import in_zone

_KINDS = {"anchor": "gốc tin cậy · anchor", "intermediate": "trung gian · intermediate"}


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verbs that only read."""
    listing = verbs.add_parser(
        "list", help="anchors and intermediates, with their ends", epilog="Example: secondseal trust list"
    )
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(act=_list)
    sources = verbs.add_parser(
        "sources",
        help="ask each OCSP and CRL service of the authorities and of given certificates now",
        epilog="Example: secondseal trust sources seal.pem",
    )
    sources.add_argument("files", nargs="*", metavar="FILE", help="certificates of seals or officers to ask about")
    sources.add_argument("--json", action="store_true")
    sources.set_defaults(act=_sources)


def _list(options: argparse.Namespace, settings: Settings) -> int:
    at = now()
    listed = TrustList.load(settings.trust_list).entries(configured_store(settings))
    if options.json:
        print(json.dumps([_as_json(one, at) for one in listed], ensure_ascii=False, indent=2))
        return 0
    if not listed:
        print("Chưa có tổ chức nào. · No authority yet: secondseal trust add FILE --as anchor")
    for one in listed:
        print("\n".join(_lines(one, at)))
    return 0


def _lines(one: Listed, at: datetime) -> Iterator[str]:
    certificate = one.certificate
    days = (certificate.not_valid_after_utc - at).days
    ends = f"{in_zone(certificate.not_valid_after_utc):%Y-%m-%d}"
    left = f"còn {days} ngày · {days} days left" if days >= 0 else "đã hết hạn · expired"
    yield f"{common_name(certificate)}"
    yield f"  {_KINDS[one.kind]}, {key_of(certificate)}, {signed_with(certificate)}, {ends} ({left})"
    yield f"  SHA-256 {grouped(one.sha256)}"
    if one.added is not None:
        yield f"  + {one.added.at.astimezone(VIETNAM):%Y-%m-%d %H:%M}, {one.added.by}: {one.added.note or '-'}"
    else:
        yield "  + tệp trong cấu hình · a file of the settings"
    if one.ending is not None and one.ending.since is not None:
        yield (
            f"  × đến · until {in_zone(one.ending.since):%Y-%m-%d %H:%M:%S} "
            f"({one.ending.at.astimezone(VIETNAM):%Y-%m-%d}, {one.ending.by}: {one.ending.note})"
        )


def _as_json(one: Listed, at: datetime) -> dict[str, Any]:
    certificate, ending = one.certificate, one.ending
    since = ending.since if ending is not None else None
    return {
        "kind": one.kind,
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "sha256": one.sha256,
        "key": key_of(certificate),
        "signed_with": signed_with(certificate),
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "expired": at > certificate.not_valid_after_utc,
        "added_at": one.added.at.isoformat() if one.added else None,
        "added_by": one.added.by if one.added else None,
        "ended_from": since.isoformat() if since else None,
        "ended_by": ending.by if ending else None,
        "note": (ending or one.added).note if ending or one.added else "",  # type: ignore[union-attr]
    }


def _sources(options: argparse.Namespace, settings: Settings) -> int:
    at, store = now(), trust_store(settings)
    given = [x509.load_pem_x509_certificate(_pem(name)) for name in options.files]
    client = RevocationClient(network(settings))
    states: dict[str, SourceState] = {}
    for certificate in (*given, *store.intermediates):
        nothing = RevocationEvidence()
        path = check_path(certificate, store=store, at=at, evidence=nothing, use="signing", revocation="if-known")
        for one, issuer in pairwise(path.chain):
            states |= {state.url: state for state in client.probe(one, issuer, now=at)}
    client.close()
    found = sorted(states.values(), key=lambda state: state.url)
    if options.json:
        print(json.dumps([_state_json(state) for state in found], ensure_ascii=False, indent=2))
    else:
        print("\n".join(_state_line(state) for state in found) or "Không có địa chỉ nào để hỏi. · No address to ask.")
    return 0 if all(state.problem is None for state in found) else 1


def _pem(name: str) -> bytes:
    with open(name, "rb") as file:  # noqa: PTH123 - the error names the file as it was typed
        return file.read()


def _state_line(state: SourceState) -> str:
    mark = "+" if state.problem is None else "×"
    until = in_zone(state.good_until).strftime("%Y-%m-%d %H:%M") if state.good_until else "-"
    said = f"trả lời, giữ đến · answers, kept until {until}" if state.problem is None else state.problem
    return f"{mark} {state.by.upper():4} {state.url}: {said}"


def _state_json(state: SourceState) -> dict[str, Any]:
    return {
        "url": state.url,
        "by": state.by,
        "asked_at": state.asked_at.isoformat(),
        "answered": state.problem is None,
        "problem": state.problem,
        "good_until": state.good_until.isoformat() if state.good_until else None,
    }
