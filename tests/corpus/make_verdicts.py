"""Makes tests/corpus/verdicts: signed papers, good, broken and forged, each with the verdict it deserves.

    python -m tests.corpus.make_verdicts [--only WORD]

A PKI is made for this one run; its keys are thrown away with the folder they lie in. Everything a judge must ask for is
inside the files, so that they are judged offline. A file whose verdict is not the one that its row names is
not written, and the run fails. `--only`: makes and judges rows with this word in their name, and writes nothing.
"""

import argparse
import hashlib
import json
import re
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from secondseal.demo.pki import Pki
from tests.corpus.verdict_cases import Place, Published
from tests.corpus.verdict_table import rows
from tests.pki.fixtures import make_key
from tests.verifier.desk import Desk
from verifier import RegisterKnowledge, Verdict, collect, verify_facts
from verifier.gather import gather

FOLDER = Path(__file__).parent / "verdicts"


def file_name(name: str) -> str:
    """`shadow: hide, after the seal` is kept in `shadow-hide-after-the-seal.pdf`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("%", "")).strip("-") + ".pdf"


def desk_of(pki: Pki) -> Desk:
    kept: dict[tuple[object, ...], Any] = {}

    def key(kind: Any = "person", *, fresh: bool = False, **terms: Any) -> Any:
        wanted = (kind, *sorted((name, str(value)) for name, value in terms.items()))
        if fresh or wanted not in kept:
            made = make_key(pki, kind, **{"scheme": "ecdsa-sha256", **terms})  # short ones keep the files small
            if fresh:
                return made
            kept[wanted] = made
        return kept[wanted]

    return Desk(pki, key)


def finished(row: Published, place: Place) -> bytes:
    """The file, with the evidence for the signatures in it where that is not what it lacks."""
    pdf = row.make(place)
    if not row.open_question and row.family in ("certificate", "algorithm", "good", "incomplete"):
        found = collect(gather(pdf), place.desk.store, place.desk.client, datetime.now(UTC)).fetched
        if found.ocsp_responses or found.crls:
            pdf = place.desk.add_evidence(pdf, None, evidence=found)
    return pdf


def judged(pdf: bytes, row: Published, place: Place, at: datetime) -> Verdict:
    register = RegisterKnowledge(**row.register) if row.register else None
    return verify_facts(gather(pdf), store=place.desk.store, at=at, register=register)


def wrong(row: Published, verdict: Verdict) -> str | None:
    found = {finding.code for finding in verdict.all_findings}
    if verdict.word == row.verdict and set(row.codes) <= found:
        return None
    details = [(f.code, dict(f.values).get("detail", "")) for f in verdict.all_findings]
    return f"{row.name}: {verdict.word} {details}, not {row.verdict} {row.codes}"


def entry(row: Published, pdf: bytes, verdict: Verdict, at: datetime) -> dict[str, Any]:
    made = {
        "file": file_name(row.name),
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "family": row.family,
        "verdict": row.verdict,
        "indication": verdict.indication,
        "sub_indication": verdict.sub_indication,
        "codes": list(row.codes),
        "why": row.why,
        "at": at.isoformat(),
    }
    return made | ({"register": row.register} if row.register else {})


def main() -> int:
    """Make, judge, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.make_verdicts", description=__doc__)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    faults: list[str] = []
    made: list[tuple[Published, bytes, Verdict, datetime]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            Pki.create(folder / "ours") as pki,
            Pki.create(folder / "other", name="khác") as other,
            Pki.create(folder / "namesake") as namesake,
        ):
            place = Place(desk=desk_of(pki), other=other, namesake=namesake, key_at=make_key)
            day = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
            for row in rows():
                if chosen.only not in row.name:
                    continue
                try:
                    pdf = finished(row, place)
                    verdict = judged(pdf, row, place, day + row.later)
                except Exception as error:  # noqa: BLE001 - every row is told of
                    faults.append(f"{row.name}: {type(error).__name__}: {error}")
                    print(f"FAILS {faults[-1]}", flush=True)
                    continue
                fault = wrong(row, verdict)
                print(f"{'FAILS ' + fault if fault else 'right ' + row.name} ({len(pdf)})", flush=True)
                faults += [fault] if fault else []
                made.append((row, pdf, verdict, day + row.later))
            anchors, intermediates = pki.anchors_pem.read_bytes(), pki.intermediates_pem.read_bytes()
    print(f"{len(made)} files, {sum(len(pdf) for _, pdf, _, _ in made)} bytes, {len(faults)} wrong")
    if faults or chosen.only:
        return 1 if faults else 0
    _write(made, anchors, intermediates)
    return 0


def _write(made: list[tuple[Published, bytes, Verdict, datetime]], anchors: bytes, intermediates: bytes) -> None:
    for old in FOLDER.glob("*.pdf"):
        old.unlink()
    FOLDER.mkdir(exist_ok=True)
    entries = [entry(*one) for one in made]
    for (_, pdf, _, _), known in zip(made, entries, strict=True):
        (FOLDER / known["file"]).write_bytes(pdf)
    (FOLDER / "anchors.pem").write_bytes(anchors)
    (FOLDER / "intermediates.pem").write_bytes(intermediates)
    text = json.dumps(
        {"anchors": "anchors.pem", "intermediates": "intermediates.pem", "files": entries}, indent=1, ensure_ascii=False
    )
    (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
