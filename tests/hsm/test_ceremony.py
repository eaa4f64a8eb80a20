"""The key ceremony."""

import json

import pytest
from cryptography import x509
from pkcs11 import Attribute, ObjectClass
from pkcs11.exceptions import PKCS11Error

from hsm import (
    CeremonyPlan,
    DeviceFault,
    KeyExists,
    Module,
    PinValue,
    UriInvalid,
    certificates,
    import_certificate,
    init_token,
    list_tokens,
    make_key,
    subject_name,
)
from hsm.ledger import LoginLedger
from hsm.login import ensure_login
from hsm.tokens import find, public_session
from tests.tokens.fixtures import SO_PIN, USER_PIN, TokenFarm


@pytest.mark.parametrize("algorithm", ["rsa-2048", "p-256"])
def test_key_cannot_leave_the_token(farm: TokenFarm, algorithm):
    """AC-61: sensitive, not extractable, read back; and the token really refuses to give the key out."""
    seat = farm.seat(algorithm)
    assert seat.record.attributes == {
        "token": True,
        "private": True,
        "sensitive": True,
        "extractable": False,
        "local": True,
        "always_sensitive": True,
        "never_extractable": True,
    }
    secret = Attribute.PRIVATE_EXPONENT if algorithm == "rsa-2048" else Attribute.VALUE
    module = Module.load(farm.module)
    handle, token = find(module, seat.uri)
    with public_session(module, handle) as session:
        ensure_login(module, token, int(session.handle), PinValue(USER_PIN), LoginLedger(seat.state))
        keys = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
        assert len(keys) == 1
        with pytest.raises(PKCS11Error):
            keys[0][secret]


def test_request_is_signed_by_the_new_key_and_the_record_is_plain_json(farm: TokenFarm):
    record = farm.seat("rsa-2048").record
    request = x509.load_pem_x509_csr(record.request_pem.encode())
    assert request.is_signature_valid
    kept = json.loads(json.dumps(record.as_json()))
    assert kept["token"]["software"] is True
    assert kept["step"] == "key-made"
    assert USER_PIN not in json.dumps(kept)


def test_nothing_is_overwritten(farm: TokenFarm, tmp_path):
    seat = farm.make("p-256", label="con dấu")
    plan = CeremonyPlan(uri=seat.uri, label="con dấu", algorithm="p-256", subject=subject_name({"common_name": "MẪU"}))
    with pytest.raises(KeyExists) as raised:
        make_key(plan, PinValue(USER_PIN), state=tmp_path)
    assert raised.value.label == "con dấu"
    with seat.open() as key:
        key.sign(bytes(32))


def test_certificate_and_chain_are_stored_once(farm: TokenFarm):
    seat = farm.make("p-256")
    for _ in range(2):
        record = import_certificate(
            seat.uri, PinValue(USER_PIN), seat.certificate, state=seat.state, chain=[farm.issuer.certificate]
        )
    assert record.step == "certificate-imported"
    assert record.id == seat.record.id
    stored = certificates(farm.module, seat.token)
    assert sorted((item.certificate.serial_number, item.id) for item in stored) == sorted(
        [(seat.certificate.serial_number, seat.record.id), (farm.issuer.certificate.serial_number, b"")]
    )


def test_only_blank_tokens_are_initialised(farm: TokenFarm):
    token = farm.token("chỉ một lần")
    before = len(list_tokens(farm.module))
    with pytest.raises(KeyExists):
        init_token(farm.module, label=token.label, so_pin=PinValue(SO_PIN), user_pin=PinValue(USER_PIN))
    assert len(list_tokens(farm.module)) == before


def test_plan_file_is_checked(tmp_path):
    path = tmp_path / "plan.toml"
    good = 'uri = "pkcs11:token=x"\nlabel = "a"\nalgorithm = "p-256"\n[subject]\ncommon_name = "MẪU"\n'
    path.write_text(good, "utf-8")
    assert CeremonyPlan.load(path).label == "a"
    for bad in (
        good.replace("p-256", "p-521"),
        good.replace("label", "nickname"),
        good.replace("common_name", "unknown_part"),
        good + '[[witnesses]]\nname = "a"\nunknown = "b"\nuri = "pkcs11:token=y"\n',
    ):
        path.write_text(bad, "utf-8")
        with pytest.raises(ValueError, match=r"algorithm|unknown"):
            CeremonyPlan.load(path)
    twice = '[[witnesses]]\nname = "a"\npost = "b"\nuri = "pkcs11:token=y"\n' * 2
    path.write_text(good + twice, "utf-8")
    with pytest.raises(ValueError, match="one name"):
        CeremonyPlan.load(path)
    path.write_text(good.replace("pkcs11:", "pkcs11:pin-value=1;"), "utf-8")
    with pytest.raises(UriInvalid):
        CeremonyPlan.load(path)


def test_a_key_that_cannot_be_made_leaves_nothing_behind(farm: TokenFarm, tmp_path):
    token = farm.token()
    plan = CeremonyPlan(uri=token.uri, label="x", algorithm="rsa-64", subject=subject_name({"common_name": "MẪU"}))
    with pytest.raises(DeviceFault):
        make_key(plan, PinValue(USER_PIN), state=tmp_path)
    module = Module.load(farm.module)
    with public_session(module, find(module, token.uri)[0]) as session:
        assert list(session.get_objects({Attribute.LABEL: "x"})) == []
