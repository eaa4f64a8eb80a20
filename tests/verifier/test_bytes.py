"""One byte changed anywhere that is signed: never genuine, and never an exception."""

import random

import pytest

from tests.verifier.attacks import flip
from tests.verifier.desk import Desk
from verifier.gather import gather


def signed_places(pdf: bytes, count: int) -> list[int]:
    """`count` byte offsets spread over each part that a signature covers and no later one leaves out."""
    places: set[int] = set()
    chosen = random.Random(20261122)
    facts = gather(pdf)
    holes = [range(s.byte_range[1], s.byte_range[2]) for s in facts.signatures]
    for signature in facts.signatures:
        start, length, again, rest = signature.byte_range
        places.update(range(start, start + length, max(1, length // count)))
        places.update(chosen.sample(range(again, again + rest), 10))
    last = max(s.byte_range[2] + s.byte_range[3] for s in facts.signatures)
    return sorted(place for place in places if place < last and not any(place in hole for hole in holes))


def test_no_flipped_byte_is_genuine(desk: Desk) -> None:
    """60 and more places: structure, text, attached data, fields, evidence between the signatures."""
    places = signed_places(desk.sealed, 60)
    assert len(places) >= 60
    for place in places:
        verdict = desk.judge(flip(desk.sealed, place))
        assert verdict.word in ("changed", "invalid", "unreadable"), (place, verdict.word)


def test_a_flipped_byte_of_a_signature_value_changes_no_signer_and_no_time(desk: Desk) -> None:
    """What a byte range leaves out also holds what nobody signs (other certificates): harmless, or found."""
    good = desk.judge(desk.sealed)
    chosen = random.Random(5)
    for signature in gather(desk.sealed).signatures:
        hole = range(signature.byte_range[1], signature.byte_range[1] + 9000)
        for place in [*chosen.sample(hole, 15), hole[0], signature.byte_range[2] - 1]:
            verdict = desk.judge(flip(desk.sealed, place))
            if verdict.word == "genuine":
                assert verdict.signatures == good.signatures, place


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
