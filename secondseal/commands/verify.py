"""`secondseal verify FILE...`: judges files with no service and no key; again later, without them, what was kept."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from secondseal.new_file import write_new
from secondseal.settings import Settings, SettingsError, load_settings
from secondseal.wiring import network, trust_store
from trust import RevocationClient, TrustStore
from verifier import (
    CURRENT,
    DocumentFacts,
    Evidence,
    FactsInvalid,
    Sandbox,
    Verdict,
    collect,
    etsi_report,
    in_zone,
    judge,
    message,
    policy_path,
    read_check,
    report,
    words,
    write_check,
)

_VIETNAM = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What one verdict is made of; `name` is what the lines call it."""

    name: str
    facts: DocumentFacts
    evidence: Evidence
    at: datetime


def arguments(parser: argparse.ArgumentParser) -> None:
    """FILE..., --anchors, --intermediates, --json, --offline, --report-xml, --keep, --again, --at, --lang."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="a PDF; several are judged one by one")
    parser.add_argument("--anchors", type=Path, metavar="PEM_OR_DIR", help="every certificate in it is a trust anchor")
    parser.add_argument(
        "--intermediates", type=Path, metavar="PEM_OR_DIR", help="certificates that only help to build paths"
    )
    parser.add_argument("--json", action="store_true", help="one verdict object per line")
    parser.add_argument("--offline", action="store_true", help="use only the evidence inside the files")
    parser.add_argument(
        "--report-xml", type=Path, metavar="FILE", help="write the signatures' report too (ETSI TS 119 102-2); one PDF"
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write there what each verdict was made of")
    parser.add_argument(
        "--again", type=Path, metavar="FOLDER", help="judge what --keep wrote; needs no PDF, asks nobody"
    )
    parser.add_argument(
        "--at",
        type=moment,
        metavar="TIME",
        help="as of this time; with --again (default: when it was checked) or --offline alone",
    )
    parser.add_argument("--lang", choices=("vi", "en"), default="vi", help="language of the sentences (default vi)")


def moment(text: str) -> datetime:
    """RFC 3339, or a local time or day of Viet Nam. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=_VIETNAM)


def run(options: argparse.Namespace) -> int:
    """Exit status 0 only if all files are genuine; a path that cannot be opened is said, and the others are judged."""
    _check(options)
    settings = load_settings()
    if options.intermediates is not None:
        settings = settings.model_copy(update={"intermediates": options.intermediates})
    named = options.anchors  # who names anchors means these, and no list beside them
    store = trust_store(settings) if named is None else TrustStore.load(named, settings.intermediates)
    genuine = True
    for one in _kept(options) if options.again else _files(options, settings, store):
        if one is None:
            genuine = False
            continue
        verdict = judge(one.facts, one.evidence, store=store, at=one.at)
        genuine = genuine and verdict.word == "genuine"
        if options.keep is not None:
            _keep(options.keep, one, verdict)
        if options.report_xml is not None:
            url = f"{settings.public_url}{policy_path(verdict.policy_name, verdict.policy_version)}"
            write_report(options.report_xml, etsi_report(report(one.facts, one.evidence, verdict, store=store), url))
        _say(one.name, verdict, options)
    return 0 if genuine else 1


def _check(options: argparse.Namespace) -> None:
    if bool(options.files) == bool(options.again):
        raise SettingsError(
            "cần tệp PDF, hoặc --again THƯ_MỤC, không phải cả hai · PDF files or --again FOLDER, not both"
        )
    if options.at is not None and not (options.again or options.offline):
        # what authorities answer today is not what they answered then
        raise SettingsError("--at: chỉ đi với --again hay --offline · goes with --again or --offline alone")
    if options.again and (options.keep or options.report_xml):
        raise SettingsError("--again: không đi với --keep hay --report-xml · goes with neither --keep nor --report-xml")
    if options.report_xml is not None and len(options.files) != 1:
        raise SettingsError("--report-xml: báo cáo về một tệp PDF duy nhất · reports on one PDF alone")


def _files(options: argparse.Namespace, settings: Settings, store: TrustStore) -> Iterator[Gathered | None]:
    """Each PDF read and its evidence collected; None where it could not be opened."""
    client = None if options.offline else RevocationClient(network(settings))
    with Sandbox() as sandbox:
        for file in options.files:
            now = options.at or datetime.now(UTC)
            try:
                pdf = file.read_bytes()
            except OSError as error:
                print(f"{file}: không mở được tệp · cannot be opened ({error.strerror})", file=sys.stderr)
                yield None
                continue
            facts = sandbox.gather(pdf)
            evidence = collect(facts, store=store, client=client, now=now)
            yield Gathered(name=str(file), facts=facts, evidence=evidence, at=now)


def _kept(options: argparse.Namespace) -> Iterator[Gathered | None]:
    """Each check kept in the folder; None where it cannot be read."""
    found = sorted(options.again.glob("*.json"))
    if not found:
        raise SettingsError(f"{options.again}: không có gì được lưu ở đây · nothing is kept there")
    for file in found:
        try:
            check = read_check(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, FactsInvalid) as error:
            print(f"{file}: không đọc được · cannot be read ({str(error)[:200]})", file=sys.stderr)
            yield None
            continue
        if (check.policy_name, check.policy_version) != (CURRENT.name, CURRENT.version):
            was = f"{check.policy_name} {check.policy_version}"
            print(f"{file}: lúc đó xét theo · was judged by {was}", file=sys.stderr)
        yield Gathered(name=str(file), facts=check.facts, evidence=check.evidence, at=options.at or check.checked_at)


def _keep(folder: Path, one: Gathered, verdict: Verdict) -> None:
    """`<SHA-256 of the PDF>-<time in UTC>.json`, for its owner alone: facts name people. One that is there stays.

    Raises `SettingsError`.
    """
    file = folder / f"{one.facts.sha256}-{in_zone(one.at, UTC):%Y%m%dT%H%M%S%fZ}.json"
    text = write_check(
        one.facts,
        one.evidence,
        checked_at=one.at,
        policy_name=verdict.policy_name,
        policy_version=verdict.policy_version,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_new(file, text.encode(), mode=0o600)
    except FileExistsError:
        print(f"{file}: đã có, giữ nguyên · is there already, left as it is", file=sys.stderr)
    except OSError as error:
        raise SettingsError(f"{file}: không ghi được · cannot be written ({error.strerror})") from error


def _say(name: str, verdict: Verdict, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({"file": name, **verdict.as_json()}, ensure_ascii=False))
        return
    print(f"{name}: {verdict.word}: {words(verdict, options.lang).headline}")
    for finding in verdict.all_findings:
        print(f"  - {message(finding, options.lang)}")


def write_report(file: Path, xml: bytes | None) -> None:
    """Write the report. Raises `SettingsError` where there is no signature to report on, or no such folder."""
    if xml is None:
        raise SettingsError(f"{file}: tệp không có chữ ký số để báo cáo · the PDF has no signature to report on")
    try:
        file.write_bytes(xml)
    except OSError as error:
        raise SettingsError(f"{file}: không ghi được · cannot be written ({error.strerror})") from error
