"""The same bytes again, asked of an office at work: facts from memory; authorities, register and judge asked anew."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.figure import Figure
from bench.turns import in_turns
from secondseal.demo.pki import Pki
from stamping import Desk, documents, lookups
from tests.pki.fixtures import make_key
from tests.stamping.office_desk import PlaceMaker, make_seal
from tests.tokens.fixtures import TokenFarm
from verifier import KnownFiles, Sandbox


class NotGenuine(Exception):
    """Another verdict than these papers deserve: then its time would mean nothing."""


def known_again(pki: Pki, folder: Path, six: bytes) -> Iterator[Figure]:
    """Wall time of one verdict on a paper of the office's own, known to its register, and on one of strangers."""
    with make_seal(TokenFarm(folder / "tokens"), pki) as key, Sandbox() as sandbox:
        maker = PlaceMaker(pki, key, sandbox, lambda *kind, **terms: make_key(pki, *kind, **terms), folder)
        place = maker()
        ours, _, _ = documents.file(place.desk, place.sealed().id)
        known = KnownFiles()
        measured = in_turns(
            {
                "verify_known_ms": partial(_judged, place.desk, ours, known),
                "verify_6sig_known_ms": partial(_judged, place.desk, six, known),
            }
        )
        papers = {
            "verify_known_ms": "our own with 2 signatures, in the register",
            "verify_6sig_known_ms": "6 signatures",
        }
        for name, slices in measured.items():
            against = f"goal 5; wall; {papers[name]}; CPU {slices.median_cpu_ms:.1f} ms; SQLite, nothing judged is kept"
            yield Figure(name=name, value=slices.median_wall_ms, unit="ms", against=against)


def _judged(desk: Desk, pdf: bytes, known: KnownFiles) -> None:
    verdict = lookups.examine(desk, pdf, known=known).verdict
    if verdict.word != "genuine":
        raise NotGenuine(verdict.word)
