"""The next key of a seal: tried before its day, in force from its moment on without a restart."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from hsm import HsmKey
from register import seal_log
from secondseal.demo.pki import Pki
from secondseal.keys import SealKey, SealKeys
from stamping import KeyUnavailable, documents, lookups, passage
from store import read
from tests.secondseal.test_keys import give_seal_its_key, settings_of
from tests.stamping.office_desk import SEAL, Place, PlaceMaker, make_seal
from tests.tokens.fixtures import USER_PIN, TokenFarm


def prepare_next(place: Place, key: HsmKey, since: str) -> None:
    """Write the next key into the office's file, behind the seal's other keys."""
    (place.desk.home / "next.pem").write_bytes(key.certificate.public_bytes(Encoding.PEM))
    table = f'next = {{ key = "{key.token.uri}", certificate = "next.pem", from = {since} }}\n'
    place.rewrite_office((f'id = "{SEAL}"\n', f'id = "{SEAL}"\n{table}'))


def sealed_with(place: Place, document_id: str) -> tuple[str, str]:
    """The verdict on the sealed paper now, and the SHA-256 of the certificate the register names for it."""
    view = documents.view(place.desk, document_id)
    assert view.state == "sealed", view.problem
    verdict = lookups.verify(place.desk, documents.file(place.desk, document_id)[0])
    with read(place.desk.engine) as connection:
        row = seal_log.entries_of(connection, document_id)[-1]
    return verdict.word, row.certificate_sha256


def sha256_of(key: HsmKey) -> str:
    return key.certificate.fingerprint(hashes.SHA256()).hex()


def test_the_key_changes_at_its_moment_and_both_seals_stay_genuine(
    desk_with: PlaceMaker, seal_key: HsmKey, farm: TokenFarm, pki: Pki
) -> None:
    """One worker, one office file: a paper before the moment has the old key's seal, the one at it the new key's."""
    place = desk_with()
    follower = make_seal(farm, pki)
    give_seal_its_key(place, seal_key)
    early, late = place.confirmed(), place.confirmed()
    moment = place.clock() + timedelta(hours=1)
    prepare_next(place, follower, f'"{moment.isoformat()}"')
    shown = [moment - timedelta(microseconds=1)]  # the keys' clock; papers are stamped in real time
    keys = SealKeys(settings_of(place, USER_PIN), replace(place.worker, clock=lambda: shown[0]))
    seal = place.desk.office().seal(SEAL)
    assert seal is not None

    waiting = keys.open_for(seal, "next")
    assert waiting.sign(bytes(32), waiting.scheme), "the next key can be tried before its day"
    assert passage.serve_one(place.worker, keys)
    old = keys(seal)
    assert old.operations == 1
    shown[0] = moment
    assert passage.serve_one(place.worker, keys)

    assert keys(seal) is waiting, "opened once, before its day"
    assert sealed_with(place, early) == ("genuine", sha256_of(seal_key))
    assert sealed_with(place, late) == ("genuine", sha256_of(follower))
    with pytest.raises(KeyUnavailable):
        old.sign(bytes(32), old.scheme)
    with pytest.raises(KeyUnavailable) as nothing_waits:
        keys.open_for(seal, "next")
    assert nothing_waits.value.problem.code == "token-missing"
    keys.close()
    follower.close()


def test_a_renewed_certificate_is_read_without_a_restart(
    desk_with: PlaceMaker, seal_key: HsmKey, farm: TokenFarm, pki: Pki
) -> None:
    """Its import is enough; another key's certificate is refused, not used."""
    place = desk_with()
    give_seal_its_key(place, seal_key)
    keys = SealKeys(settings_of(place, USER_PIN), place.worker)

    def key_now() -> SealKey:
        seal = place.desk.office().seal(SEAL)
        assert seal is not None
        return keys(seal)

    first = key_now()
    renewed = pki.issue_organisation(
        f"renewed-{place.desk.home.name}", "ỦY BAN NHÂN DÂN XÃ MẪU", first.certificate.public_key()
    )  # type: ignore[arg-type]
    (place.desk.home / "seal.pem").write_bytes(renewed.public_bytes(Encoding.PEM))
    assert key_now() is first, "a file has no effect until it is imported"
    place.import_office()
    assert key_now().certificate == renewed
    other = make_seal(farm, pki)
    (place.desk.home / "seal.pem").write_bytes(other.certificate.public_bytes(Encoding.PEM))
    place.import_office()
    with pytest.raises(KeyUnavailable):
        key_now()
    keys.close()
    other.close()


def test_a_token_of_the_next_key_that_is_away_does_not_stop_the_present_one(
    desk_with: PlaceMaker, seal_key: HsmKey
) -> None:
    place = desk_with()
    give_seal_its_key(place, seal_key)
    (place.desk.home / "none.pem").write_bytes(seal_key.certificate.public_bytes(Encoding.PEM))
    place.rewrite_office(
        (
            f'id = "{SEAL}"\n',
            f'id = "{SEAL}"\nnext = {{ key = "pkcs11:token=none?module-path=/none", certificate = "none.pem", '
            "from = 2099-01-01 }\n",
        )
    )
    keys = SealKeys(settings_of(place, USER_PIN), place.worker)
    seal = place.desk.office().seal(SEAL)
    assert seal is not None
    with pytest.raises(KeyUnavailable):
        keys.open_for(seal, "next")
    assert keys(seal).sign(bytes(32), keys(seal).scheme)
    later = replace(place.worker, clock=lambda: place.clock() + timedelta(days=40000))
    with pytest.raises(KeyUnavailable):
        SealKeys(settings_of(place, USER_PIN), later)(seal)
    keys.close()
