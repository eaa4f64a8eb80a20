"""`secondseal verify FILE...`: judges files with no service and no key."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from secondseal.settings import SettingsError, load_settings
from secondseal.wiring import network, trust_store
from trust import RevocationClient
from verifier import Policy, Sandbox, collect, etsi_report, judge, message, policy_path, report, words


def arguments(parser: argparse.ArgumentParser) -> None:
    """FILE..., --anchors, --intermediates, --json, --offline, --report-xml, --lang."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a PDF; several are judged one by one")
    parser.add_argument("--anchors", type=Path, metavar="PEM_OR_DIR", help="every certificate in it is a trust anchor")
    parser.add_argument(
        "--intermediates", type=Path, metavar="PEM_OR_DIR", help="certificates that only help to build paths"
    )
    parser.add_argument("--json", action="store_true", help="one verdict object per line")
    parser.add_argument("--offline", action="store_true", help="use only the evidence inside the files")
    parser.add_argument(
        "--report-xml", type=Path, metavar="FILE", help="write the signatures' report too (ETSI TS 119 102-2); one PDF"
    )
    parser.add_argument("--lang", choices=("vi", "en"), default="vi", help="language of the sentences (default vi)")


def run(options: argparse.Namespace) -> int:
    """Exit status 0 only if all files are genuine; a path that cannot be opened is said, and the others are judged."""
    settings = load_settings()
    changed = {
        key: path
        for key, path in (("trust_anchors", options.anchors), ("intermediates", options.intermediates))
        if path is not None
    }
    settings = settings.model_copy(update=changed)
    store = trust_store(settings)
    client = None if options.offline else RevocationClient(network(settings))
    if options.report_xml is not None and len(options.files) != 1:
        raise SettingsError("--report-xml: báo cáo về một tệp PDF duy nhất · reports on one PDF alone")
    genuine = True
    with Sandbox() as sandbox:
        for file in options.files:
            now = datetime.now(UTC)
            try:
                pdf = file.read_bytes()
            except OSError as error:
                genuine = False
                print(f"{file}: không mở được tệp · cannot be opened ({error.strerror})", file=sys.stderr)
                continue
            facts = sandbox.gather(pdf)
            evidence = collect(facts, store=store, client=client, now=now)
            verdict = judge(facts, evidence, policy=Policy(), store=store, at=now)
            genuine = genuine and verdict.word == "genuine"
            if options.report_xml is not None:
                url = f"{settings.public_url}{policy_path(verdict.policy_name, verdict.policy_version)}"
                write_report(options.report_xml, etsi_report(report(facts, evidence, verdict, store=store), url))
            if options.json:
                print(json.dumps({"file": str(file), **verdict.as_json()}, ensure_ascii=False))
            else:
                print(f"{file}: {verdict.word}: {words(verdict, options.lang).headline}")
                for finding in verdict.all_findings:
                    print(f"  - {message(finding, options.lang)}")
    return 0 if genuine else 1


def write_report(file: Path, xml: bytes | None) -> None:
    """Write the report. Raises `SettingsError` where there is no signature to report on, or no such folder."""
    if xml is None:
        raise SettingsError(f"{file}: tệp không có chữ ký số để báo cáo · the PDF has no signature to report on")
    try:
        file.write_bytes(xml)
    except OSError as error:
        raise SettingsError(f"{file}: không ghi được · cannot be written ({error.strerror})") from error
