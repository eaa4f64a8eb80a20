"""The worker's keys: a token's trouble is said, nothing is half done, and the next try works."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from hsm import HsmKey
from secondseal.demo.pki import Pki
from secondseal.keys import SealKeys
from secondseal.settings import Settings
from stamping import documents, passage
from tests.stamping.office_desk import SEAL, Place, PlaceMaker, make_seal
from tests.tokens.fixtures import USER_PIN, TokenFarm


def settings_of(place: Place, pin: str) -> Settings:
    """Settings of this office with a PIN in a file."""
    file = place.desk.home / "seal.pin"
    if file.exists():
        file.unlink()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w") as opened:
        opened.write(pin)
    return Settings(home=place.desk.home, state=place.desk.home / "state", pin_file=file)


def give_seal_its_key(place: Place, key: HsmKey, *, token: str | None = None) -> None:
    """Write the key's address and certificate into the office's file."""
    (place.desk.home / "seal.pem").write_bytes(key.certificate.public_bytes(Encoding.PEM))
    uri = key.token.uri if token is None else replace(key.token.uri, token=token, serial=None)
    place.rewrite_office((f'id = "{SEAL}"\n', f'id = "{SEAL}"\nkey = "{uri}"\ncertificate = "seal.pem"\n'))


def test_the_seal_is_put_with_the_configured_key(desk_with: PlaceMaker, seal_key: HsmKey) -> None:
    """The office's file and the settings are all the worker needs."""
    place = desk_with()
    give_seal_its_key(place, seal_key)
    document_id = place.confirmed()
    keys = SealKeys(settings_of(place, USER_PIN), place.worker)
    assert passage.serve_one(place.worker, keys)
    view = documents.view(place.desk, document_id)
    assert view.state == "sealed", view.problem
    keys.close()


def test_a_wrong_pin_is_tried_once_said_and_mended(desk_with: PlaceMaker, farm: TokenFarm, pki: Pki) -> None:
    """AC-114: never retried by itself, also not by another worker; the right one then works."""
    place = desk_with()
    seal = make_seal(farm, pki)
    give_seal_its_key(place, seal)
    document_id = place.confirmed()
    seal.close()  # a login of this process would let the wrong PIN pass unseen
    for _ in range(3):
        keys = SealKeys(settings_of(place, "sai-ma-pin"), place.worker)
        assert passage.serve_one(place.worker, keys)
        view = documents.view(place.desk, document_id)
        assert view.state == "approved"
        assert view.problem is not None
        assert view.problem.code == "pin-wrong"
        keys.close()
        place.confirm(document_id)
    keys = SealKeys(settings_of(place, USER_PIN), place.worker)
    assert passage.serve_one(place.worker, keys)
    view = documents.view(place.desk, document_id)
    assert view.state == "sealed", view.problem
    keys.close()


def test_a_token_that_is_not_there_is_said(desk_with: PlaceMaker, seal_key: HsmKey) -> None:
    """token-missing, with what to do; the paper waits for the token, then for the custodian again."""
    place = desk_with()
    give_seal_its_key(place, seal_key, token="không có thẻ này")
    document_id = place.confirmed()
    keys = SealKeys(settings_of(place, USER_PIN), place.worker)
    passage.serve_one(place.worker, keys, key_wait=timedelta(seconds=1))
    assert documents.view(place.desk, document_id).state == "confirmed"
    later = replace(place.worker, clock=lambda: place.clock() + timedelta(seconds=2))
    assert not passage.serve_one(later, keys)
    view = documents.view(place.desk, document_id)
    assert view.state == "approved"
    assert view.problem is not None
    assert view.problem.code == "token-missing"
    assert "token" in view.problem.text_vi


def test_a_key_kept_in_software_is_for_test_offices_only(desk_with: PlaceMaker, seal_key: HsmKey) -> None:
    """AC-75: SoftHSM is refused where the office is not declared a test office."""
    place = desk_with()
    give_seal_its_key(place, seal_key)
    document_id = place.confirmed()
    place.rewrite_office(("test_office = true", "test_office = false"))
    before = seal_key.operations
    keys = SealKeys(settings_of(place, USER_PIN), place.worker)
    assert passage.serve_one(place.worker, keys)
    view = documents.view(place.desk, document_id)
    assert view.state == "approved"
    assert view.problem is not None
    assert view.problem.code == "token-fault"
    assert "SoftHSM" in view.problem.text_en
    assert seal_key.operations == before


@pytest.mark.parametrize("mode", [0o644, 0o640])
def test_a_pin_file_open_to_others_is_refused(desk_with: PlaceMaker, farm: TokenFarm, pki: Pki, mode: int) -> None:
    """The file's mode is strict."""
    place = desk_with()
    seal = make_seal(farm, pki)
    give_seal_its_key(place, seal)
    document_id = place.confirmed()
    seal.close()
    settings = settings_of(place, USER_PIN)
    assert settings.pin_file is not None
    settings.pin_file.chmod(mode)
    assert passage.serve_one(place.worker, SealKeys(settings, place.worker))
    problem = documents.view(place.desk, document_id).problem
    assert problem is not None
    assert problem.code == "token-fault"
    assert USER_PIN not in problem.text_en + problem.text_vi + str(problem.detail)
