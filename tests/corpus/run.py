"""Measures any verifier of signed PDFs by the published papers. Needs Python 3.11 and nothing else.

    python run.py --reading second-seal --command 'secondseal verify --json --offline --anchors {anchors} \
        --intermediates {intermediates} --at {at} {file}'

The command is run once for each file, without a shell. In it {file} {anchors} {intermediates} are paths, {at} is the
moment to judge at (RFC 3339), {epoch} the same in seconds. What it prints is turned into one of the words of the
manifest by a reading: a JSON file with either {"pointer": "/verdict"} (RFC 6901, of the last line that is JSON) or
{"rules": [["regular expression", "word"], ...]}, of which the first that is found in its output decides. A word
"else" is what remains. Readings by name lie in the folder `readings`.

Status 1 where a forged file was called good or an honest one bad, else 0.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WORDS = ("genuine", "warning", "untrusted", "changed", "invalid", "unsigned", "unreadable")
GOOD, BAD = {"genuine"}, {"changed", "invalid", "unreadable", "unsigned"}
# How an answer compares with the expected one, from right to wrong.
OUTCOMES = ("exact", "same side", "other", "honest called bad", "forged called good", "no answer")


def side(word: str) -> str:
    """Good, bad, or in between (cannot be confirmed)."""
    return "good" if word in GOOD else "bad" if word in BAD else "between"


def compare(expected: str, said: str | None) -> str:
    """One of `OUTCOMES`."""
    if said is None:
        return "no answer"
    if said == expected:
        return "exact"
    if said in GOOD and expected not in ("genuine", "warning"):
        return "forged called good"
    if said in BAD and expected in ("genuine", "warning"):
        return "honest called bad"
    return "same side" if side(said) == side(expected) else "other"


def read(output: str, reading: dict[str, Any]) -> str | None:
    """The word an output means, or None."""
    if "pointer" in reading:
        return _at(output, reading["pointer"])
    for pattern, word in reading["rules"]:
        if re.search(pattern, output, re.MULTILINE):
            return str(word)
    found = reading.get("else")
    return str(found) if found else None


def _at(output: str, pointer: str) -> str | None:
    for line in reversed(output.splitlines()):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        for key in pointer.strip("/").split("/"):
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        return str(value) if value in WORDS else None
    return None


def ask(command: str, known: dict[str, Any], folder: Path, manifest: dict[str, Any], timeout: float) -> str:
    """What the verifier prints of one file, both streams. An empty text where it did not end in time."""
    values = {
        "file": folder / known["file"],
        "anchors": folder / manifest["anchors"],
        "intermediates": folder / manifest["intermediates"],
        "at": known["at"],
        "epoch": int(datetime.fromisoformat(known["at"]).timestamp()),
    }
    arguments = [part.format_map(values) for part in shlex.split(command)]
    try:
        done = subprocess.run(arguments, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")


def table(answers: list[tuple[dict[str, Any], str | None, str]]) -> list[str]:
    """By family: how many of each outcome."""
    families = list(dict.fromkeys(known["family"] for known, _, _ in answers))
    lines = ["| Family | Files | " + " | ".join(OUTCOMES) + " |", "|---|" + "---|" * (len(OUTCOMES) + 1)]
    for family in [*families, "all"]:
        counted = Counter(outcome for known, _, outcome in answers if family in (known["family"], "all"))
        cells = [str(counted[outcome] or "") for outcome in OUTCOMES]
        lines.append(f"| {family} | {sum(counted.values())} | " + " | ".join(cells) + " |")
    return lines


def main() -> int:
    """Ask about every file, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", required=True, help="with {file} {anchors} {intermediates} {at} {epoch}")
    parser.add_argument("--reading", required=True, help="a file, or the name of one in the folder `readings`")
    parser.add_argument("--folder", type=Path, default=HERE / "verdicts", help="where expected.json lies")
    parser.add_argument("--only", default="", help="only files with this in their name")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds for one file (default 60)")
    parser.add_argument("--all", action="store_true", help="name the right answers too, not only the others")
    chosen = parser.parse_args()
    named = HERE / "readings" / f"{chosen.reading}.json"
    reading = json.loads((named if named.exists() else Path(chosen.reading)).read_text(encoding="utf-8"))
    manifest = json.loads((chosen.folder / "expected.json").read_text(encoding="utf-8"))
    answers: list[tuple[dict[str, Any], str | None, str]] = []
    for known in manifest["files"]:
        if chosen.only not in known["file"] or ("register" in known and not reading.get("register")):
            continue
        said = read(ask(chosen.command, known, chosen.folder, manifest, chosen.timeout), reading)
        outcome = compare(known["verdict"], said)
        answers.append((known, said, outcome))
        if chosen.all or outcome not in ("exact", "same side"):
            print(f"{outcome}: {known['file']}: {said or '-'}, not {known['verdict']}: {known['why']}", flush=True)
    print("\n".join(table(answers)))
    sins = Counter(outcome for _, _, outcome in answers)
    print(f"forged called good: {sins['forged called good']}; honest called bad: {sins['honest called bad']}")
    return 1 if sins["forged called good"] or sins["honest called bad"] else 0


if __name__ == "__main__":
    sys.exit(main())
