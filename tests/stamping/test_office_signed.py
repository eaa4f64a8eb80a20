"""The worker believes a version of the office that the register's key signed, and rows alone no further than that."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from sqlalchemy import text

from office import demo_office_text
from register import CheckpointKey, OfficeProposal, office_versions, sign_version
from secondseal.office_key import HighestVersion
from secondseal.settings import SettingsError
from stamping import Desk, OfficeInForce, Refusal, office_acts, office_review, passage
from store import read, write
from templates import sample_seal_png
from tests.pki.fixtures import MakeKey
from tests.stamping.office_desk import FIRST, OFFICER, ORGANISATION_NAME, SEAL, SECOND, Place, PlaceMaker, key_of

HOLIDAY = ('"2027-01-01"]', '"2027-01-01", "2027-02-05"]')


@pytest.fixture
def place(desk_with: PlaceMaker) -> Place:
    return desk_with()


def web(place: Place) -> Desk:
    """The web process's desk where it runs as a user of its own: no key to sign with, none to check with."""
    return replace(place.desk, office=OfficeInForce(place.desk.engine, place.desk.files), sign_office=None)


def proposed(place: Place, *edits: tuple[str, str]) -> OfficeProposal:
    changed = place.office_text
    for old, new in edits:
        assert old in changed
        changed = changed.replace(old, new, 1)
    with read(place.desk.engine) as connection:
        base = office_versions.newest(connection)
    assert base is not None
    return office_acts.propose(web(place), changed, {}, base=base, why="thử", by=FIRST)


def slipped_in(place: Place, proposal: OfficeProposal, signature: str | None = None) -> None:
    """As someone who can write rows, and nothing else, would bring it into force."""
    with write(place.desk.engine) as connection:
        sign = None if signature is None else lambda _number, _digest: signature
        office_versions.confirm(connection, proposal.id, by=SECOND, sign=sign)


def another_officer(place: Place, software_key: MakeKey) -> tuple[str, str]:
    """A stranger's certificate among the deputy's."""
    stranger = software_key("person", name="Kẻ Lạ", organisation=ORGANISATION_NAME)
    ours = place.officer_key.certificate.fingerprint(hashes.SHA256()).hex()
    theirs = stranger.certificate.fingerprint(hashes.SHA256()).hex()
    return f'certificates = ["{ours}"]', f'certificates = ["{ours}", "{theirs}"]'


def test_a_version_put_into_the_database_past_the_key_seals_nothing(place: Place, software_key: MakeKey) -> None:
    """A web process in wrong hands makes an officer of its own: the worker stamps nothing until someone looks."""
    document_id = place.confirmed()
    operations = place.seal_key.operations
    slipped_in(place, proposed(place, another_officer(place, software_key)))
    with pytest.raises(Refusal) as refused:
        place.worker.office()
    assert refused.value.code == "office-invalid"
    assert "tampered" in refused.value.text_en
    assert passage.serve_one(place.worker, place.keys)
    with read(place.desk.engine) as connection:
        state = connection.execute(
            text("SELECT state FROM stamping_documents WHERE id = :id"), {"id": document_id}
        ).scalar_one()
    assert (state, place.seal_key.operations) == ("approved", operations)


def test_a_signature_of_another_key_or_for_another_version_is_none(
    place: Place, software_key: MakeKey, tmp_path: Path
) -> None:
    proposal = proposed(place, another_officer(place, software_key))
    stranger = CheckpointKey.load_or_create(tmp_path / "key.pem", origin="mau.example/office")
    slipped_in(place, proposal, sign_version(stranger, 2, proposal.digest))
    with pytest.raises(Refusal):
        place.worker.office()


def test_a_signature_cannot_be_used_twice(place: Place, software_key: MakeKey) -> None:
    """What once brought a version into force brings no other into force."""
    with read(place.desk.engine) as connection:
        first = office_versions.version(connection, 1)
    slipped_in(place, proposed(place, another_officer(place, software_key)), first.decision.signature)
    with pytest.raises(Refusal):
        place.worker.office()


def test_what_opens_no_way_to_a_seal_needs_no_signature(place: Place, software_key: MakeKey) -> None:
    """A holiday entered on the pages is in force at once, on top of what was signed; also for a worker that starts."""
    proposal = proposed(place, HOLIDAY)
    office_acts.confirm(web(place), proposal.id, by=FIRST, authenticated_at=place.clock())
    place.office_text = place.office_text.replace(*HOLIDAY)
    fresh = OfficeInForce(place.desk.engine, place.desk.files, lambda: key_of(place.desk.home).public_key)
    for office in (place.worker.office(), fresh()):
        assert len(office.holidays) > 5
    # and nothing can hide behind it
    slipped_in(place, proposed(place, another_officer(place, software_key)))
    slipped_in(place, proposed(place, ('"2027-01-01", "2027-02-05"]', '"2027-01-01"]')))
    for ask in (
        place.worker.office,
        fresh,
        OfficeInForce(place.desk.engine, place.desk.files, lambda: key_of(place.desk.home).public_key),
    ):
        with pytest.raises(Refusal):
            ask()


def test_a_believed_version_s_row_rewritten_lets_nothing_through(place: Place, software_key: MakeKey) -> None:
    """The running worker compares with what it read, not with what stands there now."""
    place.worker.office()
    old, new = another_officer(place, software_key)
    with write(place.desk.engine) as connection:
        connection.execute(text("DROP TRIGGER register_office_proposals_no_update"))
        connection.execute(
            text("UPDATE register_office_proposals SET text = replace(text, :old, :new)"), {"old": old, "new": new}
        )
    place.office_text = place.office_text.replace(old, new)
    slipped_in(place, proposed(place, HOLIDAY))
    with pytest.raises(Refusal):
        place.worker.office()


def test_nobody_signs_what_was_slipped_under_the_version_in_force(place: Place, software_key: MakeKey) -> None:
    """An honest change made from a text that was rewritten in the database would carry the rest along."""
    old, new = another_officer(place, software_key)
    with write(place.desk.engine) as connection:
        connection.execute(text("DROP TRIGGER register_office_proposals_no_update"))
        connection.execute(
            text("UPDATE register_office_proposals SET text = replace(text, :old, :new)"), {"old": old, "new": new}
        )
    place.office_text = place.office_text.replace(old, new)
    proposal = proposed(place, HOLIDAY)
    (told,) = office_review.review(place.desk, proposal)
    assert "tampered" in told.text_en
    with pytest.raises(Refusal) as refused:
        office_acts.confirm(place.desk, proposal.id, by=FIRST, authenticated_at=place.clock())
    assert refused.value.code == "four-eyes"


def test_a_proposal_altered_after_it_was_shown_is_not_signed(place: Place) -> None:
    proposal = proposed(place, HOLIDAY)
    with pytest.raises(Refusal) as refused:
        office_acts.confirm(
            place.desk, proposal.id, by=SECOND, authenticated_at=place.clock(), shown=replace(proposal, base=0).digest
        )
    assert refused.value.code == "proposal-stale"


def test_a_version_cut_off_is_not_gone_back_from_by_a_worker_that_starts_either(place: Place, tmp_path: Path) -> None:
    """It remembers the highest it ever believed, where whoever fills the database cannot write."""
    kept = HighestVersion(tmp_path / "state" / "office.version")
    proposal = proposed(place, (f'id = "{OFFICER}"\n', f'id = "{OFFICER}"\nuntil = "2026-01-01"\n'))
    office_acts.confirm(place.desk, proposal.id, by=SECOND, authenticated_at=place.clock())

    def started() -> OfficeInForce:
        return OfficeInForce(place.desk.engine, place.desk.files, lambda: key_of(place.desk.home).public_key, kept)

    started()()
    assert kept.read() == 2
    with write(place.desk.engine) as connection:
        connection.execute(text("DROP TRIGGER register_office_decisions_no_delete"))
        connection.execute(text("DELETE FROM register_office_decisions WHERE version = 2"))
    with pytest.raises(Refusal, match="Version 2 of the office is gone"):
        started()()
    kept.keep(1)
    assert kept.read() == 2, "never a lower one"
    kept.file.write_text("hai", encoding="ascii")
    with pytest.raises(SettingsError, match="holds no version"):
        started()()
    kept.file.unlink()
    assert started()(), "a person has looked, and removed it"


def test_a_version_cut_off_is_not_gone_back_from(place: Place) -> None:
    """Every earlier version bears its signature, the one with the officer who was ended, too."""
    proposal = proposed(place, (f'id = "{OFFICER}"\n', f'id = "{OFFICER}"\nuntil = "2026-01-01"\n'))
    office_acts.confirm(web(place), proposal.id, by=FIRST, authenticated_at=place.clock())
    place.worker.office()
    with write(place.desk.engine) as connection:
        connection.execute(text("DROP TRIGGER register_office_decisions_no_delete"))
        connection.execute(text("DELETE FROM register_office_decisions WHERE version = 2"))
    with pytest.raises(Refusal) as refused:
        place.worker.office()
    assert "gone" in refused.value.text_en


def test_a_seal_s_picture_put_in_the_place_of_another_is_not_drawn(place: Place) -> None:
    """The hash that was signed is asked of the bytes: the web process may write beside them."""
    place.confirmed()
    operations = place.seal_key.operations
    seal = place.worker.office().seal(SEAL)
    assert seal is not None
    image = seal.image
    assert image is not None
    image.unlink()
    image.write_bytes(sample_seal_png("CƠ QUAN KHÁC", "2"))
    assert passage.serve_one(place.worker, place.keys)
    assert place.seal_key.operations == operations


def test_the_pages_say_where_a_guarded_change_is_confirmed(place: Place, software_key: MakeKey) -> None:
    proposal = proposed(place, another_officer(place, software_key))
    with pytest.raises(Refusal) as refused:
        office_acts.confirm(web(place), proposal.id, by=SECOND, authenticated_at=place.clock())
    assert refused.value.code == "confirm-on-server"
    assert office_acts.confirm(place.desk, proposal.id, by=SECOND, authenticated_at=place.clock()) == 2
    assert any(len(one.certificates) == 2 for one in place.worker.office().officers if one.id == OFFICER)


def test_a_web_process_alone_founds_no_office(place: Place, desk_with: PlaceMaker) -> None:
    other = desk_with()
    with write(other.desk.engine) as connection:
        for table in ("register_office_decisions", "register_office_proposals"):
            connection.execute(text(f"DROP TRIGGER {table}_no_delete"))
            connection.execute(text(f"DELETE FROM {table}"))
    with pytest.raises(Refusal) as refused:
        office_acts.found(web(other), demo_office_text(), {}, why="thử")
    assert refused.value.code == "confirm-on-server"
