"""One byte changed anywhere that is signed: never genuine, and never an exception."""

import random

import pytest

from tests.verifier.attacks import flip
from tests.verifier.desk import Desk
from verifier import gather


def signed_places(pdf: bytes, count: int) -> list[int]:
    """`count` byte offsets spread over everything the signatures cover, and some in the signature values themselves."""
    facts = gather(pdf)
    places: set[int] = set()
    chosen = random.Random(20261122)
    for signature in facts.signatures:
        start, length, again, rest = signature.byte_range
        places.update(range(start, start + length, max(1, length // count)))
        places.update(chosen.sample(range(again, again + rest), 5))
        places.update(chosen.sample(range(length + 1, length + 6000), 5))
    return sorted(places)


def test_no_flipped_byte_is_genuine(desk: Desk) -> None:
    """60 and more places: structure, text, attached data, fields, evidence between the signatures, the values."""
    places = signed_places(desk.sealed, 30)
    assert len(places) >= 60
    for place in places:
        verdict = desk.judge(flip(desk.sealed, place))
        assert verdict.word in ("changed", "invalid", "unreadable"), (place, verdict.word)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.7, 0.9, 0.97, 0.999])
def test_no_truncated_file_is_genuine(desk: Desk, share: float) -> None:
    pdf = desk.sealed
    assert desk.judge(pdf[: int(len(pdf) * share)]).word in ("changed", "invalid", "unreadable", "unsigned")


def test_every_revision_cut_off_is_seen(desk: Desk) -> None:
    """A two-signature file cut back to any of its revisions is a valid file, and never genuine (house trap)."""
    facts = gather(desk.sealed)
    words = [desk.judge(desk.sealed[: revision.end]).word for revision in facts.revisions]
    assert words == ["unsigned", "unsigned", "warning", "warning", "warning", "genuine"]
    cut_to_officer = desk.judge(desk.sealed[: facts.revisions[3].end])
    assert "not_sealed" in {finding.code for finding in cut_to_officer.all_findings}
    assert cut_to_officer.legal.agency_sealed is False
    assert cut_to_officer.as_json()["conclusion"]["vi"] == "CHƯA ĐỦ: thiếu chữ ký số của cơ quan"


def test_every_revision_is_known_by_its_hash(desk: Desk) -> None:
    """The register can find the paper by any file of it that was ever handed out."""
    import hashlib

    hashes = gather(desk.archived).hashes
    for pdf in (desk.paper, desk.approved, desk.sealed, desk.archived):
        assert hashlib.sha256(pdf).hexdigest() in hashes
